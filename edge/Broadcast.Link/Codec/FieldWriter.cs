using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Broadcast.Link;

/// <summary>Builds the rare packets (CONNECT, SUBSCRIBE, SUBACK). What is sent all day is written in place by <see cref="Packets"/>.</summary>
internal sealed class FieldWriter
{
    private readonly ArrayBufferWriter<byte> _body = new(64);

    public void Byte(byte value)
    {
        _body.GetSpan(1)[0] = value;
        _body.Advance(1);
    }

    public void UInt16(ushort value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(_body.GetSpan(2), value);
        _body.Advance(2);
    }

    public void Binary(ReadOnlySpan<byte> value)
    {
        UInt16(checked((ushort)value.Length));
        _body.Write(value);
    }

    public void Text(string value) => Binary(Encoding.UTF8.GetBytes(value));

    public byte[] ToPacket(int header)
    {
        var packet = new byte[Packets.Size(_body.WrittenCount)];
        var at = Packets.WriteHeader(packet, (byte)header, _body.WrittenCount);
        _body.WrittenSpan.CopyTo(packet.AsSpan(at));
        return packet;
    }
}
