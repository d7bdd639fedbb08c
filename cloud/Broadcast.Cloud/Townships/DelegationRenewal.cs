using Broadcast.Ledger;

namespace Broadcast.Cloud.Townships;

/// <summary>Gives Pis that are here new delegated keys once a day, so that one whose uplink is cut has nearly all of their life left.</summary>
public sealed partial class DelegationRenewal(LedgerStore ledger, TownshipDesk desk, TimeProvider clock, ILogger<DelegationRenewal> log) : BackgroundService
{
    private static readonly TimeSpan Look = TimeSpan.FromMinutes(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Look, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                foreach (var pi in await ledger.DelegationsExpiringAsync(clock.GetUtcNow() + TownshipDesk.RenewedBelow, stoppingToken)) await desk.RenewAsync(pi, stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(log, e); // The next look tries again; there are days.
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Delegated keys could not be renewed; the next round tries again.")]
    private static partial void LogFailed(ILogger log, Exception e);
}
