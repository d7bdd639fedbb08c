using Broadcast.Device;
using Broadcast.Rules;

namespace Broadcast.Ledger.Tests;

public sealed class ReleaseTests
{
    public static TheoryData<Database> Both => TestLedger.Both;

    [Theory, MemberData(nameof(Both))]
    public async Task A_release_gives_every_target_one_queued_order_of_one_sequence(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        var done = await ledger.ReleasedAsync(await ledger.CountyAsync(25));
        done.Orders.Count.ShouldBe(25);
        done.Orders.Select(o => o.Sequence).Distinct().ShouldHaveSingleItem().ShouldBe(ledger.Now.ToUnixTimeMilliseconds());
        done.Orders.ShouldAllBe(o => o.State == OrderState.Queued && o.Changed == done.Commit);
        var page = await ledger.Store.OrdersAsync(done.Revision.Id, 1, null, 100);
        page.Items.ShouldBe(done.Orders, ignoreOrder: true);
        var kept = (await ledger.Store.GetWarningAsync(done.Revision.Id)).ShouldHaveSingleItem();
        kept.State.ShouldBe(WarningState.Released);
        kept.Approver.ShouldBe(new PersonId("wang-fang"));
        kept.Content.ShouldBe(done.Revision.Content);
        kept.Area.Regions.ShouldBe(done.Revision.Area.Regions);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task The_same_request_again_gives_the_first_answer_and_another_under_its_key_is_refused(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        var targets = await ledger.CountyAsync(3);
        var done = await ledger.ReleasedAsync(targets);
        var again = (await ledger.Store.ReleaseAsync(TestLedger.Request(done.Revision, targets))).ShouldBeOfType<ReleaseResult.Repeated>();
        again.Commit.ShouldBe(done.Commit);
        again.Orders.ShouldBe(done.Orders, ignoreOrder: true);
        (await ledger.Store.ReleaseAsync(TestLedger.Request(done.Revision, targets, hash: 2))).ShouldBeOfType<ReleaseResult.KeyReused>();
        (await ledger.Store.ReleaseAsync(TestLedger.Request(done.Revision, targets, key: "other"))).ShouldBe(new ReleaseResult.NotApproved(WarningState.Released));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task What_is_not_approved_is_not_released(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        var targets = await ledger.CountyAsync(1);
        var draft = ledger.Draft();
        (await ledger.Store.ReleaseAsync(TestLedger.Request(draft, targets))).ShouldBe(new ReleaseResult.NotApproved(null));
        await ledger.Store.AddRevisionAsync(draft, TestLedger.Operator);
        (await ledger.Store.ReleaseAsync(TestLedger.Request(draft, targets))).ShouldBe(new ReleaseResult.NotApproved(WarningState.Draft));
        (await ledger.Store.OrdersAsync(draft.Id, 1, null, 10)).Items.ShouldBeEmpty();
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Of_many_releases_of_one_revision_at_once_exactly_one_is_done(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        var targets = await ledger.CountyAsync(5);
        var warning = await ledger.ApprovedAsync();
        var results = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => ledger.Store.ReleaseAsync(TestLedger.Request(warning, targets, key: $"k{i}"))));
        results.Count(r => r is ReleaseResult.Done).ShouldBe(1);
        results.Count(r => r is ReleaseResult.NotApproved { Current: WarningState.Released }).ShouldBe(19);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_move_from_another_state_does_nothing(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        var draft = ledger.Draft();
        (await ledger.Store.AddRevisionAsync(draft, TestLedger.Operator)).ShouldBeTrue();
        (await ledger.Store.AddRevisionAsync(draft, TestLedger.Operator)).ShouldBeFalse();
        var moved = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => ledger.Store.MoveAsync(draft.Id, 1, WarningState.Draft, WarningState.Submitted, null, TestLedger.Operator, "submit")));
        moved.Count(m => m).ShouldBe(1);
        (await ledger.Store.AuditEntriesAsync("node-a", 0, 100)).Items.Count(e => e.Act == "submit").ShouldBe(1);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_cancel_ends_the_warning_and_what_of_it_is_still_queued(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        var targets = await ledger.CountyAsync(2);
        var done = await ledger.ReleasedAsync(targets);
        await ledger.Store.SentAsync([(targets[0].Device, done.Orders[0].Sequence)]);
        var cancel = ledger.Draft(done.Revision.Id, 2, OrderKind.Cancel);
        var cancelled = (await ledger.Store.ReleaseAsync(TestLedger.Request(cancel, targets, "c"))).ShouldBeOfType<ReleaseResult.Done>();
        cancelled.Orders[0].Sequence.ShouldBeGreaterThan(done.Orders[0].Sequence);
        var counts = await ledger.Store.CountsAsync(done.Revision.Id, 1);
        (counts[OrderState.Sent], counts[OrderState.Cancelled]).ShouldBe((1, 1));
        (await ledger.Store.CountsAsync(done.Revision.Id, 2)).Silencing(OrderState.Queued).ShouldBe(2);
        (await ledger.Store.GetWarningAsync(done.Revision.Id)).Select(w => w.State).ShouldBe([WarningState.Cancelled, WarningState.Released]);
        (await ledger.Store.OwedOrdersAsync(targets[0].Device, ledger.Now)).ShouldHaveSingleItem().Order.Kind.ShouldBe(OrderKind.Cancel);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task An_approved_update_finds_nothing_to_replace_once_the_cancel_came(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        var targets = await ledger.CountyAsync(1);
        var done = await ledger.ReleasedAsync(targets);
        var update = await ledger.ApprovedAsync(ledger.Draft(done.Revision.Id, 2, OrderKind.Update));
        var cancelled = (await ledger.Store.ReleaseAsync(TestLedger.Request(ledger.Draft(done.Revision.Id, 2, OrderKind.Cancel), targets, "c"))).ShouldBeOfType<ReleaseResult.Done>();
        cancelled.Revision.Revision.ShouldBe(3, "the number that the update's draft had taken is not the cancel's to lose by");
        (await ledger.Store.ReleaseAsync(TestLedger.Request(update, targets, "u"))).ShouldBe(new ReleaseResult.NotApproved(WarningState.Cancelled));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task An_update_supersedes_and_silences_the_sites_it_drops(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        var targets = await ledger.CountyAsync(3);
        var done = await ledger.ReleasedAsync(targets);
        var update = await ledger.ApprovedAsync(ledger.Draft(done.Revision.Id, 2, OrderKind.Update));
        ReleaseTarget[] mixed = [new(targets[0], OrderKind.Update), new(targets[1], OrderKind.Update), new(targets[2], OrderKind.Cancel)];
        (await ledger.Store.ReleaseAsync(new ReleaseRequest(update, mixed, TestLedger.Operator, "u", [1]))).ShouldBeOfType<ReleaseResult.Done>();
        (await ledger.Store.CountsAsync(done.Revision.Id, 1))[OrderState.Cancelled].ShouldBe(3);
        var counts = await ledger.Store.CountsAsync(done.Revision.Id, 2);
        (counts[OrderState.Queued], counts.Silencing(OrderState.Queued)).ShouldBe((2, 1));
        (await ledger.Store.GetWarningAsync(done.Revision.Id))[0].State.ShouldBe(WarningState.Superseded);
        var cancel = ledger.Draft(done.Revision.Id, 3, OrderKind.Cancel);
        await ledger.Store.ReleaseAsync(TestLedger.Request(cancel, targets.Take(2), "c"));
        var owed = await ledger.Store.OwedOrdersAsync(targets[2].Device, ledger.Now);
        owed.ShouldNotBeEmpty("the dropped site is still to be silenced");
        owed.ShouldAllBe(o => o.Order.Kind == OrderKind.Cancel);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task An_older_revision_is_not_released_after_a_newer_one(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        var targets = await ledger.CountyAsync(1);
        var done = await ledger.ReleasedAsync(targets);
        var older = await ledger.ApprovedAsync(ledger.Draft(done.Revision.Id, 2, OrderKind.Update));
        await ledger.ReleasedAsync(targets, ledger.Draft(done.Revision.Id, 3, OrderKind.Update), "u3");

        (await ledger.Store.ReleaseAsync(TestLedger.Request(older, targets, "u2"))).ShouldBe(new ReleaseResult.NotApproved(WarningState.Superseded));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_cancel_reaches_whom_a_release_added_after_the_request_was_made(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        var targets = await ledger.CountyAsync(2);
        var done = await ledger.ReleasedAsync(targets.Take(1));
        var request = TestLedger.Request(ledger.Draft(done.Revision.Id, 2, OrderKind.Cancel), targets.Take(1), "c") with { Reason = "误报" };
        await ledger.ReleasedAsync(targets, ledger.Draft(done.Revision.Id, 2, OrderKind.Update), "u2");

        var cancelled = (await ledger.Store.ReleaseAsync(request)).ShouldBeOfType<ReleaseResult.Done>();
        cancelled.Orders.Select(o => o.Device).ShouldBe(targets.Select(t => t.Device), ignoreOrder: true);
        (await ledger.Store.AuditEntriesAsync("node-a", 0, 100)).Items.Single(e => e.Act == "cancel").Detail.ShouldEndWith("误报");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task What_has_ended_but_may_still_sound_can_be_cancelled(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        var targets = await ledger.CountyAsync(1);
        var done = await ledger.ReleasedAsync(targets);
        ledger.Clock.Advance(TimeSpan.FromHours(2));
        await ledger.Store.ExpireAsync(ledger.Now, 100);
        (await ledger.Store.EndAsync(ledger.Now)).ShouldHaveSingleItem();

        var cancel = ledger.Draft(done.Revision.Id, 2, OrderKind.Cancel);
        (await ledger.Store.ReleaseAsync(TestLedger.Request(cancel, targets, "c"))).ShouldBeOfType<ReleaseResult.Done>();
        (await ledger.Store.GetWarningAsync(done.Revision.Id))[0].State.ShouldBe(WarningState.Cancelled);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Sequences_rise_though_the_clock_stands_or_goes_back(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        var targets = await ledger.CountyAsync(1);
        var first = await ledger.ReleasedAsync(targets);
        var second = await ledger.ReleasedAsync(targets, key: "k2");
        second.Orders[0].Sequence.ShouldBe(first.Orders[0].Sequence + 1);
        ledger.Clock.Advance(TimeSpan.FromMinutes(1));
        (await ledger.ReleasedAsync(targets, key: "k3")).Orders[0].Sequence.ShouldBe(ledger.Now.ToUnixTimeMilliseconds());
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_mark_up_to_the_newest_number_given_writes_nothing_and_one_above_it_still_counts(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        var targets = await ledger.CountyAsync(2);
        var given = (await ledger.ReleasedAsync(targets)).Orders[0].Sequence;
        var before = (await ledger.ReleasedAsync(targets, key: "k2")).Commit;
        for (var hello = 0; hello < 50; hello++) (await ledger.Store.RaiseHighWaterAsync(targets[0].Device, given)).ShouldBe(HighWaterOutcome.Unchanged);
        (await ledger.Store.RaiseHighWaterAsync(targets[0].Device, given + 1_000)).ShouldBe(HighWaterOutcome.Raised);
        var third = await ledger.ReleasedAsync(targets, key: "k3");
        third.Orders.First(o => o.Device == targets[0].Device).Sequence.ShouldBe(given + 1_001);
        (third.Commit - before).ShouldBeLessThan(10, "the storm of hellos was no storm of commits");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_device_that_has_seen_a_higher_number_gets_the_next_and_poisons_no_other(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        var targets = await ledger.CountyAsync(3);
        var ahead = ledger.Now.AddHours(3).ToUnixTimeMilliseconds();
        (await ledger.Store.RaiseHighWaterAsync(targets[0].Device, ahead)).ShouldBe(HighWaterOutcome.Raised);
        (await ledger.Store.RaiseHighWaterAsync(targets[0].Device, ahead - 5)).ShouldBe(HighWaterOutcome.Unchanged);
        (await ledger.Store.RaiseHighWaterAsync(targets[1].Device, Device.Limits.WallMsMax + 1)).ShouldBe(HighWaterOutcome.Refused);
        (await ledger.Store.RaiseHighWaterAsync(targets[1].Device, long.MaxValue)).ShouldBe(HighWaterOutcome.Refused);
        var now = ledger.Now.ToUnixTimeMilliseconds();
        (await ledger.ReleasedAsync(targets)).Orders.OrderBy(o => o.Device).Select(o => o.Sequence).ShouldBe([ahead + 1, now, now]);
        (await ledger.ReleasedAsync(targets, key: "k2")).Orders.OrderBy(o => o.Device).Select(o => o.Sequence).ShouldBe([ahead + 2, now + 1, now + 1]);
        (await ledger.Store.AuditEntriesAsync("node-a", 0, 100)).Items.Count(e => e.Act == "high-water-refused").ShouldBe(2);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_release_to_a_device_that_is_not_known_does_nothing_and_harms_no_other_act(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        var targets = await ledger.CountyAsync(1);
        var warning = await ledger.ApprovedAsync();
        var bad = ledger.Store.ReleaseAsync(TestLedger.Request(warning, [targets[0] with { Device = new DeviceId("nobody") }]));
        var others = Enumerable.Range(0, 20).Select(i => ledger.Store.AuditAsync(TestLedger.Operator, "look", $"{i}", "")).ToList();
        await Should.ThrowAsync<ArgumentException>(bad);
        await Task.WhenAll(others);
        (await ledger.Store.GetWarningAsync(warning.Id))[0].State.ShouldBe(WarningState.Approved);
        (await ledger.Store.ReleaseAsync(TestLedger.Request(warning, targets))).ShouldBeOfType<ReleaseResult.Done>();
    }
}
