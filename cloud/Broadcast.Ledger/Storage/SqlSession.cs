using System.Data.Common;

namespace Broadcast.Ledger.Storage;

/// <summary>One connection and its prepared statements, each made once and bound again and again.</summary>
internal sealed class SqlSession(DbConnection connection, Engine engine) : IAsyncDisposable
{
    private const int StatementsMax = 256; // The ledger's own statements are about a hundred; nothing from outside becomes SQL.

    private readonly Dictionary<string, DbCommand> _statements = new(StringComparer.Ordinal);
    private readonly Dictionary<string, BulkStatement> _bulk = new(StringComparer.Ordinal);

    public DbConnection Connection => connection;

    public async Task<int> ExecuteAsync(string sql, params (string Name, object? Value)[] arguments)
    {
        var command = Bind(sql, arguments);
        return await command.ExecuteNonQueryAsync();
    }

    public async Task<List<T>> QueryAsync<T>(string sql, Func<RowReader, T> read, params (string Name, object? Value)[] arguments)
    {
        var result = new List<T>();
        await using var reader = await Bind(sql, arguments).ExecuteReaderAsync();
        var row = new ProviderRow(reader);
        while (await reader.ReadAsync()) result.Add(read(row));
        return result;
    }

    /// <summary>The first row, or default where there is none.</summary>
    public async Task<T?> FirstAsync<T>(string sql, Func<RowReader, T> read, params (string Name, object? Value)[] arguments)
    {
        var rows = await QueryAsync(sql, read, arguments);
        return rows.Count > 0 ? rows[0] : default;
    }

    /// <summary>Runs <paramref name="sql"/>, which reads its rows from <c>{rows}</c>; <paramref name="row"/> sees what it returns.</summary>
    public Task BulkAsync(string sql, Rows rows, Action<RowReader>? row = null) => RunAsync(sql, null, rows, row);

    /// <summary>
    /// As <see cref="BulkAsync"/>; <paramref name="row"/> sees <paramref name="columns"/> of each row that changed something, and they must be columns whose
    /// value the row gave. SQLite would make a table of its own for every RETURNING, which costs as much as the statement does.
    /// </summary>
    public Task ChangedAsync(string sql, string columns, Rows rows, Action<RowReader> row) => RunAsync(sql, columns, rows, row);

    private async Task RunAsync(string sql, string? changed, Rows rows, Action<RowReader>? row)
    {
        if (rows.Count == 0) return;
        if (!_bulk.TryGetValue(sql, out var statement)) _bulk.Add(sql, statement = engine.Prepare(connection, sql, rows, changed));
        await statement.RunAsync(rows, row);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var command in _statements.Values) await command.DisposeAsync();
        foreach (var statement in _bulk.Values) await statement.DisposeAsync();
        _statements.Clear();
        _bulk.Clear();
        await connection.DisposeAsync();
    }

    private DbCommand Bind(string sql, (string Name, object? Value)[] arguments)
    {
        var command = Statement(sql, c =>
        {
            c.CommandText = engine.Translate(sql);
            foreach (var (name, _) in arguments)
            {
                var parameter = c.CreateParameter();
                parameter.ParameterName = name;
                c.Parameters.Add(parameter);
            }
        });
        for (var i = 0; i < arguments.Length; i++) command.Parameters[i].Value = arguments[i].Value ?? DBNull.Value;
        return command;
    }

    private DbCommand Statement(string sql, Action<DbCommand> prepare)
    {
        if (_statements.TryGetValue(sql, out var command)) return command;
        if (_statements.Count >= StatementsMax) throw new InvalidOperationException($"More than {StatementsMax} different statements: SQL is being put together from values.");
        command = connection.CreateCommand();
        prepare(command);
        _statements.Add(sql, command);
        return command;
    }
}
