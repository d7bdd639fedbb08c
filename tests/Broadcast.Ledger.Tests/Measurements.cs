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

        // Four rounds of the same: the first one also compiles the program.
        for (var round = 0; round < 4; round++)
        {
            var receipts = done.Orders.Select(o => new DeviceReceipt(o.Device, ledger.Receipt(o, ReceiptState.Playing, (2 * round) + 1))).ToList();
            await RateAsync($"{database}: {Devices} receipts, each its own call", Devices, () => Task.WhenAll(receipts.Select(r => ledger.Store.ReceiptAsync(r.Device, r.Receipt).AsTask())));
            receipts = [.. receipts.Select(r => r with { Receipt = r.Receipt with { Number = r.Receipt.Number + 1 } })];
            await RateAsync($"{database}: {Devices} receipts in batches of 256", Devices, () => Task.WhenAll(receipts.Chunk(256).Select(c => ledger.Store.ReceiptsAsync(c))));
        }

        watch.Restart();
        await Task.WhenAll(targets.Select(t => ledger.Store.OpenSessionAsync(t.Device, "node-a", ledger.Now).AsTask()));
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

    /// <summary>By the clock, and by the processor time of this process: the second holds also on a machine that is busy with something else.</summary>
    private async Task RateAsync(string what, int count, Func<Task> act)
    {
        var processor = Process.GetCurrentProcess().TotalProcessorTime;
        var watch = Stopwatch.StartNew();
        await act();
        var used = Process.GetCurrentProcess().TotalProcessorTime - processor;
        output.WriteLine($"{what}: {count / watch.Elapsed.TotalSeconds:0}/s, {used.TotalMicroseconds / count:0.0} µs of processor each");
    }
}
