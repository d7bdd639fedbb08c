using System.Buffers;

namespace Broadcast.Link;

public sealed partial class LinkSession
{
    private readonly byte[] _publishPrefix;
    private TokenBucket _rate;
    private TopicCache _topics;
    private InboundWindow? _inbound;
    private HashSet<ushort>? _unreleased;
    private TaskCompletionSource? _room;

    /// <summary>Takes every whole packet, and flushes once what that made to send. True where the rest must wait for the authority.</summary>
    private bool TakePackets(ref ReadOnlySequence<byte> rest)
    {
        var now = _endpoint.Time.GetTimestamp();
        lock (_outlet) _outlet.Corked = true;
        var waits = false;
        while (IsOpen && TryTakePacket(ref rest, now, out waits))
        {
        }
        lock (_outlet) _outlet.Corked = false;
        _outlet.Flush();
        return waits && IsOpen;
    }

    private bool TryTakePacket(ref ReadOnlySequence<byte> rest, long now, out bool waits)
    {
        waits = false;
        if (!Frame.TryPeek(rest, _endpoint.Limits.PacketBytesMax, out var frame, out var violation))
        {
            if (violation != Violation.None) Violate(violation);
            return false;
        }
        if (rest.Length < frame.Bytes) return false;
        if (frame.Type == PacketType.Publish && IsInboundFull()) return !(waits = true);
        Volatile.Write(ref _heard, now);
        var body = rest.Slice(frame.HeaderBytes, frame.BodyBytes);
        if (body.IsSingleSegment) violation = Handle(frame, body.FirstSpan, now);
        else
        {
            var whole = ArrayPool<byte>.Shared.Rent(frame.BodyBytes);
            body.CopyTo(whole);
            violation = Handle(frame, whole.AsSpan(0, frame.BodyBytes), now);
            ArrayPool<byte>.Shared.Return(whole);
        }
        rest = rest.Slice(frame.Bytes);
        if (violation != Violation.None) Violate(violation);
        return violation == Violation.None;
    }

    private Violation Handle(Frame frame, ReadOnlySpan<byte> body, long now)
    {
        // A PUBACK answers what this side sent: the window bounds how many there are.
        if (frame.Type == PacketType.PubAck) return HandlePubAck(body, now);
        if (!TryTakeToken(now)) return Violation.None;
        return frame.Type switch
        {
            PacketType.Publish => HandlePublish(frame.Flags, body),
            PacketType.PubRel => HandlePubRel(body),
            PacketType.Subscribe => HandleSubscribe(body),
            PacketType.Unsubscribe => HandleUnsubscribe(body),
            PacketType.PingReq => HandlePingReq(body),
            PacketType.Disconnect => HandleDisconnect(body),
            PacketType.Connect => Violation.SecondConnect,
            _ => Violation.UnexpectedPacket,
        };
    }

    private bool TryTakeToken(long now)
    {
        if (_rate.TryTake(now)) return true;
        Close(LinkCloseReason.Flooding);
        return false;
    }

    private Violation HandlePublish(int flags, ReadOnlySpan<byte> body)
    {
        var violation = PublishPacket.Read(flags, body, out var packet);
        if (violation != Violation.None) return violation;
        if (!packet.Topic.StartsWith(_publishPrefix)) return Violation.OutsidePrefix;
        if (packet.Qos == 2 && !TryHoldUnreleased(packet.Id, out violation)) return violation;
        _endpoint.Counters.CountMessageIn();
        Receive(packet);
        return Violation.None;
    }

    /// <summary>
    /// QoS 2 is answered in full, PUBREC, PUBREL and PUBCOMP, so that a client that insists on it works; within one connection a repeat is
    /// not handed on a second time. False for such a repeat, which is answered here, and where too many wait for their PUBREL.
    /// </summary>
    private bool TryHoldUnreleased(ushort id, out Violation violation)
    {
        violation = Violation.None;
        _unreleased ??= [];
        if (_unreleased.Contains(id))
        {
            // A repeat of what the authority is still working on has its answer on the way.
            lock (_outlet)
                if (_inbound is null || !_inbound.IsWorkingOnQos2(id)) SendAck(PacketType.PubRec, id);
            return false;
        }
        if (_unreleased.Count >= _endpoint.Limits.UnreleasedMax)
        {
            violation = Violation.TooManyUnreleased;
            return false;
        }
        return _unreleased.Add(id);
    }

    private void Receive(in PublishPacket packet)
    {
        try
        {
            Settle(_endpoint.Authority.ReceivedAsync(this, _topics.Text(packet.Topic), packet.Payload.ToArray()), packet.Id, packet.Qos);
        }
        catch (Exception failed)
        {
            AuthorityFailed(failed);
        }
    }

    /// <summary>Awaits without a state machine a message: most are done at once, the others have a place whose callback is used again.</summary>
    private void Settle(ValueTask task, ushort id, int qos)
    {
        var awaiter = task.GetAwaiter();
        if (!awaiter.IsCompleted)
        {
            Follow(id, qos).Await(awaiter);
            return;
        }
        awaiter.GetResult();
        Acknowledge(id, qos);
    }

    private InboundWindow.Place Follow(ushort id, int qos)
    {
        lock (_outlet) return (_inbound ??= new InboundWindow(this, _endpoint.Limits.UnackedInboundMax)).Enter(id, qos);
    }

    private void Acknowledge(ushort id, int qos)
    {
        lock (_outlet)
        {
            if (_inbound is null || _inbound.IsEmpty) SendReceipt(id, qos);
            else _inbound.Enter(id, qos).IsDone = true;
        }
    }

    /// <summary>The authority is done with one message: it and those behind it that were done before are acknowledged.</summary>
    internal void Finished(InboundWindow.Place place)
    {
        lock (_outlet)
        {
            place.IsDone = true;
            while (IsOpen && _inbound!.TryLeave(out var id, out var qos)) SendReceipt(id, qos);
            OpenRoom();
        }
        // Whoever is done goes on here, with no lock held: another thread's turn would cost more than the write.
        if (_endpoint.Aside is null) Flush();
        else _outlet.FlushSoon();
    }

    private void SendReceipt(ushort id, int qos)
    {
        if (qos > 0) SendAck(qos == 1 ? PacketType.PubAck : PacketType.PubRec, id);
    }

    private bool IsInboundFull()
    {
        lock (_outlet) return _inbound is { IsFull: true };
    }

    private Task RoomAsync()
    {
        lock (_outlet)
        {
            if (!IsOpen || _inbound is not { IsFull: true }) return Task.CompletedTask;
            _room = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _room.Task;
        }
    }

    private void OpenRoom()
    {
        _room?.TrySetResult();
        _room = null;
    }

    private Violation HandlePubRel(ReadOnlySpan<byte> body)
    {
        var violation = ReadId(body, out var id);
        if (violation != Violation.None) return violation;
        _unreleased?.Remove(id);
        lock (_outlet) SendAck(PacketType.PubComp, id);
        return Violation.None;
    }

    private Violation HandlePingReq(ReadOnlySpan<byte> body)
    {
        if (!body.IsEmpty) return Violation.MalformedPacket;
        lock (_outlet) SendControl(Packets.PingResp);
        return Violation.None;
    }

    private Violation HandleDisconnect(ReadOnlySpan<byte> body)
    {
        if (!body.IsEmpty) return Violation.MalformedPacket;
        Close(LinkCloseReason.Disconnected);
        return Violation.None;
    }

    private static Violation ReadId(ReadOnlySpan<byte> body, out ushort id)
    {
        var fields = new FieldReader(body);
        id = fields.PacketId();
        return fields.End();
    }
}
