using Broadcast.Device;
using Broadcast.Ledger.Storage;
using Broadcast.Ledger.Writing;
using Broadcast.Rules;

namespace Broadcast.Ledger;

/// <summary>The release: one transaction, or nothing.</summary>
public sealed partial class LedgerStore
{
    private const int TargetsMax = 100_000; // Ten times a prefecture; a province releases by city.
    private static readonly TimeSpan IdempotencyKept = TimeSpan.FromDays(7); // Longer than anybody's retry, and a few megabytes.

    /// <summary>
    /// Approved → Released, sequence numbers given, orders queued, the earlier revision superseded or cancelled with what of it is still queued, audit and
    /// idempotency key: all of it in one transaction. A Cancel needs no row before and no approval in the ledger; whoever calls has asked the rules.
    /// </summary>
    /// <param name="request">What is released, by whom, to whom.</param>
    /// <param name="drafted">Is told the orders before they are written, on the thread that writes: nothing of them stands yet, and they may never stand, or come
    /// again as others. For what can be made ready beside the commit; it must be short and must not throw.</param>
    /// <param name="cancel">Withdraws the act while it waits.</param>
    public async Task<ReleaseResult> ReleaseAsync(ReleaseRequest request, Action<Warning, IReadOnlyList<OrderRecord>>? drafted = null, CancellationToken cancel = default)
    {
        CheckRelease(request);
        try
        {
            return await WriteAsync(IsVital(request.Revision), tx => ReleaseAsync(tx, request, drafted), cancel);
        }
        catch (StorageFullException) // A value, because the caller has an answer for it: a clear refusal to the operator.
        {
            return ReleaseResult.StorageFull.Instance;
        }
    }

    private static void CheckRelease(ReleaseRequest request)
    {
        CheckWarning(request.Revision);
        CheckText(request.IdempotencyKey, 64, "idempotencyKey");
        if (request.Reason is { Length: > 0 } reason) CheckText(reason, 200, "reason");
        if (request.RequestHash.Length is 0 or > 64) throw new ArgumentException($"The request's hash has {request.RequestHash.Length} bytes; expected 1–64.", nameof(request));
        if (request.Targets.Count is 0 or > TargetsMax) throw new ArgumentException($"{request.Targets.Count} targets; expected 1–{TargetsMax}.", nameof(request));
        var seen = new HashSet<DeviceId>();
        foreach (var target in request.Targets)
        {
            if (!seen.Add(target.Target.Device)) throw new ArgumentException($"Device {target.Target.Device} is a target twice.", nameof(request));
            if (target.Target.Village.Level != RegionLevel.Village) throw new ArgumentException($"The target in {target.Target.Village} lies in no village.", nameof(request));
        }
    }

    private async Task<ReleaseResult> ReleaseAsync(GroupTransaction tx, ReleaseRequest request, Action<Warning, IReadOnlyList<OrderRecord>>? drafted)
    {
        if (await EarlierAnswerAsync(tx.Sql, request.Actor, request.IdempotencyKey, request.RequestHash) is { } answer) return answer;
        var earlier = await tx.Sql.QueryAsync($"SELECT {WarningRow.Columns} FROM warning WHERE id = @id ORDER BY revision", r => WarningRow.Read(r), ("id", request.Revision.Id.ToWire()));
        if (Hindrance(earlier, request.Revision) is { } hindrance) return hindrance;

        var (number, released) = await SetReleasedAsync(tx, request.Revision, earlier);
        await EndEarlierAsync(tx, released, [.. earlier.Where(w => IsEndedBy(released, w.Warning)).Select(w => w.Number)]);
        var orders = await InsertOrdersAsync(tx, number, released, [.. request.Targets, .. await LeftOutAsync(tx, request)], drafted);
        await tx.Sql.ExecuteAsync("DELETE FROM idempotency WHERE at < @old", ("old", tx.NowMs - (long)IdempotencyKept.TotalMilliseconds));
        await tx.Sql.ExecuteAsync("INSERT INTO idempotency (actor, key, hash, revision, commit_number, at) VALUES (@actor, @key, @hash, @revision, @commit_number, @at)",
            ("actor", request.Actor.Name), ("key", request.IdempotencyKey), ("hash", request.RequestHash), ("revision", number), ("commit_number", tx.Commit), ("at", tx.NowMs));
        Note(tx, request.Actor, released.Kind == OrderKind.Cancel ? "cancel" : "release", Subject(released.Id, released.Revision),
            $"{released.Kind} {released.Content.Class} {released.Content.Level} to {orders.Count} devices{(request.Reason is { Length: > 0 } why ? $": {why}" : "")}");
        return new ReleaseResult.Done(released, orders, tx.Commit);
    }

    private static bool IsEndedBy(Warning released, Warning earlier) => earlier.State == WarningState.Released
        || (released.Kind == OrderKind.Cancel && earlier is { State: WarningState.Ended, Kind: not OrderKind.Cancel });

    /// <summary>
    /// Who was ordered to speak by an earlier revision and is no target of this one is told to stop. Read in the release's own transaction: a
    /// wider revision that was released a moment before the request came through must be silenced, too.
    /// </summary>
    private async Task<IEnumerable<ReleaseTarget>> LeftOutAsync(GroupTransaction tx, ReleaseRequest request)
    {
        if (request.Revision.Kind == OrderKind.Alert) return [];
        await _numbers.RefreshAsync(tx.Sql);
        var named = request.Targets.Select(t => t.Target.Device).ToHashSet();
        return (await TargetsAsync(tx.Sql, request.Revision.Id)).Where(t => !named.Contains(t.Device)).Select(t => new ReleaseTarget(t, OrderKind.Cancel));
    }

    private async Task<ReleaseResult?> EarlierAnswerAsync(SqlSession sql, Actor actor, string key, byte[] requestHash)
    {
        var found = await sql.QueryAsync("SELECT hash, revision, commit_number FROM idempotency WHERE actor = @actor AND key = @key",
            r => (Hash: r.GetBytes(0), Revision: r.GetInt64(1), Commit: r.GetInt64(2)), ("actor", actor.Name), ("key", key));
        if (found.Count == 0) return null;
        if (!found[0].Hash.AsSpan().SequenceEqual(requestHash)) return ReleaseResult.KeyReused.Instance;
        var revision = (await sql.QueryAsync($"SELECT {WarningRow.Columns} FROM warning WHERE num = @num", r => WarningRow.Read(r).Warning, ("num", found[0].Revision)))[0];
        var rows = await sql.QueryAsync($"SELECT {OrderRow.Columns} FROM orders o WHERE o.revision = @num ORDER BY o.device", OrderRow.Read, ("num", found[0].Revision));
        return new ReleaseResult.Repeated(revision, await RecordsAsync(sql, revision.Id, revision.Revision, rows), found[0].Commit);
    }

    /// <summary>What stands in the way; null where the release may go on.</summary>
    private static ReleaseResult.NotApproved? Hindrance(List<(long Number, Warning Warning)> known, Warning revision)
    {
        var itself = known.Find(w => w.Warning.Revision == revision.Revision).Warning;
        if (revision.Kind != OrderKind.Cancel && itself?.State != WarningState.Approved) return new(itself?.State);
        if (revision.Kind == OrderKind.Alert) return null;
        // Cancel wins: an update that was approved before the cancel came finds nothing released to replace.
        if (revision.Kind == OrderKind.Update && known.Exists(w => w.Warning.Revision > revision.Revision && w.Warning.Kind != OrderKind.Cancel && w.Warning.Released is not null)) return new(WarningState.Superseded);
        var spoken = known.FindLast(w => w.Warning.Kind != OrderKind.Cancel && w.Warning.Released is not null).Warning;
        // What began in time sounds on after its validity: that alone does not keep it from being silenced.
        var standing = spoken?.State == WarningState.Released || (revision.Kind == OrderKind.Cancel && spoken?.State == WarningState.Ended);
        return standing ? null : new(spoken?.State ?? itself?.State ?? known.LastOrDefault().Warning?.State);
    }

    private async Task<(long Number, Warning Released)> SetReleasedAsync(GroupTransaction tx, Warning revision, List<(long Number, Warning Warning)> known)
    {
        var (number, itself) = known.Find(w => w.Warning.Revision == revision.Revision);
        if (itself is not null && (itself.Kind == revision.Kind && itself.State is WarningState.Approved or WarningState.Draft or WarningState.Submitted))
        {
            await tx.Sql.ExecuteAsync("UPDATE warning SET state = @state, released = @released, swept = 0, changed = @changed WHERE num = @num",
                ("state", (long)WarningState.Released), ("released", tx.NowMs), ("changed", tx.Commit), ("num", number));
            return (number, itself with { State = WarningState.Released, Released = DateTimeOffset.FromUnixTimeMilliseconds(tx.NowMs) });
        }

        // A cancel whose number somebody's draft has taken meanwhile gets the next one: it must not lose a race to a draft.
        var free = itself is null ? revision.Revision : NextRevision([.. known.Select(k => k.Warning)], DateTimeOffset.FromUnixTimeMilliseconds(tx.NowMs));
        var released = revision with { Revision = free, State = WarningState.Released, Released = DateTimeOffset.FromUnixTimeMilliseconds(tx.NowMs) };
        await WarningRow.InsertAsync(tx.Sql, released, tx.Commit);
        return ((await FindAsync(tx.Sql, released.Id, free))!.Value.Number, released);
    }

    private static async Task EndEarlierAsync(GroupTransaction tx, Warning released, IReadOnlyList<long> earlier)
    {
        var to = released.Kind == OrderKind.Cancel ? WarningState.Cancelled : WarningState.Superseded;
        foreach (var number in earlier)
        {
            await tx.Sql.ExecuteAsync("UPDATE warning SET state = @state, changed = @changed WHERE num = @num", ("state", (long)to), ("changed", tx.Commit), ("num", number));
            // A queued order that silences a dropped site stays owed: what it silences is still sounding.
            await tx.Sql.ExecuteAsync("UPDATE orders SET state = @cancelled, changed = @changed WHERE revision = @revision AND state = @queued AND kind <> @cancel",
                ("cancelled", (long)OrderState.Cancelled), ("changed", tx.Commit), ("revision", number), ("queued", (long)OrderState.Queued), ("cancel", (long)OrderKind.Cancel));
        }
    }

    private async Task<IReadOnlyList<OrderRecord>> InsertOrdersAsync(
        GroupTransaction tx, long number, Warning released, IReadOnlyList<ReleaseTarget> targets, Action<Warning, IReadOnlyList<OrderRecord>>? drafted)
    {
        var sequence = await NextSequenceAsync(tx);
        // Devices that have seen a higher number than this release has: a backup was put back, or the clock was.
        var ahead = (await tx.Sql.QueryAsync("SELECT num, high_water FROM device WHERE high_water >= @sequence", r => (r.GetInt64(0), r.GetInt64(1)), ("sequence", sequence))).ToDictionary(d => d.Item1, d => d.Item2);
        // The word to stop outlives what it stops: an update may be over long before a device that it leaves out is heard of again.
        var latest = await tx.Sql.FirstAsync("SELECT COALESCE(MAX(expires), 0) FROM warning WHERE id = @id AND released IS NOT NULL", r => r.GetInt64(0), ("id", released.Id.ToWire()));
        var rows = new List<OrderRow>(targets.Count);
        foreach (var (target, kind) in targets)
        {
            if (!_numbers.TryDevice(target.Device, out var device))
                device = await _numbers.DeviceAsync(tx.Sql, target.Device) ?? throw new ArgumentException($"Target device {target.Device} is not in the ledger.");
            if (!_numbers.TrySite(target.Site, out var site))
            {
                await _numbers.RefreshAsync(tx.Sql);
                if (!_numbers.TrySite(target.Site, out site)) throw new ArgumentException($"Target site {target.Site} is not in the ledger.");
            }

            var own = ahead.TryGetValue(device, out var mark) ? mark + 1 : sequence;
            rows.Add(new OrderRow(number, device, own, kind, site, OrderRow.CodeOf(target.Village),
                kind == OrderKind.Cancel ? Math.Max(latest, released.Expires.ToUnixTimeMilliseconds()) : released.Expires.ToUnixTimeMilliseconds(), OrderState.Queued, 0, 0, 0, 0, tx.Commit));
        }

        var records = await RecordsAsync(tx.Sql, released.Id, released.Revision, rows);
        drafted?.Invoke(released, records);
        await tx.Sql.BulkAsync(
            """
            INSERT INTO orders (revision, device, sequence, kind, site, village, expires, state, reason, attempt, receipt, seen, changed)
            SELECT r.revision, r.device, r.sequence, r.kind, r.site, r.village, r.expires, 0, 0, 0, 0, 0, r.changed FROM {rows}
            """,
            Rows.Of(rows).Long("revision", o => o.Revision).Long("device", o => o.Device).Long("sequence", o => o.Sequence).Long("kind", o => (long)o.Kind)
                .Long("site", o => o.Site).Long("village", o => o.Village).Long("expires", o => o.Expires).Long("changed", o => o.Changed));
        var raised = rows.Where(o => ahead.ContainsKey(o.Device)).ToList();
        await tx.Sql.BulkAsync("UPDATE device SET high_water = r.mark FROM {rows} WHERE device.num = r.device", Rows.Of(raised).Long("device", o => o.Device).Long("mark", o => o.Sequence));
        return records;
    }

    private async Task<long> NextSequenceAsync(GroupTransaction tx)
    {
        var sequence = await tx.Sql.FirstAsync(
            "UPDATE commit_counter SET sequence = CASE WHEN sequence + 1 > @now THEN sequence + 1 ELSE @now END WHERE one = 1 RETURNING sequence", r => r.GetInt64(0), ("now", tx.NowMs));
        Interlocked.Exchange(ref _given, sequence);
        return sequence;
    }

    private async Task<IReadOnlyList<OrderRecord>> RecordsAsync(SqlSession sql, WarningId id, int revision, List<OrderRow> rows)
    {
        if (rows.Exists(o => !_numbers.Knows(o.Device, o.Site))) await _numbers.RefreshAsync(sql);
        return rows.ConvertAll(o => o.ToRecord(id, revision, _numbers));
    }
}
