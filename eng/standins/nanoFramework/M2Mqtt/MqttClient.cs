using System;
using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Threading;
using nanoFramework.M2Mqtt.Exceptions;
using nanoFramework.M2Mqtt.Messages;
using nanoFramework.Machine;

namespace nanoFramework.M2Mqtt;

/// <summary>
/// MQTT 3.1.1 as the library speaks it, over a real socket and real TLS: calls that connect wait, publishing does not, and what comes is
/// told on the client's own threads. The server must be of the given authority, bear the host's name, and be valid at the machine's time.
/// </summary>
public class MqttClient : IMqttClient, IDisposable
{
    private const int ConnectTimeoutMs = 30_000;

    private readonly BoardMachine _machine = BoardMachine.Current;
    private readonly string _host;
    private readonly int _port;
    private readonly X509Certificate? _authority;
    private readonly object _sending = new();
    private readonly Dictionary<ushort, MqttQoSLevel> _inFlight = [];
    private readonly BlockingCollection<byte[]> _outgoing = [];
    private readonly ManualResetEvent _answered = new(false);
    private TcpClient? _socket;
    private Stream? _stream;
    private Timer? _keepAlive;
    private int _lastId;
    private int _closed;
    private MqttReasonCode _answer;

    public MqttClient(string brokerHostName, int brokerPort, bool secure, X509Certificate? caCert, X509Certificate? clientCert, MqttSslProtocols sslProtocol)
    {
        if (secure && caCert is null) throw new ArgumentNullException(nameof(caCert));
        if (clientCert is not null) throw new NotSupportedException("The stand-in signs in by password only.");
        (_host, _port, _authority) = (brokerHostName, brokerPort, secure ? caCert : null);
    }

    public event IMqttClient.MqttMsgPublishEventHandler? MqttMsgPublishReceived;

    public event IMqttClient.MqttMsgPublishedEventHandler? MqttMsgPublished;

    public event IMqttClient.MqttMsgSubscribedEventHandler? MqttMsgSubscribed;

    public event IMqttClient.ConnectionClosedEventHandler? ConnectionClosed;

    public MqttSettings Settings { get; } = new();

    public MqttProtocolVersion ProtocolVersion { get; set; } = MqttProtocolVersion.Version_3_1_1;

    public bool IsConnected { get; private set; }

    public MqttReasonCode Connect(
        string clientId, string username, string password, bool willRetain, MqttQoSLevel willQosLevel, bool willFlag,
        string? willTopic, string? willMessage, bool cleanSession, ushort keepAlivePeriod)
    {
        if (willFlag || ProtocolVersion != MqttProtocolVersion.Version_3_1_1) throw new NotSupportedException("The stand-in speaks MQTT 3.1.1 without a last will.");
        Dial();
        var receiver = new Thread(Receive) { IsBackground = true };
        receiver.Start();
        var sender = new Thread(SendQueued) { IsBackground = true };
        sender.Start();
        Send(MqttPackets.Connect(clientId, username, password, cleanSession, keepAlivePeriod));
        if (!_answered.WaitOne(ConnectTimeoutMs)) throw new MqttCommunicationException(new TimeoutException("No CONNACK."));
        IsConnected = _answer == MqttReasonCode.Success && _closed == 0;
        if (IsConnected) _keepAlive = new Timer(_ => TrySend(MqttPackets.PingRequest), null, keepAlivePeriod * 900, keepAlivePeriod * 900);
        return _answer;
    }

    public ushort Subscribe(string[] topics, MqttQoSLevel[] qosLevels)
    {
        var id = NextId();
        Queue(MqttPackets.Subscribe(id, topics, qosLevels));
        return id;
    }

    public ushort Publish(string topic, byte[] message, string? contentType, ArrayList? userProperties, MqttQoSLevel qosLevel, bool retain)
    {
        var id = qosLevel == MqttQoSLevel.AtMostOnce ? (ushort)0 : NextId();
        lock (_inFlight)
        {
            if (_inFlight.Count >= Settings.InflightQueueSize) throw new MqttClientException("InflightQueueFull");
            if (id != 0) _inFlight[id] = qosLevel;
        }

        Queue(MqttPackets.Publish(id, topic, message, qosLevel, retain));
        return id;
    }

    public void Disconnect()
    {
        TrySend(MqttPackets.Disconnect);
        Close();
    }

    public void Close()
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0) return;
        IsConnected = false;
        _keepAlive?.Dispose();
        _outgoing.CompleteAdding();
        _stream?.Dispose();
        _socket?.Dispose();
        _answered.Set();
        ConnectionClosed?.Invoke(this, EventArgs.Empty);
    }

    public void Dispose() => Close();

    private void Dial()
    {
        try
        {
            if (!_machine.NetworkUp) throw new SocketException((int)SocketError.NetworkUnreachable);
            _socket = new TcpClient(_host, _port) { NoDelay = true };
            _stream = _socket.GetStream();
            if (_authority is null) return;
            var tls = new SslStream(_stream);
            _stream = tls;
            tls.AuthenticateAsClient(new SslClientAuthenticationOptions { TargetHost = _host, CertificateChainPolicy = OnlyThisAuthority() });
        }
        catch (Exception failed) when (failed is SocketException or IOException or System.Security.Authentication.AuthenticationException)
        {
            throw new MqttConnectionException("Exception connecting to the broker", failed);
        }
    }

    private X509ChainPolicy OnlyThisAuthority()
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(X509CertificateLoader.LoadCertificate(_authority!.GetRawCertData()));
        if (_machine.SystemTime is { } believed)
        {
            policy.VerificationTimeIgnored = false;
            policy.VerificationTime = DateTime.SpecifyKind(believed, DateTimeKind.Utc).ToLocalTime();
        }

        return policy;
    }

    // On a thread of its own, as in the library: a link that does not take the bytes must not hold up the caller.
    private void SendQueued()
    {
        foreach (var packet in _outgoing.GetConsumingEnumerable()) TrySend(packet);
    }

    private void Queue(byte[] packet)
    {
        if (_closed != 0 || !_outgoing.TryAdd(packet)) throw new MqttClientException("The connection is closed.");
    }

    private ushort NextId() => (ushort)((Interlocked.Increment(ref _lastId) % ushort.MaxValue) + 1);

    private void Receive()
    {
        try
        {
            while (_closed == 0) Take(MqttPackets.Read(_stream!));
        }
        catch (Exception broken) when (broken is IOException or ObjectDisposedException or InvalidOperationException or InvalidDataException)
        {
            // The connection is over, however it ended; the owner reconnects.
            Close();
        }
    }

    private void Take(MqttPackets.Packet packet)
    {
        if (!_machine.NetworkUp) throw new IOException("The network is gone.");
        switch (packet.Type)
        {
            case 2:
                _answer = (MqttReasonCode)packet.Body[1];
                _answered.Set();
                break;
            case 3:
                var publish = packet.AsPublish();
                if (publish.Id != 0) Send(MqttPackets.PublishAck(publish.Id));
                MqttMsgPublishReceived?.Invoke(this, new MqttMsgPublishEventArgs(publish.Topic, publish.Message, publish.Dup, publish.QosLevel, publish.Retain));
                break;
            case 4:
                lock (_inFlight) _inFlight.Remove(packet.Id);
                MqttMsgPublished?.Invoke(this, new MqttMsgPublishedEventArgs(packet.Id, true));
                break;
            case 9:
                MqttMsgSubscribed?.Invoke(this, new MqttMsgSubscribedEventArgs(packet.Id, [(MqttQoSLevel)packet.Body[2]]));
                break;
        }
    }

    private void TrySend(byte[] packet)
    {
        try
        {
            Send(packet);
        }
        catch (MqttCommunicationException)
        {
            Close();
        }
    }

    private void Send(byte[] packet)
    {
        try
        {
            if (!_machine.NetworkUp) throw new IOException("The network is gone.");
            lock (_sending) _stream!.Write(packet);
        }
        catch (Exception broken) when (broken is IOException or ObjectDisposedException or InvalidOperationException)
        {
            throw new MqttCommunicationException(broken);
        }
    }
}
