using Broadcast.Device;
using Broadcast.Device.Sensing;
using Broadcast.Ledger.Storage;
using Broadcast.Ledger.Writing;
using Broadcast.Rules;

namespace Broadcast.Ledger;

/// <summary>Readings of rain and level: kept once each, summed and pruned.</summary>
public sealed partial class LedgerStore
{
    /// <summary>A clock of a device that is further ahead than this is wrong: its readings count from their commit.</summary>
    private static readonly TimeSpan ClockAheadMax = TimeSpan.FromMinutes(5);

    private const string ReadingColumns = "device, number, site, village, at, clock, seconds, rain, rain_fault, level, level_fault, battery, committed";
    private const string ReadingRow =
        """
        SELECT r.device, r.number, COALESCE((SELECT s.num FROM device d JOIN site s ON s.id = d.site WHERE d.num = r.device), 0),
            COALESCE((SELECT s.village FROM device d JOIN site s ON s.id = d.site WHERE d.num = r.device), 0),
            r.at, r.clock, r.seconds, r.rain, r.rain_fault, r.level, r.level_fault, r.battery, r.committed FROM {rows} WHERE true
        """;

    private readonly BulkKind<(DeviceId Device, ReadingRecord Reading), bool> _readings;

    /// <summary>Keeps a reading; false where the ledger had it already, or has no such device. Either way it may be acknowledged. Refused when the disk is low.
    /// What follows the await runs on the thread that answers the whole group, as with <see cref="ReceiptAsync"/>.</summary>
    public ValueTask<bool> ReadingAsync(DeviceId device, ReadingRecord reading) => WriteRowAsync(_readings, (device, reading), vital: false);

    /// <summary>The newest reading of each device of a region, by device.</summary>
    public Task<IReadOnlyList<KeptReading>> LatestReadingsAsync(Region? within, CancellationToken cancel = default) => _readers.ReadAsync<IReadOnlyList<KeptReading>>(async sql =>
    {
        await _numbers.RefreshAsync(sql);
        var (from, to) = Villages(within);
        return await sql.QueryAsync($"SELECT {ReadingColumns} FROM latest_reading WHERE village >= @from AND village < @to ORDER BY device", ReadReading, ("from", from), ("to", to));
    }, cancel);

    /// <summary>Rain of each site of a region in the hours before <paramref name="now"/>; sites without a reading of that day are not in it.</summary>
    public Task<IReadOnlyDictionary<SiteId, RainSums>> RainAsync(Region? within, DateTimeOffset now, CancellationToken cancel = default) => _readers.ReadAsync<IReadOnlyDictionary<SiteId, RainSums>>(async sql =>
    {
        await _numbers.RefreshAsync(sql);
        var (from, to) = Villages(within);
        long Ago(int hours) => now.AddHours(-hours).ToUnixTimeMilliseconds();
        var rows = await sql.QueryAsync(
            """
            SELECT site, CAST(SUM(CASE WHEN at > @h1 THEN rain ELSE 0 END) AS {long}), CAST(SUM(CASE WHEN at > @h3 THEN rain ELSE 0 END) AS {long}),
                CAST(SUM(CASE WHEN at > @h6 THEN rain ELSE 0 END) AS {long}), CAST(SUM(rain) AS {long})
            FROM reading WHERE village >= @from AND village < @to AND at > @h24 AND at <= @now AND site > 0 GROUP BY site
            """,
            r => (Site: r.GetInt64(0), Sums: new RainSums(r.GetInt64(1), r.GetInt64(2), r.GetInt64(3), r.GetInt64(4))),
            ("h1", Ago(1)), ("h3", Ago(3)), ("h6", Ago(6)), ("h24", Ago(24)), ("from", from), ("to", to), ("now", now.ToUnixTimeMilliseconds()));
        return rows.ToDictionary(r => _numbers.Site(r.Site), r => r.Sums);
    }, cancel);

    /// <summary>Readings of a site in a time, oldest first.</summary>
    /// <param name="village">The village of the site.</param>
    /// <param name="after">What the page before gave as its next.</param>
    public Task<Page<KeptReading>> ReadingsAsync(SiteId site, Region village, DateTimeOffset from, DateTimeOffset to, long? after, int max, CancellationToken cancel = default) => _readers.ReadAsync(async sql =>
    {
        await _numbers.RefreshAsync(sql);
        if (!_numbers.TrySite(site, out var number)) return new Page<KeptReading>([], null);
        var rows = await sql.QueryAsync($"SELECT {ReadingColumns} FROM reading WHERE village = @village AND site = @site AND at >= @from AND at > @after AND at < @to ORDER BY at, device, number LIMIT @max",
            ReadReading, ("village", OrderRow.CodeOf(village)), ("site", number), ("from", from.ToUnixTimeMilliseconds()), ("after", after ?? -1), ("to", to.ToUnixTimeMilliseconds()), ("max", (long)PageOf(max)));
        if (rows.Count < PageOf(max)) return new Page<KeptReading>(rows, null);
        // The next page goes on after a whole millisecond: what may have more rows than were read is left to it.
        var cut = rows[^1].At;
        if (rows[0].At < cut) rows.RemoveAll(r => r.At == cut);
        return new Page<KeptReading>(rows, rows[^1].At.ToUnixTimeMilliseconds());
    }, cancel);

    /// <summary>Removes readings from before a time, at most so many; gives how many, so call again while anything comes back.</summary>
    public Task<int> PruneReadingsAsync(DateTimeOffset before, int max, CancellationToken cancel = default) => WriteAsync(vital: true, tx => tx.Sql.ExecuteAsync(
        "DELETE FROM reading WHERE (device, number) IN (SELECT device, number FROM reading WHERE at < @before ORDER BY at LIMIT @max)",
        ("before", before.ToUnixTimeMilliseconds()), ("max", (long)PageOf(max))), cancel);

    private async Task<bool[]> KeepReadingsAsync(GroupTransaction tx, IReadOnlyList<(DeviceId Device, ReadingRecord Reading)> readings)
    {
        var devices = await NumbersAsync(tx, readings, r => r.Device);
        var known = Enumerable.Range(0, readings.Count).Where(i => devices[i] > 0).ToList();
        var added = new HashSet<(long, long)>();
        await tx.Sql.ChangedAsync($"INSERT INTO reading ({ReadingColumns}) {ReadingRow} ON CONFLICT (device, number) DO NOTHING", "device, number",
            RowsOf(tx, readings, devices, known), r => added.Add((r.GetInt64(0), r.GetInt64(1))));
        var fresh = known.Where(i => added.Contains((devices[i], readings[i].Reading.Number))).OrderBy(i => TimeOf(tx, readings[i].Reading.AtMs, readings[i].Reading.Clock).At).ToList();
        await tx.Sql.BulkAsync(
            $"""
            INSERT INTO latest_reading ({ReadingColumns}) {ReadingRow} ON CONFLICT (device) DO UPDATE SET number = excluded.number, site = excluded.site, village = excluded.village, at = excluded.at,
                clock = excluded.clock, seconds = excluded.seconds, rain = excluded.rain, rain_fault = excluded.rain_fault, level = excluded.level, level_fault = excluded.level_fault,
                battery = excluded.battery, committed = excluded.committed WHERE excluded.at >= latest_reading.at
            """,
            RowsOf(tx, readings, devices, Newest(fresh, i => devices[i])));
        return [.. readings.Select((r, i) => added.Remove((devices[i], r.Reading.Number)))];
    }

    private static Rows RowsOf(GroupTransaction tx, IReadOnlyList<(DeviceId Device, ReadingRecord Reading)> readings, long[] devices, List<int> which) =>
        Rows.Of(which).Long("device", i => devices[i]).Long("number", i => readings[i].Reading.Number).Long("at", i => TimeOf(tx, readings[i].Reading.AtMs, readings[i].Reading.Clock).At)
            .Long("clock", i => (long)TimeOf(tx, readings[i].Reading.AtMs, readings[i].Reading.Clock).Clock).Long("seconds", i => readings[i].Reading.Seconds)
            .Long("rain", i => readings[i].Reading.RainTenths).Long("rain_fault", i => (long)readings[i].Reading.RainFault).Long("level", i => readings[i].Reading.LevelMillimetres)
            .Long("level_fault", i => (long)readings[i].Reading.LevelFault).Long("battery", i => readings[i].Reading.BatteryMillivolts).Long("committed", _ => tx.NowMs);

    /// <summary>A device's time where it can be believed; else that of the commit, with a clock that says so.</summary>
    private static (long At, ClockQuality Clock) TimeOf(GroupTransaction tx, long atMs, ClockQuality clock) =>
        clock == ClockQuality.Unknown || atMs < Limits.WallMsMin || atMs > tx.NowMs + (long)ClockAheadMax.TotalMilliseconds ? (tx.NowMs, ClockQuality.Unknown) : (atMs, clock);

    private KeptReading ReadReading(RowReader r)
    {
        var clock = (ClockQuality)r.GetInt64(5);
        return new KeptReading(
            _numbers.Device(r.GetInt64(0)), SiteOf(r.GetInt64(2)), DateTimeOffset.FromUnixTimeMilliseconds(r.GetInt64(4)), clock != ClockQuality.Unknown,
            new ReadingRecord(r.GetInt64(1), r.GetInt64(4), clock, (int)r.GetInt64(6), (int)r.GetInt64(7), (SensorFault)r.GetInt64(8), (int)r.GetInt64(9), (SensorFault)r.GetInt64(10), (int)r.GetInt64(11)),
            DateTimeOffset.FromUnixTimeMilliseconds(r.GetInt64(12)));
    }

    private SiteId? SiteOf(long number) => number == 0 ? null : _numbers.Site(number);
}
