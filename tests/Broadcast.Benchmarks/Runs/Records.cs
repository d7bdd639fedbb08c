using System.Diagnostics;
using System.Globalization;
using Broadcast.Benchmarks.Measuring;
using Broadcast.Device;
using Broadcast.Device.Sensing;
using Broadcast.Ledger;
using Broadcast.Rules;
using Broadcast.Testing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broadcast.Benchmarks.Runs;

/// <summary>
/// Durable messages a second of the ledger alone: receipts and readings of a county, half and half, each its own call as the link makes it, done
/// when its commit is on the disk. Beside it: bare SQLite, which inserts rows of the same fields into two tables and knows nothing of orders,
/// duplicates or states, with as many rows a transaction as the ledger's groups may hold.
/// </summary>
internal static class Records
{
    private const int Devices = 9_000;
    private const int MessagesOfADevice = 4; // Two receipts and two readings.
    private const int BareRowsATransaction = 16_384; // LedgerOptions.GroupRowsMax.

    public static async Task<BenchReport> RunAsync(Machine machine, int rounds)
    {
        var report = new BenchReport("records", machine, new Dictionary<string, string> { ["messages a round"] = $"{Devices * MessagesOfADevice}", ["synchronous"] = "FULL" });
        using var folder = new TempFolder("records");
        await using var postgres = await PostgresServer.StartAsync();
        await using var sqlite = await County.OpenAsync("sqlite:" + folder["ledger.db"], folder["anchors"]);
        await using var server = await County.OpenAsync("postgres:" + await postgres.CreateDatabaseAsync(), folder["anchors-postgres"]);
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
        var rows = Devices * MessagesOfADevice;
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

    /// <summary>A ledger with a county of sites, in which each round releases one warning and then says everything that the devices say.</summary>
    private sealed class County : IAsyncDisposable
    {
        private static readonly Region Area = Region.Create("421202000000", RegionLevel.County);
        private static readonly Actor Author = Actor.Of(new PersonId("li-wei"));
        private static readonly Actor Approver = Actor.Of(new PersonId("wang-fang"));
        private readonly LedgerStore _ledger;
        private readonly IReadOnlyList<Target> _targets;
        private long _number;

        private County(LedgerStore ledger, IReadOnlyList<Target> targets) => (_ledger, _targets) = (ledger, targets);

        public static async Task<County> OpenAsync(string connection, string anchors)
        {
            var ledger = await LedgerStore.OpenAsync(new LedgerOptions(connection, "bench", anchors, new byte[32]), TimeProvider.System, NullLogger.Instance, CancellationToken.None);
            var targets = Enumerable.Range(0, Devices).Select(i => new Target(
                new SiteId(FormattableString.Invariant($"s{i}")), new DeviceId(FormattableString.Invariant($"d{i}")),
                Region.Create(string.Create(CultureInfo.InvariantCulture, $"421202{100 + (i / 1000):D3}{i % 1000:D3}"), RegionLevel.Village))).ToList();
            await ledger.PutSitesAsync([.. targets.Select(t => new Site(t.Site, t.Village, t.Site.Value, 114.3, 29.8))]);
            await ledger.PutDevicesAsync([.. targets.Select(t => new DeviceRecord(t.Device, t.Site, 1, new byte[32], ServiceState.InService))]);
            return new County(ledger, targets);
        }

        public async Task<(double Rate, double ProcessorMicroseconds, double ReleaseMs)> RoundAsync()
        {
            var began = Stopwatch.GetTimestamp();
            var orders = await ReleaseAsync();
            var released = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
            await Quiet.SettleAsync();
            var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
            var used = ProcessFigures.ProcessorMs(Environment.ProcessId);
            began = Stopwatch.GetTimestamp();
            var waiting = new List<Task>(orders.Count * MessagesOfADevice);
            for (var turn = 0; turn < MessagesOfADevice / 2; turn++)
            {
                _number++;
                foreach (var order in orders)
                {
                    var state = turn == 0 ? ReceiptState.Received : ReceiptState.Playing;
                    waiting.Add(_ledger.ReceiptAsync(order.Device, new ReceiptRecord(order.Warning, order.Revision, order.Sequence, state, 0, 1, now, ClockQuality.Cloud, _number)).AsTask());
                    waiting.Add(_ledger.ReadingAsync(order.Device, new ReadingRecord(_number, now, ClockQuality.Cloud, 300, 12, SensorFault.None, 1_840, SensorFault.None, 12_600)).AsTask());
                }
            }

            await Task.WhenAll(waiting);
            var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
            return (waiting.Count / seconds, (ProcessFigures.ProcessorMs(Environment.ProcessId) - used) * 1000 / waiting.Count, released);
        }

        public ValueTask DisposeAsync() => _ledger.DisposeAsync();

        private async Task<IReadOnlyList<OrderRecord>> ReleaseAsync()
        {
            var now = TimeProvider.System.GetUtcNow();
            var warning = new Warning(
                WarningId.New(TimeProvider.System), 1, OrderKind.Alert, new WarningContent(WarningClass.Actual, WarningLevel.Yellow, "11B03", Bulletin.Text), Broadcast.Rules.Area.Of(Area), Area,
                now, now.AddHours(1), WarningState.Draft, new PersonId("li-wei"), null, now, null);
            await _ledger.AddRevisionAsync(warning, Author);
            await _ledger.MoveAsync(warning.Id, 1, WarningState.Draft, WarningState.Submitted, null, Author, "submit");
            await _ledger.MoveAsync(warning.Id, 1, WarningState.Submitted, WarningState.Approved, new PersonId("wang-fang"), Approver, "approve");
            var request = new ReleaseRequest(warning, [.. _targets.Select(t => new ReleaseTarget(t, OrderKind.Alert))], Author, warning.Id.ToString(), [1]);
            return await _ledger.ReleaseAsync(request) is ReleaseResult.Done done ? done.Orders : throw new InvalidOperationException("The ledger did not release.");
        }
    }
}
