namespace Broadcast.Device;

/// <summary>A device's first word of a session: who it is, what it has, and a nonce that the welcome must repeat.</summary>
public sealed class Hello
{
    private const int KnownPairs = 8;

    /// <summary>Random bytes of this hello, <see cref="Limits.NonceBytes"/> of them.</summary>
    public byte[] Nonce { get; set; } = new byte[Limits.NonceBytes];

    /// <summary>Greatest sequence the device ever accepted; the cloud gives the next order a greater one, also after it was restored from a backup.</summary>
    public long HighWater { get; set; }

    /// <summary>Firmware and its version, ASCII, at most <see cref="Limits.NameCharsMax"/> characters.</summary>
    public string Firmware { get; set; } = "";

    /// <summary>Board and its revision, ASCII, at most <see cref="Limits.NameCharsMax"/> characters.</summary>
    public string Board { get; set; } = "";

    /// <summary>Why the device started, a number of its board (0 unknown).</summary>
    public byte ResetReason { get; set; }

    /// <summary>How far <see cref="WallMs"/> can be believed.</summary>
    public ClockQuality Clock { get; set; }

    /// <summary>The device's wall time in UTC milliseconds; 0 when unknown.</summary>
    public long WallMs { get; set; }

    /// <summary>How often the device has started with this saved state.</summary>
    public int Boot { get; set; }

    /// <summary>The encoded body map.</summary>
    public byte[] Encode()
    {
        CborWriter writer = new CborWriter(128);
        writer.Map(KnownPairs);
        writer.Int(0);
        writer.Bytes(Nonce);
        writer.Pair(1, HighWater);
        writer.Int(2);
        writer.Text(Firmware);
        writer.Int(3);
        writer.Text(Board);
        writer.Pair(4, ResetReason);
        writer.Pair(5, (int)Clock);
        writer.Pair(6, WallMs);
        writer.Pair(7, Boot);
        return writer.ToArray();
    }

    /// <summary>Reads a body map; null when it is not one. Never throws on bad bytes.</summary>
    public static Hello? Decode(byte[] body)
    {
        CborReader reader = new CborReader(body, 0, body.Length);
        int pairs = reader.Map(Limits.FrameBytesMax);
        Hello hello = new Hello();
        reader.Key(0);
        hello.Nonce = reader.Bytes(Limits.NonceBytes, Limits.NonceBytes);
        hello.HighWater = reader.Pair(1, 0, long.MaxValue);
        reader.Key(2);
        hello.Firmware = reader.Ascii(Limits.NameCharsMax);
        reader.Key(3);
        hello.Board = reader.Ascii(Limits.NameCharsMax);
        hello.ResetReason = (byte)reader.Pair(4, 0, 255);
        hello.Clock = (ClockQuality)reader.Pair(5, (int)ClockQuality.Unknown, (int)ClockQuality.Cloud);
        hello.WallMs = reader.Pair(6, 0, Limits.WallMsMax);
        hello.Boot = (int)reader.Pair(7, 0, int.MaxValue);
        reader.Rest(pairs, KnownPairs);
        return reader.Complete ? hello : null;
    }
}
