using Broadcast.Device;
using Broadcast.Ledger.Storage;
using Broadcast.Rules;

namespace Broadcast.Ledger;

/// <summary>A revision and its numbers, all as of one commit.</summary>
/// <param name="Commit">The newest commit that changed anything of this revision.</param>
public sealed record WarningProgress(Warning Warning, OrderCounts Counts, IReadOnlyList<StateProgress> Times, long Commit);

/// <summary>Reads that the operator's desk and its watchers ask for.</summary>
public sealed partial class LedgerStore
{
    /// <summary>What an earlier release or cancel of that person under that key did; <see cref="ReleaseResult.KeyReused"/> where it was another request; null where there was none.</summary>
    public Task<ReleaseResult?> FindReleaseAsync(Actor actor, string key, byte[] requestHash, CancellationToken cancel = default) =>
        _readers.ReadAsync(sql => EarlierAnswerAsync(sql, actor, key, requestHash), cancel);

    /// <summary>How far a revision has come; null where there is no such revision.</summary>
    public Task<WarningProgress?> ProgressAsync(WarningId id, int revision, CancellationToken cancel = default) => _readers.ReadAsync(async sql =>
    {
        if (await FindAsync(sql, id, revision) is not { } found) return null;
        var counts = new OrderCounts();
        var commit = await sql.FirstAsync("SELECT changed FROM warning WHERE num = @num", r => r.GetInt64(0), ("num", found.Number));
        var rows = await sql.QueryAsync("SELECT o.kind, o.state, o.reason, COUNT(*), MAX(o.changed) FROM orders o WHERE o.revision = @num GROUP BY o.kind, o.state, o.reason",
            r => (Kind: (OrderKind)r.GetInt64(0), State: (OrderState)r.GetInt64(1), Reason: (byte)r.GetInt64(2), Count: (int)r.GetInt64(3), Changed: r.GetInt64(4)), ("num", found.Number));
        foreach (var row in rows)
        {
            counts.Add(row.Kind, row.State, row.Reason, row.Count);
            commit = Math.Max(commit, row.Changed);
        }

        return new WarningProgress(found.Warning, counts, await TimesAsync(sql, found.Number), commit);
    }, cancel);

    /// <summary>Every device that any revision of a warning was ordered to, once each, as it was then: whom a cancel must reach.</summary>
    public Task<IReadOnlyList<Target>> TargetsAsync(WarningId id, CancellationToken cancel = default) => _readers.ReadAsync<IReadOnlyList<Target>>(async sql =>
    {
        await _numbers.RefreshAsync(sql);
        return await TargetsAsync(sql, id);
    }, cancel);

    private Task<List<Target>> TargetsAsync(SqlSession sql, WarningId id) => sql.QueryAsync(
        "SELECT o.device, MAX(o.site), MAX(o.village) FROM warning w JOIN orders o ON o.revision = w.num WHERE w.id = @id GROUP BY o.device ORDER BY o.device",
        r => new Target(_numbers.Site(r.GetInt64(1)), _numbers.Device(r.GetInt64(0)), OrderRow.VillageOf(r.GetInt64(2))), ("id", id.ToWire()));

    /// <summary>Whether anything has run out since it was last swept: asked often, so that a quiet night writes nothing.</summary>
    public Task<bool> HasRunOutAsync(DateTimeOffset now, CancellationToken cancel = default) => _owing.ReadAsync(async sql =>
        (await sql.QueryAsync("SELECT num FROM warning WHERE (swept = 0 AND expires <= @now) OR (state = @released AND expires <= @now) LIMIT 1", r => r.GetInt64(0),
            ("now", now.ToUnixTimeMilliseconds()), ("released", (long)WarningState.Released))).Count > 0, cancel);

    /// <summary>Ends released warnings whose validity is over and whose owed orders have been expired; gives which.</summary>
    public Task<IReadOnlyList<WarningId>> EndAsync(DateTimeOffset now, CancellationToken cancel = default) => WriteAsync<IReadOnlyList<WarningId>>(vital: true, async tx =>
    {
        var over = await tx.Sql.QueryAsync("SELECT num, id, revision FROM warning WHERE state = @released AND swept = 1 AND expires <= @now ORDER BY expires LIMIT 64",
            r => (Number: r.GetInt64(0), Id: WarningId.FromWire(r.GetBytes(1))!.Value, Revision: (int)r.GetInt64(2)),
            ("released", (long)WarningState.Released), ("now", now.ToUnixTimeMilliseconds()));
        foreach (var (number, id, revision) in over)
        {
            await tx.Sql.ExecuteAsync("UPDATE warning SET state = @ended, changed = @changed WHERE num = @num",
                ("ended", (long)WarningState.Ended), ("changed", tx.Commit), ("num", number));
            Note(tx, Actor.System("expiry"), "end", Subject(id, revision), "its validity is over");
        }

        return [.. over.Select(o => o.Id)];
    }, cancel);

    /// <summary>
    /// Devices that are owed an order of a revision released before <paramref name="releasedBefore"/>: where a hand-on between nodes may have been lost. What was
    /// released later than now was so by a clock that was ahead: that is no reason to wait for it.
    /// </summary>
    public Task<IReadOnlyList<DeviceId>> OwingDevicesAsync(DateTimeOffset now, DateTimeOffset releasedBefore, CancellationToken cancel = default) => _owing.ReadAsync<IReadOnlyList<DeviceId>>(async sql =>
    {
        await _numbers.RefreshAsync(sql);
        return await sql.QueryAsync(
            "SELECT DISTINCT o.device FROM warning w JOIN orders o ON o.revision = w.num WHERE w.swept = 0 AND w.expires > @now AND (w.released <= @before OR w.released > @now) AND o.state IN (0, 1) LIMIT 100000",
            r => _numbers.Device(r.GetInt64(0)), ("now", now.ToUnixTimeMilliseconds()), ("before", releasedBefore.ToUnixTimeMilliseconds()));
    }, cancel);

    /// <summary>Whether ordinary acts are refused, as of the last write, because the disk is nearly full.</summary>
    public bool IsStorageLow => _reserve.WasLow;
}
