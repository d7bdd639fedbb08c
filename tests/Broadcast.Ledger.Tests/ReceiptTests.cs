using Broadcast.Device;
using Broadcast.Rules;
using Broadcast.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broadcast.Ledger.Tests;

public sealed class ReceiptTests
{
    public static TheoryData<Database> Both => TestLedger.Both;

    /// <summary>Else a summary says that four have received what two are to say.</summary>
    [Theory, MemberData(nameof(TestLedger.Both), MemberType = typeof(TestLedger))]
    public async Task First_and_last_of_an_update_tell_of_whom_it_speaks_to_and_not_of_whom_it_leaves_out(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        var targets = await ledger.CountyAsync(4);
        var first = await ledger.ReleasedAsync(targets);
        var update = await ledger.ReleasedAsync(targets.Take(2), ledger.Draft(first.Revision.Id, 2, OrderKind.Update), "u");
        foreach (var order in update.Orders) await ledger.Store.ReceiptAsync(order.Device, ledger.Receipt(order, ReceiptState.Received, 1));

        (await ledger.Store.FirstAndLastAsync(first.Revision.Id, 2)).Single(p => p.State == ReceiptState.Received).Orders.ShouldBe(2);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Receipts_move_the_order_and_a_repeat_moves_nothing(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        var targets = await ledger.CountyAsync(2);
        var order = (await ledger.ReleasedAsync(targets)).Orders[0];
        var sent = (await ledger.Store.SentAsync([(order.Device, order.Sequence), (order.Device, 5)])).ShouldHaveSingleItem();
        (sent.From, sent.To, sent.Device, sent.Site, sent.Village).ShouldBe((OrderState.Queued, OrderState.Sent, order.Device, order.Site, order.Village));
        (await ledger.Store.SentAsync([(order.Device, order.Sequence)])).ShouldBeEmpty();

        var received = ledger.Receipt(order, ReceiptState.Received, 1);
        var applied = (await ledger.Store.ReceiptAsync(order.Device, received)).ShouldBeOfType<ReceiptOutcome.Applied>().Transition;
        (applied.From, applied.To).ShouldBe((OrderState.Sent, OrderState.Received));
        (await ledger.Store.ReceiptAsync(order.Device, received)).ShouldBeOfType<ReceiptOutcome.Duplicate>();
        (await ledger.Store.ReceiptsAsync(order.Warning, 1, order.Device)).ShouldHaveSingleItem().Receipt.ShouldBe(received);
        (await ledger.Store.OwedOrdersAsync(order.Device, ledger.Now)).ShouldBeEmpty();
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_device_without_memory_is_owed_again_what_it_held_and_under_a_new_number_what_is_older_than_a_day(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        var now = ledger.Now;
        var draft = ledger.Draft() with { Expires = now + TimeSpan.FromDays(3) };
        var order = (await ledger.ReleasedAsync(await ledger.CountyAsync(1), draft)).Orders[0];
        await ledger.Store.ReceiptAsync(order.Device, ledger.Receipt(order, ReceiptState.Received, 7));
        (await ledger.Store.OwedOrdersAsync(order.Device, ledger.Now)).ShouldBeEmpty();
        (await ForgottenAsync(ledger, order.Device, 0)).ShouldBe(1);
        (await ledger.Store.OwedOrdersAsync(order.Device, ledger.Now)).ShouldHaveSingleItem().Order.Sequence.ShouldBe(order.Sequence);
        (await ForgottenAsync(ledger, order.Device, 0)).ShouldBe(0);

        ledger.Clock.Advance(TimeSpan.FromHours(30));
        (await ForgottenAsync(ledger, order.Device, 0)).ShouldBe(1);
        var renewed = (await ledger.Store.OwedOrdersAsync(order.Device, ledger.Now)).ShouldHaveSingleItem().Order;
        renewed.Sequence.ShouldBeGreaterThanOrEqualTo(ledger.Now.ToUnixTimeMilliseconds());
        (await ledger.Store.ReceiptAsync(order.Device, ledger.Receipt(renewed, ReceiptState.Received, 2))).ShouldBeOfType<ReceiptOutcome.Applied>().Transition.To.ShouldBe(OrderState.Received);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_device_whose_flash_did_not_take_the_last_of_it_is_owed_again_what_is_above_its_mark(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        var targets = await ledger.CountyAsync(2);
        var (first, second) = (await ledger.ReleasedAsync(targets, key: "1"), await ledger.ReleasedAsync(targets, key: "2"));
        var cancel = (await ledger.Store.ReleaseAsync(TestLedger.Request(ledger.Draft(first.Revision.Id, 2, OrderKind.Cancel), targets, "c"))).ShouldBeOfType<ReleaseResult.Done>();
        var device = targets[0].Device;
        foreach (var (done, number) in ((ReleaseResult.Done, int)[])[(first, 1), (second, 2), (cancel, 3)])
        {
            foreach (var order in done.Orders) await ledger.Store.ReceiptAsync(order.Device, ledger.Receipt(order, ReceiptState.Received, number));
        }

        (await ForgottenAsync(ledger, device, cancel.Orders[0].Sequence)).ShouldBe(0, "it knows all of it");
        var later = await ledger.ReleasedAsync(targets, key: "3");
        await ledger.Store.ReceiptAsync(device, ledger.Receipt(later.Orders[0], ReceiptState.Received, 4));
        (await ForgottenAsync(ledger, device, later.Orders[0].Sequence)).ShouldBe(0);

        (await ForgottenAsync(ledger, device, second.Orders[0].Sequence)).ShouldBe(2);
        (await ledger.Store.OwedOrdersAsync(device, ledger.Now)).Select(o => (o.Order.Kind, o.Order.Sequence)).ShouldBe([(OrderKind.Cancel, cancel.Orders[0].Sequence), (OrderKind.Alert, later.Orders[0].Sequence)]);
        (await ledger.Store.OwedOrdersAsync(targets[1].Device, ledger.Now)).Select(o => o.Order.Sequence).ShouldBe([later.Orders[1].Sequence], "nobody asked for the others");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task What_was_queued_again_and_runs_out_unheard_keeps_the_devices_last_word(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        var orders = (await ledger.ReleasedAsync(await ledger.CountyAsync(2))).Orders;
        foreach (var (state, number) in new[] { (ReceiptState.Received, 1L), (ReceiptState.Playing, 2L) }) await ledger.Store.ReceiptAsync(orders[0].Device, ledger.Receipt(orders[0], state, number));
        (await ForgottenAsync(ledger, orders[0].Device, orders[0].Sequence - 1)).ShouldBe(1);
        ledger.Clock.Advance(TimeSpan.FromHours(3));
        (await ledger.Store.ExpireAsync(ledger.Now, 100)).Select(t => (t.Device, t.To)).ShouldBe([(orders[0].Device, OrderState.Playing), (orders[1].Device, OrderState.Expired)]);
        (await ledger.Store.ExpireAsync(ledger.Now, 100)).ShouldBeEmpty();
        (await ledger.Store.CountsAsync(orders[0].Warning, 1))[OrderState.Playing].ShouldBe(1);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task What_was_queued_again_for_an_old_hello_is_as_the_device_says_once_more(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        var order = (await ledger.ReleasedAsync(await ledger.CountyAsync(1))).Orders[0];
        var (received, played) = (ledger.Receipt(order, ReceiptState.Received, 1), ledger.Receipt(order, ReceiptState.Playing, 2));
        foreach (var receipt in new[] { received, played }) await ledger.Store.ReceiptAsync(order.Device, receipt);
        (await ForgottenAsync(ledger, order.Device, order.Sequence - 1)).ShouldBe(1);
        await ledger.Store.SentAsync([(order.Device, order.Sequence)]);
        (await ledger.Store.ReceiptAsync(order.Device, played)).ShouldBeOfType<ReceiptOutcome.Applied>().Transition.To.ShouldBe(OrderState.Playing);
        (await ledger.Store.ReceiptAsync(order.Device, received)).ShouldBeOfType<ReceiptOutcome.Duplicate>();
        (await ledger.Store.OwedOrdersAsync(order.Device, ledger.Now)).ShouldBeEmpty();
        (await ledger.Store.ReceiptsAsync(order.Warning, 1, order.Device)).Count.ShouldBe(2);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_device_that_is_ahead_of_the_clock_is_owed_again_what_it_has_forgotten(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        var targets = await ledger.CountyAsync(1);
        await ledger.Store.RaiseHighWaterAsync(targets[0].Device, ledger.Now.AddYears(1).ToUnixTimeMilliseconds()); // A clock of ours was wrong once: its numbers go on from there.
        var order = (await ledger.ReleasedAsync(targets)).Orders[0];
        await ledger.Store.ReceiptAsync(order.Device, ledger.Receipt(order, ReceiptState.Received, 1));

        (await ForgottenAsync(ledger, order.Device, 0)).ShouldBe(1);
        (await ledger.Store.OwedOrdersAsync(order.Device, ledger.Now)).ShouldHaveSingleItem().Order.Sequence.ShouldBe(order.Sequence);
    }

    [Fact]
    public async Task What_a_node_whose_clock_is_ahead_has_numbered_is_owed_again_at_another_node()
    {
        await using var ledger = await TestLedger.OpenAsync(Database.Postgres);
        var ahead = new ManualClock(ledger.Now.AddMinutes(5));
        await using var other = await LedgerStore.OpenAsync(ledger.Options with { Node = "node-b", AnchorPath = ledger.Options.AnchorPath + "-b" }, ahead, NullLogger.Instance, CancellationToken.None);
        var targets = await ledger.CountyAsync(1);
        var warning = await ledger.ApprovedAsync();
        var order = (await other.ReleaseAsync(TestLedger.Request(warning, targets))).ShouldBeOfType<ReleaseResult.Done>().Orders[0];
        await other.ReceiptAsync(order.Device, ledger.Receipt(order, ReceiptState.Received, 1));

        (await ForgottenAsync(ledger, order.Device, 0)).ShouldBe(1);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task What_a_device_said_just_before_it_lost_its_memory_is_waited_for(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        var targets = await ledger.CountyAsync(1);
        var order = (await ledger.ReleasedAsync(targets)).Orders[0];
        await ledger.Store.SentAsync([(order.Device, order.Sequence)]);
        using var slow = new ManualResetEventSlim();
        var writing = new TaskCompletionSource();
        var second = await ledger.ApprovedAsync();
        var release = ledger.Store.ReleaseAsync(TestLedger.Request(second, targets, "2"), (_, _) =>
        {
            writing.TrySetResult();
            slow.Wait();
        });
        await writing.Task;
        var receipt = ledger.Store.ReceiptAsync(order.Device, ledger.Receipt(order, ReceiptState.Received, 1));
        var looked = ForgottenAsync(ledger, order.Device, 0);
        slow.Set();

        (await looked).ShouldBe(1);
        await release;
        (await receipt).ShouldBeOfType<ReceiptOutcome.Applied>();
        (await ledger.Store.OwedOrdersAsync(order.Device, ledger.Now)).Select(o => o.Order.Sequence).ShouldContain(order.Sequence);
    }

    private static Task<int> ForgottenAsync(TestLedger ledger, DeviceId device, long highWater) => ledger.Store.ForgottenAsync([new HelloMark(device, highWater)]);

    [Theory, MemberData(nameof(Both))]
    public async Task An_update_that_runs_out_unheard_silences_what_it_replaced(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        var targets = await ledger.CountyAsync(2);
        var first = await ledger.ReleasedAsync(targets, ledger.Draft() with { Expires = ledger.Now + TimeSpan.FromHours(9) });
        await ledger.Store.ReceiptAsync(first.Orders[0].Device, ledger.Receipt(first.Orders[0], ReceiptState.Received, 1));
        await ledger.ReleasedAsync(targets, ledger.Draft(first.Revision.Id, 2, OrderKind.Update) with { Expires = ledger.Now + TimeSpan.FromMinutes(5) }, "k2");
        ledger.Clock.Advance(TimeSpan.FromMinutes(6));
        (await ledger.Store.ExpireAsync(ledger.Now, 100)).Select(t => (t.Device, t.To)).ShouldBe(
            [(first.Orders[0].Device, OrderState.Queued), (first.Orders[1].Device, OrderState.Expired)], "The second never had the first one: there is nothing to silence.");
        var owed = (await ledger.Store.OwedOrdersAsync(first.Orders[0].Device, ledger.Now)).ShouldHaveSingleItem().Order;
        (owed.Kind, owed.Revision).ShouldBe((OrderKind.Cancel, 2));
        (await ledger.Store.ExpireAsync(ledger.Now, 100)).ShouldBeEmpty();
    }

    [Theory, MemberData(nameof(Both))]
    public async Task The_same_receipt_many_times_in_one_group_counts_once(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        var order = (await ledger.ReleasedAsync(await ledger.CountyAsync(1))).Orders[0];
        var receipt = new DeviceReceipt(order.Device, ledger.Receipt(order, ReceiptState.Playing, 2));
        var outcomes = await ledger.Store.ReceiptsAsync([.. Enumerable.Repeat(receipt, 50)]);
        outcomes.Count(o => o is ReceiptOutcome.Applied).ShouldBe(1);
        outcomes.Count(o => o is ReceiptOutcome.Duplicate).ShouldBe(49);
        (await ledger.Store.FirstAndLastAsync(order.Warning, 1)).ShouldHaveSingleItem().Orders.ShouldBe(1);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task What_measured_the_sound_is_counted_apart_from_played(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        var orders = (await ledger.ReleasedAsync(await ledger.CountyAsync(4))).Orders;
        foreach (var (order, check) in orders.Zip([SoundCheck.NotMeasured, SoundCheck.AmplifierDriven, SoundCheck.MicrophoneHeard, SoundCheck.AmplifierSilent]))
            await ledger.Store.ReceiptAsync(order.Device, ledger.Receipt(order, ReceiptState.Played, 3, (byte)check));
        var counts = (await ledger.Store.ProgressAsync(orders[0].Warning, 1))!.Counts;
        (counts[OrderState.Played], counts.VerifiedAudible, counts.MeasuredSilent).ShouldBe((4, 2, 1));
        var again = await ledger.Store.CountsAsync(orders[0].Warning, 1);
        (again[OrderState.Played], again.VerifiedAudible, again.MeasuredSilent).ShouldBe((4, 2, 1));
        (await ledger.Store.OrdersAsync(orders[0].Warning, 1, null, 10)).Items.Count(o => OrderLife.IsVerifiedAudible(o.State, o.Reason)).ShouldBe(2);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_late_receipt_of_a_lower_number_joins_the_history_and_moves_nothing(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        var order = (await ledger.ReleasedAsync(await ledger.CountyAsync(1))).Orders[0];
        await ledger.Store.ReceiptAsync(order.Device, ledger.Receipt(order, ReceiptState.Played, 3));
        var late = (await ledger.Store.ReceiptAsync(order.Device, ledger.Receipt(order, ReceiptState.Received, 1))).ShouldBeOfType<ReceiptOutcome.Applied>();
        (late.Transition.From, late.Transition.To).ShouldBe((OrderState.Played, OrderState.Played));
        (await ledger.Store.ReceiptsAsync(order.Warning, 1, order.Device)).Select(r => r.Receipt.State).ShouldBe([ReceiptState.Received, ReceiptState.Played]);
        (await ledger.Store.OrdersAsync(order.Warning, 1, null, 10)).Items[0].ReceiptNumber.ShouldBe(3);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_receipt_that_fits_no_order_is_kept_apart_and_a_device_keeps_only_its_newest(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        var order = (await ledger.ReleasedAsync(await ledger.CountyAsync(2))).Orders[0];
        var stray = ledger.Receipt(order, ReceiptState.Refused, 1) with { Sequence = order.Sequence + 7 };
        (await ledger.Store.ReceiptAsync(order.Device, stray)).ShouldBeOfType<ReceiptOutcome.UnknownOrder>();
        (await ledger.Store.ReceiptAsync(order.Device, stray with { Warning = WarningId.New(ledger.Clock), Number = 2 })).ShouldBeOfType<ReceiptOutcome.UnknownOrder>();
        (await ledger.Store.ReceiptAsync(new DeviceId("nobody"), stray)).ShouldBeOfType<ReceiptOutcome.UnknownOrder>();
        await ledger.Store.ReceiptsAsync([.. Enumerable.Range(10, 500).Select(n => new DeviceReceipt(order.Device, stray with { Number = n }))]);
        var kept = await ledger.Store.StrayReceiptsAsync(order.Device);
        kept.Select(k => k.Receipt.Number).ShouldBe(Enumerable.Range(382, 128).Select(n => (long)n), ignoreOrder: true);
        (await ledger.Store.OrdersAsync(order.Warning, 1, null, 10)).Items.ShouldAllBe(o => o.State == OrderState.Queued);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_device_without_time_is_owed_its_order_again_while_it_is_valid(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        var orders = (await ledger.ReleasedAsync(await ledger.CountyAsync(2))).Orders;
        await ledger.Store.SentAsync([.. orders.Select(o => (o.Device, o.Sequence))]);
        await ledger.Store.ReceiptAsync(orders[0].Device, ledger.Receipt(orders[0], ReceiptState.Refused, 1, (byte)Refusal.NotYetKnownTime));
        (await ledger.Store.OwedOrdersAsync(orders[0].Device, ledger.Now)).ShouldHaveSingleItem().Order.State.ShouldBe(OrderState.Queued);
        ledger.Clock.Advance(TimeSpan.FromHours(3));
        var late = (await ledger.Store.ReceiptAsync(orders[1].Device, ledger.Receipt(orders[1], ReceiptState.Refused, 1, (byte)Refusal.NotYetKnownTime))).ShouldBeOfType<ReceiptOutcome.Applied>();
        late.Transition.To.ShouldBe(OrderState.Expired);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task What_was_never_heard_of_expires_in_pages_and_what_the_device_holds_does_not(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        var orders = (await ledger.ReleasedAsync(await ledger.CountyAsync(25))).Orders;
        await ledger.Store.ReceiptAsync(orders[0].Device, ledger.Receipt(orders[0], ReceiptState.Received, 1));
        await ledger.Store.SentAsync([(orders[1].Device, orders[1].Sequence)]);
        (await ledger.Store.ExpireAsync(ledger.Now.AddHours(1), 100)).ShouldBeEmpty();
        var end = ledger.Now.AddHours(2);
        var pages = new List<int>();
        for (var page = await ledger.Store.ExpireAsync(end, 10); page.Count > 0; page = await ledger.Store.ExpireAsync(end, 10)) pages.Add(page.Count);
        pages.ShouldBe([10, 10, 4]);
        var counts = await ledger.Store.CountsAsync(orders[0].Warning, 1);
        (counts[OrderState.Received], counts[OrderState.Expired]).ShouldBe((1, 24));
        (await ledger.Store.ReceiptAsync(orders[2].Device, ledger.Receipt(orders[2], ReceiptState.Played, 4))).ShouldBeOfType<ReceiptOutcome.Applied>().Transition.To.ShouldBe(OrderState.Played);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Counts_roll_up_the_region_tree_by_level_and_not_by_zeros(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        var done = await ledger.ReleasedAsync(await ledger.CountyAsync(250));
        var county = await ledger.Store.CountsByRegionAsync(done.Revision.Id, 1, Region.Create("421202000000", RegionLevel.County));
        county.ToDictionary(c => c.Key.ToString(), c => c.Value.Total).ShouldBe(new Dictionary<string, int> { ["421202100000:township"] = 100, ["421202101000:township"] = 100, ["421202102000:township"] = 50 });
        var township = await ledger.Store.CountsByRegionAsync(done.Revision.Id, 1, Region.Create("421202100000", RegionLevel.Township));
        township.Count.ShouldBe(10);
        township.Values.ShouldAllBe(c => c[OrderState.Queued] == 10);
        (await ledger.Store.OrdersAsync(done.Revision.Id, 1, null, 1_000, within: Region.Create("421202102000", RegionLevel.Township))).Items.Count.ShouldBe(50);
        (await ledger.Store.CountsByRegionAsync(done.Revision.Id, 1, Region.Create("000000000000", RegionLevel.Nation))).Keys.ShouldHaveSingleItem().ToString().ShouldBe("420000000000:province");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Changes_are_read_in_whole_commits_and_resume_where_the_reader_stopped(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        var done = await ledger.ReleasedAsync(await ledger.CountyAsync(30));
        foreach (var chunk in done.Orders.Chunk(7)) await ledger.Store.ReceiptsAsync([.. chunk.Select(o => new DeviceReceipt(o.Device, ledger.Receipt(o, ReceiptState.Received, 1)))]);
        var since = done.Commit;
        var read = new List<OrderRecord>();
        for (var more = true; more;)
        {
            var page = await ledger.Store.OrdersChangedSinceAsync(done.Revision.Id, since, 10);
            page.Orders.GroupBy(o => o.Changed).ShouldAllBe(g => g.Count() == 7 || g.Count() == 2);
            read.AddRange(page.Orders);
            (since, more) = (page.Through, page.More);
        }

        read.Select(o => o.Device).Order().ShouldBe(done.Orders.Select(o => o.Device).Order());
        read.Select(o => o.Changed).ShouldBeInOrder();
        (await ledger.Store.OrdersChangedSinceAsync(done.Revision.Id, since, 10)).Orders.ShouldBeEmpty();
        (await ledger.Store.OrdersChangedSinceAsync(done.Revision.Id, done.Commit - 1, 1)).Orders.ShouldNotBeEmpty();
    }

    [Theory, MemberData(nameof(Both))]
    public async Task First_and_last_of_each_state_are_the_times_of_their_commits(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        var orders = (await ledger.ReleasedAsync(await ledger.CountyAsync(2))).Orders;
        var first = ledger.Now;
        await ledger.Store.ReceiptAsync(orders[0].Device, ledger.Receipt(orders[0], ReceiptState.Playing, 1));
        ledger.Clock.Advance(TimeSpan.FromSeconds(2));
        await ledger.Store.ReceiptAsync(orders[1].Device, ledger.Receipt(orders[1], ReceiptState.Playing, 1));
        var last = ledger.Now;
        ledger.Clock.Advance(TimeSpan.FromSeconds(9));
        await ledger.Store.ReceiptAsync(orders[0].Device, ledger.Receipt(orders[0], ReceiptState.Playing, 2, attempt: 2));
        (await ledger.Store.FirstAndLastAsync(orders[0].Warning, 1)).ShouldHaveSingleItem().ShouldBe(new StateProgress(ReceiptState.Playing, 2, first, last));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Many_devices_are_owed_theirs_oldest_first_and_a_state_survives_reopening(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        var targets = await ledger.CountyAsync(12);
        var first = await ledger.ReleasedAsync(targets);
        var second = await ledger.ReleasedAsync(targets.Take(3), key: "k2");
        await ledger.ReopenAsync();
        var owed = await ledger.Store.OwedOrdersAsync([.. targets.Select(t => t.Device), new DeviceId("nobody")], ledger.Now);
        owed.Count.ShouldBe(12);
        owed[targets[0].Device].Select(o => o.Revision.Id).ShouldBe([first.Revision.Id, second.Revision.Id]);
        owed[targets[0].Device][1].Revision.Content.ShouldBe(second.Revision.Content);
        (await ledger.Store.OwedOrdersAsync(targets[0].Device, first.Revision.Expires)).ShouldBeEmpty();
        (await ledger.Store.ActiveWarningsAsync(ledger.Now)).Select(w => w.Id).ShouldBe([first.Revision.Id, second.Revision.Id]);
    }
}
