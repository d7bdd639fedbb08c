using System.Buffers;

namespace Broadcast.Link;

/// <summary>The next packet's fixed header, found in what has arrived so far; its body may still be on the way.</summary>
internal readonly record struct Frame(byte Header, int HeaderBytes, int BodyBytes)
{
    /// <summary>The remaining length takes at most four bytes, after the one of type and flags.</summary>
    private const int HeaderBytesMax = 5;

    public PacketType Type => (PacketType)(Header >> 4);

    public int Flags => Header & 0x0F;

    public int Bytes => HeaderBytes + BodyBytes;

    /// <summary>
    /// Looks at the start of <paramref name="arrived"/>. Returns true when a header is complete and sound; the body is complete when
    /// <paramref name="arrived"/> holds <see cref="Bytes"/>. A fault is named as early as the byte that shows it is here, so that no
    /// one can make this side wait, or keep memory, for a packet that it will refuse.
    /// </summary>
    public static bool TryPeek(in ReadOnlySequence<byte> arrived, int packetBytesMax, out Frame frame, out Violation violation)
    {
        frame = default;
        violation = Violation.None;
        if (arrived.IsEmpty) return false;
        var first = arrived.FirstSpan;
        if (first.Length >= HeaderBytesMax || arrived.IsSingleSegment) return TryPeek(first, packetBytesMax, out frame, out violation);
        Span<byte> start = stackalloc byte[HeaderBytesMax];
        var taken = (int)Math.Min(arrived.Length, HeaderBytesMax);
        arrived.Slice(0, taken).CopyTo(start);
        return TryPeek(start[..taken], packetBytesMax, out frame, out violation);
    }

    private static bool TryPeek(ReadOnlySpan<byte> start, int packetBytesMax, out Frame frame, out Violation violation)
    {
        frame = default;
        violation = CheckFirstByte(start[0]);
        if (violation != Violation.None) return false;
        var bodyBytes = 0;
        for (var at = 1; at < start.Length && at < HeaderBytesMax; at++)
        {
            bodyBytes |= (start[at] & 0x7F) << (7 * (at - 1));
            if ((start[at] & 0x80) != 0) continue;
            if (bodyBytes + at + 1 > packetBytesMax) violation = Violation.PacketTooLarge;
            frame = new Frame(start[0], at + 1, bodyBytes);
            return violation == Violation.None;
        }
        if (start.Length >= HeaderBytesMax) violation = Violation.MalformedLength;
        return false;
    }

    private static Violation CheckFirstByte(byte header)
    {
        var flags = header & 0x0F;
        switch ((PacketType)(header >> 4))
        {
            case PacketType.Publish:
                if ((flags & 0x06) == 0x06) return Violation.InvalidQos;
                return (flags & 0x0E) == 0x08 ? Violation.DupWithQosZero : Violation.None;
            case PacketType.PubRel or PacketType.Subscribe or PacketType.Unsubscribe:
                return flags == 0x02 ? Violation.None : Violation.ReservedFlags;
            case 0 or (PacketType)15:
                return Violation.ReservedType;
            default:
                return flags == 0 ? Violation.None : Violation.ReservedFlags;
        }
    }
}
