using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace Broadcast.Link;

/// <summary>Takes fields off a packet's body, front to back. The first fault stays in <see cref="Fault"/> and every later read is empty.</summary>
internal ref struct FieldReader(ReadOnlySpan<byte> body)
{
    private ReadOnlySpan<byte> _rest = body;

    public Violation Fault { get; private set; }

    public readonly bool AtEnd => _rest.IsEmpty;

    public byte Byte()
    {
        var taken = Take(1);
        return taken.IsEmpty ? (byte)0 : taken[0];
    }

    public ushort UInt16()
    {
        var taken = Take(2);
        return taken.IsEmpty ? (ushort)0 : BinaryPrimitives.ReadUInt16BigEndian(taken);
    }

    public ushort PacketId()
    {
        var id = UInt16();
        if (id == 0) Fail(Violation.PacketIdZero);
        return id;
    }

    /// <summary>A length of two bytes and that many bytes; the length is held against what is really there.</summary>
    public ReadOnlySpan<byte> Binary() => Take(UInt16());

    /// <summary>The checked bytes of a UTF-8 string. A byte order mark stays what it is, a character [MQTT-1.5.3-3].</summary>
    public ReadOnlySpan<byte> Utf8Bytes()
    {
        var text = Binary();
        if (text.Contains((byte)0)) Fail(Violation.NulCharacter);
        else if (!Utf8.IsValid(text)) Fail(Violation.BadUtf8);
        return Fault == Violation.None ? text : default;
    }

    public string Text() => Encoding.UTF8.GetString(Utf8Bytes());

    public ReadOnlySpan<byte> TopicName()
    {
        var name = Filter();
        if (name.ContainsAny((byte)'+', (byte)'#')) Fail(Violation.WildcardInTopic);
        return Fault == Violation.None ? name : default;
    }

    public ReadOnlySpan<byte> Filter()
    {
        var filter = Utf8Bytes();
        if (filter.IsEmpty) Fail(Violation.EmptyTopic);
        return filter;
    }

    public ReadOnlySpan<byte> Rest() => Fault == Violation.None ? Take(_rest.Length) : default;

    /// <summary>What is left over after the last field is as malformed as what is missing.</summary>
    public Violation End()
    {
        if (!AtEnd) Fail(Violation.MalformedPacket);
        return Fault;
    }

    public void Fail(Violation fault)
    {
        if (Fault == Violation.None) Fault = fault;
        _rest = default;
    }

    private ReadOnlySpan<byte> Take(int bytes)
    {
        if (Fault != Violation.None) return default;
        if (bytes > _rest.Length)
        {
            Fail(Violation.MalformedPacket);
            return default;
        }
        var taken = _rest[..bytes];
        _rest = _rest[bytes..];
        return taken;
    }
}
