using Broadcast.Device;
using Broadcast.Device.Sensing;
using Broadcast.Ledger.Storage;
using Broadcast.Ledger.Writing;
using Broadcast.Rules;

namespace Broadcast.Ledger;

/// <summary>Alarms that sites raised by themselves, and the receipts of what they said.</summary>
public sealed partial class LedgerStore
{
    /// <summary>Receipts of one alarm: five repetitions, interrupted again and again, stay far below.</summary>
    private const int ReceiptsOfAlarmMax = 64;

    private const string AlarmColumns =
        """
        a.num, a.device, a.number, a.site, a.village, a.at, a.clock, a.stage, a.cause, a.minutes, a.measured, a.threshold, a.warning, a.committed,
        (SELECT p.state FROM alarm_receipt p WHERE p.device = a.device AND p.warning = a.warning ORDER BY p.number DESC LIMIT 1)
        """;

    private readonly BulkKind<(DeviceId Device, AlarmRecord Alarm), bool> _alarms;

    /// <summary>Keeps an alarm; false where the ledger had it already, or has no such device. Either way it may be acknowledged. Taken also when the disk is low.</summary>
    public async Task<bool> AlarmAsync(DeviceId device, AlarmRecord alarm, CancellationToken cancel = default) =>
        (await WriteRowsAsync(_alarms, [(device, alarm)], vital: true, cancel))[0];

    /// <summary>Alarms of a region, newest first by their own time, with where the next page begins.</summary>
    /// <param name="activeOnly">Only stages that are not over: the newest of its device, and not None.</param>
    public Task<(IReadOnlyList<KeptAlarm> Alarms, AlarmMark? Next)> AlarmsAsync(Region? within, DateTimeOffset from, AlarmMark? before, int max, bool activeOnly = false, CancellationToken cancel = default) => _readers.ReadAsync<(IReadOnlyList<KeptAlarm>, AlarmMark?)>(async sql =>
    {
        await _numbers.RefreshAsync(sql);
        var (first, last) = Villages(within);
        var mark = before ?? new AlarmMark(long.MaxValue, long.MaxValue);
        var rows = await sql.QueryAsync(
            $"""
            SELECT {AlarmColumns} FROM alarm a WHERE a.village >= @first AND a.village < @last AND a.at >= @from AND (a.at < @at OR (a.at = @at AND a.num < @num))
                AND (@active = 0 OR (a.stage > 0 AND NOT EXISTS (SELECT 1 FROM alarm b WHERE b.device = a.device AND (b.at > a.at OR (b.at = a.at AND b.num > a.num)))))
            ORDER BY a.at DESC, a.num DESC LIMIT @max
            """,
            ReadAlarm, ("active", activeOnly ? 1L : 0L), ("first", first), ("last", last), ("from", from.ToUnixTimeMilliseconds()), ("at", mark.AtMs), ("num", mark.Id), ("max", (long)PageOf(max)));
        return (rows, rows.Count < PageOf(max) ? null : new AlarmMark(rows[^1].At.ToUnixTimeMilliseconds(), rows[^1].Id));
    }, cancel);

    /// <summary>Alarms that were committed after the one of that id, in the order of commits: complete, so that a watcher resumes where it stopped.</summary>
    public Task<IReadOnlyList<KeptAlarm>> AlarmsSinceAsync(long id, int max, CancellationToken cancel = default) => _readers.ReadAsync<IReadOnlyList<KeptAlarm>>(async sql =>
    {
        await _numbers.RefreshAsync(sql);
        return await sql.QueryAsync($"SELECT {AlarmColumns} FROM alarm a WHERE a.num > @id ORDER BY a.num LIMIT @max", ReadAlarm, ("id", id), ("max", (long)PageOf(max)));
    }, cancel);

    /// <summary>The id of the newest alarm; 0 before any.</summary>
    public Task<long> NewestAlarmAsync(CancellationToken cancel = default) => _readers.ReadAsync(sql => sql.FirstAsync("SELECT COALESCE(MAX(num), 0) FROM alarm", r => r.GetInt64(0)), cancel);

    /// <summary>The receipts of what a device said by itself, by number.</summary>
    public Task<IReadOnlyList<KeptReceipt>> AlarmReceiptsAsync(DeviceId device, WarningId said, CancellationToken cancel = default) => _readers.ReadAsync<IReadOnlyList<KeptReceipt>>(async sql =>
    {
        if (await _numbers.DeviceAsync(sql, device) is not { } number) return [];
        return await sql.QueryAsync("SELECT number, state, reason, attempt, at, clock, committed FROM alarm_receipt WHERE device = @device AND warning = @warning ORDER BY number",
            r => new KeptReceipt(device, new ReceiptRecord(said, 0, 0, (ReceiptState)r.GetInt64(1), (byte)r.GetInt64(2), (int)r.GetInt64(3), r.GetInt64(4), (ClockQuality)r.GetInt64(5), r.GetInt64(0)),
                DateTimeOffset.FromUnixTimeMilliseconds(r.GetInt64(6))),
            ("device", number), ("warning", said.ToWire()));
    }, cancel);

    private async Task<bool[]> KeepAlarmsAsync(GroupTransaction tx, IReadOnlyList<(DeviceId Device, AlarmRecord Alarm)> alarms)
    {
        var devices = await NumbersAsync(tx, alarms, a => a.Device);
        var known = Enumerable.Range(0, alarms.Count).Where(i => devices[i] > 0).ToList();
        var next = await tx.Sql.FirstAsync("SELECT COALESCE(MAX(num), 0) FROM alarm", r => r.GetInt64(0));
        var added = new HashSet<(long, long)>();
        await tx.Sql.ChangedAsync(
            """
            INSERT INTO alarm (num, device, number, site, village, at, clock, stage, cause, minutes, measured, threshold, warning, committed)
            SELECT r.num, r.device, r.number, COALESCE((SELECT s.num FROM device d JOIN site s ON s.id = d.site WHERE d.num = r.device), 0),
                COALESCE((SELECT s.village FROM device d JOIN site s ON s.id = d.site WHERE d.num = r.device), 0),
                r.at, r.clock, r.stage, r.cause, r.minutes, r.measured, r.threshold, r.warning, r.committed FROM {rows} WHERE true
            ON CONFLICT (device, number) DO NOTHING
            """,
            "device, number",
            Rows.Of(known).Long("num", _ => ++next).Long("device", i => devices[i]).Long("number", i => alarms[i].Alarm.Number).Long("at", i => TimeOf(tx, alarms[i].Alarm.AtMs, alarms[i].Alarm.Clock).At)
                .Long("clock", i => (long)TimeOf(tx, alarms[i].Alarm.AtMs, alarms[i].Alarm.Clock).Clock).Long("stage", i => (long)alarms[i].Alarm.Stage).Long("cause", i => (long)alarms[i].Alarm.Cause)
                .Long("minutes", i => alarms[i].Alarm.WindowMinutes).Long("measured", i => alarms[i].Alarm.Value).Long("threshold", i => alarms[i].Alarm.Threshold)
                .Bytes("warning", i => alarms[i].Alarm.Said?.ToWire()).Long("committed", _ => tx.NowMs),
            r => added.Add((r.GetInt64(0), r.GetInt64(1))));
        // Receipts go before alarms on the wire: what they said is among the strays.
        await tx.Sql.BulkAsync(
            """
            INSERT INTO alarm_receipt (device, warning, number, state, reason, attempt, at, clock, committed)
            SELECT s.device, s.warning, s.number, s.state, s.reason, s.attempt, s.at, s.clock, s.committed FROM {rows} JOIN stray s ON s.device = r.device AND s.warning = r.warning WHERE true
            ON CONFLICT (device, warning, number) DO NOTHING
            """,
            Rows.Of(known.Where(i => alarms[i].Alarm.Said is not null).ToList()).Long("device", i => devices[i]).Bytes("warning", i => alarms[i].Alarm.Said!.Value.ToWire()));
        return [.. alarms.Select((a, i) => added.Remove((devices[i], a.Alarm.Number)))];
    }

    /// <summary>Receipts of no order of ours may be of an alarm that is known already.</summary>
    private static Task KeepAlarmReceiptsAsync(GroupTransaction tx, IReadOnlyList<DeviceReceipt> receipts, (long Revision, long Device)[] keys, List<int> strays) => tx.Sql.BulkAsync(
        $$"""
        INSERT INTO alarm_receipt (device, warning, number, state, reason, attempt, at, clock, committed)
        SELECT r.device, r.warning, r.number, r.state, r.reason, r.attempt, r.at, r.clock, r.committed FROM {rows}
        WHERE EXISTS (SELECT 1 FROM alarm a WHERE a.device = r.device AND a.warning = r.warning)
            AND (SELECT COUNT(*) FROM alarm_receipt p WHERE p.device = r.device AND p.warning = r.warning) < {{ReceiptsOfAlarmMax}}
        ON CONFLICT (device, warning, number) DO NOTHING
        """,
        Rows.Of(strays).Long("device", i => keys[i].Device).Bytes("warning", i => receipts[i].Receipt.Warning.ToWire()).Long("number", i => receipts[i].Receipt.Number)
            .Long("state", i => (long)receipts[i].Receipt.State).Long("reason", i => receipts[i].Receipt.Reason).Long("attempt", i => receipts[i].Receipt.Attempt)
            .Long("at", i => receipts[i].Receipt.AtMs).Long("clock", i => (long)receipts[i].Receipt.Clock).Long("committed", _ => tx.NowMs));

    private KeptAlarm ReadAlarm(RowReader r)
    {
        var clock = (ClockQuality)r.GetInt64(6);
        var village = r.GetInt64(4);
        return new KeptAlarm(
            r.GetInt64(0), _numbers.Device(r.GetInt64(1)), SiteOf(r.GetInt64(3)), village == 0 ? null : OrderRow.VillageOf(village), DateTimeOffset.FromUnixTimeMilliseconds(r.GetInt64(5)),
            clock != ClockQuality.Unknown,
            new AlarmRecord(r.GetInt64(2), r.GetInt64(5), clock, (AlarmStage)r.GetInt64(7), (AlarmCause)r.GetInt64(8), (int)r.GetInt64(9), (int)r.GetInt64(10), (int)r.GetInt64(11),
                r.IsDBNull(12) ? null : WarningId.FromWire(r.GetBytes(12))),
            r.IsDBNull(14) ? null : (ReceiptState)r.GetInt64(14), DateTimeOffset.FromUnixTimeMilliseconds(r.GetInt64(13)));
    }
}
