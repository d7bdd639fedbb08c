using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;

namespace Broadcast.Edge.Service;

/// <summary>
/// Opens what listens on the site's network. An address may come after the gateway (DHCP, a cable): a door that cannot be opened is a named
/// fault and is tried again; sound, sensors and alarms never wait for it.
/// </summary>
internal sealed partial class SiteDoors(TimeProvider time, ILogger<SiteDoors> logger) : IAsyncDisposable
{
    private static readonly TimeSpan RetryEvery = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, string> _shut = new();
    private readonly ConcurrentBag<Task> _retries = [];
    private readonly CancellationTokenSource _stop = new();

    /// <summary>Set by who reports faults.</summary>
    public Action Changed { get; set; } = () => { };

    public bool IsAnyShut => !_shut.IsEmpty;

    /// <summary>Which doors are shut, and why.</summary>
    public IEnumerable<string> Faults => _shut.Select(door => $"{door.Key}: {door.Value}");

    /// <summary>Tries once, and then in the background until it works.</summary>
    public async Task OpenAsync(string name, Func<CancellationToken, Task> open, CancellationToken ct)
    {
        if (!await TryAsync(name, open, ct)) _retries.Add(RetryAsync(name, open));
    }

    /// <summary>No more tries; none is under way when this returns.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_retries);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private async Task RetryAsync(string name, Func<CancellationToken, Task> open)
    {
        using var timer = new PeriodicTimer(RetryEvery, time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
                if (await TryAsync(name, open, _stop.Token)) return;
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            return; // The gateway ends.
        }
    }

    private async Task<bool> TryAsync(string name, Func<CancellationToken, Task> open, CancellationToken ct)
    {
        try
        {
            await open(ct);
            if (_shut.TryRemove(name, out _)) Changed();
            return true;
        }
        // An address that is not on this machine is a SocketException, one that is taken an IOException.
        catch (Exception failed) when (failed is IOException or SocketException or UnauthorizedAccessException or InvalidDataException or CryptographicException)
        {
            if (_shut.TryGetValue(name, out var why) && why == failed.Message) return false;
            _shut[name] = failed.Message;
            LogShut(name, failed.Message);
            Changed();
            return false;
        }
    }

    [LoggerMessage(1, LogLevel.Error, "{Door} cannot be opened, and is tried again: {Why}")]
    private partial void LogShut(string door, string why);
}
