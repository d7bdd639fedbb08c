using Broadcast.Device;
using Broadcast.EndToEnd.Processes;
using Broadcast.Fleet;
using Broadcast.Testing;

namespace Broadcast.EndToEnd.Fleet;

/// <summary>The instrument itself is tested: what a fleet says was sounded is what the rest of this project believes.</summary>
public sealed class FleetTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(58);

    private readonly TempFolder _folder = new("fleet");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_device_plays_an_order_once_for_as_long_as_speech_takes_and_says_so()
    {
        await using var cloud = await MiniCloud.StartAsync(200, _folder["devices.csv"]);
        await using var fleet = StartFleet(cloud, new FaultOptions());
        await UntilAsync(() => fleet.Status.Online == 200);

        var order = NewOrder(toneMs: 300, text: "大雨，请转移", repetitions: 2);
        cloud.Say(order).ShouldBe(200);
        await UntilAsync(() => cloud.Receipts.Count(r => r.Receipt.State == ReceiptState.Played) == 200);

        fleet.Status.Plays.ShouldBe(200);
        fleet.Status.Played.ShouldBe(200);
        var lines = ReadJournal();
        var least = SpeechTime.Of(order, 100);
        least.ShouldBeGreaterThanOrEqualTo(TimeSpan.FromMilliseconds(300 + (2 * 6 / 100.0 * 1000)));
        foreach (var device in lines.GroupBy(l => l.Device))
        {
            device.Select(l => l.What).ShouldBe(["play", "ended"]);
            (device.Last().Ms - device.First().Ms).ShouldBeGreaterThanOrEqualTo((long)least.TotalMilliseconds - 1);
        }
    }

    [Fact]
    public async Task Lost_frames_and_broken_connections_play_nothing_twice()
    {
        await using var cloud = await MiniCloud.StartAsync(50, _folder["devices.csv"]);
        await using var fleet = StartFleet(cloud, new FaultOptions { Loss = 0.2, Latency = TimeSpan.FromMilliseconds(30), Seed = 7 });
        var order = NewOrder(toneMs: 50, text: "转移", repetitions: 1);
        // The link alone does not say that an order arrived: it is said again until every device has played it.
        await UntilAsync(() =>
        {
            if (cloud.Say(order) < 0) return false;
            return cloud.Receipts.Where(r => r.Receipt.State == ReceiptState.Played).Select(r => r.Device).Distinct().Count() == 50;
        });

        ReadJournal().Count(l => l.What == "play").ShouldBe(50);
    }

    [Fact]
    public async Task A_device_that_is_lent_is_left_alone_until_it_comes_back_and_one_that_is_excepted_for_ever()
    {
        await using var cloud = await MiniCloud.StartAsync(10, _folder["devices.csv"]);
        var rows = DevicesFile.Read(_folder["devices.csv"]);
        Directory.CreateDirectory(_folder["lent"]);
        var lent = Path.Combine(_folder["lent"], rows[0].Device);
        await File.WriteAllTextAsync(lent, "");
        await using var fleet = StartFleet(cloud, new FaultOptions(), o => o with { LentFolder = _folder["lent"], Except = new HashSet<string> { rows[1].Device } });
        await UntilAsync(() => fleet.Status.Online == 8);
        File.Delete(lent);
        await UntilAsync(() => fleet.Status.Online == 9);
        await File.WriteAllTextAsync(Path.Combine(_folder["lent"], rows[2].Device), "");
        await UntilAsync(() => fleet.Status.Online == 8);
    }

    [Fact]
    public async Task An_altered_frame_is_refused_and_makes_no_sound()
    {
        await using var cloud = await MiniCloud.StartAsync(20, _folder["devices.csv"]);
        await using var fleet = StartFleet(cloud, new FaultOptions { Refuse = 1 });
        await UntilAsync(() => fleet.Status.Refusals >= 20); // Not even the welcome came through whole.
        cloud.Say(NewOrder(toneMs: 0, text: "假", repetitions: 1)).ShouldBe(20);
        await UntilAsync(() => fleet.Status.Orders >= 20 && fleet.Status.Refusals >= 40);

        fleet.Status.Plays.ShouldBe(0);
    }

    [Fact]
    public async Task A_power_cut_in_the_middle_of_a_warning_starts_it_again_and_counts_the_attempt()
    {
        await using var cloud = await MiniCloud.StartAsync(5, _folder["devices.csv"]);
        var order = NewOrder(toneMs: 60_000, text: "转移", repetitions: 1);
        await using (var before = StartFleet(cloud, new FaultOptions()))
        {
            await UntilAsync(() => before.Status.Online == 5);
            cloud.Say(order);
            await UntilAsync(() => before.Status.Playing == 5);
        }

        await using var after = StartFleet(cloud, new FaultOptions());
        await UntilAsync(() => after.Status.Playing == 5);

        ReadJournal().Where(l => l.What == "play").GroupBy(l => l.Device).ShouldAllBe(d => d.Select(l => l.Attempt).SequenceEqual(new[] { 1, 2 }));
    }

    [Fact]
    public async Task Nine_thousand_devices_fit_into_one_process_and_play_together()
    {
        Assert.SkipUnless(LongRun.IsLong, "Half a minute of connecting: BROADCAST_LONG=1.");
        const int Devices = 9_000;
        const long BytesADeviceMax = 100_000; // The fleet's and the endpoint's side together; TLS would come on top.
        await using var cloud = await MiniCloud.StartAsync(Devices, _folder["devices.csv"]);
        var before = Environment.WorkingSet;
        await using var fleet = StartFleet(cloud, new FaultOptions());
        await Eventually.HoldsAsync(() => fleet.Status.Online == Devices, TimeSpan.FromMinutes(3));
        cloud.Say(NewOrder(toneMs: 500, text: "转移", repetitions: 1)).ShouldBe(Devices);
        await Eventually.HoldsAsync(() => fleet.Status.Played == Devices, TimeSpan.FromMinutes(1));

        fleet.Status.Plays.ShouldBe(Devices);
        TestContext.Current.TestOutputHelper!.WriteLine($"{(Environment.WorkingSet - before) / Devices} bytes a device");
        (Environment.WorkingSet - before).ShouldBeLessThan(Devices * BytesADeviceMax);
    }

    private SimulatedFleet StartFleet(MiniCloud cloud, FaultOptions faults, Func<FleetOptions, FleetOptions>? change = null)
    {
        var options = new FleetOptions
        {
            DevicesFile = _folder["devices.csv"],
            Host = "127.0.0.1",
            Port = cloud.Port,
            Plain = true,
            SpeechRate = 100,
            StateFolder = _folder["state"],
            JournalFile = _folder["journal"],
            BackOffMin = TimeSpan.FromMilliseconds(20),
            BackOffMax = TimeSpan.FromMilliseconds(200),
            Faults = faults,
        };
        var fleet = new SimulatedFleet(change?.Invoke(options) ?? options, TimeProvider.System);
        fleet.Start();
        return fleet;
    }

    private IReadOnlyList<Sounding> ReadJournal() => JournalFile.Read(_folder["journal"]);

    private static Task UntilAsync(Func<bool> holds) => Eventually.HoldsAsync(holds, Patience);

    private static Order NewOrder(int toneMs, string text, int repetitions)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        return new Order
        {
            WarningId = Guid.NewGuid().ToByteArray(), Revision = 1, Class = WarningClass.Actual, Level = WarningLevel.Yellow, Issuer = RegionLevel.County,
            Event = "11B03", Sequence = now, NotBeforeMs = now, ExpiresMs = now + 600_000, Text = text, Repetitions = repetitions, ToneMs = toneMs,
        };
    }
}
