using Broadcast.Device.Sensing;
using Broadcast.Edge.Sensors;
using Microsoft.Data.Sqlite;

namespace Broadcast.Edge.Storage;

// Readings and alarms of the site, bounded: readings are thinned, then dropped; alarms are kept.
internal sealed partial class GatewayStore
{
    /// <summary>Readings at full density: two days at one in ten seconds. Older ones are thinned to one in ten minutes.</summary>
    public const int ReadingsDenseMax = 17_280;

    /// <summary>All readings; with the thinned ones about half a year, some 10 MB.</summary>
    public const int ReadingsMax = 40_000;

    /// <summary>Alarms: years of them.</summary>
    public const int AlarmsMax = 5_000;

    /// <summary>Readings between two looks at the bounds.</summary>
    private const int ThinEvery = 256;

    private const string JournalTables = """
        CREATE TABLE IF NOT EXISTS reading (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, tips INTEGER NOT NULL, level INTEGER, fault INTEGER NOT NULL, battery INTEGER NOT NULL);
        CREATE INDEX IF NOT EXISTS reading_at ON reading (at);
        CREATE TABLE IF NOT EXISTS probe (id INTEGER PRIMARY KEY CHECK (id = 1), at INTEGER NOT NULL);
        CREATE TABLE IF NOT EXISTS alarm (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, stage INTEGER NOT NULL, rain INTEGER NOT NULL, level INTEGER);
        """;

    // The tips of what is thinned out are added to what stays: rain is a sum, and none of it is lost.
    private const string Thin = """
        UPDATE reading SET tips = (SELECT sum(r.tips) FROM reading r WHERE r.at / 600000 = reading.at / 600000 AND r.id <= $dense)
            WHERE id <= $dense AND id IN (SELECT min(id) FROM reading WHERE id <= $dense GROUP BY at / 600000);
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
        if (--_untilThin > 0) return kept;
        _untilThin = ThinEvery;
        return kept && ThinOut(ReadingsDenseMax, ReadingsMax);
    }

    /// <summary>Keeps that an alarm was raised; false when the disk did not take it.</summary>
    public bool KeepAlarm(DateTimeOffset at, AlarmStage stage, SiteReading reading) =>
        Try("INSERT INTO alarm (at, stage, rain, level) VALUES ($at, $stage, $rain, $level); DELETE FROM alarm WHERE id NOT IN (SELECT id FROM alarm ORDER BY id DESC LIMIT $max)",
            ("$at", at.ToUnixTimeMilliseconds()), ("$stage", (int)stage), ("$rain", reading.RainTenths[0]), ("$level", reading.Level is { } level ? level.Millimetres : DBNull.Value), ("$max", AlarmsMax));

    /// <summary>Tips by reading since then.</summary>
    public IReadOnlyList<(DateTimeOffset At, int Tips)> TipsSince(DateTimeOffset since) =>
        Query("SELECT at, tips FROM reading WHERE at >= $since AND tips > 0", row => (DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(0)), row.GetInt32(1)),
            ("$since", since.ToUnixTimeMilliseconds()));

    /// <summary>The alarms, oldest first.</summary>
    public IReadOnlyList<(DateTimeOffset At, AlarmStage Stage)> Alarms() =>
        Query("SELECT at, stage FROM alarm ORDER BY id", row => (DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(0)), (AlarmStage)row.GetInt32(1)));

    /// <summary>Whether the disk takes a write now.</summary>
    public bool Probe() => Try("INSERT INTO probe (id, at) VALUES (1, 0) ON CONFLICT (id) DO UPDATE SET at = at + 1");

    /// <summary>Number of readings and their tips.</summary>
    public (long Readings, long Tips) Totals() => Query("SELECT count(*), coalesce(sum(tips), 0) FROM reading", row => (row.GetInt64(0), row.GetInt64(1)))[0];

    /// <summary>Thins readings older than the newest <paramref name="dense"/> and drops the oldest beyond <paramref name="most"/>.</summary>
    internal bool ThinOut(int dense, int most)
    {
        var newest = Query("SELECT coalesce(max(id), 0) FROM reading", row => row.GetInt64(0));
        return newest.Count > 0 && Try(Thin, ("$dense", newest[0] - dense), ("$max", most));
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
                return true;
            }
            catch (SqliteException failed)
            {
                LogStorage(failed.Message);
                return false;
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
            }
            return rows;
        }
    }

    private SqliteCommand Command(string sql, ReadOnlySpan<(string Name, object Value)> values)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in values) command.Parameters.AddWithValue(name, value);
        return command;
    }
}
