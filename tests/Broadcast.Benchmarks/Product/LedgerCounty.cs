using System.Diagnostics;
using System.Globalization;
using Broadcast.Benchmarks.Measuring;
using Broadcast.Benchmarks.Runs;
using Broadcast.Device;
using Broadcast.Device.Sensing;
using Broadcast.Ledger;
using Broadcast.Rules;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broadcast.Benchmarks.Product;

/// <summary>A ledger with a county of sites, in which each round releases one warning and then says everything that the devices say.</summary>
internal sealed class LedgerCounty : IAsyncDisposable
{
    /// <summary>Two receipts and two readings.</summary>
    public const int MessagesOfADevice = 4;

    private static readonly Region Area = Region.Create("421202000000", RegionLevel.County);
    private static readonly Actor Author = Actor.Of(new PersonId("li-wei"));
    private static readonly Actor Approver = Actor.Of(new PersonId("wang-fang"));
    private readonly LedgerStore _ledger;
    private readonly IReadOnlyList<Target> _targets;
    private long _number;

    private LedgerCounty(LedgerStore ledger, IReadOnlyList<Target> targets) => (_ledger, _targets) = (ledger, targets);

    public static async Task<LedgerCounty> OpenAsync(string connection, string anchors, int devices)
    {
        var ledger = await LedgerStore.OpenAsync(new LedgerOptions(connection, "bench", anchors, new byte[32]), TimeProvider.System, NullLogger.Instance, CancellationToken.None);
        var targets = Enumerable.Range(0, devices).Select(i => new Target(
            new SiteId(FormattableString.Invariant($"s{i}")), new DeviceId(FormattableString.Invariant($"d{i}")),
            Region.Create(string.Create(CultureInfo.InvariantCulture, $"421202{100 + (i / 1000 % 900):D3}{i % 1000:D3}"), RegionLevel.Village))).ToList();
        await ledger.PutSitesAsync([.. targets.Select(t => new Site(t.Site, t.Village, t.Site.Value, 114.3, 29.8))]);
        await ledger.PutDevicesAsync([.. targets.Select(t => new DeviceRecord(t.Device, t.Site, 1, new byte[32], ServiceState.InService))]);
        return new LedgerCounty(ledger, targets);
    }

    /// <summary>Processor time of one device of a warning, in µs: its share of the release, and its messages.</summary>
    public async Task<double> CostAsync()
    {
        var used = ProcessFigures.ProcessorMs(Environment.ProcessId);
        var orders = await ReleaseAsync();
        await SayAsync(orders);
        return (ProcessFigures.ProcessorMs(Environment.ProcessId) - used) * 1000 / orders.Count;
    }

    public async Task<(double Rate, double ProcessorMicroseconds, double ReleaseMs)> RoundAsync()
    {
        var began = Stopwatch.GetTimestamp();
        var orders = await ReleaseAsync();
        var released = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        await Quiet.SettleAsync();
        var used = ProcessFigures.ProcessorMs(Environment.ProcessId);
        began = Stopwatch.GetTimestamp();
        var messages = await SayAsync(orders);
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        return (messages / seconds, (ProcessFigures.ProcessorMs(Environment.ProcessId) - used) * 1000 / messages, released);
    }

    private async Task<int> SayAsync(IReadOnlyList<OrderRecord> orders)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        var waiting = new List<Task>(orders.Count * MessagesOfADevice);
        for (var turn = 0; turn < MessagesOfADevice / 2; turn++)
        {
            _number++;
            foreach (var order in orders)
            {
                var state = turn == 0 ? ReceiptState.Received : ReceiptState.Playing;
                waiting.Add(_ledger.ReceiptAsync(order.Device, new ReceiptRecord(order.Warning, order.Revision, order.Sequence, state, 0, 1, now, ClockQuality.Cloud, _number)).AsTask());
                waiting.Add(_ledger.ReadingAsync(order.Device, new ReadingRecord(_number, now, ClockQuality.Cloud, 300, 12, SensorFault.None, 1_840, SensorFault.None, 12_600)).AsTask());
            }
        }

        await Task.WhenAll(waiting);
        return waiting.Count;
    }

    public ValueTask DisposeAsync() => _ledger.DisposeAsync();

    private async Task<IReadOnlyList<OrderRecord>> ReleaseAsync()
    {
        var now = TimeProvider.System.GetUtcNow();
        var warning = new Warning(
            WarningId.New(TimeProvider.System), 1, OrderKind.Alert, new WarningContent(WarningClass.Actual, WarningLevel.Yellow, "11B03", Bulletin.Text), Broadcast.Rules.Area.Of(Area), Area,
            now, now.AddHours(1), WarningState.Draft, new PersonId("li-wei"), null, now, null);
        await _ledger.AddRevisionAsync(warning, Author);
        await _ledger.MoveAsync(warning.Id, 1, WarningState.Draft, WarningState.Submitted, null, Author, "submit");
        await _ledger.MoveAsync(warning.Id, 1, WarningState.Submitted, WarningState.Approved, new PersonId("wang-fang"), Approver, "approve");
        var request = new ReleaseRequest(warning, [.. _targets.Select(t => new ReleaseTarget(t, OrderKind.Alert))], Author, warning.Id.ToString(), [1]);
        return await _ledger.ReleaseAsync(request) is ReleaseResult.Done done ? done.Orders : throw new InvalidOperationException("The ledger did not release.");
    }
}
