using System.Threading.Channels;
using Broadcast.Cloud.Warnings;
using Broadcast.Ledger;
using Broadcast.Rules;

namespace Broadcast.Cloud.Link;

/// <summary>
/// Finds what each device that says hello has forgotten, and gives it what the ledger owes it. One reader asks for many devices at once,
/// so that the storm after a restart costs a few queries and not thousands.
/// </summary>
public sealed partial class OwedOrders(LedgerStore ledger, OrderSender sender, TimeProvider clock, ILogger<OwedOrders> log) : BackgroundService
{
    private const int DevicesAtOnceMax = 500;
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);

    // Bounded by the sessions that exist, each asking at its hello and at each sweep while it is owed something; the link limits the rate of hellos.
    private readonly Channel<Asking> _asking = Channel.CreateUnbounded<Asking>(new UnboundedChannelOptions { SingleReader = true });

    /// <summary>Gives it what it is owed, soon.</summary>
    public void Ask(LiveDevice device) => _asking.Writer.TryWrite(new Asking(device, default, null));

    /// <summary>Queues again what the device has forgotten, by the high-water mark of its session's first hello; done when the ledger has it. Before the device is handed anything.</summary>
    public Task LookAsync(LiveDevice device, long highWater)
    {
        var looked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _asking.Writer.TryWrite(new Asking(device, new HelloMark(device.Id, highWater), looked)) ? looked.Task : Task.FromCanceled(new CancellationToken(canceled: true));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var (hellos, owed) = (new List<Asking>(DevicesAtOnceMax), new List<LiveDevice>(DevicesAtOnceMax));
        try
        {
            while (await _asking.Reader.WaitToReadAsync(stoppingToken))
            {
                while (hellos.Count + owed.Count < DevicesAtOnceMax && _asking.Reader.TryRead(out var asking))
                {
                    if (asking.Looked is null) owed.Add(asking.Device);
                    else hellos.Add(asking);
                }

                await LookAsync(hellos, stoppingToken);
                if (owed.Count > 0) await TryGiveAsync(owed, stoppingToken);
                hellos.Clear();
                owed.Clear();
            }
        }
        finally
        {
            _asking.Writer.TryComplete();
            while (_asking.Reader.TryRead(out var left)) left.Looked?.TrySetCanceled(CancellationToken.None);
        }
    }

    private async Task LookAsync(List<Asking> hellos, CancellationToken ct)
    {
        if (hellos.Count == 0) return;
        try
        {
            await ledger.ForgottenAsync(hellos.ConvertAll(h => h.Mark), ct);
            foreach (var hello in hellos) hello.Looked!.TrySetResult();
        }
        catch (Exception e)
        {
            foreach (var hello in hellos) hello.Looked!.TrySetException(e); // Their sessions end, and they say hello again.
        }
    }

    private async Task TryGiveAsync(List<LiveDevice> devices, CancellationToken ct)
    {
        try
        {
            await GiveAsync(devices, ct);
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            LogFailed(log, devices.Count, e); // They are owed it still: ask again.
            await Task.Delay(AfterFailure, clock, ct);
            foreach (var device in devices) Ask(device);
        }
    }

    private async Task GiveAsync(List<LiveDevice> devices, CancellationToken ct)
    {
        var byId = new Dictionary<DeviceId, LiveDevice>(devices.Count);
        foreach (var device in devices)
        {
            if (byId.GetValueOrDefault(device.Id) is not { } other || other.Epoch < device.Epoch) byId[device.Id] = device; // A sweep may name the session that has just been taken over.
        }

        var owed = await ledger.OwedOrdersAsync([.. byId.Keys], clock.GetUtcNow(), ct);
        var forms = new OrderForms();
        await sender.SendAsync([.. owed.SelectMany(d => d.Value.Select(o => new OutgoingOrder(byId[d.Key], forms.Of(o.Revision, o.Order.Kind, o.Order.Expires), o.Order.Sequence)))]);
    }

    /// <param name="Looked">Done when what the device has forgotten is queued again; null where it asks for what it is owed.</param>
    private readonly record struct Asking(LiveDevice Device, HelloMark Mark, TaskCompletionSource? Looked);

    [LoggerMessage(Level = LogLevel.Error, Message = "What {Count} devices are owed could not be read; asking again.")]
    private static partial void LogFailed(ILogger log, int count, Exception e);
}
