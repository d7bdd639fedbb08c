namespace Broadcast.Link;

/// <summary>A CONNECT as it came (MQTT 3.1.1, 3.1). Where <see cref="IsSupported"/> is false, only the protocol level is known.</summary>
internal sealed record ConnectPacket(
    byte Level, bool CleanSession, ushort KeepAliveSeconds, string ClientId, LastWill? Will, string? UserName, byte[] Password)
{
    /// <summary>The level of MQTT 3.1.1 (3.1.2.2).</summary>
    public const byte SupportedLevel = 4;

    private const int ReservedFlag = 0x01, CleanFlag = 0x02, WillFlag = 0x04, WillRetainFlag = 0x20, PasswordFlag = 0x40, UserNameFlag = 0x80;

    public bool IsSupported => Level == SupportedLevel;

    public static Violation Read(ReadOnlySpan<byte> body, out ConnectPacket? packet)
    {
        packet = null;
        var fields = new FieldReader(body);
        var name = fields.Utf8Bytes();
        if (fields.Fault != Violation.None) return fields.Fault;
        if (!name.SequenceEqual("MQTT"u8)) return Violation.ProtocolName;
        var level = fields.Byte();
        if (fields.Fault == Violation.None && level != SupportedLevel)
        {
            packet = new ConnectPacket(level, true, 0, "", null, null, []);
            return Violation.None;
        }
        int flags = fields.Byte();
        var keepAlive = fields.UInt16();
        if (fields.Fault != Violation.None) return fields.Fault;
        var violation = CheckFlags(flags);
        return violation == Violation.None ? ReadPayload(ref fields, flags, keepAlive, out packet) : violation;
    }

    private static Violation ReadPayload(ref FieldReader fields, int flags, ushort keepAlive, out ConnectPacket? packet)
    {
        packet = null;
        var clientId = fields.Text();
        LastWill? will = null;
        if ((flags & WillFlag) != 0)
        {
            var topic = System.Text.Encoding.UTF8.GetString(fields.TopicName());
            will = new LastWill(topic, fields.Binary().ToArray());
        }
        var userName = (flags & UserNameFlag) != 0 ? fields.Text() : null;
        var password = (flags & PasswordFlag) != 0 ? fields.Binary().ToArray() : [];
        var violation = fields.End();
        if (violation == Violation.None)
            packet = new ConnectPacket(SupportedLevel, (flags & CleanFlag) != 0, keepAlive, clientId, will, userName, password);
        return violation;
    }

    private static Violation CheckFlags(int flags)
    {
        if ((flags & ReservedFlag) != 0) return Violation.ConnectFlags;
        var willQos = (flags >> 3) & 3;
        if ((flags & WillFlag) == 0 && (willQos != 0 || (flags & WillRetainFlag) != 0)) return Violation.WillFlags;
        if (willQos == 3) return Violation.WillFlags;
        return (flags & PasswordFlag) != 0 && (flags & UserNameFlag) == 0 ? Violation.CredentialFlags : Violation.None;
    }

    /// <summary>The whole packet, as a client sends it: always a clean session, a will of QoS 1 that is not retained.</summary>
    public static byte[] Encode(string clientId, ushort keepAliveSeconds, LastWill? will, string? userName, ReadOnlyMemory<byte> password)
    {
        var body = new FieldWriter();
        body.Text("MQTT");
        body.Byte(SupportedLevel);
        var flags = CleanFlag;
        if (will is not null) flags |= WillFlag | 1 << 3;
        if (userName is not null) flags |= UserNameFlag;
        if (userName is not null && !password.IsEmpty) flags |= PasswordFlag;
        body.Byte((byte)flags);
        body.UInt16(keepAliveSeconds);
        body.Text(clientId);
        if (will is not null)
        {
            body.Text(will.Topic);
            body.Binary(will.Payload);
        }
        if (userName is not null) body.Text(userName);
        if ((flags & PasswordFlag) != 0) body.Binary(password.Span);
        return body.ToPacket((byte)PacketType.Connect << 4);
    }
}
