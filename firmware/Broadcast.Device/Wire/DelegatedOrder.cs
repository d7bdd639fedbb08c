namespace Broadcast.Device;

/// <summary>
/// A local alarm or local notice that a township's Pi says to a child of its, in a frame that is sealed under the delegated key which the
/// body names (<see cref="Delegation.Key"/>). Opening it proves that the cloud gave that Pi that key; what it may say with it, the core judges.
/// </summary>
public sealed class DelegatedOrder
{
    private const int KnownPairs = 4;

    /// <summary>The township's Pi, by its device id.</summary>
    public string Parent { get; set; } = "";

    /// <summary>Epoch of the delegation, more than 0.</summary>
    public long Epoch { get; set; }

    /// <summary>UTC milliseconds from which the delegated key is good for nothing.</summary>
    public long ExpiresMs { get; set; }

    /// <summary>The encoded order (<see cref="Device.Order.Encode"/>).</summary>
    public byte[] Order { get; set; } = new byte[0];

    /// <summary>The encoded body map.</summary>
    public byte[] Encode()
    {
        CborWriter writer = new CborWriter(Order.Length + 64);
        writer.Map(KnownPairs);
        writer.Int(0);
        writer.Text(Parent);
        writer.Pair(1, Epoch);
        writer.Pair(2, ExpiresMs);
        writer.Int(3);
        writer.Bytes(Order);
        return writer.ToArray();
    }

    /// <summary>Reads a body map; null when it is not one. Never throws on bad bytes. The order within is not read.</summary>
    public static DelegatedOrder? Decode(byte[] body) => Decode(body, 0);

    internal static DelegatedOrder? Decode(byte[] bytes, int start)
    {
        CborReader reader = new CborReader(bytes, start, bytes.Length - start);
        int pairs = reader.Map(Limits.FrameBytesMax);
        DelegatedOrder said = new DelegatedOrder();
        reader.Key(0);
        said.Parent = reader.Ascii(Limits.DeviceIdCharsMax);
        said.Epoch = reader.Pair(1, 1, Limits.WallMsMax);
        said.ExpiresMs = reader.Pair(2, 1, Limits.WallMsMax);
        reader.Key(3);
        said.Order = reader.Bytes(1, Limits.FrameBytesMax);
        reader.Rest(pairs, KnownPairs);
        return reader.Complete && Utf8.IsDeviceId(said.Parent) ? said : null;
    }

    /// <summary>The key that a frame with this body must be sealed under; null when the body is none.</summary>
    internal static byte[]? KeyOf(byte[] orderKey, byte[] payload, int bodyStart)
    {
        DelegatedOrder? said = Decode(payload, bodyStart);
        return said == null ? null : Delegation.Key(orderKey, said.Parent, said.Epoch, said.ExpiresMs);
    }
}
