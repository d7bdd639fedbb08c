using Broadcast.Device;
using Broadcast.Ledger.Audit;
using Broadcast.Ledger.Storage;
using Broadcast.Ledger.Writing;
using Broadcast.Rules;

namespace Broadcast.Ledger;

/// <summary>The life of warnings up to their release, and the audit trail that goes with it.</summary>
public sealed partial class LedgerStore
{
    /// <summary>Adds a draft: revision 1, or an update or cancel of a warning that exists. False where that revision exists already.</summary>
    public Task<bool> AddRevisionAsync(Warning draft, Actor actor, CancellationToken cancel = default)
    {
        CheckWarning(draft);
        if (draft.State != WarningState.Draft) throw new ArgumentException($"A new revision is {draft.State}; expected a draft.", nameof(draft));
        return WriteAsync(IsVital(draft), async tx =>
        {
            if (await FindAsync(tx.Sql, draft.Id, draft.Revision) is not null) return false;
            await WarningRow.InsertAsync(tx.Sql, draft, tx.Commit);
            Note(tx, actor, "draft", Subject(draft.Id, draft.Revision), $"{draft.Kind} {draft.Content.Class} {draft.Content.Level} {draft.Content.Event}");
            return true;
        }, cancel);
    }

    /// <summary>Compare and set: moves the revision if it is in <paramref name="from"/>; false, and nothing done, when it was not.</summary>
    public Task<bool> MoveAsync(WarningId id, int revision, WarningState from, WarningState to, PersonId? approver, Actor actor, string act, CancellationToken cancel = default)
    {
        if (approver is { } person) CheckText(person.Value, 32, "approver");
        return WriteAsync(vital: true, async tx =>
        {
            var moved = await tx.Sql.ExecuteAsync(
                "UPDATE warning SET state = @to, approver = COALESCE(@approver, approver), changed = @changed WHERE id = @id AND revision = @revision AND state = @from",
                ("to", (long)to), ("approver", approver?.Value), ("changed", tx.Commit), ("id", id.ToWire()), ("revision", (long)revision), ("from", (long)from));
            if (moved == 0) return false;
            Note(tx, actor, act, Subject(id, revision), $"{from} to {to}");
            return true;
        }, cancel);
    }

    /// <summary>Adds an entry to the audit trail.</summary>
    public Task AuditAsync(Actor actor, string act, string subject, string detail, CancellationToken cancel = default) => WriteAsync(vital: true, tx =>
    {
        Note(tx, actor, act, subject, detail);
        return Task.FromResult(0);
    }, cancel);

    /// <summary>All revisions, oldest first; empty where there is no such warning.</summary>
    public Task<IReadOnlyList<Warning>> GetWarningAsync(WarningId id, CancellationToken cancel = default) => _readers.ReadAsync<IReadOnlyList<Warning>>(async sql =>
        await sql.QueryAsync($"SELECT {WarningRow.Columns} FROM warning WHERE id = @id ORDER BY revision", r => WarningRow.Read(r).Warning, ("id", id.ToWire())), cancel);

    /// <summary>The newest revision of each warning, the newest first.</summary>
    /// <param name="before">The cursor of the page before; null for the first.</param>
    public Task<Page<Warning>> ListWarningsAsync(long? before, int max, CancellationToken cancel = default) => _readers.ReadAsync(async sql =>
    {
        var rows = await sql.QueryAsync(
            $"SELECT {WarningRow.ColumnsOfW} FROM warning w WHERE w.num < @before AND w.revision = (SELECT MAX(x.revision) FROM warning x WHERE x.id = w.id) ORDER BY w.num DESC LIMIT @max",
            r => WarningRow.Read(r), ("before", before ?? long.MaxValue), ("max", PageOf(max)));
        return new Page<Warning>([.. rows.Select(r => r.Warning)], rows.Count < PageOf(max) ? null : rows[^1].Number);
    }, cancel);

    /// <summary>Every revision that is released and has not expired, cancels too: what a process that starts has to go on with.</summary>
    public Task<IReadOnlyList<Warning>> ActiveWarningsAsync(DateTimeOffset now, CancellationToken cancel = default) => _readers.ReadAsync<IReadOnlyList<Warning>>(async sql =>
        await sql.QueryAsync($"SELECT {WarningRow.Columns} FROM warning WHERE state = @released AND expires > @now ORDER BY num",
            r => WarningRow.Read(r).Warning, ("released", (long)WarningState.Released), ("now", now.ToUnixTimeMilliseconds())), cancel);

    /// <summary>Reads one row, if there is one; throws where the database does not answer.</summary>
    public Task ProbeAsync(CancellationToken cancel = default) => _readers.ReadAsync(sql => sql.QueryAsync("SELECT num FROM warning LIMIT 1", r => r.GetInt64(0)), cancel);

    /// <summary>What is taken although the disk is nearly full: what silences, and what saves lives (R1).</summary>
    private static bool IsVital(Warning w) => w.Kind == OrderKind.Cancel || w.Content is { Class: WarningClass.Actual, Level: WarningLevel.Red };

    private static async Task<(long Number, Warning Warning)?> FindAsync(SqlSession sql, WarningId id, int revision)
    {
        var rows = await sql.QueryAsync($"SELECT {WarningRow.Columns} FROM warning WHERE id = @id AND revision = @revision",
            r => WarningRow.Read(r), ("id", id.ToWire()), ("revision", (long)revision));
        return rows.Count > 0 ? rows[0] : null;
    }

    private static void CheckWarning(Warning w)
    {
        if (w.Revision < 1) throw new ArgumentException($"revision is {w.Revision}; expected 1 or more.", nameof(w));
        if (w.Expires <= w.NotBefore) throw new ArgumentException($"expires is {w.Expires:O}, not after notBefore {w.NotBefore:O}.", nameof(w));
        CheckText(w.Author.Value, 32, "author");
        CheckText(w.Content.Text, 4_000, "text");
        CheckText(w.Content.Event, 64, "event");
        CheckText(w.Content.Language, 64, "language");
        WarningRow.ToBody(w);
    }

    private static string Subject(WarningId id, int revision) => $"{id}/{revision}";

    private static void Note(GroupTransaction tx, Actor actor, string act, string subject, string detail) => tx.Audit.Add(AuditChain.Draft(actor.Name, act, subject, detail));

    private static int PageOf(int max) => Math.Clamp(max, 1, PageRowsMax);

    private const int PageRowsMax = 10_000; // The largest release, on one page.
}

/// <summary>One page of a long list.</summary>
/// <param name="Next">Hand it in to get the next page; null at the end.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, long? Next);
