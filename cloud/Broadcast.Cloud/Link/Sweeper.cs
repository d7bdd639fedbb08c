using Broadcast.Cloud.Settings;
using Broadcast.Cloud.Townships;
using Broadcast.Cloud.Warnings;
using Broadcast.Ledger;
using Broadcast.Rules;

namespace Broadcast.Cloud.Link;

/// <summary>
/// What must happen although nobody asks: unanswered orders go out again, what ran out is marked expired, ended warnings are closed,
/// last words heard are noted, and this node says that it is there. Each round is idempotent; a failed one is made up by the next.
/// </summary>
public sealed partial class Sweeper(
    LedgerStore ledger, NodeSessions sessions, ProgressBatcher progress, IGrainFactory grains, LinkCounts counters, OwedOrders owed, SentNotes notes, Sites.NodeCustody custody,
    TownshipDesk townships, SettingsDesk settings,
    CloudOptions options, TimeProvider clock, ILogger<Sweeper> log) : BackgroundService
{
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan HeardEvery = TimeSpan.FromSeconds(15); // A sixth of the silence that ends presence: what a crash forgets is small.
    private static readonly TimeSpan OwedEvery = TimeSpan.FromSeconds(10); // Only for a hand-on that was lost; the hello and the retry do the rest, and a session drops what it has already.
    private static readonly TimeSpan PruneEvery = TimeSpan.FromMinutes(1); // 5,000 a minute are what 25,000 sites say at one reading in five minutes.
    private static readonly TimeSpan PruneSessionsEvery = TimeSpan.FromHours(1); // Each device is looked at; one that reconnects every second adds 3,600 meanwhile.
    private static readonly TimeSpan ReadingsKept = TimeSpan.FromDays(366); // A flood season is compared with the last one.
    private static readonly TimeSpan CustodyEvery = TimeSpan.FromMinutes(1); // Only where another node might have changed a device and could not say so here.
    private const int PrunedAtOnceMax = 5_000;
    private const int ExpiredAtOnceMax = 5_000;

    private readonly Dictionary<DeviceId, DateTimeOffset> _noted = [];
    private readonly CautiousClock _cautious = new(clock);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Round, clock);
        for (var round = 0L; await timer.WaitForNextTickAsync(stoppingToken); round++)
        {
            await GuardAsync("retry", RetryAsync, stoppingToken);
            await GuardAsync("expire", () => ExpireAsync(stoppingToken), stoppingToken);
            if (round % (long)NodesGrain.HereEvery.TotalSeconds == 0) await GuardAsync("here", HereAsync, stoppingToken);
            if (round % (long)HeardEvery.TotalSeconds == 0) await GuardAsync("heard", () => HeardAsync(stoppingToken), stoppingToken);
            if (round % (long)PruneEvery.TotalSeconds == 0) await GuardAsync("prune", () => ledger.PruneReadingsAsync(clock.GetUtcNow() - ReadingsKept, PrunedAtOnceMax, stoppingToken), stoppingToken);
            if (round % (long)PruneSessionsEvery.TotalSeconds == 0) await GuardAsync("prune", () => ledger.PruneSessionsAsync(PrunedAtOnceMax, stoppingToken), stoppingToken);
            if (options.Ledger != "sqlite" && round % (long)CustodyEvery.TotalSeconds == 0) await GuardAsync("custody", custody.LookAsync, stoppingToken);
            if (round % (long)OwedEvery.TotalSeconds == 0) await GuardAsync("owed", () => OwedAsync(stoppingToken), stoppingToken);
        }
    }

    private async Task GuardAsync(string what, Func<Task> act, CancellationToken stopping)
    {
        try
        {
            await act();
        }
        catch (Exception e) when (!stopping.IsCancellationRequested)
        {
            LogFailed(log, what, e); // The next round tries again.
        }
    }

    private async Task RetryAsync()
    {
        Action<LiveDevice, long> taken = notes.Taken; // One for all: thousands of devices are asked every second, and nearly none has anything.
        foreach (var device in sessions.All) counters.Retried(device.Retry(taken));
        foreach (var device in sessions.All) // Behind all retries: this one asks the ledger, and may wait for it.
        {
            if (device.TakeMissed() && !await TrySayAgainAsync(device)) return;
        }
    }

    /// <summary>What fails is said in a later round. False where the ledger is away: the others would only wait for it as well.</summary>
    private async Task<bool> TrySayAgainAsync(LiveDevice device)
    {
        try
        {
            await townships.SayAgainAsync(device);
            await settings.SayAgainAsync(device);
            return true;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            device.Missed();
            LogNotSaidAgain(log, device.Id.Value, e);
            return e is not LedgerUnavailableException;
        }
    }

    private async Task ExpireAsync(CancellationToken ct)
    {
        var now = _cautious.Now();
        if (!await ledger.HasRunOutAsync(now, ct)) return;
        foreach (var moved in await ledger.ExpireAsync(now, ExpiredAtOnceMax, ct))
        {
            progress.Changed(moved.Warning);
            if (OrderLife.IsOwed(moved.To) && sessions.Find(moved.Device) is { } device) owed.Ask(device);
        }

        foreach (var ended in await ledger.EndAsync(now, ct)) progress.Changed(ended);
    }

    private async Task HereAsync()
    {
        await grains.GetGrain<INodeGrain>(options.Node).Hold();
        await grains.GetGrain<INodesGrain>(INodesGrain.Key).Here(options.Node);
    }

    private async Task HeardAsync(CancellationToken ct)
    {
        var heard = new List<(DeviceId, long, DateTimeOffset)>();
        foreach (var device in sessions.All)
        {
            var last = device.Session.LastHeard;
            if ((last - _noted.GetValueOrDefault(device.Id)).Duration() < Round) continue; // Either way: a clock that is put back must not put this off.
            _noted[device.Id] = last;
            heard.Add((device.Id, device.Epoch, last));
        }

        if (heard.Count > 0) await ledger.HeardAsync(heard, ct);
    }

    private async Task OwedAsync(CancellationToken ct)
    {
        foreach (var id in await ledger.OwingDevicesAsync(clock.GetUtcNow(), clock.GetUtcNow() - Dispatch.FirstRetry, ct))
        {
            if (sessions.Find(id) is { } device) owed.Ask(device);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "What {Device} did not take could not be said again; a later round tries again.")]
    private static partial void LogNotSaidAgain(ILogger log, string device, Exception e);

    [LoggerMessage(Level = LogLevel.Error, Message = "The round '{What}' failed; the next one tries again.")]
    private static partial void LogFailed(ILogger log, string what, Exception e);
}
