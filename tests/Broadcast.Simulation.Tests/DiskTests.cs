using System.Globalization;
using Broadcast.Simulation.Disk;
using Microsoft.Data.Sqlite;

namespace Broadcast.Simulation.Tests;

/// <summary>The simulated disk is held to what SQLite promises on a real one, so that what it finds is the ledger's fault and not its own.</summary>
public class DiskTests
{
    [Fact]
    public void What_was_committed_outlives_a_power_cut_at_any_write_or_flush_and_what_was_not_leaves_no_trace()
    {
        for (var cut = 1; cut <= 150; cut++)
        {
            using var disk = new SimulatedDisk();
            disk.PowerCutAt = cut;
            var committed = Write(disk);
            disk.CutPower();
            disk.PowerOn(new Random(cut), wholeMachine: true);
            var found = Count(disk);
            found.ShouldBeInRange(committed, committed + 1, $"the power went at operation {cut}"); // The one at work may have come through.
        }
    }

    [Fact]
    public void Without_a_flush_a_power_cut_does_lose_what_was_written()
    {
        var lost = 0;
        for (var seed = 0; seed < 40; seed++)
        {
            var file = new SimulatedFile();
            file.Write(0, new byte[2048]);
            file.Flush();
            file.Write(0, [.. Enumerable.Repeat((byte)1, 2048)]);
            file.LosePower(new Random(seed));
            if (file.Content.IndexOf((byte)0) >= 0) lost++;
        }

        lost.ShouldBeGreaterThan(5);
    }

    [Fact]
    public void A_full_disk_is_SQLites_own_full()
    {
        using var disk = new SimulatedDisk();
        Write(disk).ShouldBe(20);
        disk.CapacityBytes = disk.UsedBytes + 100;
        using var connection = Open(disk);
        Should.Throw<SqliteException>(() => Execute(connection, "INSERT INTO t VALUES (zeroblob(100000))")).SqliteErrorCode.ShouldBe(13);
    }

    private static int Write(SimulatedDisk disk)
    {
        var committed = 0;
        try
        {
            using var connection = Open(disk);
            Execute(connection, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=8; CREATE TABLE IF NOT EXISTS t (a)");
            for (; committed < 20; committed++) Execute(connection, "INSERT INTO t VALUES (zeroblob(3000))");
        }
        catch (SqliteException)
        {
            return committed; // The power is gone; this is what was promised.
        }

        return committed;
    }

    private static int Count(SimulatedDisk disk)
    {
        using var connection = Open(disk);
        using var check = connection.CreateCommand();
        check.CommandText = "PRAGMA integrity_check";
        check.ExecuteScalar().ShouldBe("ok");
        check.CommandText = "SELECT COUNT(*) FROM sqlite_master";
        if (Convert.ToInt32(check.ExecuteScalar(), CultureInfo.InvariantCulture) == 0) return 0;
        check.CommandText = "SELECT COUNT(*) FROM t";
        return Convert.ToInt32(check.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    private static SqliteConnection Open(SimulatedDisk disk)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = disk.Root + "/ledger.db", Pooling = false }.ToString());
        connection.Open();
        return connection;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
