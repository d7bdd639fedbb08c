using System.Buffers;
using System.IO.Pipelines;

namespace Broadcast.Link;

/// <summary>One connection of a client, from its CONNECT to its end.</summary>
internal sealed class Uplink : IOutletOwner, IScanned
{
    /// <summary>The only identifier used for SUBSCRIBE: there is one, and it is answered before anything is published.</summary>
    private const ushort SubscribeId = ushort.MaxValue;

    /// <summary>A ping goes this much before the keep-alive is over: the scan's own lateness, and one more for the way.</summary>
    private static readonly TimeSpan PingEarly = Scan.Period * 2;

    /// <summary>How long a stopping client waits until its DISCONNECT is on the way: a hand's breadth, for a peer that does not read any more.</summary>
    private static readonly TimeSpan FarewellMax = TimeSpan.FromSeconds(1);

    private readonly LinkClient _client;
    private readonly LinkClientOptions _options;
    private readonly ILinkClientHandler _handler;
    private readonly Stream _stream;
    private readonly PipeReader _reader;
    private readonly PipeWriter _writer;
    private readonly Outlet _outlet;
    private InFlight _inFlight;
    private TopicCache _inTopics, _outTopics;
    private long _sent, _heard, _pinged;
    private int _ending;
    private Violation _violation;
    private Exception? _error;

    public Uplink(LinkClient client, LinkClientOptions options, ILinkClientHandler handler, Stream stream)
    {
        _client = client;
        _options = options;
        _handler = handler;
        _stream = stream;
        // Reads of no bytes first: thousands of idle clients hold no receive buffers.
        _reader = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true, useZeroByteReads: true));
        _writer = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));
        _outlet = new Outlet(_writer, options.WindowMax * options.PacketBytesMax + options.PacketBytesMax, options.Time, this);
        _sent = _heard = options.Time.GetTimestamp();
    }

    private bool IsOpen => Volatile.Read(ref _ending) == 0;

    private Scan Scan => Scan.For(_options.Time);

    /// <summary>CONNECT and, where something is to be subscribed, SUBSCRIBE; null when the server has said yes to all of it.</summary>
    public async Task<LinkDown?> SignInAsync(CancellationToken ct)
    {
        var connect = ConnectPacket.Encode(
            _options.ClientId, (ushort)_options.KeepAlive.TotalSeconds, _options.Will, _options.UserName, _options.Password);
        await _writer.WriteAsync(connect, ct);
        var (answer, why) = await ReadAnswerAsync(PacketType.ConnAck, ct);
        if (why is not null) return why;
        if (answer!.Length != 2 || answer[0] > 1) return Broken(Violation.MalformedPacket);
        if (answer[1] != 0) return new LinkDown(LinkDownReason.Refused, (ConnectCode)answer[1]);
        if (_options.Subscribe.Count == 0) return null;
        await _writer.WriteAsync(Packets.Subscribe(SubscribeId, _options.Subscribe), ct);
        (answer, why) = await ReadAnswerAsync(PacketType.SubAck, ct);
        if (why is not null) return why;
        if (answer!.Length != 2 + _options.Subscribe.Count) return Broken(Violation.MalformedPacket);
        return answer.AsSpan(2).ContainsAnyExceptInRange((byte)0, (byte)2) ? new LinkDown(LinkDownReason.SubscriptionRefused) : null;
    }

    /// <summary>Reads until the end, whoever brings it.</summary>
    public async Task<LinkDown> RunAsync(CancellationToken ct)
    {
        Scan.Add(this);
        using (ct.UnsafeRegister(static uplink => ((Uplink)uplink!).End(LinkDownReason.Stopped), this))
        {
            Guard(() => _handler.Up(_client));
            while (IsOpen) await ReadOnceAsync();
        }
        Scan.Remove(this);
        await CloseAsync();
        return new LinkDown((LinkDownReason)_ending, ConnectCode.Accepted, _violation, _error);
    }

    public SendOutcome TryPublish(string topic, ReadOnlySpan<byte> payload, int token)
    {
        lock (_outlet)
        {
            if (!IsOpen) return SendOutcome.Closed;
            if (_inFlight.Count >= _options.WindowMax) return SendOutcome.WindowFull;
            var name = _outTopics.Bytes(topic);
            var bytes = Packets.PublishSize(name.Length, payload.Length, 1);
            if (bytes > _options.PacketBytesMax) return SendOutcome.TooLarge;
            if (!_outlet.TryReserve(bytes, out var room)) return SendOutcome.WindowFull;
            Packets.WritePublish(room, name, payload, 1, _inFlight.Add(token, _options.WindowMax));
            _outlet.Commit(bytes);
            _sent = _options.Time.GetTimestamp();
        }
        _outlet.FlushSoon();
        return SendOutcome.Accepted;
    }

    public void Cut() => End(LinkDownReason.LinkLost);

    void IOutletOwner.HasRoom()
    {
    }

    void IOutletOwner.Broke(Exception broken) => End(LinkDownReason.LinkLost, broken);

    long IScanned.ScanTicket { get; set; }

    void IScanned.Look(long now)
    {
        lock (_outlet)
        {
            if (!IsOpen) return;
            if (_pinged == 0)
            {
                // Also where only the other side is silent: a client that goes on publishing into a dead connection would else never ask.
                if (_options.Time.GetElapsedTime(Math.Min(_sent, _heard), now) < _options.KeepAlive - PingEarly) return;
                _outlet.TryWrite(Packets.PingReq);
                _pinged = _sent = now;
            }
            else if (_options.Time.GetElapsedTime(_pinged, now) > _options.KeepAlive / 2)
            {
                End(LinkDownReason.KeepAliveExpired);
                return;
            }
        }
        _outlet.FlushSoon();
    }

    private static LinkDown Broken(Violation violation) => new(LinkDownReason.ProtocolViolation, Violation: violation);

    private async Task<(byte[]? Body, LinkDown? Why)> ReadAnswerAsync(PacketType expected, CancellationToken ct)
    {
        while (true)
        {
            var read = await _reader.ReadAsync(ct);
            var rest = read.Buffer;
            if (Frame.TryPeek(rest, _options.PacketBytesMax, out var frame, out var violation) && rest.Length >= frame.Bytes)
            {
                var body = rest.Slice(frame.HeaderBytes, frame.BodyBytes).ToArray();
                _reader.AdvanceTo(rest.GetPosition(frame.Bytes));
                if (frame.Type != expected) return (null, Broken(Violation.UnexpectedPacket));
                return (body, null);
            }
            _reader.AdvanceTo(rest.Start, rest.End);
            if (violation != Violation.None) return (null, Broken(violation));
            if (read.IsCompleted) return (null, new LinkDown(LinkDownReason.LinkLost));
        }
    }

    private async Task ReadOnceAsync()
    {
        try
        {
            var read = await _reader.ReadAsync();
            if (!IsOpen) return;
            lock (_outlet) _heard = _options.Time.GetTimestamp();
            var rest = read.Buffer;
            TakePackets(ref rest);
            _reader.AdvanceTo(rest.Start, rest.End);
            if (read.IsCompleted) End(LinkDownReason.LinkLost);
        }
        catch (Exception broken) when (LinkEndpoint.IsBroken(broken))
        {
            End(LinkDownReason.LinkLost, broken);
        }
    }

    private void TakePackets(ref ReadOnlySequence<byte> rest)
    {
        lock (_outlet) _outlet.Corked = true;
        while (IsOpen && TryTakePacket(ref rest))
        {
        }
        lock (_outlet) _outlet.Corked = false;
        _outlet.Flush();
    }

    private bool TryTakePacket(ref ReadOnlySequence<byte> rest)
    {
        if (!Frame.TryPeek(rest, _options.PacketBytesMax, out var frame, out var violation))
        {
            if (violation != Violation.None) Violate(violation);
            return false;
        }
        if (rest.Length < frame.Bytes) return false;
        var body = rest.Slice(frame.HeaderBytes, frame.BodyBytes);
        violation = Handle(frame, body.IsSingleSegment ? body.FirstSpan : body.ToArray());
        rest = rest.Slice(frame.Bytes);
        if (violation != Violation.None) Violate(violation);
        return violation == Violation.None;
    }

    private Violation Handle(Frame frame, ReadOnlySpan<byte> body)
    {
        switch (frame.Type)
        {
            case PacketType.Publish: return HandlePublish(frame.Flags, body);
            case PacketType.PubAck: return HandlePubAck(body);
            case PacketType.PingResp:
                lock (_outlet) _pinged = 0;
                return body.IsEmpty ? Violation.None : Violation.MalformedPacket;
            default: return Violation.UnexpectedPacket;
        }
    }

    private Violation HandlePublish(int flags, ReadOnlySpan<byte> body)
    {
        var violation = PublishPacket.Read(flags, body, out var packet);
        if (violation != Violation.None) return violation;
        // Nothing was subscribed to with QoS 2, so no server may send it.
        if (packet.Qos == 2) return Violation.InvalidQos;
        var topic = _inTopics.Text(packet.Topic);
        try
        {
            _handler.Received(_client, topic, packet.Payload.ToArray());
        }
        catch (Exception failed)
        {
            End(LinkDownReason.HandlerFailed, failed);
            return Violation.None;
        }
        if (packet.Qos == 1) SendPubAck(packet.Id);
        return Violation.None;
    }

    private void SendPubAck(ushort id)
    {
        Span<byte> ack = stackalloc byte[Packets.AckBytes];
        Packets.WriteAck(ack, PacketType.PubAck, id);
        lock (_outlet)
        {
            if (!_outlet.TryWrite(ack)) End(LinkDownReason.LinkLost);
            _sent = _options.Time.GetTimestamp();
        }
    }

    private Violation HandlePubAck(ReadOnlySpan<byte> body)
    {
        var fields = new FieldReader(body);
        var id = fields.PacketId();
        var violation = fields.End();
        if (violation != Violation.None) return violation;
        long token;
        lock (_outlet)
            if (!_inFlight.TryRemove(id, out token)) return Violation.None;
        try
        {
            _handler.Acknowledged(_client, (int)token);
        }
        catch (Exception failed)
        {
            End(LinkDownReason.HandlerFailed, failed);
        }
        return Violation.None;
    }

    private void Guard(Action call)
    {
        try
        {
            call();
        }
        catch (Exception failed)
        {
            End(LinkDownReason.HandlerFailed, failed);
        }
    }

    private void Violate(Violation violation)
    {
        if (IsOpen) _violation = violation;
        End(LinkDownReason.ProtocolViolation);
    }

    private void End(LinkDownReason reason, Exception? error = null)
    {
        if (Interlocked.CompareExchange(ref _ending, (int)reason, 0) != 0) return;
        _error = error;
        // Over TLS a cancelled read goes on within the call that cancels it, and who calls may hold locks: the end runs on a thread of its own.
        ThreadPool.UnsafeQueueUserWorkItem(static uplink => uplink.WakeReader(), this, preferLocal: false);
    }

    private void WakeReader()
    {
        try
        {
            _reader.CancelPendingRead();
        }
        catch (ObjectDisposedException)
        {
            // The reader is through already, which is all that was wanted.
            return;
        }
    }

    private async Task CloseAsync()
    {
        if ((LinkDownReason)_ending == LinkDownReason.Stopped)
        {
            // A publish whose flush is not through yet would take the DISCONNECT with it, and the server would give out the last will.
            lock (_outlet) _outlet.TryWrite(Packets.Disconnect);
            _outlet.Flush();
            await _outlet.SentAsync().WaitAsync(FarewellMax, _options.Time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        bool orderly;
        lock (_outlet) orderly = _outlet.Shut();
        if (!orderly || (LinkDownReason)_ending != LinkDownReason.Stopped) await _stream.DisposeAsync();
        await _outlet.IdleAsync();
        await _reader.CompleteAsync();
        await CompleteWriterAsync();
        await _stream.DisposeAsync();
    }

    /// <summary>Completing a writer writes what is left in it, onto a stream that may be gone.</summary>
    private async ValueTask CompleteWriterAsync()
    {
        try
        {
            await _writer.CompleteAsync();
        }
        catch (Exception gone) when (LinkEndpoint.IsBroken(gone))
        {
            _error ??= gone;
        }
    }
}
