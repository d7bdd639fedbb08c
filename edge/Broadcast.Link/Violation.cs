namespace Broadcast.Link;

/// <summary>What a peer did that MQTT 3.1.1, or the endpoint's own bounds, do not allow. Each of them closes the connection.</summary>
public enum Violation : byte
{
    /// <summary>Nothing is wrong.</summary>
    None = 0,
    /// <summary>The remaining length has a fourth byte that says another follows (MQTT 3.1.1, 2.2.3).</summary>
    MalformedLength,
    /// <summary>The remaining length is above the packet bound. It is seen in the header: no byte of the body is waited for.</summary>
    PacketTooLarge,
    /// <summary>Packet type 0 or 15.</summary>
    ReservedType,
    /// <summary>The flag bits of the fixed header are not those of the packet type [MQTT-2.2.2-2].</summary>
    ReservedFlags,
    /// <summary>The body is shorter or longer than its own fields say.</summary>
    MalformedPacket,
    /// <summary>A string is not well-formed UTF-8 [MQTT-1.5.3-1].</summary>
    BadUtf8,
    /// <summary>A string holds U+0000 [MQTT-1.5.3-2].</summary>
    NulCharacter,
    /// <summary>A topic name or filter has no character [MQTT-4.7.3-1].</summary>
    EmptyTopic,
    /// <summary>A topic name holds <c>+</c> or <c>#</c> [MQTT-3.3.2-2].</summary>
    WildcardInTopic,
    /// <summary>A packet that needs a packet identifier has 0 [MQTT-2.3.1-1].</summary>
    PacketIdZero,
    /// <summary>QoS 3 [MQTT-3.3.1-4].</summary>
    InvalidQos,
    /// <summary>DUP is set on a QoS 0 message [MQTT-3.3.1-2].</summary>
    DupWithQosZero,
    /// <summary>The first packet is no CONNECT [MQTT-3.1.0-1].</summary>
    NotConnectFirst,
    /// <summary>A second CONNECT [MQTT-3.1.0-2].</summary>
    SecondConnect,
    /// <summary>The protocol name is not <c>MQTT</c> [MQTT-3.1.2-1].</summary>
    ProtocolName,
    /// <summary>The reserved bit of the connect flags is set [MQTT-3.1.2-3].</summary>
    ConnectFlags,
    /// <summary>A password without a user name [MQTT-3.1.2-22].</summary>
    CredentialFlags,
    /// <summary>Will QoS or will retain without a will, or will QoS 3 [MQTT-3.1.2-13 to 15].</summary>
    WillFlags,
    /// <summary>SUBSCRIBE or UNSUBSCRIBE without a filter [MQTT-3.8.3-3], [MQTT-3.10.3-2].</summary>
    EmptySubscription,
    /// <summary>A message outside the one prefix under which the device may publish.</summary>
    OutsidePrefix,
    /// <summary>A packet that this side never expects here, such as a CONNACK from a client.</summary>
    UnexpectedPacket,
    /// <summary>More QoS 2 messages wait for their PUBREL than <see cref="LinkLimits.UnreleasedMax"/>.</summary>
    TooManyUnreleased,
}
