using System.Threading.Channels;
using Broadcast.Cloud.Warnings;
using Broadcast.Ledger;
using Broadcast.Rules;

namespace Broadcast.Cloud.Link;

/// <summary>
/// Gives each device that has just said hello what the ledger owes it. One reader asks for many devices at once,
/// so that the storm after a restart costs a few queries and not thousands.
/// </summary>
public sealed partial class OwedOrders(LedgerStore ledger, OrderSender sender, TimeProvider clock, ILogger<OwedOrders> log) : BackgroundService
{
    private const int DevicesAtOnceMax = 500;
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);

    // Bounded by the sessions that exist, each asking at its hello and at each sweep while it is owed something; the link limits the rate of hellos.
    private readonly Channel<LiveDevice> _asking = Channel.CreateUnbounded<LiveDevice>(new UnboundedChannelOptions { SingleReader = true });

    public void Ask(LiveDevice device) => _asking.Writer.TryWrite(device);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var batch = new List<LiveDevice>(DevicesAtOnceMax);
        while (await _asking.Reader.WaitToReadAsync(stoppingToken))
        {
            while (batch.Count < DevicesAtOnceMax && _asking.Reader.TryRead(out var device)) batch.Add(device);
            try
            {
                await GiveAsync(batch, stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(log, batch.Count, e); // They are owed it still: ask again.
                await Task.Delay(AfterFailure, clock, stoppingToken);
                foreach (var device in batch) Ask(device);
            }

            batch.Clear();
        }
    }

    private async Task GiveAsync(List<LiveDevice> devices, CancellationToken ct)
    {
        var byId = new Dictionary<DeviceId, LiveDevice>(devices.Count);
        foreach (var device in devices) byId[device.Id] = device;
        var owed = await ledger.OwedOrdersAsync([.. byId.Keys], clock.GetUtcNow(), ct);
        var forms = new OrderForms();
        await sender.SendAsync([.. owed.SelectMany(d => d.Value.Select(o => new OutgoingOrder(byId[d.Key], forms.Of(o.Revision, o.Order.Kind, o.Order.Expires), o.Order.Sequence)))]);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "What {Count} devices are owed could not be read; asking again.")]
    private static partial void LogFailed(ILogger log, int count, Exception e);
}
