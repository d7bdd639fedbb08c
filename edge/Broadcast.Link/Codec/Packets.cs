using System.Buffers.Binary;

namespace Broadcast.Link;

/// <summary>Writes the packets of steady traffic straight into a send buffer. The caller reserves exactly the size asked for here.</summary>
internal static class Packets
{
    /// <summary>The largest remaining length that four bytes can say (MQTT 3.1.1, table 2.4).</summary>
    public const int BodyBytesMax = 268_435_455;

    /// <summary>PUBACK, PUBREC, PUBREL, PUBCOMP, UNSUBACK: header, length 2, packet identifier.</summary>
    public const int AckBytes = 4;

    public static ReadOnlySpan<byte> PingReq => [(byte)PacketType.PingReq << 4, 0];

    public static ReadOnlySpan<byte> PingResp => [(byte)PacketType.PingResp << 4, 0];

    public static ReadOnlySpan<byte> Disconnect => [(byte)PacketType.Disconnect << 4, 0];

    /// <summary>The session-present flag is always 0: no session outlives its connection.</summary>
    public static byte[] ConnAck(ConnectCode code) => [(byte)PacketType.ConnAck << 4, 2, 0, (byte)code];

    public static int Size(int bodyBytes) => bodyBytes + bodyBytes switch { < 1 << 7 => 2, < 1 << 14 => 3, < 1 << 21 => 4, _ => 5 };

    public static int PublishSize(int topicBytes, int payloadBytes, int qos) => Size(PublishBody(topicBytes, payloadBytes, qos));

    public static int WriteHeader(Span<byte> to, byte header, int bodyBytes)
    {
        to[0] = header;
        var at = 1;
        do
        {
            var digit = bodyBytes & 0x7F;
            bodyBytes >>= 7;
            to[at++] = (byte)(bodyBytes > 0 ? digit | 0x80 : digit);
        }
        while (bodyBytes > 0);
        return at;
    }

    /// <summary>DUP and RETAIN are always 0: nothing is sent a second time on a connection, and nothing is retained.</summary>
    public static void WritePublish(Span<byte> to, ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload, int qos, ushort id)
    {
        var header = (byte)((int)PacketType.Publish << 4 | qos << 1);
        var at = WriteHeader(to, header, PublishBody(topic.Length, payload.Length, qos));
        BinaryPrimitives.WriteUInt16BigEndian(to[at..], (ushort)topic.Length);
        topic.CopyTo(to[(at + 2)..]);
        at += 2 + topic.Length;
        if (qos > 0)
        {
            BinaryPrimitives.WriteUInt16BigEndian(to[at..], id);
            at += 2;
        }
        payload.CopyTo(to[at..]);
    }

    public static void WriteAck(Span<byte> to, PacketType type, ushort id)
    {
        to[0] = (byte)((int)type << 4 | (type == PacketType.PubRel ? 2 : 0));
        to[1] = 2;
        BinaryPrimitives.WriteUInt16BigEndian(to[2..], id);
    }

    public static byte[] Subscribe(ushort id, IReadOnlyList<string> filters)
    {
        var body = new FieldWriter();
        body.UInt16(id);
        foreach (var filter in filters)
        {
            body.Text(filter);
            body.Byte(1);
        }
        return body.ToPacket((int)PacketType.Subscribe << 4 | 2);
    }

    private static int PublishBody(int topicBytes, int payloadBytes, int qos) => 2 + topicBytes + (qos > 0 ? 2 : 0) + payloadBytes;
}
