namespace Broadcast.Link;

/// <summary>A PUBLISH still lying in the receive buffer: valid only while that buffer is held.</summary>
internal readonly ref struct PublishPacket
{
    private PublishPacket(ReadOnlySpan<byte> topic, ushort id, int qos, ReadOnlySpan<byte> payload)
    {
        Topic = topic;
        Id = id;
        Qos = qos;
        Payload = payload;
    }

    public ReadOnlySpan<byte> Topic { get; }

    public ReadOnlySpan<byte> Payload { get; }

    /// <summary>0 where <see cref="Qos"/> is 0.</summary>
    public ushort Id { get; }

    public int Qos { get; }

    /// <summary>The RETAIN flag is not looked at: nothing is retained here. DUP neither: what a repeat means is the device core's to say.</summary>
    public static Violation Read(int flags, ReadOnlySpan<byte> body, out PublishPacket packet)
    {
        var fields = new FieldReader(body);
        var qos = (flags >> 1) & 3;
        var topic = fields.TopicName();
        var id = qos > 0 ? fields.PacketId() : (ushort)0;
        packet = new PublishPacket(topic, id, qos, fields.Rest());
        return fields.Fault;
    }
}
