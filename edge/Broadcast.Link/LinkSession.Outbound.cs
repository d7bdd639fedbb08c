namespace Broadcast.Link;

public sealed partial class LinkSession
{
    /// <summary>The answer to a filter that is not the device's own command topic (MQTT 3.1.1, 3.9.3).</summary>
    private const byte SubscriptionRefused = 0x80;

    private readonly byte[] _commandTopic;
    private InFlight _inFlight;
    private Queue<(ReadOnlyMemory<byte> Payload, long Tag)>? _queue;
    private int _qos;
    private bool _subscribed;

    /// <summary>The device listens on its command topic.</summary>
    public bool IsSubscribed => Volatile.Read(ref _subscribed);

    /// <summary>Messages that were sent and not yet acknowledged.</summary>
    public int InFlightCount
    {
        get { lock (_outlet) return _inFlight.Count; }
    }

    /// <summary>
    /// A message that was accepted has not been given to the transport: it waits for room or for a flush, or the session ended before. False
    /// therefore says of everything accepted until now that it left this process; what the network made of it, only an answer says.
    /// </summary>
    public bool HasUnsent
    {
        get { lock (_outlet) return _queue is { Count: > 0 } || _outlet.HasUnsent; }
    }

    /// <summary>
    /// Sends a message to the device's command topic with QoS 1 (QoS 0 where the device asked for no more, and then without a
    /// <see cref="ILinkAuthority.Delivered"/>). Never blocks and never throws; callable from any thread; messages leave in the order of the calls.
    /// </summary>
    /// <param name="payload">Must not change before the message is delivered or the session closed: it is not copied while it waits.</param>
    /// <param name="tag">Comes back with <see cref="ILinkAuthority.Delivered"/>; the endpoint does not look at it.</param>
    /// <param name="flush">False where the caller says <see cref="Flush"/> itself: once for several messages, or after it has let go of its locks.</param>
    public SendOutcome TrySend(ReadOnlyMemory<byte> payload, long tag, bool flush = true)
    {
        lock (_outlet)
        {
            if (!IsOpen) return SendOutcome.Closed;
            if (!_subscribed) return SendOutcome.NotSubscribed;
            if (Packets.PublishSize(_commandTopic.Length, payload.Length, 1) > _endpoint.Limits.PacketBytesMax) return SendOutcome.TooLarge;
            if (_queue is { Count: > 0 } || !TryPublish(payload.Span, tag))
            {
                if ((_queue?.Count ?? 0) >= _endpoint.Limits.QueueMax) return SendOutcome.WindowFull;
                (_queue ??= new()).Enqueue((payload, tag));
            }
        }
        if (flush) Flush();
        return SendOutcome.Accepted;
    }

    /// <summary>
    /// Puts on the wire what was sent, on this thread: a queue to another would put an order behind a thousand receipts. Never waits for the
    /// device; callable from any thread, but not with a lock held that a closing session may want.
    /// </summary>
    public void Flush()
    {
        lock (_outlet)
        {
            if (_outlet.Corked) return; // Who reads this session's packets now flushes at the end of them.
        }

        _outlet.Flush();
    }

    /// <summary>The CONNACK, before anything else.</summary>
    internal void Accept()
    {
        lock (_outlet) SendControl(Packets.ConnAck(ConnectCode.Accepted));
        _outlet.Flush();
    }

    void IOutletOwner.HasRoom() => SendQueued();

    private bool TryPublish(ReadOnlySpan<byte> payload, long tag)
    {
        if (_qos > 0 && _inFlight.Count >= _endpoint.Limits.WindowMax) return false;
        var bytes = Packets.PublishSize(_commandTopic.Length, payload.Length, _qos);
        if (!_outlet.TryReserve(bytes, out var room)) return false;
        var id = _qos > 0 ? _inFlight.Add(tag, _endpoint.Limits.WindowMax) : (ushort)0;
        Packets.WritePublish(room, _commandTopic, payload, _qos, id);
        _outlet.Commit(bytes);
        _endpoint.Counters.CountMessageOut();
        return true;
    }

    private void SendQueued()
    {
        while (_queue is not null && _queue.TryPeek(out var next) && TryPublish(next.Payload.Span, next.Tag)) _queue.Dequeue();
    }

    private void SendAck(PacketType type, ushort id)
    {
        Span<byte> packet = stackalloc byte[Packets.AckBytes];
        Packets.WriteAck(packet, type, id);
        SendControl(packet);
    }

    /// <summary>What the protocol owes the device. It cannot be put off, so a device that does not read is cut when there is no room.</summary>
    private void SendControl(ReadOnlySpan<byte> packet)
    {
        if (IsOpen && !_outlet.TryWrite(packet)) Close(LinkCloseReason.SlowReader);
    }

    private Violation HandlePubAck(ReadOnlySpan<byte> body, long now)
    {
        var violation = ReadId(body, out var id);
        if (violation != Violation.None) return violation;
        bool known;
        long tag;
        lock (_outlet)
        {
            known = _inFlight.TryRemove(id, out tag);
            if (known) SendQueued();
        }
        // An acknowledgement of nothing is no fault of the standard's; it costs the device a token.
        if (!known)
        {
            TryTakeToken(now);
            return Violation.None;
        }
        _endpoint.Counters.CountDelivered();
        try
        {
            _endpoint.Authority.Delivered(this, tag);
        }
        catch (Exception failed)
        {
            AuthorityFailed(failed);
        }
        return Violation.None;
    }

    private Violation HandleSubscribe(ReadOnlySpan<byte> body)
    {
        var fields = new FieldReader(body);
        var answer = new FieldWriter();
        answer.UInt16(fields.PacketId());
        if (fields.AtEnd) fields.Fail(Violation.EmptySubscription);
        var granted = -1;
        while (!fields.AtEnd)
        {
            var filter = fields.Filter();
            var qos = fields.Byte();
            if (qos > 2) fields.Fail(Violation.InvalidQos);
            if (fields.Fault != Violation.None) break;
            var own = filter.SequenceEqual(_commandTopic);
            if (own) granted = Math.Min((int)qos, 1);
            answer.Byte(own ? (byte)granted : SubscriptionRefused);
        }
        if (fields.Fault != Violation.None) return fields.Fault;
        lock (_outlet)
        {
            SendControl(answer.ToPacket((int)PacketType.SubAck << 4));
            if (granted >= 0) (_qos, _subscribed) = (granted, true);
        }
        if (granted >= 0) AnnounceSubscribed();
        return Violation.None;
    }

    private void AnnounceSubscribed()
    {
        try
        {
            _endpoint.Authority.Subscribed(this);
        }
        catch (Exception failed)
        {
            AuthorityFailed(failed);
        }
    }

    /// <summary>What was sent before, or waits in the queue, is still delivered [MQTT-3.10.4-3]; nothing new is taken.</summary>
    private Violation HandleUnsubscribe(ReadOnlySpan<byte> body)
    {
        var fields = new FieldReader(body);
        var id = fields.PacketId();
        if (fields.AtEnd) fields.Fail(Violation.EmptySubscription);
        var own = false;
        while (!fields.AtEnd) own |= fields.Filter().SequenceEqual(_commandTopic);
        if (fields.Fault != Violation.None) return fields.Fault;
        lock (_outlet)
        {
            if (own) _subscribed = false;
            SendAck(PacketType.UnsubAck, id);
        }
        return Violation.None;
    }
}
