namespace Broadcast.Device;

/// <summary>One child in a <see cref="Township"/>.</summary>
public sealed class TownshipChild
{
    /// <summary>The child, by its device id.</summary>
    public string Id { get; set; } = "";

    /// <summary>Epoch of the child's order key, from which its delegated key is derived.</summary>
    public int KeyEpoch { get; set; }

    /// <summary>SHA-256 of what the child signs in with at its parent (<see cref="Delegation.LinkSecret"/>), 32 bytes.</summary>
    public byte[] Verifier { get; set; } = new byte[Limits.MacBytes];

    /// <summary>The delegated key, wrapped (<see cref="Delegation.Wrap"/>), 32 bytes; empty without a delegation.</summary>
    public byte[] Key { get; set; } = new byte[0];
}

/// <summary>
/// The children of a township's Pi, and the keys with which it may speak to them. Complete: one revision replaces the one before, whole, once
/// all its parts are there.
/// </summary>
public sealed class Township
{
    private const int KnownPairs = 6;

    /// <summary>Which list this is: a later one has a greater number, UTC milliseconds or a little more.</summary>
    public long Revision { get; set; } = 1;

    /// <summary>Which part this is, from 0.</summary>
    public int Part { get; set; }

    /// <summary>How many parts there are, 1 to <see cref="Limits.TownshipPartsMax"/>.</summary>
    public int Parts { get; set; } = 1;

    /// <summary>Epoch of the delegation; 0 for none, and then there are no keys.</summary>
    public long Epoch { get; set; }

    /// <summary>UTC milliseconds from which the keys are good for nothing; 0 without a delegation.</summary>
    public long ExpiresMs { get; set; }

    /// <summary>The children of this part, at most <see cref="Limits.ChildrenOfPartMax"/>.</summary>
    public TownshipChild[] Children { get; set; } = new TownshipChild[0];

    /// <summary>The encoded body map.</summary>
    public byte[] Encode()
    {
        CborWriter writer = new CborWriter(64 + (128 * Children.Length));
        writer.Map(KnownPairs);
        writer.Pair(0, Revision);
        writer.Pair(1, Part);
        writer.Pair(2, Parts);
        writer.Pair(3, Epoch);
        writer.Pair(4, ExpiresMs);
        writer.Int(5);
        writer.Array(Children.Length);
        foreach (TownshipChild child in Children)
        {
            writer.Array(4);
            writer.Text(child.Id);
            writer.Int(child.KeyEpoch);
            writer.Bytes(child.Verifier);
            writer.Bytes(child.Key);
        }

        return writer.ToArray();
    }

    /// <summary>Reads a body map; null when it is not one. Never throws on bad bytes.</summary>
    public static Township? Decode(byte[] body)
    {
        CborReader reader = new CborReader(body, 0, body.Length);
        int pairs = reader.Map(Limits.FrameBytesMax);
        Township township = new Township();
        township.Revision = reader.Pair(0, 1, Limits.WallMsMax);
        township.Part = (int)reader.Pair(1, 0, Limits.TownshipPartsMax - 1);
        township.Parts = (int)reader.Pair(2, 1, Limits.TownshipPartsMax);
        township.Epoch = reader.Pair(3, 0, Limits.WallMsMax);
        township.ExpiresMs = reader.Pair(4, 0, Limits.WallMsMax);
        reader.Key(5);
        int count = reader.Array(Limits.ChildrenOfPartMax);
        township.Children = new TownshipChild[count];
        int keyBytes = township.Epoch == 0 ? 0 : Limits.MacBytes;
        for (int i = 0; i < count; i++)
            township.Children[i] = ReadChild(reader, keyBytes);
        reader.Rest(pairs, KnownPairs);
        return reader.Complete && township.Part < township.Parts ? township : null;
    }

    private static TownshipChild ReadChild(CborReader reader, int keyBytes)
    {
        TownshipChild child = new TownshipChild();
        if (reader.Array(4) != 4)
            reader.Fail();
        child.Id = reader.Ascii(Limits.DeviceIdCharsMax);
        child.KeyEpoch = (int)reader.Int(0, int.MaxValue);
        child.Verifier = reader.Bytes(Limits.MacBytes, Limits.MacBytes);
        child.Key = reader.Bytes(keyBytes, keyBytes);
        if (!Utf8.IsDeviceId(child.Id))
            reader.Fail();
        return child;
    }
}
