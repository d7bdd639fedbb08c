using System;
using System.Collections;
using nanoFramework.M2Mqtt.Messages;

namespace nanoFramework.M2Mqtt
{
    public enum MqttSslProtocols
    {
        None,
        SSLv3,
        TLSv1_0,
        TLSv1_1,
        TLSv1_2,
        TLSv1_3,
    }

    public enum MqttProtocolVersion
    {
        Version_3_1 = 0x03,
        Version_3_1_1 = 0x04,
        Version_5 = 0x05,
    }

    public class MqttSettings
    {
        internal MqttSettings()
        {
        }

        /// <summary>Messages on their way at once; one more makes Publish throw.</summary>
        public int InflightQueueSize { get; set; } = int.MaxValue;

        public bool ValidateServerCertificate { get; set; } = true;
    }

    public interface IMqttClient
    {
        public delegate void MqttMsgPublishEventHandler(object sender, MqttMsgPublishEventArgs e);

        public delegate void MqttMsgPublishedEventHandler(object sender, MqttMsgPublishedEventArgs e);

        public delegate void MqttMsgSubscribedEventHandler(object sender, MqttMsgSubscribedEventArgs e);

        public delegate void ConnectionClosedEventHandler(object sender, EventArgs e);

        event MqttMsgPublishEventHandler MqttMsgPublishReceived;

        event MqttMsgPublishedEventHandler MqttMsgPublished;

        event MqttMsgSubscribedEventHandler MqttMsgSubscribed;

        event ConnectionClosedEventHandler ConnectionClosed;

        bool IsConnected { get; }

        MqttReasonCode Connect(
            string clientId, string username, string password, bool willRetain, MqttQoSLevel willQosLevel, bool willFlag,
            string? willTopic, string? willMessage, bool cleanSession, ushort keepAlivePeriod);

        void Disconnect();

        void Close();

        ushort Subscribe(string[] topics, MqttQoSLevel[] qosLevels);

        ushort Publish(string topic, byte[] message, string? contentType, ArrayList? userProperties, MqttQoSLevel qosLevel, bool retain);
    }
}

namespace nanoFramework.M2Mqtt.Exceptions
{
    public class MqttClientException : Exception
    {
        internal MqttClientException(string message)
            : base(message)
        {
        }
    }

    public class MqttCommunicationException : Exception
    {
        internal MqttCommunicationException(Exception inner)
            : base(inner.Message, inner)
        {
        }
    }

    public class MqttConnectionException : Exception
    {
        internal MqttConnectionException(string message, Exception inner)
            : base(message, inner)
        {
        }
    }
}

namespace nanoFramework.M2Mqtt.Messages
{
    public enum MqttQoSLevel
    {
        AtMostOnce = 0x00,
        AtLeastOnce = 0x01,
        ExactlyOnce = 0x02,
        GrantedFailure = 0x80,
    }

    /// <summary>Of the library's codes those that MQTT 3.1.1 knows.</summary>
    public enum MqttReasonCode
    {
        Success = 0x00,
        ConnectionRefusedUnacceptableProtocolVersion = 0x01,
        ConnectionRefusedIdentifierRejected = 0x02,
        ConnectionRefusedServerUnavailable = 0x03,
        ConnectionRefusedBadUserNameOrPassword = 0x04,
        ConnectionRefusedNotAuthorized = 0x05,
    }

    public class MqttMsgPublishEventArgs(string topic, byte[] message, bool dupFlag, MqttQoSLevel qosLevel, bool retain) : EventArgs
    {
        public string Topic { get; } = topic;

        public byte[] Message { get; } = message;

        public bool DupFlag { get; } = dupFlag;

        public MqttQoSLevel QosLevel { get; } = qosLevel;

        public bool Retain { get; } = retain;
    }

    public class MqttMsgPublishedEventArgs(ushort messageId, bool isPublished) : EventArgs
    {
        public ushort MessageId { get; } = messageId;

        public bool IsPublished { get; } = isPublished;
    }

    public class MqttMsgSubscribedEventArgs(ushort messageId, MqttQoSLevel[] grantedQosLevels) : EventArgs
    {
        public ushort MessageId { get; } = messageId;

        public MqttQoSLevel[] GrantedQoSLevels { get; } = grantedQosLevels;
    }
}
