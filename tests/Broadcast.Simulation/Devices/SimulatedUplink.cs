using System.Buffers;
using System.Text;
using Broadcast.Device;
using Broadcast.Edge.Townships;
using Broadcast.Link;
using Broadcast.Simulation.Cloud;
using Broadcast.Simulation.Time;

namespace Broadcast.Simulation.Devices;

/// <summary>A device's MQTT client as one state machine on the virtual clock, with the link's own codec: one connection at a time, QoS 1, for ever.</summary>
internal sealed class SimulatedUplink(SimulatedDevice device, Agenda agenda, Random dice, TimeSpan keepAlive, Func<SimulatedUplink, Exchange?> dial)
{
    private const int PacketBytesMax = 4096, OwnWindow = 16;
    private const long ConnectMs = 10_000, BackOffMinMs = 1_000, BackOffMaxMs = 60_000, EarlyMs = 2_000;
    private const ushort SubscribeId = ushort.MaxValue;

    private enum Step { Waiting, Connecting, Subscribing, Up }

    private readonly byte[] _topic = Encoding.UTF8.GetBytes(Topics.Up(device.Id));
    private InFlight _inFlight;
    private Exchange? _exchange;
    private Step _step;
    private byte[] _arrived = [];
    private Appointment? _patience;
    private long _sentMs, _heardMs, _backOffMs = BackOffMinMs;
    private bool _pinged;

    public bool IsUp => _step == Step.Up;

    public Exchange? Exchange => _exchange;

    /// <summary>Begins to connect, now or after a wait.</summary>
    public void Start() => Wait(dice.NextInt64(BackOffMinMs));

    /// <summary>The power is gone: nobody is told.</summary>
    public void Stop(bool politely)
    {
        if (politely) _exchange?.ClientEnded();
        else _exchange?.Die();
        Forget();
    }

    /// <summary>The connection breaks at this end, and the client begins again.</summary>
    public void Break()
    {
        if (_step == Step.Waiting) return;
        var wasUp = IsUp;
        _exchange?.ClientEnded();
        Forget();
        Wait(dice.NextInt64(BackOffMinMs, Math.Max(BackOffMinMs + 1, _backOffMs)));
        _backOffMs = Math.Min(BackOffMaxMs, _backOffMs * 2);
        if (wasUp) device.LinkDown();
    }

    public bool TryPublish(int token, byte[] frame) => TryPublish(_topic, token, frame);

    /// <summary>Publishes a frame of a child; its token is below 0.</summary>
    public bool TryPublish(string topic, int token, byte[] frame) => TryPublish(Encoding.UTF8.GetBytes(topic), token, frame);

    private int WindowMax => device.Township is null ? OwnWindow : OwnWindow + ChildRelay.UnderWayMax;

    public void Arrived(Exchange from, byte[] bytes)
    {
        if (from != _exchange) return;
        _heardMs = agenda.NowMs;
        _arrived = _arrived.Length == 0 ? bytes : [.. _arrived, .. bytes];
        while (_step != Step.Waiting && TryTake(out var frame, out var body)) Handle(frame, body);
    }

    public void Ended(Exchange from)
    {
        if (from == _exchange) Break();
    }

    private bool TryPublish(byte[] topic, int token, byte[] frame)
    {
        if (!IsUp || _inFlight.Count >= WindowMax) return false;
        var packet = new byte[Packets.PublishSize(topic.Length, frame.Length, 1)];
        Packets.WritePublish(packet, topic, frame, 1, _inFlight.Add(token, WindowMax));
        Send(packet);
        return true;
    }

    private void Wait(long ms)
    {
        _step = Step.Waiting;
        _patience = agenda.In(ms, Dial);
    }

    private void Dial()
    {
        _exchange = dial(this);
        _step = Step.Connecting;
        _patience = agenda.In(ConnectMs, Break);
        if (_exchange is null) return; // Nobody answers; the patience ends by itself.
        Send(ConnectPacket.Encode(device.Id, (ushort)keepAlive.TotalSeconds, null, device.Id, Encoding.UTF8.GetBytes(device.LinkSecret)));
    }

    private void Forget()
    {
        _patience?.Cancel();
        _exchange = null;
        _step = Step.Waiting;
        _arrived = [];
        _inFlight = default;
        _pinged = false;
    }

    private bool TryTake(out Frame frame, out byte[] body)
    {
        body = [];
        if (!Frame.TryPeek(new ReadOnlySequence<byte>(_arrived), PacketBytesMax, out frame, out _) || _arrived.Length < frame.Bytes) return false;
        body = _arrived[frame.HeaderBytes..frame.Bytes];
        _arrived = _arrived[frame.Bytes..];
        return true;
    }

    private void Handle(Frame frame, byte[] body)
    {
        switch (frame.Type)
        {
            case PacketType.ConnAck when _step == Step.Connecting && body is [_, 0]:
                _step = Step.Subscribing;
                Send(Packets.Subscribe(SubscribeId, [Topics.Down(device.Id)]));
                break;
            case PacketType.SubAck when _step == Step.Subscribing:
                _step = Step.Up;
                _backOffMs = BackOffMinMs;
                _patience!.Cancel();
                Watch();
                device.LinkUp();
                break;
            case PacketType.Publish when PublishPacket.Read(frame.Flags, body, out var packet) == Violation.None:
                TakePublish(packet.Payload.ToArray(), packet.Id, packet.Qos);
                break;
            case PacketType.PubAck when body.Length == 2 && _inFlight.TryRemove((ushort)(body[0] << 8 | body[1]), out var token):
                if (token < 0) device.Township!.Acknowledged((int)token);
                else device.Published((int)token);
                break;
            case PacketType.PingResp:
                _pinged = false;
                break;
            case PacketType.PubAck:
                break;
            default:
                Break();
                break;
        }
    }

    private void TakePublish(byte[] frame, ushort id, int qos)
    {
        if (device.Township?.Deliver(frame) != true) device.Received(frame);
        if (qos == 0 || _exchange is null) return; // The power may have gone while it was taken.
        var ack = new byte[Packets.AckBytes];
        Packets.WriteAck(ack, PacketType.PubAck, id);
        Send(ack);
    }

    // A ping goes out where one of the two sides has been silent for the keep-alive, as the edge's own client does it.
    private long PingDueMs => Math.Min(_sentMs, _heardMs) + (long)keepAlive.TotalMilliseconds - EarlyMs;

    private void Watch() => _patience = agenda.At(PingDueMs, () =>
    {
        if (agenda.NowMs < PingDueMs)
        {
            Watch();
            return;
        }

        _pinged = true;
        Send(Packets.PingReq.ToArray());
        _patience = agenda.In((long)keepAlive.TotalMilliseconds / 2, () =>
        {
            if (_pinged) Break();
            else Watch();
        });
    });

    private void Send(byte[] packet)
    {
        _sentMs = agenda.NowMs;
        _exchange?.Up(packet);
    }
}
