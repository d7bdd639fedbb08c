using System.Diagnostics;
using Broadcast.Device;

namespace Broadcast.Ledger.Tests;

/// <summary>Figures for docs/ledger.md. They depend on the machine and what else it does, so they assert nothing and run only when asked for.</summary>
public sealed class Measurements(ITestOutputHelper output)
{
    public static TheoryData<Database> Both => TestLedger.Both;

    [Theory(Explicit = true), MemberData(nameof(Both))]
    public async Task Receipts_a_second_and_milliseconds_of_a_release(Database database)
    {
        const int Devices = 9_000;
        await using var ledger = await TestLedger.OpenAsync(database);
        var targets = await ledger.CountyAsync(Devices);
        await ledger.ReleasedAsync(targets.Take(100), key: "warm");
        var warning = await ledger.ApprovedAsync();
        var watch = Stopwatch.StartNew();
        var done = (await ledger.Store.ReleaseAsync(TestLedger.Request(warning, targets))).ShouldBeOfType<ReleaseResult.Done>();
        output.WriteLine($"{database}: release of {Devices} targets {watch.ElapsedMilliseconds} ms");

        var receipts = new List<DeviceReceipt>();
        foreach (var (state, number) in new[] { (ReceiptState.Received, 1L), (ReceiptState.Playing, 2L), (ReceiptState.Played, 3L) })
            receipts.AddRange(done.Orders.Select(o => new DeviceReceipt(o.Device, ledger.Receipt(o, state, number))));
        watch.Restart();
        await Task.WhenAll(receipts.Take(Devices).Select(r => ledger.Store.ReceiptAsync(r.Device, r.Receipt)));
        output.WriteLine($"{database}: {Devices} receipts, each its own call: {Devices / watch.Elapsed.TotalSeconds:0}/s");
        watch.Restart();
        await Task.WhenAll(receipts.Skip(Devices).Chunk(256).Select(c => ledger.Store.ReceiptsAsync(c)));
        output.WriteLine($"{database}: {2 * Devices} receipts in batches of 256: {2 * Devices / watch.Elapsed.TotalSeconds:0}/s");
        watch.Restart();
        await Task.WhenAll(targets.Select(t => ledger.Store.OpenSessionAsync(t.Device, "node-a", ledger.Now)));
        output.WriteLine($"{database}: {Devices} sessions opened at once: {watch.ElapsedMilliseconds} ms");
        await ledger.ReleasedAsync(targets, key: "again");
        watch.Restart();
        (await ledger.Store.OwedOrdersAsync([.. targets.Select(t => t.Device)], ledger.Now)).Count.ShouldBe(Devices);
        output.WriteLine($"{database}: what {Devices} devices are owed: {watch.ElapsedMilliseconds} ms");
        watch.Restart();
        await ledger.Store.CountsAsync(done.Revision.Id, 1);
        output.WriteLine($"{database}: counts: {watch.ElapsedMilliseconds} ms");
        watch.Restart();
        (await ledger.Store.OrdersChangedSinceAsync(done.Revision.Id, done.Commit, 100)).Orders.Count.ShouldBeGreaterThan(0);
        output.WriteLine($"{database}: changed since: {watch.ElapsedMilliseconds} ms");
    }
}
