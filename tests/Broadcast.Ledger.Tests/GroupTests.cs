using System.Data.Common;
using Broadcast.Device;
using Broadcast.Ledger.Storage;
using Broadcast.Rules;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Broadcast.Ledger.Tests;

public sealed class GroupTests
{
    public static TheoryData<Database> Both => TestLedger.Both;

    [Theory, MemberData(nameof(Both))]
    public async Task The_queue_is_bounded_and_a_cancelled_caller_leaves_nothing_half_done(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database, o => o with { QueueActsMax = 8, GroupActsMax = 8 });
        using var cancel = new CancellationTokenSource();
        var kept = new List<Task>();
        var withdrawn = new List<Task>();
        await using (await HoldAsync(ledger.Options))
        {
            kept.Add(ledger.Store.AuditAsync(TestLedger.Operator, "kept", "first", "")); // The writer takes it and waits for the database.
            for (var i = 0; i < 40; i++)
            {
                withdrawn.Add(ledger.Store.AuditAsync(TestLedger.Operator, "withdrawn", $"{i}", "", cancel.Token));
                kept.Add(ledger.Store.AuditAsync(TestLedger.Operator, "kept", $"{i}", ""));
            }

            ledger.Store.Waiting.ShouldBeInRange(1, 8);
            await cancel.CancelAsync();
        }

        await Task.WhenAll(kept);
        var answered = 0;
        foreach (var act in withdrawn)
        {
            try
            {
                await act;
                answered++;
            }
            catch (OperationCanceledException) // Withdrawn whole; counted below.
            {
                continue;
            }
        }

        answered.ShouldBeLessThan(40);
        var entries = (await ledger.Store.AuditEntriesAsync("node-a", 0, 1_000)).Items;
        entries.Count(e => e.Act == "kept").ShouldBe(41);
        entries.Count(e => e.Act == "withdrawn").ShouldBe(answered, "what was cancelled is not there, what was answered is");
    }

    [Fact]
    public async Task Readers_that_follow_two_nodes_miss_no_change()
    {
        await using var ledger = await TestLedger.OpenAsync(Database.Postgres);
        await using var other = await ledger.OpenNodeAsync(ledger.Options with { Node = "node-b", AnchorPath = ledger.Options.AnchorPath + "-b" });
        var targets = await ledger.CountyAsync(60);
        var done = await ledger.ReleasedAsync(targets);
        var writing = Task.WhenAll(new[] { ledger.Store, other }.SelectMany((store, half) => done.Orders.Where((_, i) => i % 2 == half).Select(async order =>
        {
            for (var n = 1; n <= 15; n++) await store.ReceiptAsync(order.Device, ledger.Receipt(order, n % 2 == 0 ? ReceiptState.Playing : ReceiptState.Interrupted, n));
        })));
        var seen = new Dictionary<DeviceId, OrderRecord>();
        long since = 0;
        for (var last = false; ;)
        {
            var page = await other.OrdersChangedSinceAsync(done.Revision.Id, since, 20);
            foreach (var order in page.Orders)
            {
                order.Changed.ShouldBeGreaterThan(since);
                seen[order.Device] = order;
            }

            since = page.Through;
            if (last && !page.More) break;
            last = writing.IsCompleted;
        }

        await writing;
        var final = (await ledger.Store.OrdersAsync(done.Revision.Id, 1, null, 100)).Items;
        seen.Values.OrderBy(o => o.Device).ShouldBe(final.OrderBy(o => o.Device));
        final.ShouldAllBe(o => o.ReceiptNumber == 15);
        (await ledger.Store.VerifyAuditAsync()).Intact.ShouldBeTrue();
    }

    [Fact]
    public async Task Two_nodes_that_start_on_an_empty_database_at_once_both_open_and_race_for_one_release()
    {
        await using var ledger = await TestLedger.UnopenedAsync(Database.Postgres);
        var stores = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => ledger.OpenNodeAsync(ledger.Options with { Node = $"node-{i}", AnchorPath = $"{ledger.Options.AnchorPath}-{i}" })));
        await ledger.ReopenAsync();
        var targets = await ledger.CountyAsync(10);
        var warning = await ledger.ApprovedAsync();
        var results = await Task.WhenAll(stores.Select((s, i) => s.ReleaseAsync(TestLedger.Request(warning, targets, $"k{i}"))));
        results.Count(r => r is ReleaseResult.Done).ShouldBe(1);
        results.Count(r => r is ReleaseResult.NotApproved).ShouldBe(3);
        foreach (var store in stores) await store.DisposeAsync();
    }

    [Fact]
    public async Task A_database_that_goes_and_comes_back_is_used_again_without_a_restart()
    {
        await using var ledger = await TestLedger.OpenAsync(Database.Postgres);
        await ledger.Store.AuditAsync(TestLedger.Operator, "look", "1", "");
        await using (var admin = new NpgsqlConnection(ledger.Options.Npgsql + ";Pooling=false"))
        {
            await admin.OpenAsync();
            await using var kill = admin.CreateCommand();
            kill.CommandText = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
            await kill.ExecuteNonQueryAsync();
        }

        await Should.ThrowAsync<LedgerUnavailableException>(ledger.Store.AuditAsync(TestLedger.Operator, "look", "2", ""));
        await ledger.Store.AuditAsync(TestLedger.Operator, "look", "3", "");
        (await ledger.Store.AuditEntriesAsync("node-a", 0, 10)).Items.Select(e => e.Subject).ShouldBe(["1", "3"]);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Every_earlier_schema_is_brought_to_the_newest_and_a_newer_one_is_refused(Database database)
    {
        for (var version = 0; version <= Schema.Newest; version++)
        {
            await using var ledger = await TestLedger.UnopenedAsync(database);
            await using (Engine engine = database == Database.Sqlite ? new SqliteEngine(ledger.Options) : new PostgresEngine(ledger.Options.Npgsql))
            await using (var session = await engine.OpenAsync(write: true, CancellationToken.None))
            {
                await Schema.MigrateAsync(session, engine, ledger.Now, to: version);
                if (version > 0) await session.ExecuteAsync("INSERT INTO region (code, level, name) VALUES ('420000000000', 1, '湖北省')");
            }

            await ledger.ReopenAsync();
            (await ledger.Store.RegionsAsync()).Count.ShouldBe(version > 0 ? 1 : 0);
            await ledger.ReleasedAsync(await ledger.CountyAsync(2));
            await ledger.CloseAsync();
            await using (Engine engine = database == Database.Sqlite ? new SqliteEngine(ledger.Options) : new PostgresEngine(ledger.Options.Npgsql))
            await using (var session = await engine.OpenAsync(write: true, CancellationToken.None))
            {
                (await Schema.CurrentAsync(session)).ShouldBe(Schema.Newest);
                await session.ExecuteAsync($"INSERT INTO schema_version (version, applied) VALUES ({Schema.Newest + 1}, 0)");
            }

            (await Should.ThrowAsync<LedgerSchemaException>(ledger.OpenNodeAsync(ledger.Options))).Message.ShouldContain($"schema {Schema.Newest + 1}");
        }
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Text_that_a_database_cannot_hold_is_refused_by_name_and_changes_nothing(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        var targets = await ledger.CountyAsync(1);
        foreach (var text in new[] { "a\0b", "\uD800", "", new string('长', 4_001) })
        {
            (await Should.ThrowAsync<ArgumentException>(() => ledger.Store.AddRevisionAsync(ledger.Draft(text: text), TestLedger.Operator))).ParamName.ShouldBe("text");
        }

        foreach (var key in new[] { "a\0b", "", new string('k', 65) })
        {
            (await Should.ThrowAsync<ArgumentException>(() => ledger.Store.ReleaseAsync(TestLedger.Request(ledger.Draft(), targets, key)))).ParamName.ShouldBe("idempotencyKey");
        }

        await Should.ThrowAsync<ArgumentException>(() => ledger.Store.PutDevicesAsync([new DeviceRecord(new DeviceId("d\0"), targets[0].Site, 1, [], ServiceState.InService)]));
        await Should.ThrowAsync<ArgumentException>(() => ledger.Store.PutReportsAsync([new DeviceReport(targets[0].Device, ledger.Now, new byte[5_000])]));
        await Should.ThrowAsync<ArgumentException>(() => ledger.Store.ReleaseAsync(TestLedger.Request(ledger.Draft(), [])));
        await Should.ThrowAsync<ArgumentException>(() => ledger.Store.ReleaseAsync(TestLedger.Request(ledger.Draft(), [targets[0], targets[0]])));
        (await ledger.Store.PersonAsync(new PersonId("a\0"))).ShouldBeNull();
        (await ledger.Store.OwedOrdersAsync(new DeviceId("d\0"), ledger.Now)).ShouldBeEmpty();
        (await ledger.Store.ListWarningsAsync(null, int.MaxValue)).Items.ShouldBeEmpty();
        var hostile = ledger.Draft(text: "'; DROP TABLE orders; -- \u202E\u0007𝄞");
        (await ledger.Store.AddRevisionAsync(hostile, TestLedger.Operator)).ShouldBeTrue();
        (await ledger.Store.GetWarningAsync(hostile.Id))[0].Content.Text.ShouldBe(hostile.Content.Text);
    }

    [Theory]
    [InlineData("mysql:x", 32, "n", "ConnectionString")]
    [InlineData("sqlite:", 32, "n", "ConnectionString")]
    [InlineData("sqlite:x", 31, "n", "AuditKey")]
    [InlineData("sqlite:x", 32, "a b", "Node")]
    public async Task A_setting_that_cannot_work_is_named_with_its_value_and_the_fix(string connection, int keyBytes, string node, string setting) =>
        (await Should.ThrowAsync<ArgumentException>(() => LedgerStore.OpenAsync(new LedgerOptions(connection, node, "anchor", new byte[keyBytes]), TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance, CancellationToken.None)))
            .ParamName.ShouldBe(setting);

    /// <summary>Holds the database's write lock from outside, until it is disposed of.</summary>
    internal static async Task<DbConnection> HoldAsync(LedgerOptions options)
    {
        DbConnection connection = options.IsSqlite ? new SqliteConnection($"Data Source={options.SqlitePath};Pooling=False") : new NpgsqlConnection(options.Npgsql + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = options.IsSqlite ? "BEGIN IMMEDIATE" : "BEGIN; UPDATE commit_counter SET n = n";
        await command.ExecuteNonQueryAsync();
        return connection;
    }
}
