using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace Broadcast.Link;

/// <summary>
/// MQTT 3.1.1 for devices, on Kestrel's connections: <c>listenOptions.UseLink(endpoint, certificate)</c>, or
/// <c>UseHttps(...)</c> and <c>UseConnectionHandler&lt;LinkEndpoint&gt;()</c>. It is no broker: a device talks to the authority and to
/// nobody else. docs/mqtt.md says clause by clause what is kept of the standard.
/// </summary>
public sealed partial class LinkEndpoint : ConnectionHandler, IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, LinkSession> _byDevice = new(StringComparer.Ordinal);
    private readonly Scan _scan;
    private readonly ILogger _logger;
    private readonly object _gate = new();
    private readonly Door _door;
    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _connections;
    private bool _stopping;

    /// <summary>Makes an endpoint; it listens nowhere before Kestrel hands it a connection.</summary>
    /// <param name="authority">Asked about every device.</param>
    /// <param name="limits">The bounds.</param>
    /// <param name="time">Every deadline goes by its timestamps, <see cref="LinkSession.LastHeard"/> by its wall clock.</param>
    /// <param name="logger">Hears of refusals and violations, bounded by the rate of connections; never of message content.</param>
    /// <exception cref="ArgumentException">Two limits contradict one another.</exception>
    public LinkEndpoint(ILinkAuthority authority, LinkLimits limits, TimeProvider time, ILogger<LinkEndpoint> logger)
    {
        limits.CheckRelations();
        Authority = authority;
        Limits = limits;
        Time = time;
        _logger = logger;
        _scan = new Scan(time);
        _door = new Door(limits, time.TimestampFrequency, time.GetTimestamp());
    }

    /// <summary>The bounds in force.</summary>
    public LinkLimits Limits { get; }

    /// <summary>What has happened so far.</summary>
    public LinkCounters Counters { get; } = new();

    /// <summary>Devices with an open session.</summary>
    public int Count => _byDevice.Count;

    /// <summary>Connections, half-open ones too.</summary>
    public int ConnectionCount => Volatile.Read(ref _connections);

    internal ILinkAuthority Authority { get; }

    internal TimeProvider Time { get; }

    /// <summary>Where what must not run in its caller runs; null for the pool. A simulation has one thread, and its order is the seed's.</summary>
    internal PipeScheduler? Aside { get; init; }

    /// <summary>The open session of a device. It may end at any moment, so what counts is what <see cref="LinkSession.TrySend"/> answers.</summary>
    public bool TryGet(string deviceId, [MaybeNullWhen(false)] out LinkSession session) => _byDevice.TryGetValue(deviceId, out session);

    /// <summary>Kestrel's call for a connection that has not been through <see cref="LinkListening.UseLink"/>.</summary>
    public override Task OnConnectedAsync(ConnectionContext connection) => AdmitAsync(connection, ServeAsync);

    /// <summary>Refuses new connections, closes every session and waits until the authority has heard of each. A host that stops without it
    /// ends the sessions too, but lets Kestrel choose the moment.</summary>
    /// <param name="ct">Ends the wait, not the closing.</param>
    public async Task StopAsync(CancellationToken ct)
    {
        lock (_gate)
        {
            _stopping = true;
            if (_connections == 0) _empty.TrySetResult();
        }
        foreach (var (_, session) in _byDevice) session.Close(LinkCloseReason.ServerStopping);
        // The half-open ones see for themselves that it is over.
        _scan.LookAtAll();
        await _empty.Task.WaitAsync(ct);
        _scan.Dispose();
    }

    /// <summary><see cref="StopAsync"/>, without a limit of time.</summary>
    public async ValueTask DisposeAsync() => await StopAsync(CancellationToken.None);

    /// <summary>Counts the connection in and out, or closes it at the door.</summary>
    internal async Task AdmitAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        if (!TryEnter(connection))
        {
            Counters.CountTurnedAway();
            connection.Abort(new ConnectionAbortedException("too many connections"));
            return;
        }
        try
        {
            await next(connection);
        }
        finally
        {
            Leave();
        }
    }

    internal void Ended(LinkSession session, LinkClosed why)
    {
        _scan.Remove(session);
        // Only this very session: a newer one of the same device stays.
        _byDevice.TryRemove(new KeyValuePair<string, LinkSession>(session.DeviceId, session));
        Counters.CountClosed(why);
        if (why.Reason is LinkCloseReason.ProtocolViolation) LogViolation(session.DeviceId, why.Violation);
        else LogClosed(session.DeviceId, session.Epoch, why.Reason);
    }

    /// <summary>What a transport throws when the other side is gone, or this side has given up on it.</summary>
    internal static bool IsBroken(Exception thrown) =>
        thrown is IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException;

    private bool TryEnter(ConnectionContext connection)
    {
        lock (_gate)
        {
            if (_stopping || !_door.TryEnter(connection.RemoteEndPoint, _connections, Time.GetTimestamp())) return false;
            _connections++;
            return true;
        }
    }

    private void Leave()
    {
        lock (_gate)
        {
            _connections--;
            if (_stopping && _connections == 0) _empty.TrySetResult();
        }
    }

    /// <summary>Puts the session in its device's place. False where a newer one of the same device is there.</summary>
    private bool TryRegister(LinkSession session)
    {
        while (true)
        {
            if (_byDevice.TryAdd(session.DeviceId, session)) return true;
            if (!_byDevice.TryGetValue(session.DeviceId, out var present)) continue;
            if (present.Epoch > session.Epoch) return false;
            if (!_byDevice.TryUpdate(session.DeviceId, session, present)) continue;
            present.Close(LinkCloseReason.TakenOver);
            return true;
        }
    }
}
