using System.Collections.Concurrent;
using Broadcast.Device;
using Broadcast.Ledger;
using Broadcast.Rules;

namespace Broadcast.Cloud.Monitoring;

/// <summary>Keeps the newest self-report of each device and writes them to the ledger together: only the last one counts, so a lost write costs a report interval.</summary>
public sealed partial class ReportBuffer(LedgerStore ledger, TimeProvider clock, ILogger<ReportBuffer> log) : BackgroundService
{
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(5);
    private readonly ConcurrentDictionary<DeviceId, Report> _newest = new();

    public void Put(DeviceId device, Report report) => _newest[device] = report;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var beat = new PeriodicTimer(Beat, clock);
        while (await beat.WaitForNextTickAsync(stoppingToken))
        {
            var batch = new List<DeviceReport>();
            foreach (var (device, _) in _newest)
            {
                if (_newest.TryRemove(device, out var report)) batch.Add(new DeviceReport(device, clock.GetUtcNow(), report.Encode()));
            }

            if (batch.Count == 0) continue;
            try
            {
                await ledger.PutReportsAsync(batch, stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                LogFailed(log, batch.Count, e); // The next reports bring the same news.
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} device reports could not be kept.")]
    private static partial void LogFailed(ILogger log, int count, Exception e);
}
