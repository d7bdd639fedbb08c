using Broadcast.Device;
using Broadcast.Ledger.Storage;
using Broadcast.Rules;

namespace Broadcast.Ledger;

/// <summary>An order that its device has never said it holds, with what it is to say.</summary>
public sealed record OwedOrder(OrderRecord Order, Warning Revision);

/// <summary>Orders that changed after a commit, in the order of commits; never a part of a commit.</summary>
/// <param name="Through">Everything up to this commit is in; ask from here on next.</param>
/// <param name="More">Whether there is more already.</param>
public sealed record ChangedOrders(IReadOnlyList<OrderRecord> Orders, long Through, bool More);

/// <summary>How many orders of a revision have said a state, when the first and when the last said it for its first time (times of the cloud's commits).</summary>
public sealed record StateProgress(ReceiptState State, int Orders, DateTimeOffset First, DateTimeOffset Last);

/// <summary>Counts of orders by state. Orders that silence count apart from those that speak.</summary>
public sealed class OrderCounts
{
    private readonly int[] _speaking = new int[Enum.GetValues<OrderState>().Length], _silencing = new int[Enum.GetValues<OrderState>().Length];

    /// <summary>Alert and Update orders in that state.</summary>
    public int this[OrderState state] => _speaking[(int)state];

    /// <summary>Cancel orders in that state.</summary>
    public int Silencing(OrderState state) => _silencing[(int)state];

    public int Total => _speaking.Sum();

    public int TotalSilencing => _silencing.Sum();

    /// <summary>Of those that were played: how many something measured as audible.</summary>
    public int VerifiedAudible { get; private set; }

    /// <summary>Of those that were played: how many something measured as not audible. The rest was not measured.</summary>
    public int MeasuredSilent { get; private set; }

    internal void Add(OrderKind kind, OrderState state, byte reason, int n)
    {
        (kind == OrderKind.Cancel ? _silencing : _speaking)[(int)state] += n;
        if (OrderLife.IsVerifiedAudible(state, reason)) VerifiedAudible += n;
        if (OrderLife.IsMeasuredSilent(state, reason)) MeasuredSilent += n;
    }
}

/// <summary>Reads of orders. They run on their own connections and never wait for the writer.</summary>
public sealed partial class LedgerStore
{
    private const long SilencingStates = 64; // Added to the state that an order which silences told of, where progress is kept.

    private const int StormDevicesMax = 100_000;

    /// <summary>Orders of a revision, by device.</summary>
    /// <param name="within">Only orders of villages in this region.</param>
    public Task<Page<OrderRecord>> OrdersAsync(WarningId id, int revision, long? after, int max, OrderState? state = null, Region? within = null, CancellationToken cancel = default) => _readers.ReadAsync(async sql =>
    {
        var (from, to) = Villages(within);
        var rows = await sql.QueryAsync(
            $"SELECT {OrderRow.Columns} FROM orders o WHERE o.revision = @revision AND o.device > @after AND (@state < 0 OR o.state = @state) AND o.village >= @from AND o.village < @to ORDER BY o.device LIMIT @max",
            OrderRow.Read, ("revision", await RevisionAsync(sql, id, revision)), ("after", after ?? 0), ("state", state is { } s ? (long)s : -1L), ("from", from), ("to", to), ("max", (long)PageOf(max)));
        return new Page<OrderRecord>(await RecordsAsync(sql, id, revision, rows), rows.Count < PageOf(max) ? null : rows[^1].Device);
    }, cancel);

    /// <summary>Orders of all revisions of a warning that changed after <paramref name="commit"/>; complete and in order, so that a reader resumes where it stopped.</summary>
    /// <param name="max">A page ends with a commit, and may hold more than this when one commit alone does.</param>
    public Task<ChangedOrders> OrdersChangedSinceAsync(WarningId id, long commit, int max, CancellationToken cancel = default) => _readers.ReadAsync(async sql =>
    {
        var now = await sql.FirstAsync("SELECT n FROM commit_counter WHERE one = 1", r => r.GetInt64(0));
        var limit = (long)PageOf(max);
        var query = $"SELECT {OrderRow.Columns} FROM warning w JOIN orders o ON o.revision = w.num WHERE w.id = @id AND o.changed > @since AND o.changed <= @until ORDER BY o.changed, o.revision, o.device LIMIT @max";
        var rows = await sql.QueryAsync(query, OrderRow.Read, ("id", id.ToWire()), ("since", commit), ("until", now), ("max", limit + 1));
        var through = now;
        if (rows.Count > limit)
        {
            var cut = rows[^1].Changed; // This commit may have more rows than were read.
            through = rows[0].Changed == cut ? cut : cut - 1;
            rows = rows[0].Changed == cut
                ? await sql.QueryAsync(query, OrderRow.Read, ("id", id.ToWire()), ("since", commit), ("until", cut), ("max", long.MaxValue))
                : rows.FindAll(o => o.Changed < cut);
        }

        var names = await NamesAsync(sql, rows.Select(o => o.Revision));
        await RecordsAsync(sql, id, 0, rows);
        return new ChangedOrders(rows.ConvertAll(o => o.ToRecord(id, names[o.Revision].Revision, _numbers)), through, through < now);
    }, cancel);

    /// <summary>Counts of a revision's orders by state.</summary>
    public Task<OrderCounts> CountsAsync(WarningId id, int revision, CancellationToken cancel = default) => _readers.ReadAsync(async sql =>
    {
        var counts = new OrderCounts();
        foreach (var (kind, state, reason, n) in await sql.QueryAsync("SELECT o.kind, o.state, o.reason, COUNT(*) FROM orders o WHERE o.revision = @revision GROUP BY o.kind, o.state, o.reason",
            r => ((OrderKind)r.GetInt64(0), (OrderState)r.GetInt64(1), (byte)r.GetInt64(2), (int)r.GetInt64(3)), ("revision", await RevisionAsync(sql, id, revision)))) counts.Add(kind, state, reason, n);
        return counts;
    }, cancel);

    /// <summary>Counts of a revision's orders by the regions one level below <paramref name="parent"/>; regions without an order are not in it.</summary>
    public Task<IReadOnlyDictionary<Region, OrderCounts>> CountsByRegionAsync(WarningId id, int revision, Region parent, CancellationToken cancel = default) => _readers.ReadAsync<IReadOnlyDictionary<Region, OrderCounts>>(async sql =>
    {
        var level = parent.Level < RegionLevel.Village ? parent.Level + 1 : RegionLevel.Village;
        var span = OrderRow.Span(level);
        var (from, to) = Villages(parent);
        var counts = new Dictionary<Region, OrderCounts>();
        var rows = await sql.QueryAsync(
            "SELECT o.village / @span AS place, o.kind, o.state, o.reason, COUNT(*) FROM orders o WHERE o.revision = @revision AND o.village >= @from AND o.village < @to GROUP BY place, o.kind, o.state, o.reason ORDER BY place",
            r => (Place: r.GetInt64(0), Kind: (OrderKind)r.GetInt64(1), State: (OrderState)r.GetInt64(2), Reason: (byte)r.GetInt64(3), Count: (int)r.GetInt64(4)),
            ("span", span), ("revision", await RevisionAsync(sql, id, revision)), ("from", from), ("to", to));
        foreach (var row in rows)
        {
            var region = OrderRow.VillageOf(row.Place * span).Ancestor(level);
            if (!counts.TryGetValue(region, out var of)) counts[region] = of = new OrderCounts();
            of.Add(row.Kind, row.State, row.Reason, row.Count);
        }

        return counts;
    }, cancel);

    /// <summary>For each state that receipts of this revision told of: how many orders, the first and the last.</summary>
    public Task<IReadOnlyList<StateProgress>> FirstAndLastAsync(WarningId id, int revision, CancellationToken cancel = default) => _readers.ReadAsync<IReadOnlyList<StateProgress>>(async sql =>
        await TimesAsync(sql, await RevisionAsync(sql, id, revision)), cancel);

    // Of a cancel everything counts, what was kept before the two were told apart too.
    private static Task<List<StateProgress>> TimesAsync(SqlSession sql, long revision) => sql.QueryAsync(
        $"""
        SELECT p.state % {SilencingStates}, CAST(SUM(p.n) AS {"{long}"}), MIN(p.first), MAX(p.last) FROM progress p JOIN warning w ON w.num = p.revision
        WHERE p.revision = @revision AND (p.state < {SilencingStates} OR w.kind = {(long)OrderKind.Cancel}) GROUP BY p.state % {SilencingStates} ORDER BY 1
        """,
        r => new StateProgress((ReceiptState)r.GetInt64(0), (int)r.GetInt64(1), DateTimeOffset.FromUnixTimeMilliseconds(r.GetInt64(2)), DateTimeOffset.FromUnixTimeMilliseconds(r.GetInt64(3))),
        ("revision", revision));

    /// <summary>What a device is owed: queued or sent, valid, its revision still standing (or an order that silences); the oldest sequence first.</summary>
    public async Task<IReadOnlyList<OwedOrder>> OwedOrdersAsync(DeviceId device, DateTimeOffset now, CancellationToken cancel = default) =>
        (await OwedOrdersAsync([device], now, cancel)).TryGetValue(device, out var owed) ? owed : [];

    /// <summary>As above for many devices at once, when a whole county comes back; devices that are owed nothing are not in it.</summary>
    public Task<IReadOnlyDictionary<DeviceId, IReadOnlyList<OwedOrder>>> OwedOrdersAsync(IReadOnlyList<DeviceId> devices, DateTimeOffset now, CancellationToken cancel = default)
    {
        if (devices.Count > StormDevicesMax) throw new ArgumentException($"{devices.Count} devices at once; at most {StormDevicesMax}.", nameof(devices));
        return _owing.ReadAsync<IReadOnlyDictionary<DeviceId, IReadOnlyList<OwedOrder>>>(async sql =>
        {
            var numbers = new HashSet<long>();
            foreach (var device in devices)
            {
                if (await _numbers.DeviceAsync(sql, device) is { } number) numbers.Add(number);
            }

            var rows = new List<OrderRow>();
            await sql.BulkAsync(
                $"""
                SELECT {OrderRow.Columns} FROM {"{rows}"} JOIN orders o ON o.device = r.device AND o.expires > r.now JOIN warning w ON w.num = o.revision
                WHERE o.state IN (0, 1) AND (w.state = 3 OR o.kind = 2) ORDER BY o.device, o.sequence
                """,
                Rows.Of(numbers.ToList()).Long("device", d => d).Long("now", _ => now.ToUnixTimeMilliseconds()), r => rows.Add(OrderRow.Read(r)));
            return await WithRevisionsAsync(sql, rows);
        }, cancel);
    }

    /// <summary>What a device said of an order, in the order of its receipt numbers.</summary>
    public Task<IReadOnlyList<KeptReceipt>> ReceiptsAsync(WarningId id, int revision, DeviceId device, CancellationToken cancel = default) => _readers.ReadAsync<IReadOnlyList<KeptReceipt>>(async sql =>
        await _numbers.DeviceAsync(sql, device) is not { } number ? [] : await sql.QueryAsync(
            "SELECT sequence, state, reason, attempt, at, clock, number, committed FROM receipt WHERE revision = @revision AND device = @device ORDER BY number LIMIT 10000",
            r => new KeptReceipt(device, ReadReceipt(r, 0, id, revision), DateTimeOffset.FromUnixTimeMilliseconds(r.GetInt64(7))),
            ("revision", await RevisionAsync(sql, id, revision)), ("device", number)), cancel);

    /// <summary>The newest receipts of a device that fit no order.</summary>
    public Task<IReadOnlyList<KeptReceipt>> StrayReceiptsAsync(DeviceId device, CancellationToken cancel = default) => _readers.ReadAsync<IReadOnlyList<KeptReceipt>>(async sql =>
        await _numbers.DeviceAsync(sql, device) is not { } number ? [] : await sql.QueryAsync(
            "SELECT sequence, state, reason, attempt, at, clock, number, committed, warning, revision FROM stray WHERE device = @device ORDER BY committed, number",
            r => new KeptReceipt(device, ReadReceipt(r, 0, WarningId.FromWire(r.GetBytes(8))!.Value, (int)r.GetInt64(9)), DateTimeOffset.FromUnixTimeMilliseconds(r.GetInt64(7))),
            ("device", number)), cancel);

    private async Task<IReadOnlyDictionary<DeviceId, IReadOnlyList<OwedOrder>>> WithRevisionsAsync(SqlSession sql, List<OrderRow> rows)
    {
        var revisions = new Dictionary<long, Warning>();
        foreach (var number in rows.Select(o => o.Revision).Distinct())
        {
            revisions[number] = (await sql.QueryAsync($"SELECT {WarningRow.Columns} FROM warning WHERE num = @num", r => WarningRow.Read(r).Warning, ("num", number)))[0];
        }

        if (rows.Exists(o => !_numbers.Knows(o.Device, o.Site))) await _numbers.RefreshAsync(sql);
        return rows.GroupBy(o => o.Device).ToDictionary(g => _numbers.Device(g.Key), IReadOnlyList<OwedOrder> (g) =>
            [.. g.OrderBy(o => o.Sequence).Select(o => new OwedOrder(o.ToRecord(revisions[o.Revision].Id, revisions[o.Revision].Revision, _numbers), revisions[o.Revision]))]);
    }

    private static ReceiptRecord ReadReceipt(RowReader r, int from, WarningId id, int revision) => new(
        id, revision, r.GetInt64(from), (ReceiptState)r.GetInt64(from + 1), (byte)r.GetInt64(from + 2), (int)r.GetInt64(from + 3), r.GetInt64(from + 4), (ClockQuality)r.GetInt64(from + 5), r.GetInt64(from + 6));

    private static (long From, long To) Villages(Region? region)
    {
        if (region is not { } r) return (0, long.MaxValue);
        var from = OrderRow.CodeOf(r);
        return (from, from + OrderRow.Span(r.Level));
    }
}
