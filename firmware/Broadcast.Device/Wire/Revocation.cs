namespace Broadcast.Device;

/// <summary>
/// Delegated keys up to an epoch are good for nothing at this device any more. It remembers the greatest that it was ever told, also over a power cut,
/// and stops what it still has of such keys.
/// </summary>
public sealed class Revocation
{
    private const int KnownPairs = 1;

    /// <summary>The newest epoch that is revoked, more than 0.</summary>
    public long UpTo { get; set; } = 1;

    /// <summary>The encoded body map.</summary>
    public byte[] Encode()
    {
        CborWriter writer = new CborWriter(16);
        writer.Map(KnownPairs);
        writer.Pair(0, UpTo);
        return writer.ToArray();
    }

    /// <summary>Reads a body map; null when it is not one. Never throws on bad bytes.</summary>
    public static Revocation? Decode(byte[] body)
    {
        CborReader reader = new CborReader(body, 0, body.Length);
        int pairs = reader.Map(Limits.FrameBytesMax);
        Revocation revocation = new Revocation();
        revocation.UpTo = reader.Pair(0, 1, Limits.WallMsMax);
        reader.Rest(pairs, KnownPairs);
        return reader.Complete ? revocation : null;
    }
}
