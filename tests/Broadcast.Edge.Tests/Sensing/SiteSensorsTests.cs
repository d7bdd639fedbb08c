using Broadcast.Device;
using Broadcast.Device.Sensing;
using Broadcast.Edge.Page;
using Broadcast.Edge.Sensors;
using Broadcast.Edge.Storage;
using Broadcast.Testing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broadcast.Edge.Tests.Sensing;

/// <summary>A site's sensors on a night on which the disk, the clock and the power are no help.</summary>
public sealed class SiteSensorsTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly TempFolder _folder = new("sensors");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Rain_before_a_power_cut_weighs_on_where_the_clock_comes_back_behind_it()
    {
        // Without a battery clock a Raspberry Pi goes on from the time that it last wrote down, up to an hour ago.
        using (var store = new GatewayStore(new DataFolder(new EdgeSettings { Data = _folder["data"] }), NullLogger<GatewayStore>.Instance))
            store.KeepReading(TimeProvider.System.GetUtcNow().AddMinutes(40), 30, SiteReading.None).ShouldBeTrue();
        await using var bench = await GatewayBench.StartAsync(_folder, new WatchSettings { ReadSeconds = 1 }, cloudIsAway: true);
        await Eventually.HoldsAsync(() => bench.Get<SiteSensors>().Last.RainTenths[0] == 60, Patience);
    }

    [Fact]
    public async Task Tips_that_the_disk_did_not_take_are_kept_once_it_takes_them()
    {
        await using var bench = await GatewayBench.StartAsync(_folder, new WatchSettings { ReadSeconds = 1 });
        Refuse("reading");
        await bench.TipAsync(5);
        await Eventually.HoldsAsync(() => bench.Get<SiteSensors>().Last.RainTenths[0] == 10, Patience);
        var before = Refusals(bench);
        await Eventually.HoldsAsync(() => Refusals(bench) >= before + 2, Patience);
        Take();
        await Eventually.HoldsAsync(() => bench.Get<GatewayStore>().Totals().Tips == 5, Patience);
    }

    [Fact]
    public async Task An_alarm_that_the_disk_did_not_take_sounds_and_reaches_the_cloud_once_it_does()
    {
        await using var bench = await GatewayBench.StartAsync(_folder, new WatchSettings { ReadSeconds = 1, Rain = [new RainLimit { Hours = 1, PrepareMillimetres = 2, LeaveMillimetres = 60 }] });
        Refuse("site_alarm");
        await bench.TipAsync(12);
        await Eventually.HoldsAsync(() => bench.Cloud.Receipts.Any(r => r.State == ReceiptState.Playing), Patience);
        await Eventually.HoldsAsync(() => Refusals(bench) > 0, Patience);
        Take();
        await Eventually.HoldsAsync(() => bench.Cloud.Alarms.Count == 1, Patience);
        var alarm = bench.Cloud.Alarms.Single();
        (alarm.Stage, alarm.Threshold).ShouldBe((AlarmStage.Prepare, 20));
        bench.Cloud.Receipts.ShouldContain(r => r.WarningId.SequenceEqual(alarm.WarningId));
        bench.Get<GatewayStore>().Unsaid().ShouldBeNull("it was said, and is not said again after a power cut");
    }

    private static int Refusals(GatewayBench bench) => bench.Get<RecentLog>().Lines.Count(line => line.Contains("the disk is full", StringComparison.Ordinal));

    private void Refuse(string table) => Act($"CREATE TRIGGER refuse BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'the disk is full'); END");

    private void Take() => Act("DROP TRIGGER refuse");

    private void Act(string sql)
    {
        using var database = new SqliteConnection($"Data Source={_folder["data/gateway.db"]};Pooling=False");
        database.Open();
        using var act = database.CreateCommand();
        act.CommandText = sql;
        act.ExecuteNonQuery();
    }
}
