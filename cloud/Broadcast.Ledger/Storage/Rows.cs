namespace Broadcast.Ledger.Storage;

internal enum ColumnType { Long, Real, Text, Bytes }

internal readonly record struct Column(string Name, ColumnType Type, Array Values);

/// <summary>Rows for one statement, column by column: PostgreSQL takes each column as one array, SQLite binds row after row.</summary>
internal sealed class Rows(int count)
{
    public int Count { get; } = count;

    public List<Column> Columns { get; } = [];

    public static RowsOf<T> Of<T>(IReadOnlyList<T> items) => new(items);
}

internal readonly struct RowsOf<T>(IReadOnlyList<T> items)
{
    private readonly IReadOnlyList<T> _items = items;
    private readonly Rows _rows = new(items.Count);

    public RowsOf<T> Long(string name, Func<T, long> read) => Add(name, ColumnType.Long, read);

    public RowsOf<T> Real(string name, Func<T, double> read) => Add(name, ColumnType.Real, read);

    public RowsOf<T> Text(string name, Func<T, string?> read) => Add(name, ColumnType.Text, read);

    public RowsOf<T> Bytes(string name, Func<T, byte[]?> read) => Add(name, ColumnType.Bytes, read);

    public static implicit operator Rows(RowsOf<T> rows) => rows._rows;

    private RowsOf<T> Add<TValue>(string name, ColumnType type, Func<T, TValue> read)
    {
        var values = new TValue[_items.Count];
        for (var i = 0; i < values.Length; i++) values[i] = read(_items[i]);
        _rows.Columns.Add(new Column(name, type, values));
        return this;
    }
}
