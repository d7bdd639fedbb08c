using System.Security.Cryptography;
using Broadcast.Device;
using Broadcast.Device.Sensing;
using Broadcast.Edge.Sensors;
using Microsoft.Data.Sqlite;

namespace Broadcast.Edge.Storage;

/// <summary>A message that waits for the cloud.</summary>
/// <param name="Type">Alarm or Reading.</param>
/// <param name="Body">Its encoded body.</param>
internal sealed record Waiting(MessageType Type, long Number, byte[] Body);

/// <summary>A change of stage as it was then.</summary>
/// <param name="WarningId">Id of what is said of it; all zero for nothing.</param>
internal sealed record SiteAlarm(Stamp When, AlarmStage Stage, AlarmCause Cause, int WindowMinutes, int Measured, int Threshold, byte[] WarningId)
{
    public static SiteAlarm Of(Stamp when, AlarmStage stage, SiteThreshold? cause, byte[] warningId)
    {
        var reason = cause is null ? AlarmCause.None : cause.WindowMinutes > 0 ? AlarmCause.Rain : AlarmCause.Level;
        return new SiteAlarm(when, stage, reason, cause?.WindowMinutes ?? 0, cause?.Value ?? 0, cause?.LimitOf(stage) ?? 0, warningId);
    }
}

// What the cloud is to have: alarms and summed readings, kept until it has acknowledged them. A number is never given twice.
internal sealed partial class GatewayStore
{
    /// <summary>Alarms, those that the cloud has included: years of them.</summary>
    public const int AlarmsMax = 5_000;

    /// <summary>Readings that wait: a week at one in five minutes. More are thinned, to hours, then to days, then dropped.</summary>
    public const int WaitingReadingsMax = 2_016;

    private const long HourMs = 3_600_000;
    private const long DayMs = 24 * HourMs;

    private const string OutboxTables = """
        CREATE TABLE IF NOT EXISTS site_alarm (number INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, clock INTEGER NOT NULL, mono INTEGER NOT NULL, run INTEGER NOT NULL, stage INTEGER NOT NULL,
            cause INTEGER NOT NULL, minutes INTEGER NOT NULL, measured INTEGER NOT NULL, threshold INTEGER NOT NULL, warning BLOB NOT NULL, said INTEGER NOT NULL, sent INTEGER NOT NULL);
        CREATE INDEX IF NOT EXISTS site_alarm_sent ON site_alarm (sent);
        CREATE TABLE IF NOT EXISTS cloud_reading (number INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, clock INTEGER NOT NULL, mono INTEGER NOT NULL, run INTEGER NOT NULL, seconds INTEGER NOT NULL,
            rain INTEGER NOT NULL, rain_fault INTEGER NOT NULL, level INTEGER NOT NULL, level_fault INTEGER NOT NULL, battery INTEGER NOT NULL, offered INTEGER NOT NULL);
        CREATE TABLE IF NOT EXISTS summed (id INTEGER PRIMARY KEY CHECK (id = 1), reading INTEGER NOT NULL);
        INSERT OR IGNORE INTO summed (id, reading) VALUES (1, 0);
        """;

    // A new card must not give the numbers of the old one again: a store begins at a place of its own, with room for ever after.
    private const string BeginNumbers = """
        INSERT INTO sqlite_sequence (name, seq) SELECT $table, $first WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = $table);
        """;

    // One transaction: a tip is in exactly one reading of the cloud's, whenever the power goes.
    private const string Sum = """
        INSERT INTO cloud_reading (at, clock, mono, run, seconds, rain, rain_fault, level, level_fault, battery, offered)
            SELECT $at, $clock, $mono, $run, min(count(*) * $period, 86400), min(sum(tips) * $tenths, 10000000), $rainFault, $level, $levelFault, $battery, 0
            FROM reading WHERE id > (SELECT reading FROM summed) HAVING count(*) > 0;
        UPDATE summed SET reading = coalesce((SELECT max(id) FROM reading), reading);
        """;

    // Only what was never offered may be put together: the cloud may have what was, and would count its rain twice.
    private const string ThinWaiting = """
        CREATE TEMP TABLE IF NOT EXISTS thick (number INTEGER PRIMARY KEY, place INTEGER NOT NULL);
        DELETE FROM thick;
        INSERT INTO thick SELECT number, CASE WHEN clock > 0 THEN at / $bucket ELSE -1 - number * 300000 / $bucket END FROM cloud_reading WHERE offered = 0 AND seconds < $bucket / 1000;
        UPDATE cloud_reading SET
                rain = (SELECT min(sum(c.rain), 10000000) FROM cloud_reading c JOIN thick t ON t.number = c.number WHERE t.place = (SELECT place FROM thick WHERE number = cloud_reading.number)),
                seconds = (SELECT min(sum(c.seconds), 86400) FROM cloud_reading c JOIN thick t ON t.number = c.number WHERE t.place = (SELECT place FROM thick WHERE number = cloud_reading.number))
            WHERE number IN (SELECT max(number) FROM thick GROUP BY place);
        DELETE FROM cloud_reading WHERE number IN (SELECT number FROM thick) AND number NOT IN (SELECT max(number) FROM thick GROUP BY place);
        """;

    // A run's monotonic clock means nothing to the next one.
    private readonly long _run = RandomNumberGenerator.GetInt32(int.MaxValue);

    /// <summary>Keeps an alarm; null when the disk did not take it.</summary>
    public long? KeepAlarm(Stamp when, AlarmStage stage, SiteThreshold? cause, byte[] warningId) => KeepAlarm(SiteAlarm.Of(when, stage, cause, warningId), isSaid: false);

    /// <summary>Keeps an alarm; null when the disk did not take it.</summary>
    /// <param name="isSaid">Whether the core has taken what was to be said of it.</param>
    public long? KeepAlarm(SiteAlarm alarm, bool isSaid)
    {
        var kept = Try("""
            INSERT INTO site_alarm (at, clock, mono, run, stage, cause, minutes, measured, threshold, warning, said, sent)
                VALUES ($at, $clock, $mono, $run, $stage, $cause, $minutes, $measured, $threshold, $warning, $said, 0);
            DELETE FROM site_alarm WHERE number IN (SELECT number FROM site_alarm ORDER BY sent DESC, number LIMIT max(0, (SELECT count(*) FROM site_alarm) - $max));
            """,
            ("$at", alarm.When.AtMs), ("$clock", (int)alarm.When.Clock), ("$mono", alarm.When.MonotonicMs), ("$run", _run), ("$stage", (int)alarm.Stage), ("$cause", (int)alarm.Cause), ("$minutes", alarm.WindowMinutes),
            ("$measured", InRange(alarm.Measured)), ("$threshold", InRange(alarm.Threshold)), ("$warning", alarm.WarningId), ("$said", isSaid || !alarm.WarningId.AsSpan().ContainsAnyExcept((byte)0) ? 1 : 0), ("$max", AlarmsMax));
        return kept && Query("SELECT max(number) FROM site_alarm", row => LongOf(row, 0)) is [var number] ? number : null;
    }

    /// <summary>The core has taken what was to be said of an alarm.</summary>
    public void MarkSaid(byte[] warningId) => Try("UPDATE site_alarm SET said = 1 WHERE warning = $warning", ("$warning", warningId));

    /// <summary>The newest alarm whose saying a power cut came before, and when it was; null where there is none.</summary>
    public (AlarmStage Stage, byte[] WarningId, long AtMs)? Unsaid() =>
        Query("SELECT stage, warning, at FROM site_alarm WHERE said = 0 AND number = (SELECT max(number) FROM site_alarm)", row => (StageOf(row, 0), BytesOf(row, 1), LongOf(row, 2))) is [{ Item1: not AlarmStage.None, Item2.Length: Limits.WarningIdBytes } newest] ? newest : null;

    /// <summary>The stage that people were last told of, over restarts.</summary>
    public AlarmStage LastStage() => Query("SELECT stage FROM site_alarm ORDER BY number DESC LIMIT 1", row => StageOf(row, 0)).FirstOrDefault();

    /// <summary>The alarms, oldest first.</summary>
    public IReadOnlyList<(long AtMs, AlarmStage Stage)> Alarms() =>
        Query("SELECT at, stage FROM site_alarm ORDER BY number", row => (LongOf(row, 0), StageOf(row, 1)));

    /// <summary>Sums the site's readings since the last sum into one for the cloud; false when the disk did not take it.</summary>
    /// <param name="periodSeconds">Time between two readings of the site.</param>
    public bool SumReadings(Stamp when, SiteReading last, int tenthsATip, int periodSeconds)
    {
        var kept = Try(Sum, ("$at", when.AtMs), ("$clock", (int)when.Clock), ("$mono", when.MonotonicMs), ("$run", _run), ("$period", periodSeconds), ("$tenths", tenthsATip),
            ("$rainFault", (int)last.RainFault), ("$level", InRange(last.Level?.Millimetres ?? 0)), ("$levelFault", (int)(last.Level is null ? SensorFault.Absent : last.LevelFault)),
            ("$battery", Math.Clamp(last.BatteryMillivolts, 0, Limits.BatteryMillivoltsMax)));
        return kept && ThinWaitingTo(WaitingReadingsMax);
    }

    /// <summary>Thins what waits until it is no more than <paramref name="most"/>: to hours, to days; then the oldest go.</summary>
    internal bool ThinWaitingTo(int most)
    {
        foreach (var bucket in (ReadOnlySpan<long>)[HourMs, DayMs])
        {
            if (WaitingReadings() <= most) return true;
            if (!Try(ThinWaiting, ("$bucket", bucket))) return false;
        }
        return WaitingReadings() <= most || Try("DELETE FROM cloud_reading WHERE number NOT IN (SELECT number FROM cloud_reading ORDER BY number DESC LIMIT $max)", ("$max", most));
    }

    public long WaitingReadings() => Query("SELECT count(*) FROM cloud_reading", row => LongOf(row, 0)) is [var count] ? count : 0;

    public long WaitingAlarms() => Query("SELECT count(*) FROM site_alarm WHERE sent = 0", row => LongOf(row, 0)) is [var count] ? count : 0;

    /// <summary>What was of this run and of unknown time, or of one that was told by less, gets its true time.</summary>
    /// <param name="offsetMs">UTC less monotonic milliseconds.</param>
    public void CompleteTimes(long offsetMs, ClockQuality clock) => Try("""
        UPDATE site_alarm SET at = mono + $offset, clock = $clock WHERE clock < $clock AND run = $run;
        UPDATE cloud_reading SET at = mono + $offset, clock = $clock WHERE clock < $clock AND run = $run;
        UPDATE sound_test SET at = mono + $offset, clock = $clock WHERE clock < $clock AND run = $run;
        """, ("$offset", offsetMs), ("$clock", (int)clock), ("$run", _run));

    /// <summary>The next messages that the cloud does not have, alarms first, oldest first; those of <paramref name="under"/> are under way already.</summary>
    public IReadOnlyList<Waiting> NextToSend(IReadOnlyCollection<(MessageType Type, long Number)> under, int most)
    {
        var alarms = Query("SELECT number, at, clock, stage, cause, minutes, measured, threshold, warning FROM site_alarm WHERE sent = 0 ORDER BY number LIMIT $max", ReadAlarm, ("$max", most + under.Count));
        var readings = Query("SELECT number, at, clock, seconds, rain, rain_fault, level, level_fault, battery FROM cloud_reading ORDER BY number LIMIT $max", ReadReading, ("$max", most + under.Count));
        return [.. alarms.Concat(SoundToSend(most + under.Count)).Concat(readings).Where(waiting => !under.Contains((waiting.Type, waiting.Number)) && IsWhole(waiting)).Take(most)];
    }

    // What a worn card has made of a message the cloud would refuse, and cut off the whole gateway after a few: it goes, and the others get through.
    private bool IsWhole(Waiting message)
    {
        var isWhole = message.Type switch
        {
            MessageType.Alarm => Alarm.Decode(message.Body) is not null,
            MessageType.SoundTest => SoundTest.Decode(message.Body) is not null,
            _ => Reading.Decode(message.Body) is not null,
        };
        if (isWhole) return true;
        LogStorage($"{message.Type} {message.Number} is damaged, and is not sent");
        MarkSent(message.Type, message.Number);
        return false;
    }

    /// <summary>The message is about to go out: from now on the cloud may have it. False when the disk did not take it; then it must not go.</summary>
    public bool MarkOffered(Waiting message) =>
        message.Type != MessageType.Reading || Try("UPDATE cloud_reading SET offered = 1 WHERE number = $number AND offered = 0", ("$number", message.Number));

    /// <summary>The cloud has it for good; false when the disk did not take that.</summary>
    public bool MarkSent(MessageType type, long number) => Try(type switch
    {
        MessageType.Alarm => "UPDATE site_alarm SET sent = 1 WHERE number = $number",
        MessageType.SoundTest => "DELETE FROM sound_test WHERE number = $number",
        _ => "DELETE FROM cloud_reading WHERE number = $number",
    }, ("$number", number));

    private void OpenOutbox()
    {
        Run(OutboxTables);
        foreach (var table in (ReadOnlySpan<string>)["site_alarm", "cloud_reading"]) BeginAt(table);
    }

    private void BeginAt(string table)
    {
        using var begin = Command(BeginNumbers, [("$table", table), ("$first", 1L + (RandomNumberGenerator.GetInt32(int.MaxValue) * (1L << 31)))]);
        begin.ExecuteNonQuery();
    }

    // What a copy in memory numbers is forgotten by a power cut, and the cloud keeps each number once: from each copy the numbers go on elsewhere, as on a new card,
    // and above what waits. A store begins below 2^62, so that this stays below 2^63.
    private void SkipNumbers()
    {
        using var skip = Command("UPDATE sqlite_sequence SET seq = seq + $by", [("$by", (1L + RandomNumberGenerator.GetInt32(1 << 30)) << 31)]);
        skip.ExecuteNonQuery();
    }

    // An earlier copy of the same card may have sent any of it before the power went: readings are not put together any more, and what was not summed yet
    // is not summed, or the cloud would count its rain twice. The site's own windows have it.
    private void LeaveWhatMayBeSent() =>
        Run("UPDATE cloud_reading SET offered = 1; UPDATE summed SET reading = coalesce((SELECT max(id) FROM reading), reading);");

    private static int InRange(int value) => Math.Clamp(value, -Limits.SensorValueMax, Limits.SensorValueMax);

    private static Waiting ReadAlarm(SqliteDataReader row)
    {
        var alarm = new Alarm
        {
            Number = LongOf(row, 0), AtMs = LongOf(row, 1), Clock = (ClockQuality)IntOf(row, 2), Stage = (AlarmStage)IntOf(row, 3), Cause = (AlarmCause)IntOf(row, 4),
            WindowMinutes = IntOf(row, 5), Value = IntOf(row, 6), Threshold = IntOf(row, 7), WarningId = BytesOf(row, 8),
        };
        return new Waiting(MessageType.Alarm, alarm.Number, alarm.Encode());
    }

    private static Waiting ReadReading(SqliteDataReader row)
    {
        var reading = new Reading
        {
            Number = LongOf(row, 0), AtMs = LongOf(row, 1), Clock = (ClockQuality)IntOf(row, 2), Seconds = IntOf(row, 3), RainTenths = IntOf(row, 4), RainFault = (SensorFault)IntOf(row, 5),
            LevelMillimetres = IntOf(row, 6), LevelFault = (SensorFault)IntOf(row, 7), BatteryMillivolts = IntOf(row, 8),
        };
        return new Waiting(MessageType.Reading, reading.Number, reading.Encode());
    }
}
