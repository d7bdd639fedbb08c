using Broadcast.Device;
using Broadcast.Ledger.Writing;
using Broadcast.Rules;

namespace Broadcast.Ledger;

/// <summary>What a township's Pi is to know: its children, and the delegation with which it may speak to them.</summary>
/// <param name="Revision">Greater than every earlier one of this Pi.</param>
/// <param name="Epoch">Of the delegation, greater than every one that is revoked at a child; 0 for none.</param>
/// <param name="Expires">When the delegated keys are good for nothing any more.</param>
public sealed record TownshipRecord(DeviceId Parent, long Revision, long Epoch, DateTimeOffset Expires, IReadOnlyList<DeviceId> Children);

/// <summary>A receipt of what a device said on the order of a township's Pi, or of its own page.</summary>
public sealed record LocalReceipt(DeviceId Device, DeviceId OrderedBy, WarningClass Class, ReceiptRecord Receipt, DateTimeOffset Committed);

/// <summary>Townships: who carries whom, delegated keys, and what was said with them.</summary>
public sealed partial class LedgerStore
{
    private const int LocalReceiptsOfADevice = 1_024; // Some hundred local alarms and notices; a device that makes up more pushes out only its own.

    /// <summary>
    /// Makes these the children of a township's Pi, with a new delegation or with none, audited. At children that leave, that come from another Pi, and at all
    /// where nothing is delegated, every key given so far is revoked.
    /// </summary>
    /// <exception cref="ArgumentException">A device is not in the ledger, or there are more than <see cref="Limits.ChildrenMax"/>.</exception>
    public async Task<TownshipRecord> PutChildrenAsync(DeviceId parent, IReadOnlyList<DeviceId> children, TimeSpan? delegatedFor, Actor actor, CancellationToken cancel = default)
    {
        if (children.Count > Limits.ChildrenMax || children.Contains(parent)) throw new ArgumentException($"{parent} cannot have these {children.Count} children; at most {Limits.ChildrenMax}, and not itself.", nameof(children));
        return await WriteAsync(vital: false, tx => PutChildrenAsync(tx, parent, [.. children.Distinct()], delegatedFor, actor), cancel);
    }

    /// <summary>Gives the Pi new keys where those it has expire before <paramref name="unlessGoodUntil"/>; null where it has none or they are good.</summary>
    public Task<TownshipRecord?> RenewDelegationAsync(DeviceId parent, DateTimeOffset unlessGoodUntil, TimeSpan delegatedFor, CancellationToken cancel = default) => WriteAsync(vital: false, async tx =>
    {
        var number = await NumberAsync(tx, parent);
        var (_, epoch, expires) = await TownshipRowAsync(tx, number);
        if (epoch == 0 || expires >= unlessGoodUntil.ToUnixTimeMilliseconds()) return null;
        await PutTownshipAsync(tx, number, delegatedFor);
        return await ReadTownshipAsync(tx.Sql, parent);
    }, cancel);

    /// <summary>What a Pi is to know; null where it never had children.</summary>
    public Task<TownshipRecord?> TownshipAsync(DeviceId parent, CancellationToken cancel = default) => _readers.ReadAsync(sql => ReadTownshipAsync(sql, parent), cancel);

    /// <summary>Every Pi that has a delegation which expires before then.</summary>
    public Task<IReadOnlyList<DeviceId>> DelegationsExpiringAsync(DateTimeOffset before, CancellationToken cancel = default) => _readers.ReadAsync<IReadOnlyList<DeviceId>>(async sql =>
        await sql.QueryAsync("SELECT d.id FROM township t JOIN device d ON d.num = t.parent WHERE t.epoch > 0 AND t.expires < @before ORDER BY d.id LIMIT 10000",
            r => new DeviceId(r.GetString(0)), ("before", before.ToUnixTimeMilliseconds())), cancel);

    /// <summary>Keeps a receipt of what no order of the cloud's was; its first is audited. Idempotent by the receipt's number.</summary>
    public Task LocalReceiptAsync(DeviceId device, ReceiptRecord receipt, DeviceId orderedBy, WarningClass warningClass, CancellationToken cancel = default) => WriteAsync(vital: true, async tx =>
    {
        if (await _numbers.DeviceAsync(tx.Sql, device) is not { } number) return 0;
        var kept = await tx.Sql.ExecuteAsync(
            """
            INSERT INTO local_receipt (device, slot, number, warning, revision, state, reason, attempt, at, clock, ordered_by, class, committed)
            VALUES (@device, @number, @number, @warning, @revision, @state, @reason, @attempt, @at, @clock, @by, @class, @committed)
            ON CONFLICT (device, slot) DO NOTHING
            """,
            ("device", number), ("number", receipt.Number), ("warning", receipt.Warning.ToWire()), ("revision", (long)receipt.Revision),
            ("state", (long)receipt.State), ("reason", (long)receipt.Reason), ("attempt", (long)receipt.Attempt), ("at", TimeOf(tx, receipt.AtMs, receipt.Clock).At), ("clock", (long)TimeOf(tx, receipt.AtMs, receipt.Clock).Clock),
            ("by", orderedBy.Value), ("class", (long)warningClass), ("committed", tx.NowMs));
        if (kept == 0) return 0; // It was said before.
        await tx.Sql.ExecuteAsync("DELETE FROM local_receipt WHERE device = @device AND slot IN (SELECT slot FROM local_receipt WHERE device = @device ORDER BY committed DESC, slot DESC LIMIT 64 OFFSET @max)",
            ("device", number), ("max", (long)LocalReceiptsOfADevice));
        if (receipt.State == ReceiptState.Received) Note(tx, Actor.System("township"), "local-order", device.Value, $"{warningClass} {receipt.Warning} ordered by {orderedBy}");
        return kept;
    }, cancel);

    /// <summary>What devices said on the order of one of them, newest first: on a Pi's, or on that of their own page.</summary>
    public Task<IReadOnlyList<LocalReceipt>> LocalReceiptsAsync(DeviceId orderedBy, IReadOnlyList<DeviceId> devices, int max, CancellationToken cancel = default) => _readers.ReadAsync<IReadOnlyList<LocalReceipt>>(async sql =>
    {
        var all = new List<LocalReceipt>();
        foreach (var device in devices)
        {
            if (await _numbers.DeviceAsync(sql, device) is not { } number) continue;
            all.AddRange(await sql.QueryAsync(
                "SELECT number, warning, revision, state, reason, attempt, at, clock, class, committed FROM local_receipt WHERE device = @device AND ordered_by = @by ORDER BY number DESC LIMIT @max",
                r => new LocalReceipt(device, orderedBy, (WarningClass)r.GetInt64(8),
                    new ReceiptRecord(WarningId.FromWire(r.GetBytes(1))!.Value, (int)r.GetInt64(2), 0, (ReceiptState)r.GetInt64(3), (byte)r.GetInt64(4), (int)r.GetInt64(5), r.GetInt64(6), (ClockQuality)r.GetInt64(7), r.GetInt64(0)),
                    DateTimeOffset.FromUnixTimeMilliseconds(r.GetInt64(9))),
                ("device", number), ("by", orderedBy.Value), ("max", (long)PageOf(max))));
        }

        return [.. all.OrderByDescending(r => r.Receipt.AtMs).ThenByDescending(r => r.Receipt.Number).Take(PageOf(max))];
    }, cancel);

    private async Task<TownshipRecord> PutChildrenAsync(GroupTransaction tx, DeviceId parent, IReadOnlyList<DeviceId> children, TimeSpan? delegatedFor, Actor actor)
    {
        var number = await NumberAsync(tx, parent);
        var wanted = new HashSet<long>();
        foreach (var child in children) wanted.Add(await NumberAsync(tx, child));
        var carried = await tx.Sql.QueryAsync("SELECT child, parent FROM township_child", r => (Child: r.GetInt64(0), Parent: r.GetInt64(1)));
        var before = carried.Where(c => c.Parent == number).Select(c => c.Child).ToHashSet();
        var moved = carried.Where(c => c.Parent != number && wanted.Contains(c.Child)).Select(c => c.Child).ToHashSet();
        await RevokeAsync(tx, delegatedFor is null ? before.Union(wanted) : before.Except(wanted).Union(moved));
        foreach (var child in before.Union(moved)) await tx.Sql.ExecuteAsync("DELETE FROM township_child WHERE child = @child", ("child", child));
        foreach (var child in wanted) await tx.Sql.ExecuteAsync("INSERT INTO township_child (child, parent) VALUES (@child, @parent)", ("child", child), ("parent", number));
        // A Pi that loses a child to another one is told so: its list has a new revision, and its keys are new.
        foreach (var loser in carried.Where(c => moved.Contains(c.Child)).Select(c => c.Parent).Distinct().ToList()) await RenewListAsync(tx, loser);

        await PutTownshipAsync(tx, number, delegatedFor);
        Note(tx, actor, "put-children", parent.Value, $"{string.Join(' ', children)}; {(delegatedFor is null ? "nothing delegated" : "local alarms and notices delegated")}");
        return (await ReadTownshipAsync(tx.Sql, parent))!;
    }

    /// <summary>A new revision of a Pi's list, with new keys that are good for as long as the old ones were.</summary>
    private static async Task RenewListAsync(GroupTransaction tx, long parent)
    {
        var (_, epoch, expires) = await TownshipRowAsync(tx, parent);
        await PutTownshipAsync(tx, parent, epoch == 0 ? null : TimeSpan.FromMilliseconds(Math.Max(1, expires - tx.NowMs)));
    }

    /// <summary>A child has other keys: what its Pi knows of it is worth nothing, and the Pi takes only a newer list.</summary>
    private async Task RenewListOfParentAsync(GroupTransaction tx, DeviceId child)
    {
        foreach (var parent in await tx.Sql.QueryAsync("SELECT parent FROM township_child WHERE child = @child", r => r.GetInt64(0), ("child", await NumberAsync(tx, child)))) await RenewListAsync(tx, parent);
    }

    /// <summary>Takes back what a Pi was delegated; it keeps its children, and is given new keys by hand.</summary>
    private async Task RevokeOfAsync(GroupTransaction tx, DeviceId parent, Actor actor)
    {
        var number = await NumberAsync(tx, parent);
        var children = await tx.Sql.QueryAsync("SELECT child FROM township_child WHERE parent = @parent", r => r.GetInt64(0), ("parent", number));
        if (children.Count == 0) return;
        await RevokeAsync(tx, children);
        await PutTownshipAsync(tx, number, null);
        Note(tx, actor, "revoke-delegation", parent.Value, $"at {children.Count} children");
    }

    /// <summary>Every delegation that was ever given is revoked at these.</summary>
    private static async Task RevokeAsync(GroupTransaction tx, IEnumerable<long> children)
    {
        var upTo = Math.Max(tx.NowMs, await NewestEpochAsync(tx));
        foreach (var child in children)
        {
            await tx.Sql.ExecuteAsync("INSERT INTO revoked_delegation (child, up_to) VALUES (@child, @up_to) ON CONFLICT (child) DO UPDATE SET up_to = excluded.up_to WHERE revoked_delegation.up_to < excluded.up_to",
                ("child", child), ("up_to", upTo));
        }
    }

    private static async Task<(long Revision, long Epoch, long Expires)> TownshipRowAsync(GroupTransaction tx, long parent)
    {
        var rows = await tx.Sql.QueryAsync("SELECT revision, epoch, expires FROM township WHERE parent = @parent", r => (r.GetInt64(0), r.GetInt64(1), r.GetInt64(2)), ("parent", parent));
        return rows.Count > 0 ? rows[0] : default;
    }

    private static async Task PutTownshipAsync(GroupTransaction tx, long parent, TimeSpan? delegatedFor)
    {
        // Above every epoch that was given or revoked anywhere: a clock that went back gives no key that is dead at its birth.
        var next = Math.Max(tx.NowMs, await NewestEpochAsync(tx) + 1);
        var revision = Math.Max(next, (await TownshipRowAsync(tx, parent)).Revision + 1);
        await tx.Sql.ExecuteAsync(
            """
            INSERT INTO township (parent, revision, epoch, expires) VALUES (@parent, @revision, @epoch, @expires)
            ON CONFLICT (parent) DO UPDATE SET revision = excluded.revision, epoch = excluded.epoch, expires = excluded.expires
            """,
            ("parent", parent), ("revision", revision), ("epoch", delegatedFor is null ? 0L : next), ("expires", delegatedFor is { } life ? tx.NowMs + (long)life.TotalMilliseconds : 0L));
    }

    private static Task<long> NewestEpochAsync(GroupTransaction tx) =>
        tx.Sql.FirstAsync("SELECT MAX(n) FROM (SELECT COALESCE(MAX(epoch), 0) AS n FROM township UNION ALL SELECT COALESCE(MAX(up_to), 0) AS n FROM revoked_delegation) AS both_of_them", r => r.GetInt64(0));

    private async Task<long> NumberAsync(GroupTransaction tx, DeviceId device) =>
        await _numbers.DeviceAsync(tx.Sql, device) ?? throw new ArgumentException($"Device {device} is not in the ledger.", nameof(device));

    private static async Task<TownshipRecord?> ReadTownshipAsync(Storage.SqlSession sql, DeviceId parent)
    {
        var rows = await sql.QueryAsync("SELECT t.revision, t.epoch, t.expires FROM township t JOIN device d ON d.num = t.parent WHERE d.id = @parent",
            r => (r.GetInt64(0), r.GetInt64(1), r.GetInt64(2)), ("parent", parent.Value));
        if (rows.Count == 0) return null;
        var children = await sql.QueryAsync("SELECT c.id FROM township_child t JOIN device c ON c.num = t.child JOIN device d ON d.num = t.parent WHERE d.id = @parent ORDER BY c.id",
            r => new DeviceId(r.GetString(0)), ("parent", parent.Value));
        return new TownshipRecord(parent, rows[0].Item1, rows[0].Item2, DateTimeOffset.FromUnixTimeMilliseconds(rows[0].Item3), children);
    }
}
