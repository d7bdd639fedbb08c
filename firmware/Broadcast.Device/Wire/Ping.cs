namespace Broadcast.Device;

/// <summary>Asks a device for a report. It says nothing else.</summary>
public sealed class Ping
{
    /// <summary>The encoded body map: an empty one.</summary>
    public byte[] Encode()
    {
        CborWriter writer = new CborWriter(1);
        writer.Map(0);
        return writer.ToArray();
    }

    /// <summary>Reads a body map; null when it is not one. Never throws on bad bytes.</summary>
    public static Ping? Decode(byte[] body)
    {
        CborReader reader = new CborReader(body, 0, body.Length);
        reader.Rest(reader.Map(Limits.FrameBytesMax), 0);
        return reader.Complete ? new Ping() : null;
    }
}
