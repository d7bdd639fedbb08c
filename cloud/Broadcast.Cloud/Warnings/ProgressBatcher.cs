using System.Collections.Concurrent;
using Broadcast.Rules;

namespace Broadcast.Cloud.Warnings;

/// <summary>Tells warning grains that something of theirs has changed, at most once a beat however many receipts came in.</summary>
public sealed class ProgressBatcher(IGrainFactory grains, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(50); // Under what an eye notices in a progress bar.
    private readonly ConcurrentDictionary<WarningId, bool> _changed = new();

    public void Changed(WarningId warning) => _changed[warning] = true;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var beat = new PeriodicTimer(Beat, clock);
        while (await beat.WaitForNextTickAsync(stoppingToken))
        {
            foreach (var (warning, _) in _changed)
            {
                if (_changed.TryRemove(warning, out _)) await grains.GetGrain<IWarningGrain>(warning.ToString()).Changed();
            }
        }
    }
}
