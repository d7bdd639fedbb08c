using Broadcast.Device;
using Broadcast.Rules;

namespace Broadcast.Ledger.Tests;

/// <summary>A backup that is put back gives nobody back what was taken from them since.</summary>
public sealed class WithdrawalTests
{
    private static readonly byte[] Old = [1], New = [2, 2];
    private static readonly Person Li = new(new PersonId("li"), "李", Duties.Operator | Duties.Approver, Region.Create("421202000000", RegionLevel.County));
    private static readonly DeviceId Stolen = new("d0"), Retired = new("d1"), Pi = new("d2"), Child = new("d3"), Added = new("d9");

    public static TheoryData<Database> Both => TestLedger.Both;

    [Theory, MemberData(nameof(Both))]
    public async Task Who_was_shut_out_since_the_backup_stays_out_and_who_has_new_keys_comes_in(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        var (backup, epoch) = await ShutOutAfterABackupAsync(ledger);

        var restored = (await LedgerStore.RestoreAsync(backup, ledger.Options, ledger.Clock)).ShouldNotBeNull();
        restored.Kept.ShouldBe(["d0: key epoch 2", "d1: Decommissioned", "d2: township without delegation", "li: duties and password"]);
        restored.Lost.ShouldBe([Added.Value]);

        await ledger.ReopenAsync();
        var devices = (await ledger.Store.DevicesAsync()).ToDictionary(d => d.Id);
        (devices[Stolen].KeyEpoch, devices[Stolen].Service).ShouldBe((2, ServiceState.InService));
        devices[Stolen].LinkVerifier.ShouldBe(New);
        devices[Retired].Service.ShouldBe(ServiceState.Decommissioned);
        devices[Child].RevokedUpTo.ShouldBeGreaterThanOrEqualTo(epoch);
        devices.ShouldNotContainKey(Added);
        (await ledger.Store.TownshipAsync(Pi))!.Epoch.ShouldBe(0);
        var li = (await ledger.Store.PersonAsync(Li.Id))!;
        li.Person.Duties.ShouldBe(Duties.None);
        li.PasswordVerifier.ShouldBe(New);
        var verdict = await ledger.Store.VerifyAuditAsync();
        verdict.Intact.ShouldBeTrue(string.Join("; ", verdict.Findings));
        (await ledger.Store.AuditEntriesAsync("node-a", 0, 100)).Items[^1].Detail.ShouldContain("d0: key epoch 2");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task An_administrator_may_put_all_of_it_back_as_it_was(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        var (backup, _) = await ShutOutAfterABackupAsync(ledger);
        (await LedgerStore.RestoreAsync(backup, ledger.Options, ledger.Clock, asItWas: true)).ShouldBeNull();
        await ledger.ReopenAsync();
        (await ledger.Store.DevicesAsync()).ShouldAllBe(d => d.KeyEpoch == 1 && d.Service == ServiceState.InService);
        (await ledger.Store.PersonAsync(Li.Id))!.Person.Duties.ShouldBe(Li.Duties);
        (await ledger.Store.AuditEntriesAsync("node-a", 0, 100)).Items[^1].Detail.ShouldContain("as it was");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Of_another_ledger_in_the_place_nothing_is_taken_over(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        var (backup, _) = await ShutOutAfterABackupAsync(ledger);
        await using var other = await TestLedger.UnopenedAsync(database);
        other.Clock.Advance(TimeSpan.FromMilliseconds(1));
        await other.ReopenAsync();
        await ShutOutAfterABackupAsync(other);
        (await LedgerStore.RestoreAsync(backup, other.Options, other.Clock)).ShouldBeNull();
        await other.ReopenAsync();
        (await other.Store.DevicesAsync()).ShouldAllBe(d => d.KeyEpoch == 1 && d.Service == ServiceState.InService);
    }

    [Fact]
    public async Task A_ledger_that_nobody_can_read_is_replaced_all_the_same_and_said_to_be_unknown()
    {
        await using var ledger = await TestLedger.OpenAsync(Database.Sqlite);
        var (backup, _) = await ShutOutAfterABackupAsync(ledger);
        var bytes = await File.ReadAllBytesAsync(ledger.Options.SqlitePath);
        foreach (var keep in (int[])[0, 50, 5_000])
        {
            await File.WriteAllBytesAsync(ledger.Options.SqlitePath, [.. bytes.Take(keep), .. new byte[9_000]]);
            (await LedgerStore.RestoreAsync(backup, ledger.Options, ledger.Clock)).ShouldBeNull($"{keep} bytes are as they were");
        }

        await ledger.ReopenAsync();
        (await ledger.Store.DevicesAsync()).Count.ShouldBe(5);
    }

    private static async Task<(string Backup, long Epoch)> ShutOutAfterABackupAsync(TestLedger ledger)
    {
        await ledger.CountyAsync(5);
        var devices = await ledger.Store.DevicesAsync();
        await ledger.Store.PutDevicesAsync([.. devices.Select(d => d with { KeyEpoch = 1, LinkVerifier = Old })]);
        await ledger.Store.PutPersonAsync(Li, Old, oneTime: false, TestLedger.Operator);
        var epoch = (await ledger.Store.PutChildrenAsync(Pi, [Child], TimeSpan.FromDays(14), TestLedger.Operator)).Epoch;
        var backup = Path.Combine(ledger.Folder, "backup");
        await ledger.Store.BackupAsync(backup);
        await ledger.Store.RekeyAsync(Stolen, New, TestLedger.Operator, "stolen");
        await ledger.Store.SetServiceAsync(Retired, ServiceState.Decommissioned, TestLedger.Operator, "scrapped");
        await ledger.Store.PutChildrenAsync(Pi, [Child], null, TestLedger.Operator);
        await ledger.Store.PutPersonAsync(Li with { Duties = Duties.None }, New, oneTime: false, TestLedger.Operator);
        await ledger.Store.PutDevicesAsync([devices[4] with { Id = Added }]);
        await ledger.CloseAsync();
        return (backup, epoch);
    }
}
