using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Broadcast.Ledger.Storage;

/// <summary>
/// Runs one SQLite statement row after row. It binds below the ADO.NET provider, whose parameters box every value and are looked up by name each time:
/// receipts come by the ten thousand, and that was most of their cost.
/// </summary>
internal sealed partial class SqliteBulk : BulkStatement
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;
    private readonly Row _row;
    private readonly int[] _places;
    private readonly Given? _given;

    /// <param name="database">Where it runs.</param>
    /// <param name="sql">For one row.</param>
    /// <param name="rows">Rows of the shape that it will be run with.</param>
    /// <param name="changed">Columns of theirs, given back of each that changed something; null for what the statement returns.</param>
    public SqliteBulk(sqlite3 database, string sql, Rows rows, string? changed)
    {
        _database = database;
        Check(raw.sqlite3_prepare_v2(database, sql, out _statement));
        _row = new Row(_statement);
        _places = [.. rows.Columns.Select(c => raw.sqlite3_bind_parameter_index(_statement, "@" + c.Name))];
        _given = changed is null ? null : new Given([.. changed.Split(", ").Select(name => rows.Columns.FindIndex(c => c.Name == name[(name.IndexOf('.', StringComparison.Ordinal) + 1)..]))]);
    }

    /// <summary>The statement for one row: the row's columns become parameters, and the source of rows goes.</summary>
    public static string Expand(string sql) => RowColumn().Replace(
        sql.Replace("{rows} JOIN", "(SELECT 1) JOIN", StringComparison.Ordinal).Replace("FROM {rows}", "", StringComparison.Ordinal), "@$1");

    public override Task RunAsync(Rows rows, Action<RowReader>? row)
    {
        for (var i = 0; i < rows.Count; i++)
        {
            for (var c = 0; c < _places.Length; c++) Check(Bind(_places[c], rows.Columns[c], i));
            try
            {
                int code;
                while ((code = raw.sqlite3_step(_statement)) == raw.SQLITE_ROW) row?.Invoke(_row);
                if (code != raw.SQLITE_DONE) Check(code);
                if (_given is { } given && raw.sqlite3_changes(_database) > 0) row!(given.At(rows, i));
            }
            finally
            {
                raw.sqlite3_reset(_statement); // Its code repeats the step's.
            }
        }

        return Task.CompletedTask;
    }

    public override ValueTask DisposeAsync()
    {
        _statement.Dispose();
        return ValueTask.CompletedTask;
    }

    private int Bind(int place, Column column, int i) => column.Values switch
    {
        long[] longs => raw.sqlite3_bind_int64(_statement, place, longs[i]),
        string?[] texts => texts[i] is { } text ? raw.sqlite3_bind_text(_statement, place, text) : raw.sqlite3_bind_null(_statement, place),
        byte[]?[] blobs => blobs[i] is { } blob ? raw.sqlite3_bind_blob(_statement, place, blob) : raw.sqlite3_bind_null(_statement, place),
        double[] reals => raw.sqlite3_bind_double(_statement, place, reals[i]),
        _ => throw new InvalidOperationException($"Column {column.Name} has no type that the ledger writes."),
    };

    private void Check(int code) => SqliteException.ThrowExceptionForRC(code, _database);

    [GeneratedRegex(@"\br\.(\w+)", RegexOptions.None, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex RowColumn();

    /// <summary>What a row gave itself.</summary>
    private sealed class Given(int[] columns) : RowReader
    {
        private Rows _rows = null!;
        private int _at;

        public Given At(Rows rows, int at)
        {
            (_rows, _at) = (rows, at);
            return this;
        }

        public override bool IsDBNull(int column) => _rows.Columns[columns[column]].Values is not long[] && Of<object?>(column) is null;

        public override long GetInt64(int column) => Of<long>(column);

        public override double GetDouble(int column) => Of<double>(column);

        public override string GetString(int column) => Of<string>(column);

        public override byte[] GetBytes(int column) => Of<byte[]>(column);

        private T Of<T>(int column) => ((T[])_rows.Columns[columns[column]].Values)[_at];
    }

    private sealed class Row(sqlite3_stmt statement) : RowReader
    {
        public override bool IsDBNull(int column) => raw.sqlite3_column_type(statement, column) == raw.SQLITE_NULL;

        public override long GetInt64(int column) => raw.sqlite3_column_int64(statement, column);

        public override double GetDouble(int column) => raw.sqlite3_column_double(statement, column);

        public override string GetString(int column) => raw.sqlite3_column_text(statement, column).utf8_to_string();

        public override byte[] GetBytes(int column) => raw.sqlite3_column_blob(statement, column).ToArray();
    }
}
