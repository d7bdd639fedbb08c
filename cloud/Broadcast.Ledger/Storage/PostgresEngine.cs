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

    public PostgresEngine(string connectionString)
    {
        _settings = new NpgsqlConnectionStringBuilder(connectionString) { MaxAutoPrepare = 200, AutoPrepareMinUsages = 2, IncludeErrorDetail = false };
        _source = NpgsqlDataSource.Create(_settings);
    }

    public override string Begin => "BEGIN";

    public override string BeginRead => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

    public override (string Take, string Give) MigrationLock => ("SELECT pg_advisory_lock(4212020001)", "SELECT pg_advisory_unlock(4212020001)");

    public override async Task<SqlSession> OpenAsync(bool write, CancellationToken cancel)
    {
        var session = new SqlSession(await _source.OpenConnectionAsync(cancel), this);
        if (write) await session.ExecuteAsync("SET synchronous_commit = on"); // An acknowledged commit survives a power cut, whatever the server's default says.
        return session;
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
