using System.Data.Common;
using Broadcast.Ledger.Audit;
using Broadcast.Ledger.Storage;
using Broadcast.Rules;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Broadcast.Ledger;

/// <summary>What came of putting a backup back.</summary>
/// <param name="Kept">What was decided after the backup of keys, service, delegations, duties and passwords, and stands still; a line each.</param>
/// <param name="Lost">Devices and people that were entered after the backup: they have to be entered again.</param>
public sealed record Restored(IReadOnlyList<string> Kept, IReadOnlyList<string> Lost);

/// <summary>Putting a backup back.</summary>
public sealed partial class LedgerStore
{
    private long _restoredMs; // 0 where no backup was ever put back.

    /// <summary>
    /// The number of a warning's next revision: one more than the last, unless a backup from the warning's lifetime was put back. Then devices may know
    /// revisions that this ledger has forgotten, and would take a number of theirs for what they have already. So the number leaps to the seconds since the warning was
    /// written: more than anybody made in that time, also where a backup is put back twice.
    /// </summary>
    /// <param name="revisions">All that the ledger has of the warning, oldest first.</param>
    public int NextRevision(IReadOnlyList<Warning> revisions, DateTimeOffset now)
    {
        var next = revisions[^1].Revision + 1;
        var began = revisions[0].Created;
        if (began.ToUnixTimeMilliseconds() > _restoredMs) return next;
        var untilMs = Math.Max(now.ToUnixTimeMilliseconds(), _restoredMs); // A clock that was ahead at the time, and is right again, takes nothing of it back.
        return Math.Max(next, (int)Math.Clamp(((untilMs - began.ToUnixTimeMilliseconds()) / 1_000) + 2, 1, int.MaxValue / 2));
    }

    /// <summary>
    /// Puts a backup in place of the ledger that <paramref name="options"/> name; no process may have it open. What SQLite held before stays beside it,
    /// named <c>.before-restore-…</c>; PostgreSQL runs <c>pg_restore --clean --if-exists --no-owner --single-transaction --exit-on-error</c>.
    /// Sequence numbers go on from the clock and from what devices report, so that no device refuses its next order; a keyed line says which audit entries were lost.
    /// Whom somebody has taken keys, service or duties from since the backup does not get them back, unless <paramref name="asItWas"/>.
    /// </summary>
    /// <returns>What is kept of the ledger that was replaced; null where that one could not be read, is another ledger, or was not to be asked.</returns>
    public static async Task<Restored?> RestoreAsync(string backup, LedgerOptions options, TimeProvider clock, ILogger? log = null, bool asItWas = false, CancellationToken cancel = default)
    {
        options.Validate();
        log ??= NullLogger.Instance;
        if (!options.Files.Exists(backup)) throw new FileNotFoundException($"There is no backup at '{backup}'.", backup);
        var restored = options.IsSqlite
            ? await RestoreSqliteAsync(Path.GetFullPath(backup), options, clock, log, asItWas, cancel)
            : await RestorePostgresAsync(Path.GetFullPath(backup), options, clock, log, asItWas, cancel);
        if (!options.IsSqlite) await MarkRestoredAsync(options, options, clock, cancel);
        await using var store = await OpenAsync(options, clock, log, cancel);
        var kept = asItWas ? "all of it as it was, keys and duties too" : restored is null ? "nothing is known of what was decided since" : $"kept: {string.Join("; ", restored.Kept)}";
        await store.AuditAsync(Actor.System("restore"), "restore", Path.GetFileName(backup), $"the ledger was put back to a backup; {kept}", cancel);
        return restored;
    }

    private static async Task<Restored?> RestorePostgresAsync(string backup, LedgerOptions options, TimeProvider clock, ILogger log, bool asItWas, CancellationToken cancel)
    {
        await using var engine = new PostgresEngine(options.Npgsql);
        await using var sql = await engine.OpenAloneAsync(cancel);
        var replaced = asItWas ? null : await TryReadAsync(sql, log);
        await PostgresTools.RestoreAsync(new NpgsqlConnectionStringBuilder(options.Npgsql), backup, cancel);
        await NoteRestoredAsync(sql, engine, clock.GetUtcNow());
        return replaced is null ? null : await replaced.ApplyAsync(sql, engine.Begin);
    }

    // A ledger that is broken, or none yet, or of a version before: what it knew is not known.
    private static async Task<Withdrawal?> TryReadAsync(SqlSession replaced, ILogger log)
    {
        try
        {
            return await Withdrawal.ReadAsync(replaced);
        }
        catch (Exception e) when (e is DbException or InvalidCastException or InvalidOperationException)
        {
            Log.ReplacedNotRead(log, e.Message);
            return null;
        }
    }

    private static async Task<Restored?> RestoreSqliteAsync(string backup, LedgerOptions options, TimeProvider clock, ILogger log, bool asItWas, CancellationToken cancel)
    {
        var path = options.SqlitePath;
        using var held = SqliteEngine.Lock(path, options.Files);
        var part = SqliteEngine.Restoring(path);
        foreach (var left in (string[])[part + "-wal", part + "-shm", part + "-journal", part]) options.Files.Delete(left); // Of an attempt that ended halfway: its log is not this copy's.
        options.Files.Copy(backup, part);
        var restored = await TryOnAsync(part, asItWas || !options.Files.Exists(path) ? null : path, options, clock, log, cancel);
        var aside = $"{path}.before-restore-{clock.GetUtcNow().ToUnixTimeMilliseconds()}";
        foreach (var suffix in (string[])["-wal", "-shm", ""])
        {
            if (options.Files.Exists(path + suffix)) options.Files.Move(path + suffix, aside + suffix);
        }

        options.Files.Move(part, path);
        return restored;
    }

    /// <summary>Says among the checkpoints of <paramref name="options"/> where the trails of <paramref name="restored"/> end.</summary>
    private static async Task MarkRestoredAsync(LedgerOptions restored, LedgerOptions options, TimeProvider clock, CancellationToken cancel)
    {
        await using Engine engine = restored.IsSqlite ? new SqliteEngine(restored) : new PostgresEngine(restored.Npgsql);
        await using var sql = await engine.OpenAsync(write: true, cancel);
        var anchor = new AuditAnchor(options.AnchorPath, options.AuditKey, options.Files);
        var nodes = await sql.QueryAsync("SELECT DISTINCT node FROM audit", r => r.GetString(0));
        foreach (var node in nodes.Concat(anchor.Read().Points.Select(p => p.Node)).Distinct(StringComparer.Ordinal))
        {
            var head = await AuditChain.HeadAsync(sql, node);
            anchor.Append(new Checkpoint(node, head.Number, Convert.ToHexStringLower(head.Hash), clock.GetUtcNow().ToUnixTimeMilliseconds(), Restored: true));
        }
    }

    private static async Task NoteRestoredAsync(SqlSession sql, Engine engine, DateTimeOffset now)
    {
        await Schema.MigrateAsync(sql, engine, now); // A backup may be older than this version.
        await sql.ExecuteAsync("UPDATE commit_counter SET restored = @now WHERE one = 1", ("now", now.ToUnixTimeMilliseconds()));
    }

    /// <summary>
    /// Asks SQLite whether the copy is whole, notes in it what happens to it and opens it once, before it takes the ledger's place: a crash in between leaves no ledger that does not know that
    /// it was put back, and a file that no version can open replaces nothing.
    /// </summary>
    private static async Task<Restored?> TryOnAsync(string part, string? replaced, LedgerOptions options, TimeProvider clock, ILogger log, CancellationToken cancel)
    {
        Restored? restored = null;
        var there = options with { ConnectionString = LedgerOptions.SqlitePrefix + part, AnchorPath = part + ".anchors", ReserveBytes = 0 };
        var engine = new SqliteEngine(there);
        try
        {
            await SqliteEngine.CheckAsync(part, cancel);
            await using (engine)
            await using (var sql = await engine.OpenAsync(write: true, cancel))
            {
                // Asked before the migrations make a ledger of anything: to SQLite a file without a byte is a whole database.
                if (await Schema.CurrentAsync(sql) == 0) throw new LedgerSchemaException("The backup holds no ledger.");
                await NoteRestoredAsync(sql, engine, clock.GetUtcNow());
                await engine.CheckTablesAsync(sql, cancel);
                if (replaced is not null) restored = await KeepAsync(engine, replaced, sql, log, cancel);
            }

            await using (await OpenAsync(there, clock, NullLogger.Instance, cancel)) { }
            await MarkRestoredAsync(there, options, clock, cancel); // Where that cannot be said, nothing is replaced.
            return restored;
        }
        catch (Exception e) when (e is not IOException and not LedgerSchemaException and not OperationCanceledException)
        {
            throw engine.Classify(e) switch
            {
                Fault.Full => new StorageFullException($"There is no room to put the backup back: {e.Message}", e),
                Fault.Unavailable => new LedgerUnavailableException($"The backup cannot be put back now: {e.Message}", e),
                _ => new LedgerSchemaException($"The backup is damaged, or no ledger: {e.Message}"),
            };
        }
        finally
        {
            foreach (var left in (string[])[part + ".lock", part + ".anchors"]) options.Files.Delete(left);
        }
    }

    private static async Task<Restored?> KeepAsync(SqliteEngine engine, string replaced, SqlSession restored, ILogger log, CancellationToken cancel)
    {
        Withdrawal? known;
        await using (var before = await engine.OpenOtherAsync(replaced, cancel)) known = before is null ? null : await TryReadAsync(before, log);
        return known is null ? null : await known.ApplyAsync(restored, engine.Begin);
    }
}
