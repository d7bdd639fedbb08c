using Broadcast.Device;
using Broadcast.Device.Sensing;
using Broadcast.Edge.Sensors;
using Microsoft.Data.Sqlite;

namespace Broadcast.Edge.Storage;

// The site's own readings at full density, bounded: thinned, then dropped. What the cloud gets of them is in the outbox.
internal sealed partial class GatewayStore
{
    /// <summary>Readings at full density: two days at one in ten seconds. Older ones are thinned to one in ten minutes.</summary>
    public const int ReadingsDenseMax = 17_280;

    /// <summary>All readings; with the thinned ones about half a year, some 10 MB.</summary>
    public const int ReadingsMax = 40_000;

    /// <summary>Readings between two looks at the bounds.</summary>
    private const int ThinEvery = 256;

    private const string JournalTables = """
        CREATE TABLE IF NOT EXISTS reading (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, tips INTEGER NOT NULL, level INTEGER, fault INTEGER NOT NULL, battery INTEGER NOT NULL);
        CREATE INDEX IF NOT EXISTS reading_at ON reading (at);
        CREATE TABLE IF NOT EXISTS probe (id INTEGER PRIMARY KEY CHECK (id = 1), at INTEGER NOT NULL);
        """;

    // The tips of what is thinned out are added to what stays: rain is a sum, and none of it is lost. One pass, and what is thin already is not written
    // again: an order that is to be saved waits for it.
    private const string Thin = """
        UPDATE reading SET tips = thick.tips
            FROM (SELECT min(id) AS id, sum(tips) AS tips FROM reading WHERE id <= $dense GROUP BY at / 600000 HAVING count(*) > 1) AS thick WHERE reading.id = thick.id;
        DELETE FROM reading WHERE id <= $dense AND id NOT IN (SELECT min(id) FROM reading WHERE id <= $dense GROUP BY at / 600000);
        DELETE FROM reading WHERE id NOT IN (SELECT id FROM reading ORDER BY id DESC LIMIT $max);
        """;

    private int _untilThin = ThinEvery;

    /// <summary>Keeps a reading with the tips since the last one; false when the disk did not take it.</summary>
    public bool KeepReading(DateTimeOffset at, int tips, SiteReading reading)
    {
        object level = reading.Level is { Fault: SensorFault.None } good ? good.Millimetres : DBNull.Value;
        var kept = Try("INSERT INTO reading (at, tips, level, fault, battery) VALUES ($at, $tips, $level, $fault, $battery)",
            ("$at", at.ToUnixTimeMilliseconds()), ("$tips", tips), ("$level", level),
            ("$fault", ((int)reading.RainFault << 4) | (int)reading.LevelFault), ("$battery", reading.BatteryMillivolts));
        if (!kept || --_untilThin > 0) return kept;
        _untilThin = ThinEvery;
        ThinOut(ReadingsDenseMax, ReadingsMax);
        return true;
    }

    /// <summary>When the newest reading was, by the clock of then; null where there is none.</summary>
    public DateTimeOffset? NewestReading() =>
        Query("SELECT at FROM reading ORDER BY id DESC LIMIT 1", row => DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(LongOf(row, 0), 0, Limits.WallMsMax))) is [var at] ? at : null;

    /// <summary>Tips by reading since then.</summary>
    public IReadOnlyList<(DateTimeOffset At, int Tips)> TipsSince(DateTimeOffset since) =>
        Query("SELECT at, tips FROM reading WHERE at >= $since AND tips > 0", row => (DateTimeOffset.FromUnixTimeMilliseconds(Math.Min(LongOf(row, 0), Limits.WallMsMax)), Math.Clamp(IntOf(row, 1), 0, ushort.MaxValue)),
            ("$since", since.ToUnixTimeMilliseconds()));

    /// <summary>Whether the disk takes a write now.</summary>
    public bool Probe() => !_folder.IsReadOnly && Try("INSERT INTO probe (id, at) VALUES (1, 0) ON CONFLICT (id) DO UPDATE SET at = at + 1");

    /// <summary>Number of readings and their tips.</summary>
    public (long Readings, long Tips) Totals() => Query("SELECT count(*), coalesce(sum(tips), 0) FROM reading", row => (LongOf(row, 0), LongOf(row, 1))).FirstOrDefault();

    /// <summary>Thins readings older than the newest <paramref name="dense"/> and drops the oldest beyond <paramref name="most"/>; never one that the outbox has not summed yet.</summary>
    internal bool ThinOut(int dense, int most)
    {
        var newest = Query("SELECT min(coalesce((SELECT max(id) FROM reading), 0) - $dense, (SELECT reading FROM summed))", row => LongOf(row, 0), ("$dense", dense));
        return newest.Count > 0 && Try(Thin, ("$dense", newest[0]), ("$max", most));
    }

    private bool Try(string sql, params ReadOnlySpan<(string Name, object Value)> values)
    {
        lock (_gate)
        {
            try
            {
                using var transaction = _connection.BeginTransaction();
                using var command = Command(sql, values);
                command.Transaction = transaction;
                command.ExecuteNonQuery();
                transaction.Commit();
                _hasFailed = false;
                return true;
            }
            catch (SqliteException failed)
            {
                _hasFailed = true;
                LogStorage(failed.Message);
                return (HasMoved(failed) || HasBegunAnew(failed)) && Try(sql, values);
            }
        }
    }

    private List<T> Query<T>(string sql, Func<SqliteDataReader, T> read, params ReadOnlySpan<(string Name, object Value)> values)
    {
        lock (_gate)
        {
            List<T> rows = [];
            try
            {
                using var command = Command(sql, values);
                using var reader = command.ExecuteReader();
                while (reader.Read()) rows.Add(read(reader));
            }
            catch (SqliteException failed)
            {
                LogStorage(failed.Message);
                HasBegunAnew(failed);
            }
            return rows;
        }
    }

    // On a worn card a value may be of another type than its column, or beyond it. It is read as something, and judged like all that is read: a gateway that throws at it
    // would not start again.
    private static long LongOf(SqliteDataReader row, int column) => row.IsDBNull(column) ? 0 : row.GetInt64(column);

    private static int IntOf(SqliteDataReader row, int column) => (int)Math.Clamp(LongOf(row, column), int.MinValue, int.MaxValue);

    private static byte[] BytesOf(SqliteDataReader row, int column) => row.GetValue(column) as byte[] ?? [];

    private static AlarmStage StageOf(SqliteDataReader row, int column) => LongOf(row, column) switch
    {
        (long)AlarmStage.Prepare => AlarmStage.Prepare,
        (long)AlarmStage.Leave => AlarmStage.Leave,
        _ => AlarmStage.None,
    };

    private SqliteCommand Command(string sql, ReadOnlySpan<(string Name, object Value)> values)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in values) command.Parameters.AddWithValue(name, value);
        return command;
    }
}
