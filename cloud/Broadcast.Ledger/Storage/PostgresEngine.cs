using System.Data.Common;
using System.Net.Sockets;
using Npgsql;
using NpgsqlTypes;

namespace Broadcast.Ledger.Storage;

/// <summary>PostgreSQL, for several processes: rows go as arrays, statements are prepared by the driver.</summary>
internal sealed class PostgresEngine : Engine
{
    private readonly NpgsqlDataSource _source;
    private readonly NpgsqlConnectionStringBuilder _settings;
    private string? _name;

    public PostgresEngine(string connectionString)
    {
        _settings = new NpgsqlConnectionStringBuilder(connectionString) { MaxAutoPrepare = 200, AutoPrepareMinUsages = 2, IncludeErrorDetail = false };
        _source = NpgsqlDataSource.Create(_settings);
    }

    public override string Begin => "BEGIN";

    public override string BeginRead => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

    private const long InUse = 4212020002;
    private const string NameLock = "advisory_lock(4212, hashtext(@node))";
    private const int GoneWithinMs = 5_000; // Who has just closed it is soon gone.
    private const int DeadWithinMs = 28_000; // A machine without power is noticed by then (tcp_keepalives_…), and a command waits for thirty seconds.

    /// <summary>Whoever has a connection open uses the ledger, and a service in a quiet hour only reads.</summary>
    private static readonly string Reader = $"SELECT pg_advisory_lock_shared({InUse})";

    /// <summary>
    /// An acknowledged commit survives a power cut, whatever the server's default says. Who dies or hangs in a transaction holds the turn of all nodes, and
    /// TCP would wait hours for a machine without power: after ten seconds, less than anybody waits for their turn, the server ends what it had begun.
    /// </summary>
    private static readonly string Writer =
        $"SET synchronous_commit = on; SET idle_in_transaction_session_timeout = 10000; SET tcp_user_timeout = 10000; SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3; {Reader}";

    public override (string Take, string Give) MigrationLock => ("SELECT pg_advisory_lock(4212020001)", "SELECT pg_advisory_unlock(4212020001)");

    public override async Task<SqlSession> OpenAsync(bool write, CancellationToken cancel)
    {
        var session = new SqlSession(await _source.OpenConnectionAsync(cancel), this);
        try
        {
            await session.ExecuteAsync(write ? Writer : Reader);
            // After the database was away. Where the server has not noticed yet that the connection before is gone, that one has the name still: no reason to wait.
            if (write && _name is { } name) await session.ExecuteAsync($"SELECT pg_try_{NameLock}", ("node", name));
            return session;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    public override async Task ClaimAsync(SqlSession session, string node)
    {
        await LockAsync(session, $"pg_{NameLock}", DeadWithinMs, $"Ledger setting Node is '{node}': another process has that name in this ledger; give each its own (--node).", ("node", node));
        _name = node;
    }

    /// <summary>Opens a connection that is the only one which writes, until it is closed: whoever opens another waits for that.</summary>
    /// <exception cref="LedgerUnavailableException">Somebody writes.</exception>
    public async Task<SqlSession> OpenAloneAsync(CancellationToken cancel)
    {
        var session = new SqlSession(await _source.OpenConnectionAsync(cancel), this);
        try
        {
            await session.ExecuteAsync("SET synchronous_commit = on");
            await LockAsync(session, $"pg_advisory_lock({InUse})", GoneWithinMs, "Ledger setting ConnectionString is 'postgres:…': another process holds that ledger; stop it, on whatever machine, or name another database.");
            return session;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    private static async Task LockAsync(SqlSession session, string take, int withinMs, string otherwise, params (string, object?)[] arguments)
    {
        try
        {
            await session.ExecuteAsync($"SET lock_timeout = {withinMs}");
            await session.ExecuteAsync($"SELECT {take}", arguments);
            await session.ExecuteAsync("SET lock_timeout = 0");
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            throw new LedgerUnavailableException(otherwise, e);
        }
    }

    public override string Translate(string sql) => sql
        .Replace("{long}", "BIGINT", StringComparison.Ordinal)
        .Replace("{real}", "DOUBLE PRECISION", StringComparison.Ordinal)
        .Replace("{bytes}", "BYTEA", StringComparison.Ordinal)
        .Replace("{clustered}", "", StringComparison.Ordinal)
        .Replace("{hot}", "WITH (fillfactor = 60)", StringComparison.Ordinal) // Room in the page for the row's later states, so that no index is touched.
        .Replace("{plain}", "", StringComparison.Ordinal);

    public override BulkStatement Prepare(DbConnection connection, string sql, Rows rows, string? changed)
    {
        var source = $"unnest({string.Join(", ", rows.Columns.Select(c => $"@{c.Name}"))}) AS r({string.Join(", ", rows.Columns.Select(c => c.Name))})";
        var command = ((NpgsqlConnection)connection).CreateCommand();
        command.CommandText = Translate(sql.Replace("{rows}", source, StringComparison.Ordinal)) + (changed is null ? "" : " RETURNING " + changed);
        foreach (var column in rows.Columns) command.Parameters.Add(new NpgsqlParameter(column.Name, NpgsqlDbType.Array | TypeOf(column.Type)));
        return new ArrayStatement(command);
    }

    public override Fault Classify(Exception e) => e switch
    {
        PostgresException { SqlState: PostgresErrorCodes.DiskFull } => Fault.Full,
        PostgresException p when p.SqlState.StartsWith("57", StringComparison.Ordinal) || p.SqlState.StartsWith("53", StringComparison.Ordinal)
            || p.SqlState.StartsWith("40", StringComparison.Ordinal) || p.SqlState.StartsWith("58", StringComparison.Ordinal) => Fault.Unavailable,
        PostgresException => Fault.Act,
        NpgsqlException or SocketException or ObjectDisposedException => Fault.Unavailable,
        _ => Fault.Act,
    };

    public override long FreeBytes() => long.MaxValue; // The disk is another machine's.

    public override Task BackupAsync(string path, CancellationToken cancel) => PostgresTools.DumpAsync(_settings, path, cancel);

    public override async ValueTask DisposeAsync() => await _source.DisposeAsync();

    private static NpgsqlDbType TypeOf(ColumnType type) => type switch
    {
        ColumnType.Long => NpgsqlDbType.Bigint,
        ColumnType.Real => NpgsqlDbType.Double,
        ColumnType.Text => NpgsqlDbType.Text,
        _ => NpgsqlDbType.Bytea,
    };

    /// <summary>All rows in one execution, each column one array.</summary>
    private sealed class ArrayStatement(NpgsqlCommand command) : BulkStatement
    {
        public override async Task RunAsync(Rows rows, Action<RowReader>? row)
        {
            for (var c = 0; c < rows.Columns.Count; c++) command.Parameters[c].Value = rows.Columns[c].Values;
            if (row is null)
            {
                await command.ExecuteNonQueryAsync();
                return;
            }

            await using var reader = await command.ExecuteReaderAsync();
            var current = new ProviderRow(reader);
            while (await reader.ReadAsync()) row(current);
        }

        public override ValueTask DisposeAsync() => command.DisposeAsync();
    }
}
