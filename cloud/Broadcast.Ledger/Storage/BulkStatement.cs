namespace Broadcast.Ledger.Storage;

/// <summary>A prepared statement that takes many rows at once.</summary>
internal abstract class BulkStatement : IAsyncDisposable
{
    /// <summary>Runs it for all rows; <paramref name="row"/> sees what it returns.</summary>
    public abstract Task RunAsync(Rows rows, Action<RowReader>? row);

    public abstract ValueTask DisposeAsync();
}
