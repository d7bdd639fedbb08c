namespace Broadcast.Device;

/// <summary>How a device is: sent on the rhythm the welcome names, early when something changed, and when asked.</summary>
public sealed class Report
{
    private const int KnownPairs = 12;
    private const int UplinkKey = 72;
    private const int MeteredKey = 73;
    private const int UplinkWhyKey = 74;
    private const int UplinkPairs = 3;

    // Room for refusals of later versions: a reader keeps what it does not know.
    private const int RefusalCountersMax = 32;

    /// <summary>Counters in <see cref="Refusals"/> of this version: one for each value of <see cref="Refusal"/>.</summary>
    public const int RefusalCounters = (int)Refusal.Unsupported + 1;

    /// <summary>Firmware and its version, ASCII, at most <see cref="Limits.NameCharsMax"/> characters.</summary>
    public string Firmware { get; set; } = "";

    /// <summary>Volume set at the site in percent, 0 to 100.</summary>
    public int Volume { get; set; }

    /// <summary>Battery in millivolts; 0 when there is none or it is not measured.</summary>
    public int BatteryMillivolts { get; set; }

    /// <summary>Signal of the radio in dBm, -200 to 100; 0 when there is none.</summary>
    public int SignalDbm { get; set; }

    /// <summary>Whether mains power is there.</summary>
    public bool Mains { get; set; }

    /// <summary>What is wrong: bits of <see cref="FaultFlags"/>.</summary>
    public int Faults { get; set; }

    /// <summary>Time since the start in milliseconds.</summary>
    public long UptimeMs { get; set; }

    /// <summary>Orders that play: 0 or 1.</summary>
    public int Playing { get; set; }

    /// <summary>Orders that wait.</summary>
    public int Waiting { get; set; }

    /// <summary>Frames and orders refused since the start, by <see cref="Refusal"/> value; index 0 is unused.</summary>
    public int[] Refusals { get; set; } = new int[RefusalCounters];

    /// <summary>The device's wall time in UTC milliseconds; 0 when unknown.</summary>
    public long AtMs { get; set; }

    /// <summary>How far <see cref="AtMs"/> can be believed.</summary>
    public ClockQuality Clock { get; set; }

    /// <summary>Name of the way to the cloud in use, ASCII, at most <see cref="Limits.NameCharsMax"/> characters; empty for a device that has one only.</summary>
    public string Uplink { get; set; } = "";

    /// <summary>Whether each byte of that way is paid for; only with <see cref="Uplink"/>.</summary>
    public bool IsMetered { get; set; }

    /// <summary>Why that way, for people, ASCII, at most <see cref="Limits.NameCharsMax"/> characters; only with <see cref="Uplink"/>.</summary>
    public string UplinkWhy { get; set; } = "";

    /// <summary>The encoded body map.</summary>
    public byte[] Encode()
    {
        bool hasUplink = Uplink.Length > 0;
        CborWriter writer = new CborWriter(128);
        writer.Map(hasUplink ? KnownPairs + UplinkPairs : KnownPairs);
        writer.Int(0);
        writer.Text(Firmware);
        writer.Pair(1, Volume);
        writer.Pair(2, BatteryMillivolts);
        writer.Pair(3, SignalDbm);
        writer.Int(4);
        writer.Bool(Mains);
        writer.Pair(5, Faults);
        writer.Pair(6, UptimeMs);
        writer.Pair(7, Playing);
        writer.Pair(8, Waiting);
        writer.Int(9);
        writer.Array(Refusals.Length);
        foreach (int counter in Refusals)
            writer.Int(counter);
        writer.Pair(10, AtMs);
        writer.Pair(11, (int)Clock);
        if (hasUplink)
        {
            writer.Int(UplinkKey);
            writer.Text(Uplink);
            writer.Int(MeteredKey);
            writer.Bool(IsMetered);
            writer.Int(UplinkWhyKey);
            writer.Text(UplinkWhy);
        }

        return writer.ToArray();
    }

    /// <summary>Reads a body map; null when it is not one. Never throws on bad bytes.</summary>
    public static Report? Decode(byte[] body)
    {
        CborReader reader = new CborReader(body, 0, body.Length);
        int pairs = reader.Map(Limits.FrameBytesMax);
        Report report = new Report();
        reader.Key(0);
        report.Firmware = reader.Ascii(Limits.NameCharsMax);
        report.Volume = (int)reader.Pair(1, 0, 100);
        report.BatteryMillivolts = (int)reader.Pair(2, 0, Limits.BatteryMillivoltsMax);
        report.SignalDbm = (int)reader.Pair(3, -200, 100);
        reader.Key(4);
        report.Mains = reader.Bool();
        report.Faults = (int)reader.Pair(5, 0, int.MaxValue);
        report.UptimeMs = reader.Pair(6, 0, long.MaxValue);
        report.Playing = (int)reader.Pair(7, 0, 1);
        report.Waiting = (int)reader.Pair(8, 0, int.MaxValue);
        reader.Key(9);
        report.Refusals = ReadCounters(reader);
        report.AtMs = reader.Pair(10, 0, Limits.WallMsMax);
        report.Clock = (ClockQuality)reader.Pair(11, (int)ClockQuality.Unknown, (int)ClockQuality.Cloud);
        if (pairs > KnownPairs && reader.TakeKey(UplinkKey))
            report.ReadUplink(reader, pairs);
        else
            reader.Rest(pairs, KnownPairs);
        return reader.Complete ? report : null;
    }

    private void ReadUplink(CborReader reader, int pairs)
    {
        Uplink = reader.Ascii(Limits.NameCharsMax);
        reader.Key(MeteredKey);
        IsMetered = reader.Bool();
        reader.Key(UplinkWhyKey);
        UplinkWhy = reader.Ascii(Limits.NameCharsMax);
        reader.Rest(pairs, KnownPairs + UplinkPairs, UplinkWhyKey);
    }

    private static int[] ReadCounters(CborReader reader)
    {
        int count = reader.Array(RefusalCountersMax);
        int[] counters = new int[count < RefusalCounters ? RefusalCounters : count];
        for (int i = 0; i < count; i++)
            counters[i] = (int)reader.Int(0, int.MaxValue);
        return counters;
    }
}
