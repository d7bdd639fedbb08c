using Broadcast.Cloud.Link;
using Broadcast.Cloud.Warnings;
using Broadcast.Link;
using Broadcast.Rules;
using Broadcast.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broadcast.Cloud.Tests;

/// <summary>What the ledger owes goes to the session that a device has now.</summary>
public sealed class OwedOrdersTests
{
    private static readonly DeviceId Id = new("d421202100001");

    [Fact]
    public async Task A_device_that_asks_in_two_sessions_gets_what_it_is_owed_in_the_newer_one()
    {
        await using var bench = await DeskBench.OpenAsync();
        await bench.ReleasedAsync(DeskBench.Here);
        using var notes = new SentNotes(bench.Ledger, new ProgressBatcher(null!, bench.Clock, NullLogger<ProgressBatcher>.Instance), bench.Clock, NullLogger<SentNotes>.Instance);
        using var owed = new OwedOrders(bench.Ledger, new OrderSender(notes, NullLogger<OrderSender>.Instance), bench.Clock, NullLogger<OwedOrders>.Instance);
        var (older, newer) = (new TestLine { Epoch = 1 }, new TestLine { Epoch = 2 });
        older.Close(LinkCloseReason.TakenOver);
        owed.Ask(Live(newer));
        owed.Ask(Live(older)); // A sweep had found it a moment before the newer one came.

        await owed.StartAsync(TestContext.Current.CancellationToken);
        await Eventually.HoldsAsync(() => newer.Sent.Count == 1, TimeSpan.FromMinutes(1));
        await owed.StopAsync(TestContext.Current.CancellationToken);

        LiveDevice Live(TestLine line) => new(line, bench.Places.Current.Find(Id).ShouldNotBeNull(), new byte[32], bench.Clock);
    }
}
