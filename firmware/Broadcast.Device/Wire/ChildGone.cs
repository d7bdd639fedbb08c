namespace Broadcast.Device;

/// <summary>
/// A township's Pi says that the connection of a child of its has ended. That a child is there, the cloud has by the Pi's word while the Pi itself is
/// heard: the child's own pings end at the Pi.
/// </summary>
public sealed class ChildGone
{
    private const int KnownPairs = 2;

    /// <summary>Longest silence that is told, in milliseconds: a day; what is longer ago ended with the Pi's own session.</summary>
    public const int SilenceMsMax = 86_400_000;

    /// <summary>The child, by its device id.</summary>
    public string Child { get; set; } = "";

    /// <summary>Milliseconds since the last word heard of it, at most <see cref="SilenceMsMax"/>.</summary>
    public int SilenceMs { get; set; }

    /// <summary>The encoded body map.</summary>
    public byte[] Encode()
    {
        CborWriter writer = new CborWriter(48);
        writer.Map(KnownPairs);
        writer.Int(0);
        writer.Text(Child);
        writer.Pair(1, SilenceMs);
        return writer.ToArray();
    }

    /// <summary>Reads a body map; null when it is not one. Never throws on bad bytes.</summary>
    public static ChildGone? Decode(byte[] body)
    {
        CborReader reader = new CborReader(body, 0, body.Length);
        int pairs = reader.Map(Limits.FrameBytesMax);
        ChildGone gone = new ChildGone();
        reader.Key(0);
        gone.Child = reader.Ascii(Limits.DeviceIdCharsMax);
        gone.SilenceMs = (int)reader.Pair(1, 0, SilenceMsMax);
        reader.Rest(pairs, KnownPairs);
        return reader.Complete && Utf8.IsDeviceId(gone.Child) ? gone : null;
    }
}
