using Broadcast.Cloud.Link;
using Broadcast.Cloud.Warnings;
using Broadcast.Device;
using Broadcast.Rules;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broadcast.Cloud.Tests;

public class DeskTests
{
    [Fact]
    public async Task Nobody_silences_a_neighbour_by_updating_its_warning_to_their_own_area()
    {
        await using var bench = await DeskBench.OpenAsync();
        var id = await bench.ReleasedAsync(DeskBench.There);
        var neighbour = DeskBench.Of(DeskBench.Here);

        (await bench.Desk.DraftAsync(neighbour, DeskBench.Body(DeskBench.Here), id, default)).Problems.ShouldHaveSingleItem().Code.ShouldBe("outside-region");

        (await bench.Ledger.GetWarningAsync(id)).ShouldHaveSingleItem();
        (await bench.Ledger.AuditEntriesAsync("node-1", 0, 500)).Items.ShouldContain(e => e.Act == "draft-refused" && e.Actor == "person:chen-jun");
    }

    [Fact]
    public async Task An_approver_of_one_county_does_not_approve_what_silences_another()
    {
        await using var bench = await DeskBench.OpenAsync();
        var id = await bench.ReleasedAsync(DeskBench.There);
        var draft = (await bench.Desk.DraftAsync(DeskBench.Author, DeskBench.Body(DeskBench.Here), id, default)).Warning.ShouldNotBeNull();
        (await bench.Desk.ActAsync(DeskBench.Author, id, 2, WarningAct.Submit, default)).Status.ShouldBe(200);

        (await bench.Desk.ActAsync(DeskBench.Of(DeskBench.Here), id, draft.Revision, WarningAct.Approve, default)).Status.ShouldBe(403);
    }

    [Fact]
    public async Task What_was_once_an_actual_warning_is_silenced_by_nobody_who_may_not_speak_one()
    {
        await using var bench = await DeskBench.OpenAsync();
        var village = Region.Create("421202100001", RegionLevel.Village);
        var villager = DeskBench.Of(village);
        var id = await bench.ReleasedAsync(village);
        var update = (await bench.Desk.DraftAsync(DeskBench.Author, DeskBench.Body(village, @class: "programme"), id, default)).Warning.ShouldNotBeNull();
        await bench.ReleaseAsync(id, update.Revision);

        (await bench.Desk.CancelAsync(villager, id, bench.NewKey(), null, default)).Problems.ShouldHaveSingleItem().Code.ShouldBe("rank-too-low");
        (await bench.Desk.DraftAsync(villager, DeskBench.Body(village, @class: "programme"), id, default)).Problems.ShouldHaveSingleItem().Code.ShouldBe("rank-too-low");
        (await bench.Desk.CancelAsync(DeskBench.Of(DeskBench.Here), id, bench.NewKey(), null, default)).Status.ShouldBe(200);

        var own = (await bench.Desk.DraftAsync(villager, DeskBench.Body(village, @class: "programme"), null, default)).Warning.ShouldNotBeNull();
        await bench.ReleaseAsync(own.Id, 1);
        (await bench.Desk.CancelAsync(villager, own.Id, bench.NewKey(), null, default)).Status.ShouldBe(200, "their own they may");
    }

    [Fact]
    public async Task A_cancel_needs_the_reach_of_where_the_orders_went_though_nothing_serves_the_area_now()
    {
        await using var bench = await DeskBench.OpenAsync();
        var id = await bench.ReleasedAsync(DeskBench.There);
        await bench.Ledger.PutDevicesAsync([.. (await bench.Ledger.DevicesAsync()).Select(d => d with { Service = ServiceState.Maintenance })]);
        await bench.Places.ReloadAsync();

        (await bench.Desk.CancelAsync(DeskBench.Of(DeskBench.Here), id, bench.NewKey(), null, default)).Status.ShouldBe(403);
        (await bench.Desk.CancelAsync(DeskBench.Of(DeskBench.There), id, bench.NewKey(), null, default)).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Who_approves_one_of_several_revisions_says_which()
    {
        await using var bench = await DeskBench.OpenAsync();
        var id = await bench.ReleasedAsync(DeskBench.Here);
        await bench.Desk.DraftAsync(DeskBench.Author, DeskBench.Body(DeskBench.Here), id, default);
        (await bench.Desk.ActAsync(DeskBench.Author, id, 2, WarningAct.Submit, default)).Status.ShouldBe(200);

        (await bench.Desk.ActAsync(DeskBench.Approver, id, null, WarningAct.Approve, default)).Problems.ShouldHaveSingleItem().Code.ShouldBe("revision-needed");
        (await bench.Desk.ActAsync(DeskBench.Approver, id, 2, WarningAct.Approve, default)).Status.ShouldBe(200);
    }

    [Fact]
    public async Task What_was_cancelled_is_not_updated()
    {
        await using var bench = await DeskBench.OpenAsync();
        var id = await bench.ReleasedAsync(DeskBench.Here);
        (await bench.Desk.CancelAsync(DeskBench.Author, id, bench.NewKey(), "误报\u0007\ud800", default)).Status.ShouldBe(200);

        (await bench.Desk.DraftAsync(DeskBench.Author, DeskBench.Body(DeskBench.Here), id, default)).Status.ShouldBe(409);
        (await bench.Ledger.AuditEntriesAsync("node-1", 0, 500)).Items.Single(e => e.Act == "cancel").Detail.ShouldContain("误报");
    }

    [Fact]
    public async Task An_update_silences_whom_it_leaves_out_and_a_later_one_speaks_to_them_again()
    {
        await using var bench = await DeskBench.OpenAsync();
        var id = await bench.ReleasedAsync(DeskBench.City);
        await bench.UpdatedAsync(id, DeskBench.Here);
        bench.HandedOn[^1].Kinds.Order().ShouldBe([(byte)OrderKind.Update, (byte)OrderKind.Update, (byte)OrderKind.Cancel, (byte)OrderKind.Cancel]);

        await bench.UpdatedAsync(id, DeskBench.City);
        bench.HandedOn[^1].Kinds.ShouldAllBe(k => k == (byte)OrderKind.Update);
    }

    /// <summary>Else what it silences would sound again at a device that hears of it later: from a backup, or from somebody who kept the frame.</summary>
    [Fact]
    public async Task The_word_to_stop_is_good_for_as_long_as_what_it_stops_on_the_wire_too()
    {
        await using var bench = await DeskBench.OpenAsync();
        var draft = (await bench.Desk.DraftAsync(DeskBench.Author, DeskBench.Body(DeskBench.City, minutes: 2_880), null, default)).Warning.ShouldNotBeNull();
        await bench.ReleaseAsync(draft.Id, 1);
        var update = (await bench.Desk.DraftAsync(DeskBench.Author, DeskBench.Body(DeskBench.Here, minutes: 5), draft.Id, default)).Warning.ShouldNotBeNull();
        await bench.ReleaseAsync(draft.Id, update.Revision);
        var released = (await bench.Ledger.GetWarningAsync(draft.Id)).Single(w => w.Revision == update.Revision);
        var orders = (await bench.Ledger.OrdersAsync(draft.Id, update.Revision, null, 100)).Items;

        DateTimeOffset Until(OrderKind kind) => kind == OrderKind.Cancel ? draft.Expires : update.Expires;
        var batch = bench.HandedOn[^1];
        for (var i = 0; i < batch.Kinds.Length; i++) batch.ExpiresOf(i, released).ShouldBe(Until((OrderKind)batch.Kinds[i]));
        var sessions = new NodeSessions();
        var lines = new List<(OrderRecord Order, TestLine Line)>();
        foreach (var order in orders)
        {
            var line = new TestLine { Epoch = (await bench.Ledger.OpenSessionAsync(order.Device, "node-1", bench.Clock.GetUtcNow())).Epoch };
            sessions.Enter(new LiveDevice(line, bench.Places.Current.Find(order.Device).ShouldNotBeNull(), new byte[32], bench.Clock)).ShouldBeTrue();
            lines.Add((order, line));
        }

        using var notes = new SentNotes(bench.Ledger, new ProgressBatcher(null!, bench.Clock, NullLogger<ProgressBatcher>.Instance), bench.Clock, NullLogger<SentNotes>.Instance);
        await HandOn.ServeAsync(released, orders, sessions, new OrderSender(notes, NullLogger<OrderSender>.Instance));
        lines.Count(l => l.Order.Kind == OrderKind.Cancel).ShouldBe(2);
        foreach (var (order, line) in lines)
        {
            var opened = Envelope.Open(line.Sent.ShouldHaveSingleItem(), new byte[32], 1, Direction.Down, order.Device.Value);
            Order.Decode(opened.Body).ShouldNotBeNull().ExpiresMs.ShouldBe(Until(order.Kind).ToUnixTimeMilliseconds(), $"{order.Kind}");
        }
    }

    [Fact]
    public async Task An_update_that_would_begin_later_is_refused_while_its_warning_speaks()
    {
        await using var bench = await DeskBench.OpenAsync();
        var id = await bench.ReleasedAsync(DeskBench.Here);

        var answer = await bench.Desk.DraftAsync(DeskBench.Author, DeskBench.Body(DeskBench.Here, notBefore: bench.Clock.GetUtcNow().AddHours(1)), id, default);
        answer.Problems.ShouldHaveSingleItem().Field.ShouldBe("notBefore");
    }

    [Fact]
    public async Task What_sounds_on_after_its_validity_can_be_cancelled_and_the_cancel_lives_long_enough_to_arrive()
    {
        await using var bench = await DeskBench.OpenAsync();
        var id = await bench.ReleasedAsync(DeskBench.Here);
        bench.Clock.Advance(TimeSpan.FromMinutes(61));
        await bench.Ledger.ExpireAsync(bench.Clock.GetUtcNow(), 100);
        await bench.Ledger.EndAsync(bench.Clock.GetUtcNow());

        (await bench.Desk.CancelAsync(DeskBench.Author, id, bench.NewKey(), null, default)).Status.ShouldBe(200);
        (await bench.Ledger.OwedOrdersAsync(new DeviceId("d421202100001"), bench.Clock.GetUtcNow().AddHours(1))).ShouldHaveSingleItem().Order.Kind.ShouldBe(OrderKind.Cancel);
    }

    [Fact]
    public async Task A_committed_release_is_a_yes_though_handing_on_failed_and_its_repeat_hands_on()
    {
        await using var bench = await DeskBench.OpenAsync();
        var draft = (await bench.Desk.DraftAsync(DeskBench.Author, DeskBench.Body(DeskBench.Here), null, default)).Warning.ShouldNotBeNull();
        (await bench.Desk.ActAsync(DeskBench.Author, draft.Id, null, WarningAct.Submit, default)).Status.ShouldBe(200);
        (await bench.Desk.ActAsync(DeskBench.Approver, draft.Id, null, WarningAct.Approve, default)).Status.ShouldBe(200);
        bench.HandOnFails = new TimeoutException("the silo is busy");
        (await bench.Desk.ReleaseAsync(DeskBench.Author, draft.Id, null, "one-key", default)).View.ShouldNotBeNull().Targets.ShouldBe(2);

        bench.HandOnFails = null;
        (await bench.Desk.ReleaseAsync(DeskBench.Author, draft.Id, null, "one-key", default)).View.ShouldNotBeNull().Repeated.ShouldBeTrue();
        bench.HandedOn.ShouldHaveSingleItem().Devices.Length.ShouldBe(2);
    }
}
