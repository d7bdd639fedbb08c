namespace Broadcast.Link;

/// <summary>
/// MQTT 3.1.1 as a device speaks it: clean sessions, QoS 1, one connection at a time, for ever. Made to be had by the thousand in one
/// process: no thread, and no timer but during a wait for the next attempt; one scan looks after all clients on the same clock.
/// </summary>
public sealed class LinkClient : IAsyncDisposable
{
    private readonly LinkClientOptions _options;
    private readonly ILinkClientHandler _handler;
    private readonly CancellationTokenSource _disposed = new();
    private volatile Uplink? _uplink;
    private Task _running = Task.CompletedTask;

    /// <summary>Makes a client that is not connected; <see cref="RunAsync"/> connects it.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public LinkClient(LinkClientOptions options, ILinkClientHandler handler)
    {
        options.Validate();
        _options = options;
        _handler = handler;
    }

    /// <summary>The options it was made with.</summary>
    public LinkClientOptions Options => _options;

    /// <summary>Between <see cref="ILinkClientHandler.Up"/> and <see cref="ILinkClientHandler.Down"/>.</summary>
    public bool IsUp => _uplink is not null;

    /// <summary>The owner's own; the client never looks at it.</summary>
    public object? State { get; set; }

    /// <summary>Connects, and connects again after every end, until <paramref name="ct"/>; then says DISCONNECT and returns. To be called once.</summary>
    public Task RunAsync(CancellationToken ct) => _running = RunUntilAsync(ct);

    /// <summary>
    /// Publishes with QoS 1. Never blocks, never throws for what happens on the link; callable from any thread.
    /// </summary>
    /// <param name="topic">A topic name that the server lets this client publish to; no wildcards.</param>
    /// <param name="payload">Copied before this returns.</param>
    /// <param name="token">Comes back with <see cref="ILinkClientHandler.Acknowledged"/>.</param>
    public SendOutcome TryPublish(string topic, ReadOnlyMemory<byte> payload, int token) =>
        _uplink?.TryPublish(topic, payload.Span, token) ?? SendOutcome.Closed;

    /// <summary>Breaks the connection as a lost network does, without a DISCONNECT: for simulated power cuts. The client then connects again.</summary>
    public void Cut() => _uplink?.Cut();

    /// <summary>Whether the server answers on another way, with its certificate; the connection that is up is not touched.</summary>
    public Task<bool> ProbeAsync(LinkPath path, CancellationToken ct) => Dialer.IsOpenAsync(path, _options, ct);

    /// <summary>Ends <see cref="RunAsync"/> and waits for it.</summary>
    public async ValueTask DisposeAsync()
    {
        await _disposed.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _disposed.Dispose();
    }

    private async Task RunUntilAsync(CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct, _disposed.Token);
        var backOff = new BackOff(_options.BackOffMin, _options.BackOffMax, _options.Random);
        while (!stop.IsCancellationRequested)
        {
            if (await ConnectOnceAsync(stop.Token)) backOff.Reset();
            if (stop.IsCancellationRequested) break;
            await Task.Delay(backOff.Next(), _options.Time, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>True when the connection came up, however it ended.</summary>
    private async Task<bool> ConnectOnceAsync(CancellationToken ct)
    {
        var attempt = await TryAsync(ct);
        if (attempt.Uplink is null)
        {
            if (!ct.IsCancellationRequested) _handler.Failed(this, attempt.Why);
            return false;
        }
        _uplink = attempt.Uplink;
        var why = await attempt.Uplink.RunAsync(ct);
        _uplink = null;
        _handler.Down(this, why);
        return true;
    }

    // A device that gives up for good is silent until somebody drives there: whatever an attempt ends with, the next one follows.
    private async Task<Dialer.Attempt> TryAsync(CancellationToken ct)
    {
        try
        {
            return await Dialer.ConnectAsync(this, _options, _handler, ct);
        }
        catch (Exception failed)
        {
            return new Dialer.Attempt(null, new LinkDown(LinkDownReason.Unreachable, Error: failed));
        }
    }
}
