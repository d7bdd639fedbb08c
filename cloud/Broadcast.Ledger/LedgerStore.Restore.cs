using Broadcast.Ledger.Audit;
using Broadcast.Ledger.Storage;
using Broadcast.Rules;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Broadcast.Ledger;

/// <summary>Putting a backup back.</summary>
public sealed partial class LedgerStore
{
    /// <summary>
    /// Puts a backup in place of the ledger that <paramref name="options"/> name; no process may have it open. What SQLite held before stays beside it,
    /// named <c>.before-restore-…</c>; PostgreSQL runs <c>pg_restore --clean --if-exists --no-owner --single-transaction --exit-on-error</c>.
    /// Sequence numbers go on from the clock and from what devices report, so that no device refuses its next order; a keyed line says which audit entries were lost.
    /// </summary>
    public static async Task RestoreAsync(string backup, LedgerOptions options, TimeProvider clock, ILogger? log = null, CancellationToken cancel = default)
    {
        options.Validate();
        if (!options.Files.Exists(backup)) throw new FileNotFoundException($"There is no backup at '{backup}'.", backup);
        if (options.IsSqlite) await RestoreSqliteAsync(Path.GetFullPath(backup), options, clock, cancel);
        else await PostgresTools.RestoreAsync(new NpgsqlConnectionStringBuilder(options.Npgsql), Path.GetFullPath(backup), cancel);
        await MarkRestoredAsync(options, clock, cancel);
        await using var store = await OpenAsync(options, clock, log ?? NullLogger.Instance, cancel);
        await store.AuditAsync(Actor.System("restore"), "restore", Path.GetFileName(backup), "the ledger was put back to a backup", cancel);
    }

    private static async Task RestoreSqliteAsync(string backup, LedgerOptions options, TimeProvider clock, CancellationToken cancel)
    {
        var path = options.SqlitePath;
        using var held = SqliteEngine.Lock(path, options.Files);
        var part = path + ".restoring";
        options.Files.Copy(backup, part);
        await SqliteEngine.CheckAsync(part, cancel);
        var aside = $"{path}.before-restore-{clock.GetUtcNow().ToUnixTimeMilliseconds()}";
        foreach (var suffix in (string[])["-wal", "-shm", ""])
        {
            if (options.Files.Exists(path + suffix)) options.Files.Move(path + suffix, aside + suffix);
        }

        options.Files.Move(part, path);
    }

    private static async Task MarkRestoredAsync(LedgerOptions options, TimeProvider clock, CancellationToken cancel)
    {
        await using Engine engine = options.IsSqlite ? new SqliteEngine(options) : new PostgresEngine(options.Npgsql);
        await using var sql = await engine.OpenAsync(write: true, cancel);
        var anchor = new AuditAnchor(options.AnchorPath, options.AuditKey, options.Files);
        var nodes = await sql.QueryAsync("SELECT DISTINCT node FROM audit", r => r.GetString(0));
        foreach (var node in nodes.Concat(anchor.Read().Points.Select(p => p.Node)).Distinct(StringComparer.Ordinal))
        {
            var head = await AuditChain.HeadAsync(sql, node);
            anchor.Append(new Checkpoint(node, head.Number, Convert.ToHexStringLower(head.Hash), clock.GetUtcNow().ToUnixTimeMilliseconds(), Restored: true));
        }
    }
}
