using System.Data.Common;

namespace Broadcast.Ledger.Storage;

/// <summary>The row that a statement has come to, in the four types that the ledger keeps.</summary>
internal abstract class RowReader
{
    public abstract bool IsDBNull(int column);

    public abstract long GetInt64(int column);

    public abstract double GetDouble(int column);

    public abstract string GetString(int column);

    public abstract byte[] GetBytes(int column);
}

/// <summary>A row of a provider's reader.</summary>
internal sealed class ProviderRow(DbDataReader reader) : RowReader
{
    public override bool IsDBNull(int column) => reader.IsDBNull(column);

    public override long GetInt64(int column) => reader.GetInt64(column);

    public override double GetDouble(int column) => reader.GetDouble(column);

    public override string GetString(int column) => reader.GetString(column);

    public override byte[] GetBytes(int column) => (byte[])reader.GetValue(column);
}
