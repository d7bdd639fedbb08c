using Broadcast.Ledger.Storage;
using Broadcast.Ledger.Writing;
using Broadcast.Rules;

namespace Broadcast.Ledger;

/// <summary>A live link, or one that was.</summary>
/// <param name="LastHeard">The end of the online interval, once it is closed.</param>
/// <param name="End"><see cref="SessionEnd.Open"/> while it has not ended.</param>
public sealed record SessionRecord(DeviceId Device, long Epoch, string Node, DateTimeOffset Opened, DateTimeOffset LastHeard, SessionEnd End);

/// <summary>A session that was just opened.</summary>
/// <param name="Epoch">Its fencing epoch.</param>
/// <param name="TakenFrom">The node that held the device's session until now; null where none was open.</param>
public readonly record struct OpenedSession(long Epoch, string? TakenFrom);

/// <summary>What became of a reported high-water mark.</summary>
public enum HighWaterOutcome { Unchanged, Raised, Refused }

/// <summary>A device's own report, as it came, and when.</summary>
public sealed record DeviceReport(DeviceId Device, DateTimeOffset At, byte[] Body);

/// <summary>Sessions, presence and what devices say of themselves.</summary>
public sealed partial class LedgerStore
{
    /// <summary>How many sessions of a device are kept: a year of a link that breaks every hour; one that breaks every second must not fill the disk.</summary>
    public const long SessionsKept = 10_000;

    private const int ReportBytesMax = 4_096; // Twice the largest frame.

    // Far ahead is possible: a clock of ours was wrong by years, devices took its orders, and then a backup from before it was put back; their next orders
    // must lie above it. A stolen device may say anything, and hurts its own numbers alone; beyond what the wire can date there is no number of ours.
    private const long MarkMax = Device.Limits.WallMsMax;

    // Each finds its rows by the device: a year of a county that reconnects every hour has eighty million sessions, and whoever walked them all would hold up the writer.
    internal const string LeftOpen = "UPDATE session SET closed = heard, why = @why WHERE node = @node AND closed IS NULL AND (device, epoch) IN (SELECT num, epoch FROM device)"; // Older ones were closed as it was opened.
    internal const string NewestSessions = "SELECT s.device, s.epoch, s.node, s.opened, s.heard, s.why FROM device d CROSS JOIN session s WHERE s.device = d.num AND s.epoch = d.epoch ORDER BY d.num"; // CROSS: SQLite goes from left to right then.
    internal const string OldSessions = "DELETE FROM session WHERE (device, epoch) IN (SELECT s.device, s.epoch FROM device d CROSS JOIN session s WHERE s.device = d.num AND s.epoch <= d.epoch - @kept LIMIT @max)";

    private readonly BulkKind<(DeviceId Device, string Node, DateTimeOffset Now), OpenedSession> _open;
    private readonly BulkKind<(DeviceId Device, long Epoch, DateTimeOffset LastHeard, SessionEnd Why), bool> _close;
    private readonly BulkKind<(DeviceId Device, long Epoch, DateTimeOffset LastHeard), bool> _heard;
    private readonly BulkKind<(DeviceId Device, long Mark), HighWaterOutcome> _marks;
    private readonly BulkKind<DeviceReport, bool> _reports;
    private long _given; // The newest sequence number that is known to be given; 0 where that is not known.

    /// <summary>
    /// Opens a session: gives its fencing epoch, one above the last. What was still open of the device is closed as taken over. What follows the
    /// await runs on the thread that answers the whole group, as with <see cref="ReceiptAsync"/>.
    /// </summary>
    public async ValueTask<OpenedSession> OpenSessionAsync(DeviceId device, string node, DateTimeOffset now)
    {
        CheckText(node, 64, "node");
        var opened = await WriteRowAsync(_open, (device, node, now), vital: true);
        return opened.Epoch > 0 ? opened : throw new ArgumentException($"Device {device} is not in the ledger.", nameof(device));
    }

    /// <summary>Closes the session if it is still the one of that epoch and open; false, and nothing done, for a stale disconnect.</summary>
    public ValueTask<bool> CloseSessionAsync(DeviceId device, long epoch, DateTimeOffset lastHeard, SessionEnd why)
    {
        if (why == SessionEnd.Open) throw new ArgumentException("A session does not end as open.", nameof(why));
        return WriteRowAsync(_close, (device, epoch, lastHeard, why), vital: true);
    }

    /// <summary>Notes when open sessions were last heard; a closed one stays as it ended.</summary>
    public Task HeardAsync(IReadOnlyList<(DeviceId Device, long Epoch, DateTimeOffset LastHeard)> heard, CancellationToken cancel = default) =>
        WriteRowsAsync(_heard, heard, vital: true, cancel);

    /// <summary>Keeps the highest sequence a device says it has seen. One more than a year ahead is refused, kept apart and audited: its order numbers go on as ours.</summary>
    public async Task<HighWaterOutcome> RaiseHighWaterAsync(DeviceId device, long mark, CancellationToken cancel = default) =>
        // Every number to come is above the last one given, so a mark up to there changes nothing: a storm of hellos writes nothing.
        mark <= Interlocked.Read(ref _given) ? HighWaterOutcome.Unchanged : (await WriteRowsAsync(_marks, [(device, mark)], vital: true, cancel))[0];

    /// <summary>Keeps the newest report of each device.</summary>
    public Task PutReportsAsync(IReadOnlyList<DeviceReport> reports, CancellationToken cancel = default)
    {
        foreach (var report in reports)
        {
            if (report.Body.Length > ReportBytesMax) throw new ArgumentException($"The report of {report.Device} has {report.Body.Length} bytes; at most {ReportBytesMax}.", nameof(reports));
        }

        return WriteRowsAsync(_reports, reports, vital: false, cancel);
    }

    /// <summary>The newest report of a device; null where it never sent one.</summary>
    public Task<DeviceReport?> ReportAsync(DeviceId device, CancellationToken cancel = default) => _readers.ReadAsync(async sql =>
        await _numbers.DeviceAsync(sql, device) is { } number
            ? await sql.FirstAsync("SELECT at, body FROM report WHERE device = @device", r => new DeviceReport(device, DateTimeOffset.FromUnixTimeMilliseconds(r.GetInt64(0)), r.GetBytes(1)), ("device", number))
            : null, cancel);

    /// <summary>The newest session of every device that ever had one: where presence starts from.</summary>
    public Task<IReadOnlyList<SessionRecord>> NewestSessionsAsync(CancellationToken cancel = default) => SessionsAsync(NewestSessions, cancel);

    /// <summary>The newest session of a device; null where it never had one.</summary>
    public async Task<SessionRecord?> NewestSessionAsync(DeviceId device, CancellationToken cancel = default) => await _readers.ReadAsync(async sql =>
    {
        await _numbers.RefreshAsync(sql);
        return await sql.FirstAsync("SELECT s.epoch, s.node, s.opened, s.heard, s.why FROM device d JOIN session s ON s.device = d.num AND s.epoch = d.epoch WHERE d.id = @device",
            r => new SessionRecord(device, r.GetInt64(0), r.GetString(1), DateTimeOffset.FromUnixTimeMilliseconds(r.GetInt64(2)), DateTimeOffset.FromUnixTimeMilliseconds(r.GetInt64(3)), (SessionEnd)r.GetInt64(4)),
            ("device", device.Value));
    }, cancel);

    /// <summary>Removes the sessions of each device before its newest <see cref="SessionsKept"/>, at most so many; gives how many, so call again while anything comes back.</summary>
    public Task<int> PruneSessionsAsync(int max, CancellationToken cancel = default) => WriteAsync(vital: true, tx => tx.Sql.ExecuteAsync(OldSessions, ("kept", SessionsKept), ("max", (long)PageOf(max))), cancel);

    /// <summary>Sessions of a device that touch a time, oldest first: what online rates are made of.</summary>
    public Task<IReadOnlyList<SessionRecord>> SessionsAsync(DeviceId device, DateTimeOffset from, DateTimeOffset to, CancellationToken cancel = default) =>
        _numbers.TryDevice(device, out var number)
            ? SessionsAsync("SELECT s.device, s.epoch, s.node, s.opened, s.heard, s.why FROM session s WHERE s.device = @device AND s.opened < @until AND s.heard >= @since ORDER BY s.epoch LIMIT @max", cancel,
                ("max", SessionsKept), ("device", number), ("until", to.ToUnixTimeMilliseconds()), ("since", from.ToUnixTimeMilliseconds()))
            : Task.FromResult<IReadOnlyList<SessionRecord>>([]);

    private Task<IReadOnlyList<SessionRecord>> SessionsAsync(string query, CancellationToken cancel, params (string, object?)[] arguments) => _readers.ReadAsync<IReadOnlyList<SessionRecord>>(async sql =>
    {
        await _numbers.RefreshAsync(sql);
        return await sql.QueryAsync(query, r => new SessionRecord(_numbers.Device(r.GetInt64(0)), r.GetInt64(1), r.GetString(2),
            DateTimeOffset.FromUnixTimeMilliseconds(r.GetInt64(3)), DateTimeOffset.FromUnixTimeMilliseconds(r.GetInt64(4)), (SessionEnd)r.GetInt64(5)), arguments);
    }, cancel);

    private async Task<OpenedSession[]> OpenSessionsAsync(GroupTransaction tx, IReadOnlyList<(DeviceId Device, string Node, DateTimeOffset Now)> opened)
    {
        var devices = await NumbersAsync(tx, opened, o => o.Device);
        // The newest epoch, and who holds it: nobody else changes them while this transaction has the counter's lock.
        var newest = new Dictionary<long, long>(opened.Count);
        var holders = new Dictionary<long, string>();
        await tx.Sql.BulkAsync(
            "SELECT d.num, d.epoch, s.node FROM {rows} JOIN device d ON d.num = r.device LEFT JOIN session s ON s.device = d.num AND s.epoch = d.epoch AND s.closed IS NULL",
            Rows.Of(devices.Where(d => d > 0).Distinct().ToList()).Long("device", d => d), r =>
            {
                newest[r.GetInt64(0)] = r.GetInt64(1);
                if (!r.IsDBNull(2)) holders[r.GetInt64(0)] = r.GetString(2);
            });
        await tx.Sql.BulkAsync("UPDATE session SET closed = heard, why = r.why FROM {rows} WHERE session.device = r.device AND session.epoch = r.epoch",
            Rows.Of(holders.Keys.ToList()).Long("device", d => d).Long("epoch", d => newest[d]).Long("why", _ => (long)SessionEnd.TakenOver));
        var given = new long[opened.Count];
        for (var i = 0; i < opened.Count; i++) given[i] = newest.ContainsKey(devices[i]) ? ++newest[devices[i]] : 0;
        await tx.Sql.BulkAsync("UPDATE device SET epoch = r.epoch FROM {rows} WHERE device.num = r.device", Rows.Of(newest.ToList()).Long("device", e => e.Key).Long("epoch", e => e.Value));
        // Of several in one group only the newest is open; the others were taken over as they came.
        bool IsNewest(int i) => newest[devices[i]] == given[i];
        await tx.Sql.BulkAsync(
            "INSERT INTO session (device, epoch, node, opened, heard, closed, why) SELECT r.device, r.epoch, r.node, r.opened, r.opened, CASE WHEN r.why = 0 THEN NULL ELSE r.opened END, r.why FROM {rows}",
            Rows.Of(Enumerable.Range(0, opened.Count).Where(i => given[i] > 0).ToList()).Long("device", i => devices[i]).Long("epoch", i => given[i]).Text("node", i => opened[i].Node)
                .Long("opened", i => opened[i].Now.ToUnixTimeMilliseconds()).Long("why", i => (long)(IsNewest(i) ? SessionEnd.Open : SessionEnd.TakenOver)));
        return [.. given.Select((epoch, i) => new OpenedSession(epoch, holders.GetValueOrDefault(devices[i])))];
    }

    private async Task<bool[]> CloseSessionsAsync(GroupTransaction tx, IReadOnlyList<(DeviceId Device, long Epoch, DateTimeOffset LastHeard, SessionEnd Why)> closed)
    {
        var devices = await NumbersAsync(tx, closed, c => c.Device);
        var rows = Newest(Enumerable.Range(0, closed.Count).Where(i => devices[i] > 0).ToList(), i => (devices[i], closed[i].Epoch));
        var done = new HashSet<(long, long)>();
        await tx.Sql.ChangedAsync(
            """
            UPDATE session SET closed = CASE WHEN r.heard > session.opened THEN r.heard ELSE session.opened END, heard = CASE WHEN r.heard > session.heard THEN r.heard ELSE session.heard END, why = r.why
            FROM {rows} WHERE session.device = r.device AND session.epoch = r.epoch AND session.closed IS NULL
            """,
            "session.device, session.epoch",
            Rows.Of(rows).Long("device", i => devices[i]).Long("epoch", i => closed[i].Epoch).Long("heard", i => closed[i].LastHeard.ToUnixTimeMilliseconds()).Long("why", i => (long)closed[i].Why),
            r => done.Add((r.GetInt64(0), r.GetInt64(1))));
        return [.. closed.Select((c, i) => done.Contains((devices[i], c.Epoch)))];
    }

    private async Task<bool[]> KeepHeardAsync(GroupTransaction tx, IReadOnlyList<(DeviceId Device, long Epoch, DateTimeOffset LastHeard)> heard)
    {
        var devices = await NumbersAsync(tx, heard, h => h.Device);
        var latest = new Dictionary<(long Device, long Epoch), long>();
        for (var i = 0; i < heard.Count; i++)
        {
            var key = (devices[i], heard[i].Epoch);
            latest[key] = Math.Max(latest.GetValueOrDefault(key, long.MinValue), heard[i].LastHeard.ToUnixTimeMilliseconds());
        }

        await tx.Sql.BulkAsync(
            "UPDATE session SET heard = r.heard FROM {rows} WHERE session.device = r.device AND session.epoch = r.epoch AND session.closed IS NULL AND session.heard < r.heard",
            Rows.Of(latest.Where(l => l.Key.Device > 0).ToList()).Long("device", l => l.Key.Device).Long("epoch", l => l.Key.Epoch).Long("heard", l => l.Value));
        return new bool[heard.Count];
    }

    private async Task<HighWaterOutcome[]> RaiseMarksAsync(GroupTransaction tx, IReadOnlyList<(DeviceId Device, long Mark)> marks)
    {
        var devices = await NumbersAsync(tx, marks, m => m.Device);
        var wanted = new Dictionary<long, long>();
        var refused = new Dictionary<long, long>();
        for (var i = 0; i < marks.Count; i++)
        {
            if (devices[i] == 0) continue;
            var to = marks[i].Mark > MarkMax ? refused : wanted;
            to[devices[i]] = Math.Max(to.GetValueOrDefault(devices[i]), marks[i].Mark);
        }

        var raised = new HashSet<long>();
        await tx.Sql.BulkAsync("UPDATE device SET high_water = r.mark FROM {rows} WHERE device.num = r.device AND device.high_water < r.mark RETURNING device.num",
            Rows.Of(wanted.ToList()).Long("device", m => m.Key).Long("mark", m => m.Value), r => raised.Add(r.GetInt64(0)));
        // Audited once a mark, not at every hello: a stolen device must not fill the trail.
        await tx.Sql.BulkAsync("UPDATE device SET refused_mark = r.mark FROM {rows} WHERE device.num = r.device AND device.refused_mark < r.mark RETURNING device.id, device.refused_mark",
            Rows.Of(refused.ToList()).Long("device", m => m.Key).Long("mark", m => m.Value), r => NoteRefusal(tx, r.GetString(0), r.GetInt64(1)));
        return [.. marks.Select((m, i) => m.Mark > MarkMax ? HighWaterOutcome.Refused : raised.Contains(devices[i]) ? HighWaterOutcome.Raised : HighWaterOutcome.Unchanged)];
    }

    private void NoteRefusal(GroupTransaction tx, string device, long mark)
    {
        Note(tx, Actor.System("ledger"), "high-water-refused", device, $"reported {mark}, beyond any time");
        Log.MarkRefused(_log, device, mark);
    }

    private async Task<bool[]> KeepReportsAsync(GroupTransaction tx, IReadOnlyList<DeviceReport> reports)
    {
        var devices = await NumbersAsync(tx, reports, r => r.Device);
        var newest = Newest(Enumerable.Range(0, reports.Count).Where(i => devices[i] > 0).ToList(), i => devices[i]);
        await tx.Sql.BulkAsync(
            "INSERT INTO report (device, at, body) SELECT r.device, r.at, r.body FROM {rows} WHERE true ON CONFLICT (device) DO UPDATE SET at = excluded.at, body = excluded.body",
            Rows.Of(newest).Long("device", i => devices[i]).Long("at", i => reports[i].At.ToUnixTimeMilliseconds()).Bytes("body", i => reports[i].Body));
        return new bool[reports.Count];
    }

    /// <summary>The numbers of the rows' devices; 0 where the ledger has no such device.</summary>
    private async Task<long[]> NumbersAsync<T>(GroupTransaction tx, IReadOnlyList<T> rows, Func<T, DeviceId> device)
    {
        var numbers = new long[rows.Count];
        for (var i = 0; i < numbers.Length; i++) numbers[i] = await _numbers.DeviceAsync(tx.Sql, device(rows[i])) ?? 0;
        return numbers;
    }
}
