using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Broadcast.Device;
using Broadcast.Rules;

namespace Broadcast.Cloud.Warnings;

/// <summary>
/// One revision of a warning as it goes to many devices. Their orders differ in the sequence alone, so the rest is encoded once; a frame is then one
/// array that its bytes are written into. Byte for byte what <see cref="Envelope.Seal"/> makes, which a test holds.
/// </summary>
public sealed class OrderForm
{
    private const long SequenceMin = 1L << 32; // From here on its encoding has nine bytes, as every UTC millisecond has.
    private const int SequenceBytes = 8; // Behind the byte that says so.
    private const byte ByteString = 0x40, TextString = 0x60; // CBOR's major types, RFC 8949.

    private readonly Order _order;
    private readonly byte[] _body;
    private readonly int _sequenceAt;

    /// <param name="order">Its own sequence is left out of account; nobody else may change it from now on.</param>
    public OrderForm(Order order)
    {
        (_order, Warning, Revision, ExpiresMs) = (order, WarningId.FromWire(order.WarningId), order.Revision, order.ExpiresMs);
        _body = BodyOf(0x1122_3344_5566_7788);
        _sequenceAt = _body.AsSpan().CommonPrefixLength(BodyOf(0x2233_4455_6677_0811)); // Two numbers that differ from their first byte on.
    }

    public WarningId? Warning { get; }

    public int Revision { get; }

    public long ExpiresMs { get; }

    /// <summary>The order's frame for one device under its key.</summary>
    /// <exception cref="ArgumentException">It does not fit a frame.</exception>
    public byte[] Seal(byte[] key, int keyEpoch, string device, long sequence)
    {
        if (sequence < SequenceMin) return Envelope.Seal(key, keyEpoch, Direction.Down, device, MessageType.Order, BodyOf(sequence));
        var payload = 1 + 2 + 2 + 1 + HeadBytes(keyEpoch) + 2 + 1 + HeadBytes(device.Length) + device.Length + 2 + 1 + _body.Length;
        var bytes = 1 + HeadBytes(payload) + payload + HeadBytes(Limits.MacBytes) + Limits.MacBytes;
        if (bytes > Limits.FrameBytesMax) throw new ArgumentException("The message does not fit a frame.");
        var frame = new byte[bytes];
        var writer = new FrameWriter(frame);
        writer.Raw([0x82]);
        writer.Head(ByteString, payload);
        var from = writer.At;
        writer.Raw([0xA7, 0, Envelope.Version, 1, Envelope.HmacSha256, 2]);
        writer.Head(0, keyEpoch);
        writer.Raw([3, (byte)Direction.Down, 4]);
        writer.Head(TextString, device.Length);
        writer.Ascii(device);
        writer.Raw([5, (byte)MessageType.Order, 6]);
        var body = writer.At;
        writer.Raw(_body);
        BinaryPrimitives.WriteInt64BigEndian(frame.AsSpan(body + _sequenceAt, SequenceBytes), sequence);
        var signed = frame.AsSpan(from, payload);
        writer.Head(ByteString, Limits.MacBytes);
        HMACSHA256.HashData(key, signed, frame.AsSpan(writer.At));
        return frame;
    }

    private byte[] BodyOf(long sequence)
    {
        lock (_order)
        {
            _order.Sequence = sequence;
            return _order.Encode();
        }
    }

    private static int HeadBytes(int argument) => argument < 24 ? 1 : argument < 0x100 ? 2 : argument < 0x10000 ? 3 : 5;

    private ref struct FrameWriter(Span<byte> frame)
    {
        private readonly Span<byte> _frame = frame;

        public int At { get; private set; }

        public void Raw(ReadOnlySpan<byte> bytes)
        {
            bytes.CopyTo(_frame[At..]);
            At += bytes.Length;
        }

        public void Ascii(string text) => At += Encoding.ASCII.GetBytes(text, _frame[At..]);

        public void Head(byte major, int argument)
        {
            var more = HeadBytes(argument) - 1;
            _frame[At++] = (byte)(major | (more switch { 0 => argument, 1 => 24, 2 => 25, _ => 26 }));
            for (var shift = 8 * (more - 1); shift >= 0; shift -= 8) _frame[At++] = (byte)(argument >> shift);
        }
    }
}

/// <summary>The forms of what goes out together, each made once.</summary>
public sealed class OrderForms
{
    private readonly Dictionary<(WarningId Warning, int Revision, OrderKind Kind, DateTimeOffset Expires), OrderForm> _made = [];

    /// <summary>As <see cref="OrderSender.OrderOf"/>, for every sequence.</summary>
    public OrderForm Of(Warning warning, OrderKind kind, DateTimeOffset expires)
    {
        if (_made.TryGetValue((warning.Id, warning.Revision, kind, expires), out var form)) return form;
        return _made[(warning.Id, warning.Revision, kind, expires)] = new OrderForm(OrderSender.OrderOf(warning, kind, 0, expires));
    }
}
