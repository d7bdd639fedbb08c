using Microsoft.Data.Sqlite;
using Npgsql;

namespace Broadcast.Ledger.Tests;

public sealed class AuditTests
{
    public static TheoryData<Database> Both => TestLedger.Both;

    [Theory, MemberData(nameof(Both))]
    public async Task A_trail_that_nobody_touched_is_intact_also_after_reopening(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        await ledger.ReleasedAsync(await ledger.CountyAsync(2));
        await ledger.ReopenAsync();
        await ledger.Store.AuditAsync(TestLedger.Operator, "look", "x", "y");
        await ledger.ReopenAsync();
        var verdict = await ledger.Store.VerifyAuditAsync();
        verdict.Intact.ShouldBeTrue(string.Join("; ", verdict.Findings));
        var entries = (await ledger.Store.AuditEntriesAsync("node-a", 0, 100)).Items;
        entries.Select(e => e.Act).ShouldBe(["draft", "submit", "approve", "release", "look"]);
        entries[2].Actor.ShouldBe("person:wang-fang");
        verdict.Entries.ShouldBe(5);
    }

    /// <summary>A file that another user owns since a restore, or that was made immutable, is no reason to write no checkpoint ever again.</summary>
    [Fact]
    public async Task Checkpoints_are_written_again_once_their_file_may_be_written_again()
    {
        await using var ledger = await TestLedger.OpenAsync(Database.Sqlite);
        File.Delete(ledger.Options.AnchorPath);
        Directory.CreateDirectory(ledger.Options.AnchorPath); // To the system what may not be written: access is denied.
        await ledger.Store.AuditAsync(TestLedger.Operator, "look", "x", "y");
        await Broadcast.Testing.Eventually.HoldsAsync(() =>
        {
            ledger.Clock.Advance(TimeSpan.FromSeconds(1));
            return ledger.Clock.Elapsed > TimeSpan.FromSeconds(50);
        }, TimeSpan.FromMinutes(1));
        Directory.Delete(ledger.Options.AnchorPath);

        await ledger.Store.AuditAsync(TestLedger.Operator, "look", "x", "y");

        await Broadcast.Testing.Eventually.HoldsAsync(() =>
        {
            ledger.Clock.Advance(TimeSpan.FromSeconds(1));
            return File.Exists(ledger.Options.AnchorPath);
        }, TimeSpan.FromMinutes(1));
    }

    /// <summary>After a power cut there are else no checkpoints at all, and a trail that is cut off passes for whole.</summary>
    [Fact]
    public async Task The_file_of_checkpoints_is_replaced_only_by_one_that_is_on_the_disk()
    {
        var files = new NotedFiles();
        await using var ledger = await TestLedger.OpenAsync(Database.Sqlite, o => o with { Files = files });
        await ledger.CloseAsync();
        await File.WriteAllLinesAsync(ledger.Options.AnchorPath, Enumerable.Repeat("old", 10_001));
        files.Acts.Clear();

        await ledger.ReopenAsync();

        files.Acts.TakeLast(3).ShouldBe(["write anchor.new", "flush anchor.new", "move anchor.new"]);
    }

    private sealed class NotedFiles : Broadcast.Ledger.Storage.LedgerFiles
    {
        public List<string> Acts { get; } = [];

        public override void WriteText(string path, string text) => Note("write", path, () => base.WriteText(path, text));

        public override void FlushToDisk(string path) => Note("flush", path, () => base.FlushToDisk(path));

        public override void Move(string from, string to) => Note("move", from, () => base.Move(from, to));

        private void Note(string act, string path, Action does)
        {
            Acts.Add($"{act} {Path.GetFileName(path)}");
            does();
        }
    }

    /// <summary>A disk that fills up takes what has room of a line. Who is told of forgery then goes looking for a forger.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(64)] // All of its seal.
    [InlineData(70)] // A space and more.
    [InlineData(150)] // All but the first letters.
    public async Task A_checkpoint_that_a_full_disk_or_a_power_cut_broke_off_is_no_forged_one(int chars)
    {
        await using var ledger = await TenEntriesAsync(Database.Sqlite);
        await ledger.CloseAsync();
        var text = await File.ReadAllTextAsync(ledger.Options.AnchorPath);
        await File.WriteAllTextAsync(ledger.Options.AnchorPath, text[..^(chars + 1)]); // The line's end, too.
        await ledger.ReopenAsync();
        (await ledger.Store.VerifyAuditAsync()).Findings.ShouldBeEmpty();

        await ledger.Store.AuditAsync(TestLedger.Operator, "look", "11", "");
        await ledger.ReopenAsync();

        (await ledger.Store.VerifyAuditAsync()).Findings.ShouldBeEmpty();
        (await File.ReadAllLinesAsync(ledger.Options.AnchorPath))[^1].ShouldStartWith("head node-a 11 ");
    }

    [Theory]
    [InlineData(Database.Sqlite, "UPDATE audit SET detail = 'z' WHERE number = 4", AuditFault.Changed, 4)]
    [InlineData(Database.Postgres, "UPDATE audit SET detail = 'z' WHERE number = 4", AuditFault.Changed, 4)]
    [InlineData(Database.Sqlite, "UPDATE audit SET actor = 'person:x' WHERE number = 10", AuditFault.Changed, 10)]
    [InlineData(Database.Postgres, "UPDATE audit SET actor = 'person:x' WHERE number = 10", AuditFault.Changed, 10)]
    [InlineData(Database.Sqlite, "DELETE FROM audit WHERE number = 5", AuditFault.Missing, 5)]
    [InlineData(Database.Postgres, "DELETE FROM audit WHERE number = 5", AuditFault.Missing, 5)]
    [InlineData(Database.Sqlite, "DELETE FROM audit WHERE number = 1", AuditFault.Missing, 1)]
    [InlineData(Database.Postgres, "DELETE FROM audit WHERE number = 1", AuditFault.Missing, 1)]
    [InlineData(Database.Sqlite, "UPDATE audit SET number = CASE number WHEN 6 THEN 1007 ELSE 1006 END WHERE number IN (6, 7); UPDATE audit SET number = number - 1000 WHERE number > 1000", AuditFault.Changed, 6)]
    [InlineData(Database.Postgres, "UPDATE audit SET number = CASE number WHEN 6 THEN 1007 ELSE 1006 END WHERE number IN (6, 7); UPDATE audit SET number = number - 1000 WHERE number > 1000", AuditFault.Changed, 6)]
    [InlineData(Database.Sqlite, "DELETE FROM audit WHERE number > 8", AuditFault.CutOff, 10)]
    [InlineData(Database.Postgres, "DELETE FROM audit WHERE number > 8", AuditFault.CutOff, 10)]
    [InlineData(Database.Sqlite, "DELETE FROM audit", AuditFault.CutOff, 10)]
    [InlineData(Database.Postgres, "DELETE FROM audit", AuditFault.CutOff, 10)]
    public async Task A_changed_missing_reordered_or_cut_off_entry_shows(Database database, string tampering, AuditFault fault, long number)
    {
        await using var ledger = await TenEntriesAsync(database);
        await ledger.CloseAsync();
        await TamperAsync(ledger, tampering);
        await ledger.ReopenAsync();
        (await ledger.Store.VerifyAuditAsync()).Findings.ShouldContain(new AuditFinding(fault, "node-a", number));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_chain_written_anew_without_the_key_shows_at_its_checkpoint(Database database)
    {
        await using var ledger = await TenEntriesAsync(database);
        await ledger.CloseAsync();
        await TamperAsync(ledger, "DELETE FROM audit");
        // The forger has the program, but not the anchor file: their chain is whole in itself.
        await using (var forger = await ledger.OpenNodeAsync(ledger.Options with { AnchorPath = ledger.Options.AnchorPath + "-2" }))
        {
            for (var i = 0; i < 12; i++) await forger.AuditAsync(TestLedger.Operator, "nothing", "", "");
            (await forger.VerifyAuditAsync()).Intact.ShouldBeTrue();
        }

        await ledger.ReopenAsync();
        (await ledger.Store.VerifyAuditAsync()).Findings.ShouldContain(new AuditFinding(AuditFault.Rewritten, "node-a", 10));
        await ledger.CloseAsync();
        var lines = await File.ReadAllLinesAsync(ledger.Options.AnchorPath);
        await File.WriteAllLinesAsync(ledger.Options.AnchorPath, lines.Select(l => l.Replace("head node-a 10", "head node-a 11", StringComparison.Ordinal)));
        await ledger.ReopenAsync();
        (await ledger.Store.VerifyAuditAsync()).Findings.ShouldContain(f => f.Fault == AuditFault.CheckpointForged);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task An_entry_is_kept_whatever_is_in_it(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        await ledger.Store.AuditAsync(TestLedger.Operator, "a\0b", "\uD800", new string('长', 100_000));
        var entry = (await ledger.Store.AuditEntriesAsync("node-a", 0, 10)).Items.ShouldHaveSingleItem();
        (entry.Act, entry.Subject, entry.Detail.Length).ShouldBe(("a\uFFFDb", "\uFFFD", 4_000));
        (await ledger.Store.VerifyAuditAsync()).Intact.ShouldBeTrue();
    }

    private static async Task<TestLedger> TenEntriesAsync(Database database)
    {
        var ledger = await TestLedger.OpenAsync(database);
        for (var i = 1; i <= 10; i++) await ledger.Store.AuditAsync(TestLedger.Operator, "look", $"{i}", "");
        return ledger;
    }

    private static async Task TamperAsync(TestLedger ledger, string sql)
    {
        await using System.Data.Common.DbConnection connection = ledger.Options.ConnectionString.StartsWith("sqlite:", StringComparison.Ordinal)
            ? new SqliteConnection($"Data Source={ledger.Options.ConnectionString["sqlite:".Length..]};Pooling=False")
            : new NpgsqlConnection(ledger.Options.ConnectionString["postgres:".Length..]);
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        (await command.ExecuteNonQueryAsync()).ShouldBeGreaterThan(0);
    }
}
