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

    public override string RowSource(Rows rows) =>
        $"unnest({string.Join(", ", rows.Columns.Select(c => $"@{c.Name}"))}) AS r({string.Join(", ", rows.Columns.Select(c => c.Name))})";

    public override void Declare(DbCommand command, Rows rows)
    {
        foreach (var column in rows.Columns)
            ((NpgsqlCommand)command).Parameters.Add(new NpgsqlParameter(column.Name, NpgsqlDbType.Array | TypeOf(column.Type)));
    }

    public override async Task<int> RunBulkAsync(DbCommand command, Rows rows, Action<DbDataReader>? row)
    {
        for (var c = 0; c < rows.Columns.Count; c++) command.Parameters[c].Value = rows.Columns[c].Values;
        if (row is null) return await command.ExecuteNonQueryAsync();
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync()) row(reader);
        return reader.RecordsAffected;
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
}
