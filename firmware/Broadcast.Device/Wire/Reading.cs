using Broadcast.Device.Sensing;

namespace Broadcast.Device;

/// <summary>
/// What a site's sensors measured over a stretch of time that ends at <see cref="AtMs"/>: the rain that fell in it, and level and
/// battery at its end. Stretches follow each other, so that the sum of their rain is the rain. Kept by the body until the cloud has it.
/// </summary>
public sealed class Reading
{
    private const int KnownPairs = 9;

    /// <summary>Names the reading on its device: 1 or more, each above the one before, never given twice. The same number is the same reading, sent again.</summary>
    public long Number { get; set; } = 1;

    /// <summary>UTC milliseconds at the end of the stretch; 0 when <see cref="Clock"/> is Unknown.</summary>
    public long AtMs { get; set; }

    /// <summary>How far <see cref="AtMs"/> can be believed.</summary>
    public ClockQuality Clock { get; set; }

    /// <summary>Length of the stretch in seconds, 0 to <see cref="Limits.ReadingSecondsMax"/>.</summary>
    public int Seconds { get; set; }

    /// <summary>Rain in the stretch in tenths of a millimetre, 0 to <see cref="Limits.SensorValueMax"/>.</summary>
    public int RainTenths { get; set; }

    /// <summary>What is wrong with the rain gauge, or that there is none.</summary>
    public SensorFault RainFault { get; set; }

    /// <summary>Level in millimetres above the gauge's zero, within <see cref="Limits.SensorValueMax"/>; of no meaning unless <see cref="LevelFault"/> is None.</summary>
    public int LevelMillimetres { get; set; }

    /// <summary>What is wrong with the level sensor, or that there is none.</summary>
    public SensorFault LevelFault { get; set; }

    /// <summary>Battery in millivolts; 0 when it is not measured.</summary>
    public int BatteryMillivolts { get; set; }

    /// <summary>The encoded body map.</summary>
    public byte[] Encode()
    {
        CborWriter writer = new CborWriter(48);
        writer.Map(KnownPairs);
        writer.Pair(0, Number);
        writer.Pair(1, AtMs);
        writer.Pair(2, (int)Clock);
        writer.Pair(3, Seconds);
        writer.Pair(4, RainTenths);
        writer.Pair(5, (int)RainFault);
        writer.Pair(6, LevelMillimetres);
        writer.Pair(7, (int)LevelFault);
        writer.Pair(8, BatteryMillivolts);
        return writer.ToArray();
    }

    /// <summary>Reads a body map; null when it is not one. Never throws on bad bytes.</summary>
    public static Reading? Decode(byte[] body)
    {
        CborReader reader = new CborReader(body, 0, body.Length);
        int pairs = reader.Map(Limits.FrameBytesMax);
        Reading reading = new Reading();
        reading.Number = reader.Pair(0, 1, long.MaxValue);
        reading.AtMs = reader.Pair(1, 0, Limits.WallMsMax);
        reading.Clock = (ClockQuality)reader.Pair(2, (int)ClockQuality.Unknown, (int)ClockQuality.Cloud);
        reading.Seconds = (int)reader.Pair(3, 0, Limits.ReadingSecondsMax);
        reading.RainTenths = (int)reader.Pair(4, 0, Limits.SensorValueMax);
        reading.RainFault = (SensorFault)reader.Pair(5, (int)SensorFault.None, (int)SensorFault.Absent);
        reading.LevelMillimetres = (int)reader.Pair(6, -Limits.SensorValueMax, Limits.SensorValueMax);
        reading.LevelFault = (SensorFault)reader.Pair(7, (int)SensorFault.None, (int)SensorFault.Absent);
        reading.BatteryMillivolts = (int)reader.Pair(8, 0, Limits.BatteryMillivoltsMax);
        reader.Rest(pairs, KnownPairs);
        return reader.Complete ? reading : null;
    }
}
