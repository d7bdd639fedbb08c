namespace Broadcast.Device;

/// <summary>The cloud's answer to a hello: an authenticated time. With it the session is up and receipts flow.</summary>
public sealed class Welcome
{
    private const int KnownPairs = 4;

    // Ignorable: a device that takes no delegated orders has nothing to revoke.
    private const int RevokedKey = Limits.IgnorableKeyMin;

    /// <summary>The nonce of the hello that this answers.</summary>
    public byte[] Nonce { get; set; } = new byte[Limits.NonceBytes];

    /// <summary>The cloud's time in UTC milliseconds, <see cref="Limits.WallMsMin"/> to <see cref="Limits.WallMsMax"/>.</summary>
    public long NowMs { get; set; }

    /// <summary>Seconds between two reports, <see cref="Limits.ReportSecondsMin"/> to <see cref="Limits.ReportSecondsMax"/>; 0 for the default.</summary>
    public int ReportSeconds { get; set; }

    /// <summary>Fencing epoch of the session, 0 or more: a later session has a greater one.</summary>
    public long Epoch { get; set; }

    /// <summary>
    /// The newest epoch of delegated keys that is revoked at this device (<see cref="Revocation"/>); 0 for none. Said with the time, so that
    /// a Pi which carries the one cannot keep the other back.
    /// </summary>
    public long RevokedUpTo { get; set; }

    /// <summary>The encoded body map.</summary>
    public byte[] Encode()
    {
        CborWriter writer = new CborWriter(48);
        writer.Map(RevokedUpTo == 0 ? KnownPairs : KnownPairs + 1);
        writer.Int(0);
        writer.Bytes(Nonce);
        writer.Pair(1, NowMs);
        writer.Pair(2, ReportSeconds);
        writer.Pair(3, Epoch);
        if (RevokedUpTo > 0)
            writer.Pair(RevokedKey, RevokedUpTo);
        return writer.ToArray();
    }

    /// <summary>Reads a body map; null when it is not one. Never throws on bad bytes.</summary>
    public static Welcome? Decode(byte[] body)
    {
        CborReader reader = new CborReader(body, 0, body.Length);
        int pairs = reader.Map(Limits.FrameBytesMax);
        Welcome welcome = new Welcome();
        reader.Key(0);
        welcome.Nonce = reader.Bytes(Limits.NonceBytes, Limits.NonceBytes);
        welcome.NowMs = reader.Pair(1, Limits.WallMsMin, Limits.WallMsMax);
        welcome.ReportSeconds = (int)reader.Pair(2, 0, Limits.ReportSecondsMax);
        welcome.Epoch = reader.Pair(3, 0, long.MaxValue);
        if (pairs > KnownPairs && reader.TakeKey(RevokedKey))
        {
            welcome.RevokedUpTo = reader.Int(1, Limits.WallMsMax);
            reader.Rest(pairs, KnownPairs + 1, RevokedKey);
        }
        else
        {
            reader.Rest(pairs, KnownPairs);
        }

        return reader.Complete ? welcome : null;
    }
}
