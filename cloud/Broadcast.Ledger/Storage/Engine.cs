using System.Data.Common;

namespace Broadcast.Ledger.Storage;

/// <summary>What a database error means to the ledger.</summary>
internal enum Fault
{
    /// <summary>The act is at fault; the others of its transaction are not.</summary>
    Act,

    /// <summary>There is no room on the disk.</summary>
    Full,

    /// <summary>The database cannot be used now; the whole transaction is lost.</summary>
    Unavailable,
}

/// <summary>The seam between the two databases: connections, the few words in which their SQL differs, rows in bulk, errors, backup.</summary>
internal abstract class Engine : IAsyncDisposable
{
    /// <summary>Opens a connection that writes or only reads.</summary>
    public abstract Task<SqlSession> OpenAsync(bool write, CancellationToken cancel);

    /// <summary>Takes the name for this process, on its writing connection.</summary>
    /// <exception cref="LedgerUnavailableException">Another process has it.</exception>
    public virtual Task ClaimAsync(SqlSession session, string node) => Task.CompletedTask;

    /// <summary>Puts this database's words in place of <c>{long}</c>, <c>{bytes}</c>, <c>{real}</c>, <c>{clustered}</c>, <c>{hot}</c> and <c>{plain}</c>.</summary>
    public abstract string Translate(string sql);

    /// <summary>Prepares a statement that reads <paramref name="rows"/> as <c>r</c> from <c>{rows}</c>.</summary>
    /// <param name="connection">Its own.</param>
    /// <param name="sql">The statement.</param>
    /// <param name="rows">Rows of the shape that it will be run with.</param>
    /// <param name="changed">Columns to give of each row that changed something; null where it gives what it says itself.</param>
    public abstract BulkStatement Prepare(DbConnection connection, string sql, Rows rows, string? changed);

    public abstract Fault Classify(Exception e);

    /// <summary>Begins a transaction that may write.</summary>
    public abstract string Begin { get; }

    /// <summary>Begins a transaction that reads one state of the whole ledger.</summary>
    public abstract string BeginRead { get; }

    /// <summary>Takes and gives back the right to migrate, where several processes may start at once.</summary>
    public abstract (string Take, string Give) MigrationLock { get; }

    /// <summary>Bytes that the database may still grow by; <see cref="long.MaxValue"/> where the ledger cannot know.</summary>
    public abstract long FreeBytes();

    public abstract Task BackupAsync(string path, CancellationToken cancel);

    public abstract ValueTask DisposeAsync();
}
