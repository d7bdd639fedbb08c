namespace Broadcast.Device;

/// <summary>How a test of amplifier and loudspeakers ended.</summary>
public enum SoundTestResult : byte
{
    /// <summary>Measured, and as it was at commissioning.</summary>
    Passed = 0,
    /// <summary>The amplifier makes no or too little voltage.</summary>
    AmplifierSilent = 1,
    /// <summary>No current flows into the loudspeakers.</summary>
    LineOpen = 2,
    /// <summary>The loudspeakers' line is short-circuited.</summary>
    LineShort = 3,
    /// <summary>The line's impedance is not what it was at commissioning.</summary>
    LineChanged = 4,
    /// <summary>It could not be measured: the converter did not answer, or no nominal value is known.</summary>
    NotMeasured = 5,
}

/// <summary>
/// A scheduled test of amplifier and loudspeakers that nobody hears, with what was measured. Kept by the body until the cloud has it,
/// numbered so that the cloud knows a repeat.
/// </summary>
public sealed class SoundTest
{
    private const int KnownPairs = 7;

    /// <summary>Greatest impedance on the wire, in milliohms: 10 kΩ, more is no loudspeaker.</summary>
    public const int MilliohmsMax = 10_000_000;

    /// <summary>Names the test on its device: 1 or more, each above the one before, never given twice.</summary>
    public long Number { get; set; } = 1;

    /// <summary>UTC milliseconds when it ended; 0 when <see cref="Clock"/> is Unknown.</summary>
    public long AtMs { get; set; }

    /// <summary>How far <see cref="AtMs"/> can be believed.</summary>
    public ClockQuality Clock { get; set; }

    /// <summary>How it ended.</summary>
    public SoundTestResult Result { get; set; }

    /// <summary>Impedance of the line at the pilot's frequency, milliohms, 0 to <see cref="MilliohmsMax"/>.</summary>
    public int Milliohms { get; set; }

    /// <summary>Impedance at commissioning, same unit; 0 where none is known.</summary>
    public int NominalMilliohms { get; set; }

    /// <summary>At the amplifier's output while the pilot sounded, millivolts, rectified mean, 0 to <see cref="Limits.BatteryMillivoltsMax"/>.</summary>
    public int Millivolts { get; set; }

    /// <summary>The encoded body map.</summary>
    public byte[] Encode()
    {
        CborWriter writer = new CborWriter(48);
        writer.Map(KnownPairs);
        writer.Pair(0, Number);
        writer.Pair(1, AtMs);
        writer.Pair(2, (int)Clock);
        writer.Pair(3, (int)Result);
        writer.Pair(4, Milliohms);
        writer.Pair(5, NominalMilliohms);
        writer.Pair(6, Millivolts);
        return writer.ToArray();
    }

    /// <summary>Reads a body map; null when it is not one. Never throws on bad bytes.</summary>
    public static SoundTest? Decode(byte[] body)
    {
        CborReader reader = new CborReader(body, 0, body.Length);
        int pairs = reader.Map(Limits.FrameBytesMax);
        SoundTest test = new SoundTest();
        test.Number = reader.Pair(0, 1, long.MaxValue);
        test.AtMs = reader.Pair(1, 0, Limits.WallMsMax);
        test.Clock = (ClockQuality)reader.Pair(2, (int)ClockQuality.Unknown, (int)ClockQuality.Cloud);
        test.Result = (SoundTestResult)reader.Pair(3, (int)SoundTestResult.Passed, (int)SoundTestResult.NotMeasured);
        test.Milliohms = (int)reader.Pair(4, 0, MilliohmsMax);
        test.NominalMilliohms = (int)reader.Pair(5, 0, MilliohmsMax);
        test.Millivolts = (int)reader.Pair(6, 0, Limits.BatteryMillivoltsMax);
        reader.Rest(pairs, KnownPairs);
        return reader.Complete ? test : null;
    }
}
