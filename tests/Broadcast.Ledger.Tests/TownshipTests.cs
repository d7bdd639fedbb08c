using Broadcast.Device;
using Broadcast.Rules;

namespace Broadcast.Ledger.Tests;

/// <summary>Who carries whom, and what is delegated and revoked (R8).</summary>
public sealed class TownshipTests
{
    private static readonly TimeSpan Life = TimeSpan.FromDays(14);

    public static TheoryData<Database> Both => TestLedger.Both;

    [Theory, MemberData(nameof(Both))]
    public async Task Children_have_one_parent_their_list_has_revisions_and_every_change_is_audited(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        var all = (await ledger.CountyAsync(5)).Select(p => p.Device).ToArray();
        var (pi, other) = (all[0], all[1]);
        (await ledger.Store.TownshipAsync(pi)).ShouldBeNull();

        var first = await ledger.Store.PutChildrenAsync(pi, [all[2], all[3]], Life, TestLedger.Operator);
        first.Children.ShouldBe([all[2], all[3]]);
        first.Expires.ShouldBe(ledger.Now + Life);
        first.Epoch.ShouldBeGreaterThan(0);
        await ledger.ReopenAsync();
        var kept = (await ledger.Store.TownshipAsync(pi))!;
        (kept.Revision, kept.Epoch, kept.Children.Count).ShouldBe((first.Revision, first.Epoch, 2));
        var devices = (await ledger.Store.DevicesAsync()).ToDictionary(d => d.Id);
        (devices[all[2]].Parent, devices[all[2]].RevokedUpTo, devices[pi].IsTownship, devices[pi].Parent).ShouldBe(((DeviceId?)pi, 0, true, null));

        var second = await ledger.Store.PutChildrenAsync(other, [all[3], all[4]], Life, TestLedger.Operator);
        second.Children.ShouldBe([all[3], all[4]]);
        var loser = (await ledger.Store.TownshipAsync(pi))!;
        loser.Children.ShouldBe([all[2]]);
        loser.Revision.ShouldBeGreaterThan(first.Revision, "who loses a child is told so");
        devices = (await ledger.Store.DevicesAsync()).ToDictionary(d => d.Id);
        devices[all[3]].RevokedUpTo.ShouldBeGreaterThanOrEqualTo(first.Epoch, "what its old Pi holds for it is worth nothing");
        devices[all[3]].RevokedUpTo.ShouldBeLessThan(second.Epoch, "what its new Pi holds is good");
        devices[all[2]].RevokedUpTo.ShouldBe(0);

        (await ledger.Store.AuditEntriesAsync("node-a", 0, 100)).Items.Count(e => e.Act == "put-children" && e.Actor == "person:li-wei").ShouldBe(2);
        await Should.ThrowAsync<ArgumentException>(ledger.Store.PutChildrenAsync(pi, [pi], Life, TestLedger.Operator));
        await Should.ThrowAsync<ArgumentException>(ledger.Store.PutChildrenAsync(pi, [new DeviceId("nobody")], Life, TestLedger.Operator));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Withdrawing_the_delegation_revokes_at_every_child_and_a_renewal_lies_above_every_revocation(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        var all = (await ledger.CountyAsync(3)).Select(p => p.Device).ToArray();
        var given = await ledger.Store.PutChildrenAsync(all[0], [all[1], all[2]], Life, TestLedger.Operator);
        (await ledger.Store.RenewDelegationAsync(all[0], ledger.Now + Life, Life)).ShouldBeNull("they are good for that long");
        var renewed = (await ledger.Store.RenewDelegationAsync(all[0], ledger.Now + Life + TimeSpan.FromSeconds(1), Life))!;
        renewed.Epoch.ShouldBeGreaterThan(given.Epoch);
        (await ledger.Store.DelegationsExpiringAsync(ledger.Now + Life)).ShouldBeEmpty();
        (await ledger.Store.DelegationsExpiringAsync(ledger.Now + Life + TimeSpan.FromSeconds(1))).ShouldBe([all[0]]);

        (await ledger.Store.PutChildrenAsync(all[0], [all[1]], null, TestLedger.Operator)).Epoch.ShouldBe(0);
        (await ledger.Store.DevicesAsync()).Where(d => d.Id != all[0]).ShouldAllBe(d => d.RevokedUpTo >= renewed.Epoch, "also at the one that left");
        (await ledger.Store.RenewDelegationAsync(all[0], DateTimeOffset.MaxValue, Life)).ShouldBeNull("what is withdrawn is not renewed");
        (await ledger.Store.PutChildrenAsync(all[0], [all[1]], Life, TestLedger.Operator)).Epoch.ShouldBeGreaterThan((await ledger.Store.DevicesAsync()).Max(d => d.RevokedUpTo));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_rekeyed_or_decommissioned_Pi_loses_its_delegation_in_the_same_commit_and_a_rekeyed_child_gives_its_Pi_a_newer_list(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        var all = (await ledger.CountyAsync(3)).Select(p => p.Device).ToArray();
        var given = await ledger.Store.PutChildrenAsync(all[0], [all[1], all[2]], Life, TestLedger.Operator);

        await ledger.Store.RekeyAsync(all[1], new byte[32], TestLedger.Operator, "lost");
        var renewed = (await ledger.Store.TownshipAsync(all[0]))!;
        renewed.Revision.ShouldBeGreaterThan(given.Revision);
        renewed.Expires.ShouldBe(given.Expires);
        renewed.Children.ShouldBe(given.Children);

        foreach (var take in new Func<Task>[] { () => ledger.Store.RekeyAsync(all[0], new byte[32], TestLedger.Operator, "stolen"), () => ledger.Store.SetServiceAsync(all[0], ServiceState.Decommissioned, TestLedger.Operator, "stolen") })
        {
            var last = await ledger.Store.PutChildrenAsync(all[0], [all[1], all[2]], Life, TestLedger.Operator);
            await take();
            (await ledger.Store.TownshipAsync(all[0]))!.Epoch.ShouldBe(0);
            (await ledger.Store.DevicesAsync()).Where(d => d.Id != all[0]).ShouldAllBe(d => d.RevokedUpTo >= last.Epoch && d.Parent == all[0]);
        }
    }

    [Theory, MemberData(nameof(Both))]
    public async Task What_a_child_said_on_its_Pis_order_is_kept_once_with_who_ordered_it(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        var all = (await ledger.CountyAsync(2)).Select(p => p.Device).ToArray();
        var said = new WarningId(Guid.CreateVersion7(ledger.Now));
        ReceiptRecord Receipt(ReceiptState state, long number) => new(said, 0, 5, state, 0, 1, ledger.Now.ToUnixTimeMilliseconds() - 60_000, ClockQuality.Cloud, number);

        foreach (var (state, number) in new[] { (ReceiptState.Received, 7L), (ReceiptState.Received, 7L), (ReceiptState.Played, 9L) })
            await ledger.Store.LocalReceiptAsync(all[1], Receipt(state, number), all[0], WarningClass.LocalAlarm);
        await ledger.Store.LocalReceiptAsync(new DeviceId("nobody"), Receipt(ReceiptState.Played, 1), all[0], WarningClass.LocalAlarm);

        var kept = await ledger.Store.LocalReceiptsAsync(all[0], [all[1], new DeviceId("nobody")], 10);
        kept.Select(r => (r.Device, r.OrderedBy, r.Class, r.Receipt.State, r.Receipt.Number)).ShouldBe(
            [(all[1], all[0], WarningClass.LocalAlarm, ReceiptState.Played, 9L), (all[1], all[0], WarningClass.LocalAlarm, ReceiptState.Received, 7L)]);
        kept.ShouldAllBe(r => r.Receipt.AtMs == ledger.Now.ToUnixTimeMilliseconds() - 60_000 && r.Committed == ledger.Now);
        (await ledger.Store.LocalReceiptsAsync(all[1], [all[1]], 10)).ShouldBeEmpty();
        (await ledger.Store.AuditEntriesAsync("node-a", 0, 100)).Items.Count(e => e.Act == "local-order" && e.Subject == all[1].Value).ShouldBe(1, "a repeat is no second act");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Of_what_a_device_said_the_newest_thousand_stay_however_its_numbers_leap(Database database)
    {
        const int Max = 1_024;
        await using var ledger = await TestLedger.OpenAsync(database);
        var all = (await ledger.CountyAsync(2)).Select(p => p.Device).ToArray();
        var said = new WarningId(Guid.CreateVersion7(ledger.Now));
        Task SayAsync(long number) => ledger.Store.LocalReceiptAsync(all[1], new ReceiptRecord(said, 0, 5, ReceiptState.Played, 0, 1, 0, ClockQuality.Unknown, number), all[0], WarningClass.LocalAlarm);
        async Task<long[]> KeptAsync() => [.. (await ledger.Store.LocalReceiptsAsync(all[0], [all[1]], 2_000)).Select(r => r.Receipt.Number).Order()];

        for (var boot = 0; boot < 3; boot++) await SayAsync(7 + (boot * Max));
        (await KeptAsync()).ShouldBe([7, 7 + Max, 7 + (2 * Max)]);
        for (var i = 0; i < Max - 2; i++)
        {
            ledger.Clock.Advance(TimeSpan.FromMilliseconds(1));
            await SayAsync(100_000 + (i * 3L));
        }

        var kept = await KeptAsync();
        (kept.Length, kept[0], kept[^1]).ShouldBe((Max, 7 + Max, 100_000 + ((Max - 3) * 3L)), "the oldest of one too many went");
        await SayAsync(1);
        (await KeptAsync())[0].ShouldBe(1, "a device that begins again at small numbers is heard too");
    }
}
