using Broadcast.Ledger.Storage;
using Broadcast.Rules;
using Npgsql;

namespace Broadcast.Ledger.Tests;

/// <summary>What becomes of a ledger on PostgreSQL when another one of its users dies, hangs or is slow.</summary>
public sealed class NodesTests
{
    /// <summary>A machine that loses its power says nothing to the database, and TCP waits hours for it; meanwhile nobody could warn or cancel.</summary>
    [Fact]
    public async Task A_node_that_dies_or_hangs_in_its_transaction_does_not_hold_up_the_others()
    {
        await using var ledger = await TestLedger.OpenAsync(Database.Postgres);
        var targets = await ledger.CountyAsync(1);
        var warning = await ledger.ApprovedAsync();
        await using Engine other = new PostgresEngine(ledger.Options.Npgsql);
        await using var dead = await other.OpenAsync(write: true, CancellationToken.None);
        await dead.ExecuteAsync(other.Begin);
        await dead.ExecuteAsync("UPDATE commit_counter SET n = n + 1 WHERE one = 1");

        (await ledger.Store.ReleaseAsync(TestLedger.Request(warning, targets))).ShouldBeOfType<ReleaseResult.Done>();

        await Should.ThrowAsync<NpgsqlException>(dead.ExecuteAsync("COMMIT")); // It was not dead: what it had begun is not kept, and it hears so.
    }

    /// <summary>Each would close the sessions of the other in the ledger, and say of its devices that they are off line. It is what two machines with the default do.</summary>
    [Fact]
    public async Task A_name_that_another_process_has_is_not_taken_until_that_one_has_ended()
    {
        await using var ledger = await TestLedger.OpenAsync(Database.Postgres);
        var device = (await ledger.CountyAsync(1))[0].Device;
        await ledger.Store.OpenSessionAsync(device, ledger.Options.Node, ledger.Now);
        var same = ledger.Options with { AnchorPath = ledger.Options.AnchorPath + "-2" };

        (await Should.ThrowAsync<LedgerUnavailableException>(ledger.OpenNodeAsync(same))).Message.ShouldContain("Node is 'node-a'");
        (await ledger.Store.NewestSessionsAsync()).ShouldHaveSingleItem().End.ShouldBe(SessionEnd.Open);

        await ledger.CloseAsync();
        await using var after = await ledger.OpenNodeAsync(same);
        (await after.NewestSessionsAsync()).ShouldHaveSingleItem().End.ShouldBe(SessionEnd.CloudStopped);
    }

    /// <summary>However many people look at long lists, and however long those take.</summary>
    [Fact]
    public async Task What_devices_are_owed_does_not_wait_behind_what_people_read()
    {
        await using var ledger = await TestLedger.OpenAsync(Database.Postgres, o => o with { ReadersMax = 1 });
        var targets = await ledger.CountyAsync(1);
        await ledger.ReleasedAsync(targets);
        await using var other = new NpgsqlConnection(ledger.Options.Npgsql);
        await other.OpenAsync();
        await using var slow = await other.BeginTransactionAsync();
        await using var command = other.CreateCommand();
        command.CommandText = "LOCK TABLE region IN ACCESS EXCLUSIVE MODE";
        await command.ExecuteNonQueryAsync();
        var looking = Enumerable.Range(0, 10).Select(_ => ledger.Store.RegionsAsync()).ToList();

        (await ledger.Store.ForgottenAsync([new HelloMark(targets[0].Device, 0)])).ShouldBe(0);
        (await ledger.Store.OwedOrdersAsync(targets[0].Device, ledger.Now)).ShouldHaveSingleItem();
        (await ledger.Store.HasRunOutAsync(ledger.Now)).ShouldBeFalse();
        (await ledger.Store.OwingDevicesAsync(ledger.Now, ledger.Now)).ShouldHaveSingleItem();

        looking.ShouldAllBe(l => !l.IsCompleted);
        await slow.RollbackAsync();
        await Task.WhenAll(looking);
    }

    /// <summary>Each connection that was kept for the next reader would else fail whoever takes it, hours later and when many ask at once.</summary>
    [Fact]
    public async Task After_the_database_was_away_one_reader_hears_of_it_and_not_as_many_as_there_were_connections()
    {
        await using var ledger = await TestLedger.OpenAsync(Database.Postgres);
        await ReadAtOnceAsync(ledger);
        await using var other = new NpgsqlConnection(ledger.Options.Npgsql);
        await other.OpenAsync();
        await using var kill = other.CreateCommand();
        kill.CommandText = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
        await kill.ExecuteNonQueryAsync();

        await Should.ThrowAsync<LedgerUnavailableException>(ledger.Store.RegionsAsync());

        await ReadAtOnceAsync(ledger);
    }

    /// <summary>A service in a quiet hour reads and does not write.</summary>
    [Fact]
    public async Task After_the_database_was_away_a_ledger_in_use_is_not_restored_over_nor_its_name_taken()
    {
        await using var ledger = await TestLedger.OpenAsync(Database.Postgres);
        var backup = Path.Combine(ledger.Folder, "backup");
        await ledger.Store.BackupAsync(backup);
        await using var other = new NpgsqlConnection(ledger.Options.Npgsql);
        await other.OpenAsync();
        await using var kill = other.CreateCommand();
        kill.CommandText = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
        await kill.ExecuteNonQueryAsync();
        await ledger.Store.HasRunOutAsync(ledger.Now);

        (await Should.ThrowAsync<LedgerUnavailableException>(LedgerStore.RestoreAsync(backup, ledger.Options, ledger.Clock))).Message.ShouldContain("another process");

        await Should.ThrowAsync<LedgerUnavailableException>(ledger.Store.AuditAsync(TestLedger.Operator, "look", "", "")); // The first that writes hears of it.
        await ledger.Store.AuditAsync(TestLedger.Operator, "look", "", "");
        (await Should.ThrowAsync<LedgerUnavailableException>(ledger.OpenNodeAsync(ledger.Options with { AnchorPath = ledger.Options.AnchorPath + "-2" }))).Message.ShouldContain("Node is 'node-a'");
    }

    /// <summary>As many as there are places; each holds its connection until all have one.</summary>
    private static async Task ReadAtOnceAsync(TestLedger ledger)
    {
        await using var other = new NpgsqlConnection(ledger.Options.Npgsql);
        await other.OpenAsync();
        await using var held = await other.BeginTransactionAsync();
        await using var command = other.CreateCommand();
        command.CommandText = "LOCK TABLE region IN ACCESS EXCLUSIVE MODE";
        await command.ExecuteNonQueryAsync();
        var reads = Enumerable.Range(0, ledger.Options.ReadersMax).Select(_ => ledger.Store.RegionsAsync()).ToList();
        command.CommandText = "SELECT pg_stat_clear_snapshot(); SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        await Broadcast.Testing.Eventually.HoldsAsync(async () => reads.Exists(r => r.IsFaulted) || await WaitingAsync(command) == reads.Count, TimeSpan.FromSeconds(20));
        await held.RollbackAsync();
        await Task.WhenAll(reads);
    }

    private static async Task<long> WaitingAsync(NpgsqlCommand count)
    {
        await using var reader = await count.ExecuteReaderAsync();
        await reader.NextResultAsync();
        return await reader.ReadAsync() ? reader.GetInt64(0) : 0;
    }
}
