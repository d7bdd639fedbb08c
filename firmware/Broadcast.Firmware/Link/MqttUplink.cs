using System;
using System.Security.Cryptography.X509Certificates;
using System.Threading;
using Broadcast.Device;
using nanoFramework.M2Mqtt;
using nanoFramework.M2Mqtt.Messages;

namespace Broadcast.Firmware.Link;

/// <summary>
/// The link over nanoFramework's MQTT client and TLS, with the authority pinned. Connecting takes seconds and blocks, so it
/// has a thread of its own; publishing only queues. A new client for each connection: what one leaves behind goes with it.
/// </summary>
/// <remarks>No last will is sent: versions of the client stopped the connection over it, and the cloud knows by silence.</remarks>
public sealed class MqttUplink : IUplink
{
    private const int SubscribeMsMax = 15_000;
    private const string NoNetwork = "no network";

    private readonly Settings _settings;
    private readonly Mailbox _mailbox;
    private readonly INetwork _network;
    private readonly CertificateTime _time;
    private readonly AutoResetEvent _begin = new AutoResetEvent(false);
    private readonly AutoResetEvent _subscribed = new AutoResetEvent(false);
    private readonly object _gate = new object();
    private readonly int[] _ids = new int[Limits.OutboxInFlightMax];
    private readonly int[] _tokens = new int[Limits.OutboxInFlightMax];
    private readonly Thread _thread;
    private MqttClient? _client;
    private bool _up;
    private bool _ended;

    /// <summary>Makes the link; nothing happens before <see cref="Begin"/>.</summary>
    public MqttUplink(Settings settings, Mailbox mailbox, INetwork network, CertificateTime time)
    {
        _settings = settings;
        _mailbox = mailbox;
        _network = network;
        _time = time;
        _thread = new Thread(ConnectAgainAndAgain);
        _thread.Start();
    }

    /// <summary>Frames that came and were larger than any of ours; the client had read them whole.</summary>
    public int OversizedFrames { get; private set; }

    /// <summary>What became of the last attempt, for the technician.</summary>
    public string LastError { get; private set; } = "";

    /// <inheritdoc />
    public void Begin() => _begin.Set();

    /// <inheritdoc />
    public bool Publish(int token, byte[] frame)
    {
        // The acknowledgement may come on another thread before Publish has returned; it waits for this lock.
        lock (_gate)
        {
            int free = Array.IndexOf(_ids, 0);
            MqttClient? client = _client;
            if (client == null || !_up || free < 0)
                return false;
            try
            {
                ushort id = client.Publish(Topics.Up(_settings.Device), frame, null, null, MqttQoSLevel.AtLeastOnce, false);
                _ids[free] = id;
                _tokens[free] = token;
                return true;
            }
            catch (Exception refused)
            {
                // Its queue is full or it is closing; the core offers the frame again, and the link's end is told by its event.
                LastError = refused.Message;
                return false;
            }
        }
    }

    /// <inheritdoc />
    public void Close()
    {
        MqttClient? client = _client;
        _up = false;
        if (client == null)
            return;
        try
        {
            client.Close();
        }
        catch (Exception hung)
        {
            // Closing what is broken may break again; the client is forgotten all the same.
            LastError = hung.Message;
        }
    }

    /// <summary>Ends the link for good: before a restart.</summary>
    public void End()
    {
        _ended = true;
        Forget();
        _begin.Set();
    }

    private void ConnectAgainAndAgain()
    {
        while (true)
        {
            _begin.WaitOne();
            if (_ended)
                return;
            string error;
            try
            {
                error = Connect();
            }
            catch (Exception failed)
            {
                // No network, no such host, a certificate that does not fit, no CONNACK: the keeper tries again later.
                error = failed.Message;
            }

            LastError = error;
            if (error.Length == 0)
                continue;
            // Nothing was shown a certificate; a router that starts more slowly than the board costs no guess.
            if (error != NoNetwork)
                _time.Failed();
            Forget();
            _mailbox.Post(LetterKind.LinkDown, 0, null);
        }
    }

    // Gives what went wrong; empty when the link is up.
    private string Connect()
    {
        Forget();
        if (!_network.IsReady())
            return NoNetwork;
        _time.Prepare();
        MqttClient client = new MqttClient(
            _settings.Host, _settings.Port, true, new X509Certificate(_settings.Authority), null!, MqttSslProtocols.TLSv1_2);
        client.ProtocolVersion = MqttProtocolVersion.Version_3_1_1;
        client.Settings.InflightQueueSize = FirmwareLimits.MqttQueueMax;
        client.MqttMsgPublishReceived += TakeMessage;
        client.MqttMsgPublished += TakeAcknowledgement;
        client.MqttMsgSubscribed += TakeSubscribed;
        client.ConnectionClosed += TakeClosed;
        _client = client;
        MqttReasonCode answer = client.Connect(
            _settings.Device, _settings.Device, _settings.Secret, false, MqttQoSLevel.AtMostOnce, false, null!, null!, true, FirmwareLimits.KeepAliveSeconds);
        if (answer != MqttReasonCode.Success)
            return "refused: " + ((int)answer).ToString();
        _subscribed.Reset();
        client.Subscribe(new string[] { Topics.Down(_settings.Device) }, new MqttQoSLevel[] { MqttQoSLevel.AtLeastOnce });
        if (!_subscribed.WaitOne(SubscribeMsMax, false))
            return "not subscribed";
        _up = true;
        _mailbox.Post(LetterKind.LinkUp, 0, null);
        return "";
    }

    private void Forget()
    {
        Close();
        lock (_gate)
        {
            _client = null;
            Array.Clear(_ids, 0, _ids.Length);
        }
    }

    private void TakeMessage(object sender, MqttMsgPublishEventArgs message)
    {
        if (sender != _client)
            return;
        if (message.Message == null || message.Message.Length > Limits.FrameBytesMax)
            OversizedFrames++;
        else
            _mailbox.Post(LetterKind.Frame, 0, message.Message);
    }

    private void TakeAcknowledgement(object sender, MqttMsgPublishedEventArgs published)
    {
        int token = 0;
        lock (_gate)
        {
            int at = sender == _client ? Array.IndexOf(_ids, (int)published.MessageId) : -1;
            if (at < 0)
                return;
            token = _tokens[at];
            _ids[at] = 0;
        }

        // A frame that the client gave up stays unacknowledged; the core offers it again over the next link.
        if (published.IsPublished)
            _mailbox.Post(LetterKind.Acknowledged, token, null);
    }

    private void TakeSubscribed(object sender, MqttMsgSubscribedEventArgs subscribed)
    {
        if (sender == _client && subscribed.GrantedQoSLevels[0] != MqttQoSLevel.GrantedFailure)
            _subscribed.Set();
    }

    private void TakeClosed(object sender, EventArgs closed)
    {
        if (sender != _client || !_up)
            return;
        _up = false;
        _mailbox.Post(LetterKind.LinkDown, 0, null);
    }
}
