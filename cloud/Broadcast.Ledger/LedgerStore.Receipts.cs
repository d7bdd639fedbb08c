using System.Collections.Concurrent;
using Broadcast.Device;
using Broadcast.Ledger.Storage;
using Broadcast.Ledger.Writing;
using Broadcast.Rules;

namespace Broadcast.Ledger;

/// <summary>What moves orders after their release: sends, receipts, the end of validity.</summary>
public sealed partial class LedgerStore
{
    private const int StraysOfADevice = Limits.OutboxReceiptsMax; // All that a device can hold back: the receipts of its own alarms come before the alarms. A hostile one overwrites only its own.
    private const long NumberGoodForMs = Limits.LostStateHorizonMs - 3_600_000; // The device judges by its welcome, which comes a little later than this does.
    private const int RevisionsRemembered = 4_096;

    private readonly ConcurrentDictionary<(WarningId, int), long> _revisions = [];
    private readonly BulkKind<HelloMark, int> _forgotten;
    private readonly BulkKind<bool, bool> _turns; // Writes nothing: what waited before it is committed with it.
    private readonly BulkKind<(DeviceId Device, long Sequence), OrderTransition?> _sent;
    private readonly BulkKind<DeviceReceipt, ReceiptOutcome> _receipts;

    /// <summary>The orders were handed to live sessions: queued ones are sent now. Returns what moved.</summary>
    public async Task<IReadOnlyList<OrderTransition>> SentAsync(IReadOnlyList<(DeviceId Device, long Sequence)> sent, CancellationToken cancel = default) =>
        [.. (await WriteRowsAsync(_sent, sent, vital: true, cancel)).OfType<OrderTransition>()];

    /// <summary>
    /// Keeps a receipt. Idempotent by device, order and receipt number; whatever the outcome, it may be acknowledged. What follows the await runs
    /// on the thread that answers the whole group: it must be short and must not block.
    /// </summary>
    public ValueTask<ReceiptOutcome> ReceiptAsync(DeviceId device, ReceiptRecord receipt) => WriteRowAsync(_receipts, new DeviceReceipt(device, receipt), vital: true);

    /// <summary>As <see cref="ReceiptAsync"/> for many, in one transaction; the outcomes are in the order of the receipts.</summary>
    public Task<IReadOnlyList<ReceiptOutcome>> ReceiptsAsync(IReadOnlyList<DeviceReceipt> receipts, CancellationToken cancel = default) =>
        WriteRowsAsync(_receipts, receipts, vital: true, cancel);

    /// <summary>
    /// Ends what was never heard of before its validity ended; at most about <paramref name="max"/> orders, so call again while anything comes back. What it makes of an
    /// update that ran out where an older revision still stands is queued: the word to stop, to be handed over.
    /// </summary>
    public Task<IReadOnlyList<OrderTransition>> ExpireAsync(DateTimeOffset now, int max, CancellationToken cancel = default) =>
        WriteAsync<IReadOnlyList<OrderTransition>>(vital: true, tx => ExpireAsync(tx, now.ToUnixTimeMilliseconds(), PageOf(max)), cancel);

    /// <summary>
    /// Devices that have lost what they had said they hold: all of it where their memory is new or gone, what is above their high-water mark where the flash
    /// has not taken the last of it. What they have not finished is queued again, the cancels too; what is not actual and had begun is over. A device without
    /// any memory refuses numbers older than a day (<see cref="Limits.LostStateHorizonMs"/>), so what is older and still valid gets a new one.
    /// Looks before it writes: a storm of hellos writes nothing. It looks when what the devices said before is committed: a receipt that still waited for its commit
    /// would else say afterwards that the device holds what it has forgotten. Returns how many orders changed.
    /// </summary>
    public async Task<int> ForgottenAsync(IReadOnlyList<HelloMark> hellos, CancellationToken cancel = default)
    {
        await WriteRowAsync(_turns, default, vital: true);
        await Task.Yield(); // Others wait for their answers on this thread.
        var forgetful = await _owing.ReadAsync(async sql =>
        {
            var byNumber = new Dictionary<long, HelloMark>();
            foreach (var hello in hellos)
            {
                if (await _numbers.DeviceAsync(sql, hello.Device) is { } number) byNumber[number] = hello;
            }

            return (await ForgottenRowsAsync(sql, byNumber, _clock.GetUtcNow().ToUnixTimeMilliseconds())).Select(o => byNumber[o.Device]).Distinct().ToList();
        }, cancel);
        return forgetful.Count == 0 ? 0 : (await WriteRowsAsync(_forgotten, forgetful, vital: true, cancel)).Sum();
    }

    private static async Task<List<OrderRow>> ForgottenRowsAsync(SqlSession sql, IReadOnlyDictionary<long, HelloMark> hellos, long nowMs)
    {
        var rows = new List<OrderRow>();
        await sql.BulkAsync(
            $$"""
            SELECT {{OrderRow.Columns}} FROM {rows} JOIN orders o ON o.device = r.device AND o.expires > r.now JOIN warning w ON w.num = o.revision
            WHERE ((o.sequence > r.mark AND (o.state = 2 OR (o.state IN (3, 5) AND w.class = {{(int)WarningClass.Actual}})))
                    OR (r.mark = 0 AND o.state IN (0, 1) AND o.sequence <= r.old))
                AND (w.state = {{(int)WarningState.Released}} OR o.kind = {{(int)OrderKind.Cancel}})
            """,
            Rows.Of(hellos.ToList()).Long("device", h => h.Key).Long("mark", h => h.Value.HighWater).Long("now", _ => nowMs).Long("old", _ => nowMs - NumberGoodForMs),
            r => rows.Add(OrderRow.Read(r)));
        return rows;
    }

    private async Task<int[]> ForgetAsync(GroupTransaction tx, IReadOnlyList<HelloMark> forgetful)
    {
        var devices = await NumbersAsync(tx, forgetful, h => h.Device);
        var hellos = new Dictionary<long, HelloMark>();
        for (var i = 0; i < devices.Length; i++)
        {
            if (devices[i] > 0) hellos[devices[i]] = forgetful[i];
        }

        var rows = await ForgottenRowsAsync(tx.Sql, hellos, tx.NowMs);
        rows.Sort((a, b) => a.Sequence.CompareTo(b.Sequence));
        for (var i = 0; i < rows.Count; i++)
        {
            if (hellos[rows[i].Device].HighWater == 0 && rows[i].Sequence <= tx.NowMs - NumberGoodForMs) rows[i] = rows[i] with { Sequence = await NextSequenceAsync(tx) };
        }

        await tx.Sql.BulkAsync("UPDATE orders SET state = 0, sequence = r.sequence, receipt = 0, changed = r.changed FROM {rows} WHERE orders.revision = r.revision AND orders.device = r.device",
            Rows.Of(rows).Long("revision", o => o.Revision).Long("device", o => o.Device).Long("sequence", o => o.Sequence).Long("changed", _ => tx.Commit));
        var changed = rows.CountBy(o => o.Device).ToDictionary();
        return [.. devices.Select(d => changed.GetValueOrDefault(d))];
    }

    private async Task<IReadOnlyList<OrderTransition>> ExpireAsync(GroupTransaction tx, long now, int max)
    {
        var moved = new List<OrderTransition>();
        var ending = await tx.Sql.QueryAsync("SELECT num, id, revision FROM warning WHERE swept = 0 AND expires <= @now ORDER BY expires LIMIT 64",
            r => (Number: r.GetInt64(0), Id: WarningId.FromWire(r.GetBytes(1))!.Value, Revision: (int)r.GetInt64(2)), ("now", now));
        foreach (var (number, id, revision) in ending)
        {
            if (await SilenceReplacedAsync(tx, number, id, revision, now) > 0) await NoteSilencedAsync(tx, number, id, revision, moved);
            var rows = await tx.Sql.QueryAsync(
                $"SELECT {OrderRow.Columns} FROM orders o WHERE o.revision = @revision AND o.state IN (0, 1) AND (o.kind <> 2 OR o.expires <= @now) ORDER BY o.device LIMIT @max",
                OrderRow.Read, ("revision", number), ("now", now), ("max", (long)Math.Max(0, max - moved.Count)));
            var over = new List<OrderRow>(rows.Count);
            foreach (var row in rows)
            {
                var ended = (row is { Seen: not 0, Receipt: 0 } ? await LastWordAsync(tx, row) : row with { State = OrderLife.AfterExpiry(row.State) }) with { Changed = tx.Commit };
                over.Add(ended);
                moved.Add(await TransitionAsync(tx.Sql, ended, id, revision, row.State));
            }

            await tx.Sql.BulkAsync("UPDATE orders SET state = r.state, reason = r.reason, attempt = r.attempt, receipt = r.receipt, changed = r.changed FROM {rows} WHERE orders.revision = r.revision AND orders.device = r.device",
                Rows.Of(over).Long("revision", o => o.Revision).Long("device", o => o.Device).Long("state", o => (long)o.State).Long("reason", o => o.Reason).Long("attempt", o => o.Attempt)
                    .Long("receipt", o => o.Receipt).Long("changed", _ => tx.Commit));
            if (moved.Count >= max) break; // This revision may have more; it is swept when a later call finds none.
            await tx.Sql.ExecuteAsync("UPDATE warning SET swept = 1 WHERE num = @num", ("num", number));
        }

        return moved;
    }

    // Queued again for a device that had forgotten it, and not heard of since: what the device said while it knew of it is all that is known.
    private static async Task<OrderRow> LastWordAsync(GroupTransaction tx, OrderRow order)
    {
        var (state, reason, attempt, number) = await tx.Sql.FirstAsync(
            "SELECT state, reason, attempt, number FROM receipt WHERE revision = @revision AND device = @device ORDER BY number DESC LIMIT 1",
            r => ((ReceiptState)r.GetInt64(0), (byte)r.GetInt64(1), (int)r.GetInt64(2), r.GetInt64(3)), ("revision", order.Revision), ("device", order.Device));
        var said = OrderLife.AfterReceipt(order.State, 0, state, reason, number);
        return OrderLife.IsOwed(said) ? order with { State = OrderLife.AfterExpiry(order.State) } : order with { State = said, Reason = reason, Attempt = attempt, Receipt = number };
    }

    /// <summary>
    /// An update ran out before its device was reached, and what it replaced there is valid still: then the device is owed the word to stop, or
    /// it would say what no longer stands.
    /// </summary>
    private static Task<int> SilenceReplacedAsync(GroupTransaction tx, long number, WarningId id, int revision, long now) => tx.Sql.ExecuteAsync(
        """
        UPDATE orders SET kind = 2, state = 0, changed = @changed, expires = (
            SELECT MAX(e.expires) FROM orders e JOIN warning w ON w.num = e.revision WHERE w.id = @id AND w.revision < @revision AND e.device = orders.device)
        WHERE revision = @number AND state IN (0, 1) AND kind = 1 AND EXISTS (
            SELECT 1 FROM orders e JOIN warning w ON w.num = e.revision WHERE w.id = @id AND w.revision < @revision AND e.device = orders.device
                AND e.kind <> 2 AND e.expires > @now AND e.state IN (1, 2, 3, 5))
        """,
        ("changed", tx.Commit), ("id", id.ToWire()), ("revision", (long)revision), ("number", number), ("now", now));

    // Who is here now has asked for what it is owed before it was owed this. The order is queued still or again; what is new is what it says.
    private async Task NoteSilencedAsync(GroupTransaction tx, long number, WarningId id, int revision, List<OrderTransition> moved)
    {
        foreach (var row in await tx.Sql.QueryAsync($"SELECT {OrderRow.Columns} FROM orders o WHERE o.revision = @revision AND o.kind = 2 AND o.state = 0 AND o.changed = @changed ORDER BY o.device",
            OrderRow.Read, ("revision", number), ("changed", tx.Commit))) moved.Add(await TransitionAsync(tx.Sql, row, id, revision, row.State));
    }

    private async Task<OrderTransition?[]> MarkSentAsync(GroupTransaction tx, IReadOnlyList<(DeviceId Device, long Sequence)> sent)
    {
        var moved = new OrderTransition?[sent.Count];
        var places = new Dictionary<(long, long), int>();
        for (var i = 0; i < sent.Count; i++)
        {
            if (await _numbers.DeviceAsync(tx.Sql, sent[i].Device) is { } device) places.TryAdd((device, sent[i].Sequence), i);
        }

        var changed = new List<OrderRow>();
        await tx.Sql.BulkAsync(
            $"SELECT {OrderRow.Columns} FROM {{rows}} JOIN orders o ON o.device = r.device AND o.expires > r.now WHERE o.sequence = r.sequence AND o.state = 0",
            Rows.Of(places.Keys.ToList()).Long("device", k => k.Item1).Long("sequence", k => k.Item2).Long("now", _ => tx.NowMs),
            r => changed.Add(OrderRow.Read(r)));
        await tx.Sql.BulkAsync("UPDATE orders SET state = 1, changed = r.changed FROM {rows} WHERE orders.revision = r.revision AND orders.device = r.device",
            Rows.Of(changed).Long("revision", o => o.Revision).Long("device", o => o.Device).Long("changed", _ => tx.Commit));
        var names = await NamesAsync(tx.Sql, changed.Select(o => o.Revision));
        foreach (var row in changed)
        {
            var (id, revision) = names[row.Revision];
            moved[places[(row.Device, row.Sequence)]] = await TransitionAsync(tx.Sql, row with { State = OrderLife.AfterSend(row.State), Changed = tx.Commit }, id, revision, row.State);
        }

        return moved;
    }

    private async Task<ReceiptOutcome[]> KeepReceiptsAsync(GroupTransaction tx, IReadOnlyList<DeviceReceipt> receipts)
    {
        var keys = new (long Revision, long Device)[receipts.Count]; // 0: none such.
        for (var i = 0; i < receipts.Count; i++)
        {
            if (!_numbers.TryDevice(receipts[i].Device, out var device)) device = await _numbers.DeviceAsync(tx.Sql, receipts[i].Device) ?? 0;
            keys[i] = (await RevisionAsync(tx.Sql, receipts[i].Receipt.Warning, receipts[i].Receipt.Revision), device);
        }

        var orders = new Dictionary<(long, long), OrderRow>(receipts.Count);
        var wanted = new List<(long Revision, long Device)>(receipts.Count);
        foreach (var key in keys)
        {
            if (key.Revision > 0 && key.Device > 0 && orders.TryAdd(key, default)) wanted.Add(key); // Nothing is known of it until it is read.
        }

        await tx.Sql.BulkAsync($"SELECT {OrderRow.Columns} FROM {{rows}} JOIN orders o ON o.revision = r.revision AND o.device = r.device",
            Rows.Of(wanted).Long("revision", k => k.Revision).Long("device", k => k.Device),
            r =>
            {
                var order = OrderRow.Read(r);
                orders[(order.Revision, order.Device)] = order;
            });
        bool Known(int i) => orders.TryGetValue(keys[i], out var order) && order.Device > 0 && (order.Sequence == receipts[i].Receipt.Sequence || IsOfLostRelease(order, receipts[i].Receipt));
        var (known, strays) = (new List<int>(receipts.Count), new List<int>());
        for (var i = 0; i < receipts.Count; i++)
        {
            if (Known(i)) known.Add(i);
            else if (keys[i].Device > 0) strays.Add(i);
        }

        var added = await AddToHistoryAsync(tx, receipts, keys, known);
        await KeepStraysAsync(tx, receipts, keys, strays);
        await KeepAlarmReceiptsAsync(tx, receipts, keys, strays);

        var outcomes = new ReceiptOutcome[receipts.Count];
        var touched = new HashSet<(long, long)>(receipts.Count);
        var progress = new Dictionary<(long Revision, long State), int>();
        for (var i = 0; i < receipts.Count; i++)
        {
            var said = receipts[i].Receipt;
            if (!Known(i)) outcomes[i] = ReceiptOutcome.UnknownOrder.Instance;
            else if (!added.Remove((keys[i].Revision, keys[i].Device, said.Number)) && !IsHeardAgain(orders[keys[i]], said)) outcomes[i] = ReceiptOutcome.Duplicate.Instance;
            else
            {
                var before = orders[keys[i]];
                var after = await AfterAsync(tx, before, said, progress);
                orders[keys[i]] = after;
                touched.Add(keys[i]);
                outcomes[i] = new ReceiptOutcome.Applied(await TransitionAsync(tx.Sql, after, said.Warning, said.Revision, before.State));
            }
        }

        await SaveAsync(tx, [.. touched.Select(k => orders[k])], progress);
        return outcomes;
    }

    // The revision was released, lost by a restore and released again: the device has it already, and says so under the number of the first time. What it
    // said before it forgot the order, which is queued again since, is none of that.
    private bool IsOfLostRelease(OrderRow order, ReceiptRecord said) => said.Sequence <= _restoredMs && order.Sequence > _restoredMs && order is not { Seen: not 0, Receipt: 0 };

    // Queued again because an old hello came late, by the way of a Pi: the device knows it still, and says of it what it said before.
    private static bool IsHeardAgain(OrderRow order, ReceiptRecord said) => OrderLife.IsOwed(order.State) && said.Number > order.Receipt;

    private static async ValueTask<OrderRow> AfterAsync(GroupTransaction tx, OrderRow order, ReceiptRecord said, Dictionary<(long, long), int> progress)
    {
        var bit = 1L << (int)said.State;
        // Whom an update leaves out is told to stop: no progress of what it says.
        var told = (long)said.State + (order.Kind == OrderKind.Cancel ? SilencingStates : 0);
        if ((order.Seen & bit) == 0) progress[(order.Revision, told)] = progress.GetValueOrDefault((order.Revision, told)) + 1;
        order = order with { Seen = order.Seen | bit, Changed = tx.Commit };
        if (said.Number <= order.Receipt || OrderLife.IsMoot(order.State, said.State)) return order;
        var state = OrderLife.AfterReceipt(order.State, order.Receipt, said.State, said.Reason, said.Number);
        if (OrderLife.IsOwed(state)) state = await StillOwedAsync(tx, order, state);
        return order with { State = state, Reason = said.Reason, Attempt = said.Attempt, Receipt = said.Number };
    }

    /// <summary>A device without time gives its order back. It is owed again only if it is still valid, and its revision still stands.</summary>
    private static async Task<OrderState> StillOwedAsync(GroupTransaction tx, OrderRow order, OrderState state)
    {
        if (order.Expires <= tx.NowMs) return OrderLife.AfterExpiry(state);
        if (order.Kind == OrderKind.Cancel) return state;
        var revision = await tx.Sql.FirstAsync("SELECT state FROM warning WHERE num = @num", r => r.GetInt64(0), ("num", order.Revision));
        return (WarningState)revision is WarningState.Cancelled or WarningState.Superseded ? OrderLife.AfterCancel(state) : state;
    }

    private static async Task<HashSet<(long, long, long)>> AddToHistoryAsync(
        GroupTransaction tx, IReadOnlyList<DeviceReceipt> receipts, (long Revision, long Device)[] keys, List<int> known)
    {
        var added = new HashSet<(long, long, long)>(known.Count);
        await tx.Sql.ChangedAsync(
            """
            INSERT INTO receipt (revision, device, number, sequence, state, reason, attempt, at, clock, committed)
            SELECT r.revision, r.device, r.number, r.sequence, r.state, r.reason, r.attempt, r.at, r.clock, r.committed FROM {rows} WHERE true
            ON CONFLICT (revision, device, number) DO NOTHING
            """,
            "revision, device, number",
            Rows.Of(known).Long("revision", i => keys[i].Revision).Long("device", i => keys[i].Device).Long("number", i => receipts[i].Receipt.Number)
                .Long("sequence", i => receipts[i].Receipt.Sequence).Long("state", i => (long)receipts[i].Receipt.State).Long("reason", i => receipts[i].Receipt.Reason)
                .Long("attempt", i => receipts[i].Receipt.Attempt).Long("at", i => receipts[i].Receipt.AtMs).Long("clock", i => (long)receipts[i].Receipt.Clock).Long("committed", _ => tx.NowMs),
            r => added.Add((r.GetInt64(0), r.GetInt64(1), r.GetInt64(2))));
        return added;
    }

    private static Task KeepStraysAsync(GroupTransaction tx, IReadOnlyList<DeviceReceipt> receipts, (long Revision, long Device)[] keys, List<int> strays)
    {
        long Slot(int i) => (long)((ulong)receipts[i].Receipt.Number % StraysOfADevice);
        return tx.Sql.BulkAsync(
            """
            INSERT INTO stray (device, slot, warning, revision, sequence, state, reason, attempt, at, clock, number, committed)
            SELECT r.device, r.slot, r.warning, r.revision, r.sequence, r.state, r.reason, r.attempt, r.at, r.clock, r.number, r.committed FROM {rows} WHERE true
            ON CONFLICT (device, slot) DO UPDATE SET warning = excluded.warning, revision = excluded.revision, sequence = excluded.sequence, state = excluded.state, reason = excluded.reason,
                attempt = excluded.attempt, at = excluded.at, clock = excluded.clock, number = excluded.number, committed = excluded.committed
            """,
            Rows.Of(Newest(strays, i => (keys[i].Device, Slot(i)))).Long("device", i => keys[i].Device).Long("slot", Slot).Bytes("warning", i => receipts[i].Receipt.Warning.ToWire())
                .Long("revision", i => receipts[i].Receipt.Revision).Long("sequence", i => receipts[i].Receipt.Sequence).Long("state", i => (long)receipts[i].Receipt.State)
                .Long("reason", i => receipts[i].Receipt.Reason).Long("attempt", i => receipts[i].Receipt.Attempt).Long("at", i => receipts[i].Receipt.AtMs)
                .Long("clock", i => (long)receipts[i].Receipt.Clock).Long("number", i => receipts[i].Receipt.Number).Long("committed", _ => tx.NowMs));
    }

    private static async Task SaveAsync(GroupTransaction tx, List<OrderRow> orders, Dictionary<(long Revision, long State), int> progress)
    {
        await tx.Sql.BulkAsync(
            """
            UPDATE orders SET state = r.state, reason = r.reason, attempt = r.attempt, receipt = r.receipt, seen = r.seen, changed = r.changed
            FROM {rows} WHERE orders.revision = r.revision AND orders.device = r.device
            """,
            Rows.Of(orders).Long("revision", o => o.Revision).Long("device", o => o.Device).Long("state", o => (long)o.State).Long("reason", o => o.Reason)
                .Long("attempt", o => o.Attempt).Long("receipt", o => o.Receipt).Long("seen", o => o.Seen).Long("changed", o => o.Changed));
        await tx.Sql.BulkAsync(
            """
            INSERT INTO progress (revision, state, first, last, n) SELECT r.revision, r.state, r.at, r.at, r.n FROM {rows} WHERE true
            ON CONFLICT (revision, state) DO UPDATE SET last = excluded.last, n = progress.n + excluded.n
            """,
            Rows.Of(progress.ToList()).Long("revision", p => p.Key.Revision).Long("state", p => p.Key.State).Long("at", _ => tx.NowMs).Long("n", p => p.Value));
    }

    private async ValueTask<long> RevisionAsync(SqlSession sql, WarningId id, int revision)
    {
        if (_revisions.TryGetValue((id, revision), out var number)) return number;
        number = await sql.FirstAsync("SELECT num FROM warning WHERE id = @id AND revision = @revision", r => r.GetInt64(0), ("id", id.ToWire()), ("revision", (long)revision));
        if (number == 0) return 0;
        if (_revisions.Count >= RevisionsRemembered) _revisions.Clear();
        _revisions[(id, revision)] = number;
        return number;
    }

    private static async Task<Dictionary<long, (WarningId Id, int Revision)>> NamesAsync(SqlSession sql, IEnumerable<long> revisions)
    {
        var names = new Dictionary<long, (WarningId, int)>();
        foreach (var number in revisions.Distinct())
        {
            names[number] = (await sql.QueryAsync("SELECT id, revision FROM warning WHERE num = @num",
                r => (WarningId.FromWire(r.GetBytes(0))!.Value, (int)r.GetInt64(1)), ("num", number)))[0];
        }

        return names;
    }

    private async ValueTask<OrderTransition> TransitionAsync(SqlSession sql, OrderRow row, WarningId id, int revision, OrderState from)
    {
        if (!_numbers.Knows(row.Device, row.Site)) await _numbers.RefreshAsync(sql);
        return row.ToTransition(id, revision, _numbers, from);
    }
}
