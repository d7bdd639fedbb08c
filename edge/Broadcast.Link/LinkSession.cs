using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Broadcast.Link;

/// <summary>
/// The open connection of one device. Made by the endpoint; the authority sends with it and may end it, from any thread. It is split by
/// direction: this file has its life, <c>LinkSession.Inbound.cs</c> what the device says, <c>LinkSession.Outbound.cs</c> what it is told.
/// </summary>
public sealed partial class LinkSession : IOutletOwner, IScanned, ILinkLine
{
    /// <summary>How much longer than its keep-alive a device may be silent [MQTT-3.1.2-24].</summary>
    public const double SilenceFactor = 1.5;

    private readonly LinkEndpoint _endpoint;
    private readonly ConnectionContext _connection;
    private readonly Outlet _outlet;
    private readonly LastWill? _will;
    private readonly TimeSpan _silenceMax;
    private long _heard;
    private int _closing;
    private Violation _violation;

    internal LinkSession(LinkEndpoint endpoint, ConnectionContext connection, ConnectVerdict verdict, ConnectRequest request)
    {
        _endpoint = endpoint;
        _connection = connection;
        _will = request.Will;
        _silenceMax = request.KeepAlive * SilenceFactor;
        _heard = endpoint.Time.GetTimestamp();
        _rate = new TokenBucket(endpoint.Time.TimestampFrequency, endpoint.Limits.MessagesPerSecond, _heard);
        _outlet = new Outlet(connection.Transport.Output, endpoint.Limits.WriteBufferBytesMax, endpoint.Time, this, endpoint.Aside);
        _publishPrefix = System.Text.Encoding.UTF8.GetBytes(verdict.PublishPrefix);
        _commandTopic = System.Text.Encoding.UTF8.GetBytes(verdict.CommandTopic);
        DeviceId = verdict.DeviceId;
        Epoch = verdict.Epoch;
        KeepAlive = request.KeepAlive;
        ClientId = request.ClientId;
        State = verdict.State;
    }

    /// <summary>The device, as the authority named it.</summary>
    public string DeviceId { get; }

    /// <summary>The fencing epoch, as the authority gave it.</summary>
    public long Epoch { get; }

    /// <summary>The client identifier of the CONNECT; may be empty.</summary>
    public string ClientId { get; }

    /// <summary>The keep-alive that holds; the session is cut after <see cref="SilenceFactor"/> times this without a packet, and at most one second later.</summary>
    public TimeSpan KeepAlive { get; }

    /// <summary>Where the connection comes from, as far as the transport knows.</summary>
    public EndPoint? Remote => _connection.RemoteEndPoint;

    /// <summary>When the last whole packet arrived, by the wall clock as it is now: the silence is measured by the monotonic clock.</summary>
    public DateTimeOffset LastHeard => _endpoint.Time.GetUtcNow() - _endpoint.Time.GetElapsedTime(Volatile.Read(ref _heard));

    /// <summary>The authority's own; the endpoint never looks at it.</summary>
    public object? State { get; set; }

    /// <summary>False from the moment at which the session's end is decided.</summary>
    public bool IsOpen => Volatile.Read(ref _closing) == 0;

    /// <summary>Ends the session; <see cref="ILinkAuthority.Closed"/> follows. The first reason counts, a second call does nothing. Never blocks.</summary>
    /// <param name="reason">What <see cref="LinkClosed.Reason"/> will say; <see cref="LinkCloseReason.None"/> counts as <see cref="LinkCloseReason.ClosedByAuthority"/>.</param>
    public void Close(LinkCloseReason reason)
    {
        if (reason == LinkCloseReason.None) reason = LinkCloseReason.ClosedByAuthority;
        if (Interlocked.CompareExchange(ref _closing, (int)reason, 0) != 0) return;
        lock (_outlet) OpenRoom();
        // Over TLS a cancelled read goes on within the call that cancels it, and who calls may hold locks: the end runs on a thread of its own.
        if (_endpoint.Aside is null) ThreadPool.UnsafeQueueUserWorkItem(static session => session.WakeReader(), this, preferLocal: false);
        else _endpoint.Aside.Schedule(static session => ((LinkSession)session!).WakeReader(), this);
    }

    long IScanned.ScanTicket { get; set; }

    void IScanned.Look(long now)
    {
        if (_endpoint.Time.GetElapsedTime(Volatile.Read(ref _heard), now) > _silenceMax) Close(LinkCloseReason.KeepAliveExpired);
        bool stalled;
        lock (_outlet) stalled = _outlet.IsStalled(now, _endpoint.Limits.WriteStallMax);
        if (stalled) Close(LinkCloseReason.SlowReader);
    }

    void IOutletOwner.Broke(Exception broken) => Close(LinkCloseReason.LinkLost);

    /// <summary>Reads until the session is over, whoever ends it.</summary>
    internal async Task RunAsync()
    {
        // A host that stops asks Kestrel's connections to end, whether or not someone stopped the endpoint first.
        var lifetime = _connection.Features.Get<IConnectionLifetimeNotificationFeature>();
        await using var stopping = lifetime?.ConnectionClosedRequested.UnsafeRegister(
            static session => ((LinkSession)session!).Close(LinkCloseReason.ServerStopping), this) ?? default;
        Announce();
        var input = _connection.Transport.Input;
        while (IsOpen)
        {
            try
            {
                var read = await input.ReadAsync();
                if (!IsOpen) break;
                var rest = read.Buffer;
                var waits = TakePackets(ref rest);
                // What is left over is examined to its end, unless it is only for want of room that it was not taken.
                input.AdvanceTo(rest.Start, waits ? rest.Start : rest.End);
                if (read.IsCompleted && !waits) Close(LinkCloseReason.LinkLost);
                if (waits) await RoomAsync();
            }
            catch (Exception broken) when (LinkEndpoint.IsBroken(broken))
            {
                Close(LinkCloseReason.LinkLost);
            }
        }
        await EndAsync();
    }

    internal void AuthorityFailed(Exception failed)
    {
        if (IsOpen) _endpoint.LogAuthorityFailed(DeviceId, failed);
        Close(LinkCloseReason.AuthorityFailed);
    }

    private void WakeReader()
    {
        try
        {
            _connection.Transport.Input.CancelPendingRead();
        }
        catch (ObjectDisposedException)
        {
            // The reader is through already, which is all that was wanted.
            return;
        }
    }

    private void Announce()
    {
        try
        {
            _endpoint.Authority.Opened(this);
        }
        catch (Exception failed)
        {
            AuthorityFailed(failed);
        }
    }

    private void Violate(Violation violation)
    {
        if (IsOpen) _violation = violation;
        Close(LinkCloseReason.ProtocolViolation);
    }

    private async ValueTask EndAsync()
    {
        var reason = (LinkCloseReason)Volatile.Read(ref _closing);
        bool orderly;
        lock (_outlet) orderly = _outlet.Shut();
        // A DISCONNECT or the device's own end leaves nothing to cut short; everything else must not wait for a peer that may not answer.
        if (!orderly || reason is not (LinkCloseReason.Disconnected or LinkCloseReason.LinkLost)) _connection.Abort(new ConnectionAbortedException(reason.ToString()));
        await _outlet.IdleAsync();
        // What is left will not be sent: whoever completes the writer next, as TLS does, would try, and fail.
        if (!orderly) await _connection.Transport.Output.CompleteAsync(new ConnectionAbortedException(reason.ToString()));
        var violation = reason == LinkCloseReason.ProtocolViolation ? _violation : Violation.None;
        var why = new LinkClosed(reason, violation, LastHeard, reason == LinkCloseReason.Disconnected ? null : _will);
        _endpoint.Ended(this, why);
        try
        {
            _endpoint.Authority.Closed(this, why);
        }
        catch (Exception failed)
        {
            _endpoint.LogAuthorityFailed(DeviceId, failed);
        }
    }
}
