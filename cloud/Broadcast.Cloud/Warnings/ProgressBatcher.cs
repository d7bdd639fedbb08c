using System.Collections.Concurrent;
using Broadcast.Rules;

namespace Broadcast.Cloud.Warnings;

/// <summary>Tells warning grains that something of theirs has changed, at most once a beat however many receipts came in.</summary>
public sealed partial class ProgressBatcher(IGrainFactory grains, TimeProvider clock, ILogger<ProgressBatcher> log) : BackgroundService
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
                if (_changed.TryRemove(warning, out _)) await TellAsync(warning, stoppingToken);
            }
        }
    }

    /// <summary>A mark that is lost costs a watcher a second; what escaped from here would end the process.</summary>
    private async Task TellAsync(WarningId warning, CancellationToken stopping)
    {
        try
        {
            await grains.GetGrain<IWarningGrain>(warning.ToString()).Changed();
        }
        catch (Exception e) when (!stopping.IsCancellationRequested)
        {
            LogNotTold(log, warning, e);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The watchers of {Warning} could not be told of a change.")]
    private static partial void LogNotTold(ILogger log, WarningId warning, Exception e);
}
