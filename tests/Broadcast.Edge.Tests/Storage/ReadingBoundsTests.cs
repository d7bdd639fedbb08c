using Broadcast.Device;
using Broadcast.Edge.Storage;
using Broadcast.Testing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broadcast.Edge.Tests.Storage;

/// <summary>Half a year of a site's own readings, as they lie on its card.</summary>
public sealed class ReadingBoundsTests : IDisposable
{
    private const int Thinned = GatewayStore.ReadingsMax - GatewayStore.ReadingsDenseMax;
    private const int Fresh = 256;

    /// <summary>What saves an order waits for it. It takes less than a second; with a look at each pair of readings it took ten minutes.</summary>
    private static readonly TimeSpan ThinMax = TimeSpan.FromSeconds(25);

    private readonly TempFolder _folder = new("bounds");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Thinning_half_a_year_of_readings_holds_nobody_up_and_loses_no_rain()
    {
        using (Open()) Fill();
        using var store = Open();
        var before = store.Totals();
        var began = TimeProvider.System.GetTimestamp();
        store.ThinOut(GatewayStore.ReadingsDenseMax, GatewayStore.ReadingsMax + Fresh).ShouldBeTrue();
        TimeProvider.System.GetElapsedTime(began).ShouldBeLessThan(ThinMax);

        var after = store.Totals();
        after.Tips.ShouldBe(before.Tips);
        after.Readings.ShouldBeInRange(GatewayStore.ReadingsMax + 4, GatewayStore.ReadingsMax + 6, "256 at ten seconds lie in five or six stretches of ten minutes");
    }

    private GatewayStore Open() => new(new DataFolder(new EdgeSettings { Data = _folder.Path }), NullLogger<GatewayStore>.Instance);

    // One in ten minutes, then one in ten seconds, all of them told to the cloud.
    private void Fill()
    {
        using var database = new SqliteConnection($"Data Source={_folder["gateway.db"]};Pooling=False");
        database.Open();
        using var fill = database.CreateCommand();
        fill.CommandText = $"""
            WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {Thinned - 1})
                INSERT INTO reading (at, tips, level, fault, battery) SELECT 1780200000000 + i * 600000, 1, NULL, 0, 12600 FROM n;
            WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {GatewayStore.ReadingsDenseMax + Fresh - 1})
                INSERT INTO reading (at, tips, level, fault, battery) SELECT 1780200000000 + {Thinned} * 600000 + i * 10000, 1, NULL, 0, 12600 FROM n;
            UPDATE summed SET reading = (SELECT max(id) FROM reading);
            """;
        fill.ExecuteNonQuery();
    }
}
