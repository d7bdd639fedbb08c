using System.Diagnostics;
using Broadcast.Benchmarks.Measuring;
using Broadcast.Benchmarks.Product;
using Broadcast.Testing;
using Microsoft.Data.Sqlite;

namespace Broadcast.Benchmarks.Runs;

/// <summary>
/// Durable messages a second of the ledger alone: receipts and readings of a county, half and half, each its own call as the link makes it, done
/// when its commit is on the disk. Beside it: bare SQLite, which inserts rows of the same fields into two tables and knows nothing of orders,
/// duplicates or states, with as many rows a transaction as the ledger's groups may hold.
/// </summary>
internal static class Records
{
    private const int Devices = 9_000;
    private const int BareRowsATransaction = 16_384; // LedgerOptions.GroupRowsMax.

    public static async Task<BenchReport> RunAsync(Machine machine, int rounds)
    {
        var report = new BenchReport("records", machine, new Dictionary<string, string> { ["messages a round"] = $"{Devices * LedgerCounty.MessagesOfADevice}", ["synchronous"] = "FULL" });
        using var folder = new TempFolder("records");
        await using var postgres = await PostgresServer.StartAsync();
        await using var sqlite = await LedgerCounty.OpenAsync("sqlite:" + folder["ledger.db"], folder["anchors"], Devices);
        await using var server = await LedgerCounty.OpenAsync("postgres:" + await postgres.CreateDatabaseAsync(), folder["anchors-postgres"], Devices);
        await using var bare = await BareAsync(folder["bare.db"]);
        var (mine, other, theirs) = (report.Series("SQLite: durable messages", "1/s"), report.Series("PostgreSQL: durable messages", "1/s"), report.Series("bare SQLite: durable rows", "1/s"));
        var (processor, release) = (report.Series("SQLite: processor a message", "µs"), report.Series($"SQLite: release to {Devices} devices", "ms"));
        for (var round = -2; round < rounds; round++)
        {
            var (rate, used, released) = await sqlite.RoundAsync();
            var (serverRate, _, _) = await server.RoundAsync();
            var bareRate = await BareRoundAsync(bare);
            if (round < 0) continue;
            mine.Add(rate);
            processor.Add(used);
            release.Add(released);
            other.Add(serverRate);
            theirs.Add(bareRate);
        }

        report.Ratio("bare SQLite over the ledger", theirs, mine);
        report.Note($"Aim: ≥ 30000 a second on SQLite; it was {mine.Median:0}.");
        return report;
    }

    private static async Task<SqliteConnection> BareAsync(string path)
    {
        var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = """
            PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-65536;
            CREATE TABLE receipt (revision INTEGER, device INTEGER, number INTEGER, sequence INTEGER, state INTEGER, reason INTEGER, attempt INTEGER, at INTEGER, clock INTEGER, committed INTEGER, PRIMARY KEY (revision, device, number)) WITHOUT ROWID;
            CREATE TABLE reading (device INTEGER, number INTEGER, at INTEGER, clock INTEGER, seconds INTEGER, rain INTEGER, level INTEGER, battery INTEGER, site INTEGER, committed INTEGER, PRIMARY KEY (device, number)) WITHOUT ROWID;
            """;
        await command.ExecuteNonQueryAsync();
        return connection;
    }

    private static long _bareNumber;

    private static async Task<double> BareRoundAsync(SqliteConnection connection)
    {
        var began = Stopwatch.GetTimestamp();
        var rows = Devices * LedgerCounty.MessagesOfADevice;
        for (var done = 0; done < rows; done += BareRowsATransaction)
        {
            await using var transaction = await connection.BeginTransactionAsync();
            foreach (var table in (string[])["receipt", "reading"])
            {
                await using var insert = connection.CreateCommand();
                insert.Transaction = (SqliteTransaction)transaction;
                insert.CommandText = $"INSERT INTO {table} VALUES (@a, @b, @c, @d, @e, @f, @g, @h, @i, @j)";
                var parameters = "abcdefghij".Select(c => insert.Parameters.Add("@" + c, SqliteType.Integer)).ToArray();
                for (var i = 0; i < Math.Min(BareRowsATransaction, rows - done) / 2; i++)
                {
                    _bareNumber++;
                    for (var p = 0; p < parameters.Length; p++) parameters[p].Value = _bareNumber + p;
                    await insert.ExecuteNonQueryAsync();
                }
            }

            await transaction.CommitAsync();
        }

        return rows / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }
}
