using Broadcast.Device;
using Broadcast.Ledger.Storage;
using Broadcast.Rules;
using Microsoft.Data.Sqlite;

namespace Broadcast.Ledger.Tests;

public sealed class BackupTests
{
    public static TheoryData<Database> Both => TestLedger.Both;

    [Theory, MemberData(nameof(Both))]
    public async Task After_a_restored_backup_every_device_gets_a_number_above_all_it_has_seen(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        var targets = await ledger.CountyAsync(3);
        var before = await ledger.ReleasedAsync(targets);
        var backup = Path.Combine(ledger.Folder, "backup");
        var writing = Enumerable.Range(0, 200).Select(i => ledger.Store.AuditAsync(TestLedger.Operator, "meanwhile", $"{i}", "")).ToList();
        await ledger.Store.BackupAsync(backup);
        await Task.WhenAll(writing);
        var lost = await ledger.ReleasedAsync(targets, key: "k2");
        var seen = lost.Orders.Max(o => o.Sequence);
        await ledger.CloseAsync();
        await LedgerStore.RestoreAsync(backup, ledger.Options, ledger.Clock);
        await ledger.ReopenAsync();

        (await ledger.Store.GetWarningAsync(before.Revision.Id)).ShouldHaveSingleItem();
        (await ledger.Store.GetWarningAsync(lost.Revision.Id)).ShouldBeEmpty();
        foreach (var target in targets) await ledger.Store.RaiseHighWaterAsync(target.Device, seen); // As their hellos will.
        (await ledger.ReleasedAsync(targets, key: "k3")).Orders.ShouldAllBe(o => o.Sequence > seen);
        var verdict = await ledger.Store.VerifyAuditAsync();
        verdict.Intact.ShouldBeTrue(string.Join("; ", verdict.Findings));
        verdict.LostByRestore.ShouldBeGreaterThan(0);
    }

    /// <summary>A device remembers revisions of after the backup, and would take a number that is given again for the one that it knows.</summary>
    [Theory, MemberData(nameof(Both))]
    public async Task After_a_restored_backup_no_revision_has_a_number_that_a_device_may_know(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        var targets = await ledger.CountyAsync(1);
        var before = await ledger.ReleasedAsync(targets);
        var known = await ledger.Store.GetWarningAsync(before.Revision.Id);
        ledger.Store.NextRevision(known, ledger.Clock.GetUtcNow()).ShouldBe(2, "nothing was put back");
        var backup = Path.Combine(ledger.Folder, "backup");
        await ledger.Store.BackupAsync(backup);

        var lost = 1;
        for (var restores = 0; restores < 2; restores++)
        {
            ledger.Clock.Advance(TimeSpan.FromSeconds(20));
            for (var i = 0; i < 4; i++) lost = Math.Max(lost + 1, ledger.Store.NextRevision(known, ledger.Clock.GetUtcNow())); // Said to devices, and in no backup.
            await ledger.CloseAsync();
            ledger.Clock.Advance(TimeSpan.FromSeconds(5));
            await LedgerStore.RestoreAsync(backup, ledger.Options, ledger.Clock);
            await ledger.ReopenAsync();
            ledger.Store.NextRevision(known, ledger.Clock.GetUtcNow()).ShouldBeGreaterThan(lost);
        }

        // Also where the clock was ahead when it was put back and is right again, and where it is put back once more then.
        lost = Math.Max(lost + 1, ledger.Store.NextRevision(known, known[0].Created.AddMinutes(-5)));
        lost.ShouldBeGreaterThan(40);
        await ledger.CloseAsync();
        ledger.Clock.StepWallClock(TimeSpan.FromSeconds(-50));
        await LedgerStore.RestoreAsync(backup, ledger.Options, ledger.Clock);
        await ledger.ReopenAsync();
        ledger.Store.NextRevision(known, ledger.Clock.GetUtcNow()).ShouldBeGreaterThan(lost);
        ledger.Clock.Advance(TimeSpan.FromHours(2));

        // What is written afterwards was never in a ledger that was lost.
        var later = await ledger.ReleasedAsync(targets, key: "later");
        ledger.Clock.Advance(TimeSpan.FromMinutes(10));
        ledger.Store.NextRevision([later.Revision with { Created = ledger.Clock.GetUtcNow() }], ledger.Clock.GetUtcNow()).ShouldBe(later.Revision.Revision + 1);
    }

    /// <summary>Whoever releases again what a restore has lost would else see "sent" and then "expired" of places that have heard it.</summary>
    [Theory, MemberData(nameof(Both))]
    public async Task What_is_released_again_after_a_restore_is_known_by_what_devices_say_of_the_first_time(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        var targets = await ledger.CountyAsync(2);
        var warning = await ledger.ApprovedAsync();
        var backup = Path.Combine(ledger.Folder, "backup");
        await ledger.Store.BackupAsync(backup);
        ledger.Clock.Advance(TimeSpan.FromMinutes(1));
        var lost = (await ledger.Store.ReleaseAsync(TestLedger.Request(warning, targets))).ShouldBeOfType<ReleaseResult.Done>();
        await ledger.CloseAsync();
        ledger.Clock.Advance(TimeSpan.FromMinutes(1));
        await LedgerStore.RestoreAsync(backup, ledger.Options, ledger.Clock);
        await ledger.ReopenAsync();
        ledger.Clock.Advance(TimeSpan.FromMinutes(1));
        var again = (await ledger.Store.ReleaseAsync(TestLedger.Request(warning, targets, "k2"))).ShouldBeOfType<ReleaseResult.Done>();
        again.Orders[0].Sequence.ShouldBeGreaterThan(lost.Orders[0].Sequence);

        var moved = (await ledger.Store.ReceiptAsync(targets[0].Device, ledger.Receipt(lost.Orders[0], ReceiptState.Played, 7))).ShouldBeOfType<ReceiptOutcome.Applied>().Transition;
        (moved.To, moved.Sequence).ShouldBe((OrderState.Played, again.Orders[0].Sequence));
        // A number that was given since, and is another's, says nothing of it.
        var other = await ledger.ReleasedAsync(targets, key: "k3");
        (await ledger.Store.ReceiptAsync(targets[1].Device, ledger.Receipt(again.Orders[1] with { Sequence = again.Orders[1].Sequence - 1 }, ReceiptState.Played, 7))).ShouldBeOfType<ReceiptOutcome.UnknownOrder>();
        (await ledger.Store.ReceiptAsync(targets[1].Device, ledger.Receipt(again.Orders[1] with { Sequence = other.Orders[1].Sequence }, ReceiptState.Played, 8))).ShouldBeOfType<ReceiptOutcome.UnknownOrder>();
        (await ledger.Store.CountsAsync(warning.Id, 1))[OrderState.Played].ShouldBe(1);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_damaged_backup_replaces_nothing(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        var done = await ledger.ReleasedAsync(await ledger.CountyAsync(1));
        var backup = Path.Combine(ledger.Folder, "backup");
        await ledger.Store.BackupAsync(backup);
        await ledger.CloseAsync();
        var bytes = await File.ReadAllBytesAsync(backup);
        for (var i = 100; i < bytes.Length; i += 50) bytes[i] ^= 0xFF;
        await File.WriteAllBytesAsync(backup, bytes);
        await Should.ThrowAsync<Exception>(LedgerStore.RestoreAsync(backup, ledger.Options, ledger.Clock));
        await Should.ThrowAsync<FileNotFoundException>(LedgerStore.RestoreAsync(backup + "-none", ledger.Options, ledger.Clock));
        await ledger.ReopenAsync();
        (await ledger.Store.GetWarningAsync(done.Revision.Id)).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_backup_whose_text_of_a_table_is_damaged_replaces_nothing_although_SQLite_calls_it_whole()
    {
        await using var ledger = await TestLedger.OpenAsync(Database.Sqlite);
        var done = await ledger.ReleasedAsync(await ledger.CountyAsync(1));
        var backup = Path.Combine(ledger.Folder, "backup");
        await ledger.Store.BackupAsync(backup);
        await ledger.CloseAsync();
        var bytes = await File.ReadAllBytesAsync(backup);
        for (var at = 0; bytes.AsSpan(at).IndexOf("service INTEGER"u8) is >= 0 and var found; at += found + 1) bytes[at + found] ^= 1; // Pages keep older texts of it too.
        await File.WriteAllBytesAsync(backup, bytes);
        (await Should.ThrowAsync<LedgerSchemaException>(LedgerStore.RestoreAsync(backup, ledger.Options, ledger.Clock))).Message.ShouldContain("service");
        await ledger.ReopenAsync();
        (await ledger.Store.GetWarningAsync(done.Revision.Id)).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_backup_of_every_earlier_schema_is_put_back()
    {
        for (var version = 1; version <= Schema.Newest; version++)
        {
            await using var old = await TestLedger.UnopenedAsync(Database.Sqlite);
            await using (Engine engine = new SqliteEngine(old.Options))
            await using (var session = await engine.OpenAsync(write: true, CancellationToken.None))
            {
                await Schema.MigrateAsync(session, engine, old.Now, to: version);
                await session.ExecuteAsync("INSERT INTO region (code, level, name) VALUES ('420000000000', 1, '湖北省')");
                await engine.BackupAsync(Path.Combine(old.Folder, "backup"), CancellationToken.None);
            }

            await using var ledger = await TestLedger.UnopenedAsync(Database.Sqlite);
            await LedgerStore.RestoreAsync(Path.Combine(old.Folder, "backup"), ledger.Options, ledger.Clock);
            await ledger.ReopenAsync();
            (await ledger.Store.RegionsAsync()).ShouldHaveSingleItem();
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("CREATE TABLE schema_version (version INTEGER PRIMARY KEY, applied INTEGER NOT NULL) STRICT;")]
    [InlineData("CREATE TABLE somebody (elses INTEGER);")]
    public async Task A_file_that_holds_no_ledger_replaces_nothing(string made)
    {
        await using var ledger = await TestLedger.OpenAsync(Database.Sqlite);
        var done = await ledger.ReleasedAsync(await ledger.CountyAsync(1));
        await ledger.CloseAsync();
        var backup = Path.Combine(ledger.Folder, "backup");
        await using (var file = new SqliteConnection($"Data Source={backup};Pooling=false"))
        {
            await file.OpenAsync();
            await using var command = file.CreateCommand();
            command.CommandText = made;
            if (made.Length > 0) await command.ExecuteNonQueryAsync();
        }

        File.Exists(backup).ShouldBeTrue();
        await Should.ThrowAsync<LedgerSchemaException>(LedgerStore.RestoreAsync(backup, ledger.Options, ledger.Clock));
        await ledger.ReopenAsync();
        (await ledger.Store.GetWarningAsync(done.Revision.Id)).ShouldHaveSingleItem();
    }

    /// <summary>A service that began with an empty ledger then would know no device, and say that all is well.</summary>
    [Fact]
    public async Task A_restore_that_a_crash_broke_off_is_said_and_no_empty_ledger_begun_and_it_can_be_done_again()
    {
        await using var ledger = await TestLedger.OpenAsync(Database.Sqlite);
        var done = await ledger.ReleasedAsync(await ledger.CountyAsync(1));
        var backup = Path.Combine(ledger.Folder, "backup");
        await ledger.Store.BackupAsync(backup);
        await ledger.CloseAsync();
        await Should.ThrowAsync<IOException>(LedgerStore.RestoreAsync(backup, ledger.Options with { Files = new CrashBeforeTheLastMove() }, ledger.Clock));

        (await Should.ThrowAsync<LedgerSchemaException>(ledger.ReopenAsync())).Message.ShouldContain("restore");
        File.Exists(ledger.Options.SqlitePath).ShouldBeFalse();

        await LedgerStore.RestoreAsync(backup, ledger.Options, ledger.Clock);
        await ledger.ReopenAsync();
        (await ledger.Store.GetWarningAsync(done.Revision.Id)).ShouldHaveSingleItem();
    }

    /// <summary>Whoever is told "not restored" goes on with what was there; and a trail that was cut without a line of it passes for tampered with.</summary>
    [Fact]
    public async Task A_restore_that_cannot_be_noted_among_the_checkpoints_replaces_nothing()
    {
        await using var ledger = await TestLedger.OpenAsync(Database.Sqlite);
        var backup = Path.Combine(ledger.Folder, "backup");
        var targets = await ledger.CountyAsync(1);
        await ledger.Store.BackupAsync(backup);
        var later = await ledger.ReleasedAsync(targets);
        await ledger.CloseAsync();

        await Should.ThrowAsync<IOException>(LedgerStore.RestoreAsync(backup, ledger.Options with { Files = new NoRoomForCheckpoints() }, ledger.Clock));

        await ledger.ReopenAsync();
        (await ledger.Store.GetWarningAsync(later.Revision.Id)).ShouldHaveSingleItem();
        (await ledger.Store.VerifyAuditAsync()).Intact.ShouldBeTrue();
    }

    private sealed class NoRoomForCheckpoints : LedgerFiles
    {
        public override void AppendFlushed(string path, string text) => throw new IOException("There is no room.");
    }

    private sealed class CrashBeforeTheLastMove : LedgerFiles
    {
        public override void Move(string from, string to)
        {
            if (from.EndsWith(".restoring", StringComparison.Ordinal)) throw new IOException("The power is gone.");
            base.Move(from, to);
        }
    }

    /// <summary>A service that goes on over another ledger than it has begun with knows devices by numbers that are others' now, and speaks to the wrong ones.</summary>
    [Theory, MemberData(nameof(Both))]
    public async Task A_ledger_in_use_is_not_restored_over(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        var backup = Path.Combine(ledger.Folder, "backup");
        await ledger.Store.BackupAsync(backup);
        var done = await ledger.ReleasedAsync(await ledger.CountyAsync(1));
        (await Should.ThrowAsync<LedgerUnavailableException>(LedgerStore.RestoreAsync(backup, ledger.Options, ledger.Clock))).Message.ShouldContain("another process");
        (await ledger.Store.GetWarningAsync(done.Revision.Id)).ShouldHaveSingleItem();
        await ledger.Store.AuditAsync(TestLedger.Operator, "look", "", "");
    }

    [Fact]
    public async Task A_file_is_not_opened_twice()
    {
        await using var ledger = await TestLedger.OpenAsync(Database.Sqlite);
        await Should.ThrowAsync<LedgerUnavailableException>(ledger.OpenNodeAsync(ledger.Options));
    }
}
