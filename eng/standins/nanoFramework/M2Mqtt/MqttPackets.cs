using System;
using System.Buffers.Binary;
using System.IO;
using System.Text;
using nanoFramework.M2Mqtt.Messages;

namespace nanoFramework.M2Mqtt;

/// <summary>The packets of MQTT 3.1.1 that a client of ours sends and gets.</summary>
internal static class MqttPackets
{
    public static readonly byte[] PingRequest = [0xC0, 0];
    public static readonly byte[] Disconnect = [0xE0, 0];

    public static byte[] Connect(string clientId, string username, string password, bool cleanSession, ushort keepAlive)
    {
        using var body = new MemoryStream();
        Text(body, "MQTT");
        body.WriteByte(4);
        body.WriteByte((byte)(0xC0 | (cleanSession ? 2 : 0)));
        Number(body, keepAlive);
        Text(body, clientId);
        Text(body, username);
        Text(body, password);
        return Framed(0x10, body);
    }

    public static byte[] Subscribe(ushort id, string[] topics, MqttQoSLevel[] levels)
    {
        using var body = new MemoryStream();
        Number(body, id);
        for (var i = 0; i < topics.Length; i++)
        {
            Text(body, topics[i]);
            body.WriteByte((byte)levels[i]);
        }

        return Framed(0x82, body);
    }

    public static byte[] Publish(ushort id, string topic, byte[] message, MqttQoSLevel level, bool retain)
    {
        using var body = new MemoryStream();
        Text(body, topic);
        if (id != 0) Number(body, id);
        body.Write(message);
        return Framed((byte)(0x30 | ((int)level << 1) | (retain ? 1 : 0)), body);
    }

    public static byte[] PublishAck(ushort id) => [0x40, 2, (byte)(id >> 8), (byte)id];

    /// <summary>Waits for the next packet.</summary>
    public static Packet Read(Stream stream)
    {
        var head = (byte)stream.ReadByteOrThrow();
        int length = 0, shift = 0, part;
        do
        {
            part = stream.ReadByteOrThrow();
            length |= (part & 0x7F) << shift;
            shift += 7;
        }
        while (part >= 0x80 && shift < 28);
        var body = new byte[length];
        stream.ReadExactly(body);
        return new Packet(head, body);
    }

    private static int ReadByteOrThrow(this Stream stream) => stream.ReadByte() is >= 0 and var b ? b : throw new EndOfStreamException();

    private static byte[] Framed(byte head, MemoryStream body)
    {
        using var packet = new MemoryStream();
        packet.WriteByte(head);
        var left = (int)body.Length;
        do
        {
            packet.WriteByte((byte)((left & 0x7F) | (left > 0x7F ? 0x80 : 0)));
            left >>= 7;
        }
        while (left > 0);
        body.WriteTo(packet);
        return packet.ToArray();
    }

    private static void Text(MemoryStream body, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Number(body, (ushort)bytes.Length);
        body.Write(bytes);
    }

    private static void Number(MemoryStream body, ushort number)
    {
        body.WriteByte((byte)(number >> 8));
        body.WriteByte((byte)number);
    }

    internal readonly record struct Published(string Topic, ushort Id, byte[] Message, MqttQoSLevel QosLevel, bool Dup, bool Retain);

    internal readonly record struct Packet(byte Head, byte[] Body)
    {
        public int Type => Head >> 4;

        public ushort Id => BinaryPrimitives.ReadUInt16BigEndian(Body);

        public Published AsPublish()
        {
            var topicLength = BinaryPrimitives.ReadUInt16BigEndian(Body);
            var topic = Encoding.UTF8.GetString(Body, 2, topicLength);
            var level = (MqttQoSLevel)((Head >> 1) & 3);
            var at = 2 + topicLength;
            var id = level == MqttQoSLevel.AtMostOnce ? (ushort)0 : BinaryPrimitives.ReadUInt16BigEndian(Body.AsSpan(at));
            return new Published(topic, id, Body[(at + (id == 0 ? 0 : 2))..], level, (Head & 8) != 0, (Head & 1) != 0);
        }
    }
}
