using Broadcast.Device;
using Broadcast.Rules;
using Broadcast.Testing;

namespace Broadcast.Ledger.Tests;

/// <summary>In a burst the writer waits while more rows come: fewer commits, a bounded wait, and nobody answered before their commit.</summary>
public sealed class BurstTests
{
    private const int Burst = 40; // More than make a burst.
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task What_comes_while_it_waits_goes_in_one_commit_and_is_answered_after_it()
    {
        await using var ledger = await InBurstAsync();
        var some = ledger.Say(from: Burst, count: 10);
        await ledger.WaitsAsync();
        var more = ledger.Say(from: Burst + 10, count: 10);
        ledger.Clock.Advance(Step); // More came: it waits on.
        await ledger.WaitsAsync();
        some.Concat(more).ShouldAllBe(a => !a.IsCompleted);
        (await ledger.Store.OrdersAsync(ledger.Warning, 1, null, 100)).Items.Count(o => o.State == OrderState.Received).ShouldBe(Burst, "and nothing of it is in the ledger yet");
        ledger.Clock.Advance(Step); // Nothing came: the burst is over.
        await Task.WhenAll(some.Concat(more)).WaitAsync(Patience);
        var said = (await ledger.Store.OrdersAsync(ledger.Warning, 1, null, 100)).Items.Where(o => o.State == OrderState.Received).ToList();
        said.Count.ShouldBe(Burst + 20);
        said.GroupBy(o => o.Changed).MaxBy(g => g.Key)!.Count().ShouldBe(20);
    }

    [Fact]
    public async Task It_waits_no_longer_than_it_may_however_many_come()
    {
        await using var ledger = await InBurstAsync();
        var first = ledger.Say(from: Burst, count: 1);
        for (var waited = TimeSpan.Zero; waited < Longest; waited += Step)
        {
            await ledger.WaitsAsync();
            first[0].IsCompleted.ShouldBeFalse();
            ledger.Say(from: Burst + 1 + (int)(waited / Step), count: 1);
            ledger.Clock.Advance(Step);
        }

        await first[0].WaitAsync(Patience);
    }

    [Fact]
    public async Task An_act_of_its_own_ends_the_wait()
    {
        await using var ledger = await InBurstAsync();
        var some = ledger.Say(from: Burst, count: 5);
        await ledger.WaitsAsync();
        var act = ledger.Store.AuditAsync(TestLedger.Operator, "cancel", "1", "");
        some = [.. some, .. ledger.Say(from: Burst + 5, count: 5)];
        ledger.Clock.Advance(Step); // More came, and still it goes.
        await act.WaitAsync(Patience);
        await Task.WhenAll(some).WaitAsync(Patience);
    }

    [Fact]
    public async Task Who_comes_alone_waits_for_nobody()
    {
        await using var ledger = await InBurstAsync();
        var last = ledger.Say(from: Burst, count: 1);
        await ledger.WaitsAsync();
        ledger.Clock.Advance(Step);
        await last[0].WaitAsync(Patience);
        await ledger.Say(from: Burst + 1, count: 1)[0].WaitAsync(Patience); // The group before was no burst: the clock stands still, and it is answered.
    }

    /// <summary>A ledger that has just written a burst.</summary>
    private static async Task<Bursting> InBurstAsync()
    {
        var ledger = await TestLedger.OpenAsync(Database.Sqlite, o => o with { BurstWaitMax = Longest });
        var done = await ledger.ReleasedAsync(await ledger.CountyAsync(100));
        await Eventually.HoldsAsync(() => ledger.Clock.TimersArmed == 1, Patience); // The next checkpoint of the audit trail.
        var bursting = new Bursting(ledger, done.Orders);
        await bursting.WriteBurstAsync();
        return bursting;
    }

    private sealed class Bursting(TestLedger ledger, IReadOnlyList<OrderRecord> orders) : IAsyncDisposable
    {
        public LedgerStore Store => ledger.Store;

        public ManualClock Clock => ledger.Clock;

        public WarningId Warning => orders[0].Warning;

        public Task<ReceiptOutcome>[] Say(int from, int count) =>
            [.. orders.Skip(from).Take(count).Select(o => Store.ReceiptAsync(o.Device, ledger.Receipt(o, ReceiptState.Received, 1)).AsTask())];

        /// <summary>Until the writer has come to its wait.</summary>
        public Task WaitsAsync() => Eventually.HoldsAsync(() => Clock.TimersArmed == 2, Patience);

        public async Task WriteBurstAsync()
        {
            List<Task<ReceiptOutcome>> burst = [];
            await using (await GroupTests.HoldAsync(ledger.Options))
            {
                burst.AddRange(Say(0, 1)); // It waits for the database, and the others behind it: all of them make the next group.
                await Eventually.HoldsAsync(() => Store.Waiting == 0, Patience);
                burst.AddRange(Say(1, Burst - 1));
            }

            await Task.WhenAll(burst).WaitAsync(Patience);
        }

        public ValueTask DisposeAsync() => ledger.DisposeAsync();
    }
}
