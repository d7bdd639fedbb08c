using Broadcast.Device;
using Broadcast.Edge.Audio;
using Microsoft.Extensions.Logging;

namespace Broadcast.Edge.Recordings;

/// <summary>
/// The recordings that orders name: fetched as soon as an order is taken, tried again until the order is over, decoded once, and given
/// to playbacks as samples. Whatever goes wrong here is a named fault and a text that is said instead.
/// </summary>
internal sealed partial class RecordingShelf(RecordingCache cache, RecordingFetcher fetcher, RecordingDecoder decoder, TimeProvider time, ILogger<RecordingShelf> logger) : IDisposable
{
    /// <summary>Recordings that are wanted at once: more than the core's queue holds.</summary>
    private const int WishesMax = 2 * Limits.QueueOrdersMax;

    /// <summary>Downloads at once: the next warning's recording does not wait behind a programme's.</summary>
    private const int LinesMax = 2;

    /// <summary>How often the cloud may send something else than was asked before the recording is given up.</summary>
    private const int WrongMax = 3;

    private static readonly TimeSpan RetryFirst = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryMax = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Wish> _wishes = [];
    private readonly SemaphoreSlim _lines = new(LinesMax, LinesMax);
    private readonly CancellationTokenSource _closing = new();

    /// <summary>Set by the gateway: the device's wall time in UTC milliseconds, 0 when unknown.</summary>
    public Func<long> WallMs { get; set; } = () => 0;

    /// <summary>Set by the gateway: told when <see cref="Fault"/> changes; any thread.</summary>
    public Action Changed { get; set; } = () => { };

    /// <summary>What went wrong with the last recording; empty when it is here.</summary>
    public string Fault { get; private set; } = "";

    /// <summary>Begins to fetch what the order names, unless it is here or on its way. Any thread; returns at once.</summary>
    public void Fetch(Order order)
    {
        if (!Has(order)) _ = Wanted(order); // It tells its own faults.
    }

    /// <summary>Whether the recording of an order is on the disk.</summary>
    public bool Has(Order order) => cache.Has(NameOf(order));

    /// <summary>The recording as samples: growing until it was fetched and read, then complete at once; failed where it cannot be had.</summary>
    public Speech Begin(Order order, CancellationToken stop)
    {
        var speech = new Speech();
        _ = Task.Run(() => LoadAsync(order, speech, stop), CancellationToken.None);
        return speech;
    }

    public void Dispose()
    {
        _closing.Cancel();
        _closing.Dispose();
        _lines.Dispose();
    }

    private async Task LoadAsync(Order order, Speech speech, CancellationToken stop)
    {
        try
        {
            var name = NameOf(order);
            var samples = await cache.LoadAsync(name, stop);
            if (samples is null && await Wanted(order).WaitAsync(stop)) samples = await cache.LoadAsync(name, stop);
            if (samples is null) speech.Fail(Fault);
            else speech.Give(samples);
        }
        catch (OperationCanceledException)
        {
            speech.Fail("stopped");
        }
        catch (IOException failed)
        {
            Tell($"the disk: {failed.Message}");
            speech.Fail(failed.Message);
        }
    }

    private Task<bool> Wanted(Order order)
    {
        lock (_gate)
        {
            var name = NameOf(order);
            if (!_wishes.TryGetValue(name, out var wish))
            {
                if (_wishes.Count >= WishesMax) return Task.FromResult(false);
                _wishes.Add(name, wish = new Wish());
                wish.Coming = Task.Run(() => FetchUntilAsync(order.Audio, name, wish, _closing.Token), CancellationToken.None);
            }
            wish.UntilMs = Math.Max(wish.UntilMs, order.ExpiresMs);
            return wish.Coming;
        }
    }

    private async Task<bool> FetchUntilAsync(byte[] audio, string name, Wish wish, CancellationToken ct)
    {
        try
        {
            var (wrong, pause) = (0, RetryFirst);
            while (true)
            {
                var (outcome, why) = await FetchOnceAsync(audio, name, ct);
                Tell(outcome == FetchOutcome.Fetched ? "" : $"recording {name[..8]}: {why}");
                if (outcome == FetchOutcome.Fetched) return true;
                if (outcome is (FetchOutcome.Wrong or FetchOutcome.Missing) && ++wrong >= WrongMax) return false;
                if (WallMs() + pause.TotalMilliseconds > wish.UntilMs) return false;
                await Task.Delay(pause, time, ct);
                pause = pause * 2 < RetryMax ? pause * 2 : RetryMax;
            }
        }
        catch (OperationCanceledException)
        {
            return false; // The gateway stops; the part on the disk is where the next start goes on.
        }
        finally
        {
            lock (_gate) _wishes.Remove(name);
        }
    }

    private async Task<(FetchOutcome Outcome, string Why)> FetchOnceAsync(byte[] audio, string name, CancellationToken ct)
    {
        await _lines.WaitAsync(ct);
        try
        {
            var part = cache.PartOf(name);
            var (outcome, why) = await fetcher.TryAsync(audio, part, WallMs(), ct);
            if (outcome != FetchOutcome.Fetched) return (outcome, why);
            await cache.StoreAsync(name, await decoder.DecodeAsync(part, ct), ct);
            File.Delete(part);
            LogFetched(name);
            return (FetchOutcome.Fetched, "");
        }
        catch (InvalidDataException unreadable)
        {
            return (FetchOutcome.Wrong, unreadable.Message);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            return (FetchOutcome.Broken, $"the disk: {failed.Message}");
        }
        finally
        {
            _lines.Release();
        }
    }

    private void Tell(string fault)
    {
        if (fault == Fault) return;
        Fault = fault;
        if (fault.Length > 0) LogFault(fault);
        Changed();
    }

    private static string NameOf(Order order) => Convert.ToHexStringLower(order.Audio);

    private sealed class Wish
    {
        public Task<bool> Coming { get; set; } = Task.FromResult(false);

        /// <summary>When the last order that names it is over.</summary>
        public long UntilMs { get; set; }
    }

    [LoggerMessage(1, LogLevel.Information, "recording {Name} is here")]
    private partial void LogFetched(string name);

    [LoggerMessage(2, LogLevel.Warning, "No recording, the text is said instead: {Fault}")]
    private partial void LogFault(string fault);
}
