using Broadcast.Device.Sensing;

namespace Broadcast.Device;

/// <summary>What raised a local alarm.</summary>
public enum AlarmCause : byte
{
    /// <summary>Nothing known; also when a stage is over.</summary>
    None = 0,
    /// <summary>Rain in a rolling window.</summary>
    Rain = 1,
    /// <summary>The water's level.</summary>
    Level = 2,
}

/// <summary>
/// A stage of a site's own watch was reached or left, with what raised it and when. Said once a change, kept by the body until the
/// cloud has it, numbered so that the cloud knows a repeat.
/// </summary>
public sealed class Alarm
{
    private const int KnownPairs = 9;

    /// <summary>Names the alarm on its device: 1 or more, each above the one before, never given twice. The same number is the same alarm, sent again.</summary>
    public long Number { get; set; } = 1;

    /// <summary>UTC milliseconds when the stage changed; 0 when <see cref="Clock"/> is Unknown.</summary>
    public long AtMs { get; set; }

    /// <summary>How far <see cref="AtMs"/> can be believed.</summary>
    public ClockQuality Clock { get; set; }

    /// <summary>The stage from then on; None when it is over.</summary>
    public AlarmStage Stage { get; set; }

    /// <summary>Which sensor it was.</summary>
    public AlarmCause Cause { get; set; }

    /// <summary>Rolling window of the rain in minutes, 0 to <see cref="RainWindows.MinutesMax"/>; 0 for a level.</summary>
    public int WindowMinutes { get; set; }

    /// <summary>What was measured: tenths of a millimetre of rain, or millimetres of level, within <see cref="Limits.SensorValueMax"/>.</summary>
    public int Value { get; set; }

    /// <summary>The threshold of the stage, in the same unit; 0 when a stage is over.</summary>
    public int Threshold { get; set; }

    /// <summary>Id of what the site said of it, <see cref="Limits.WarningIdBytes"/> bytes, the same that its receipts name; all zero when nothing was said.</summary>
    public byte[] WarningId { get; set; } = new byte[Limits.WarningIdBytes];

    /// <summary>The encoded body map.</summary>
    public byte[] Encode()
    {
        CborWriter writer = new CborWriter(64);
        writer.Map(KnownPairs);
        writer.Pair(0, Number);
        writer.Pair(1, AtMs);
        writer.Pair(2, (int)Clock);
        writer.Pair(3, (int)Stage);
        writer.Pair(4, (int)Cause);
        writer.Pair(5, WindowMinutes);
        writer.Pair(6, Value);
        writer.Pair(7, Threshold);
        writer.Int(8);
        writer.Bytes(WarningId);
        return writer.ToArray();
    }

    /// <summary>Reads a body map; null when it is not one. Never throws on bad bytes.</summary>
    public static Alarm? Decode(byte[] body)
    {
        CborReader reader = new CborReader(body, 0, body.Length);
        int pairs = reader.Map(Limits.FrameBytesMax);
        Alarm alarm = new Alarm();
        alarm.Number = reader.Pair(0, 1, long.MaxValue);
        alarm.AtMs = reader.Pair(1, 0, Limits.WallMsMax);
        alarm.Clock = (ClockQuality)reader.Pair(2, (int)ClockQuality.Unknown, (int)ClockQuality.Cloud);
        alarm.Stage = (AlarmStage)reader.Pair(3, (int)AlarmStage.None, (int)AlarmStage.Leave);
        alarm.Cause = (AlarmCause)reader.Pair(4, (int)AlarmCause.None, (int)AlarmCause.Level);
        alarm.WindowMinutes = (int)reader.Pair(5, 0, RainWindows.MinutesMax);
        alarm.Value = (int)reader.Pair(6, -Limits.SensorValueMax, Limits.SensorValueMax);
        alarm.Threshold = (int)reader.Pair(7, -Limits.SensorValueMax, Limits.SensorValueMax);
        reader.Key(8);
        alarm.WarningId = reader.Bytes(Limits.WarningIdBytes, Limits.WarningIdBytes);
        reader.Rest(pairs, KnownPairs);
        return reader.Complete ? alarm : null;
    }
}
