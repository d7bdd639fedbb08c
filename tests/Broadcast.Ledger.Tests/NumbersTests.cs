using Broadcast.Ledger.Storage;
using Broadcast.Rules;
using Microsoft.Data.Sqlite;

namespace Broadcast.Ledger.Tests;

/// <summary>The small integers that stand for devices: one that is not found is a receipt that is dropped, and a device that may not come in.</summary>
public sealed class NumbersTests
{
    /// <summary>A transaction is lost while somebody reads what was added since.</summary>
    [Fact]
    public async Task Every_device_is_known_also_after_they_were_forgotten_while_others_read_them()
    {
        await using var ledger = await TestLedger.OpenAsync(Database.Sqlite);
        var devices = await ledger.CountyAsync(3);
        await ledger.CloseAsync();
        await using Engine engine = new SqliteEngine(ledger.Options);
        await using var sql = await engine.OpenAsync(write: true, CancellationToken.None);
        var numbers = new Numbers();
        var isLost = false;
        ((SqliteConnection)sql.Connection).CreateFunction("meanwhile", () =>
        {
            if (isLost) numbers.Forget();
            return 1;
        });
        await sql.ExecuteAsync("ALTER TABLE device RENAME TO devices");
        await sql.ExecuteAsync("CREATE TEMP VIEW device AS SELECT id, num FROM devices WHERE meanwhile() = 1"); // Whoever reads devices meets what happens meanwhile.
        await numbers.RefreshAsync(sql);
        await sql.ExecuteAsync("INSERT INTO devices (num, id, site, key_epoch, verifier, service, high_water, refused_mark, epoch) VALUES (4, 'late', 's0', 1, x'00', 2, 0, 0, 0)");

        isLost = true;
        await numbers.RefreshAsync(sql);
        isLost = false;

        (await numbers.DeviceAsync(sql, new DeviceId("late"))).ShouldBe(4);
        foreach (var device in devices) (await numbers.DeviceAsync(sql, device.Device)).ShouldNotBeNull(device.Device.Value);
    }
}
