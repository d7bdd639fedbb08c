using System.Net;
using System.Net.Sockets;
using Broadcast.Device;
using Broadcast.Device.Sensing;
using Broadcast.Edge.Gateway;
using Broadcast.Edge.Page;
using Broadcast.Edge.Sensors;
using Broadcast.Edge.Service;
using Broadcast.Edge.Storage;
using Broadcast.Testing;

namespace Broadcast.Edge.Tests;

/// <summary>The site keeps its village safe without the cloud (R9), on a whole gateway with pins at register level.</summary>
public sealed class LocalAlarmTests : IDisposable
{
    private readonly TempFolder _folder = new("alarm");

    [Fact]
    public async Task Without_a_cloud_rain_makes_the_site_speak_and_the_siren_sound_and_the_cloud_hears_of_it_later()
    {
        await using var bench = await GatewayBench.StartAsync(_folder, RainWatch(), cloudIsAway: true);
        var before = bench.Cloud.NowMs;
        await bench.TipAsync(16);
        await Eventually.HoldsAsync(() => bench.Chip.Level(GatewayBench.AmplifierPin), EdgeProcess.Patience);
        bench.Chip.Level(GatewayBench.SirenPin).ShouldBeFalse("准备转移 is no reason for the siren");
        await bench.TipAsync(30);
        await Eventually.HoldsAsync(() => bench.Chip.Level(GatewayBench.SirenPin), EdgeProcess.Patience);
        var after = bench.Cloud.NowMs;
        bench.Cloud.Receipts.ShouldBeEmpty();
        bench.Get<GatewayStore>().Alarms().Select(a => a.Stage).ShouldBe([AlarmStage.Prepare, AlarmStage.Leave]);

        bench.Cloud.IsAway = false;
        await Eventually.HoldsAsync(() => bench.Cloud.Receipts.Count(r => r.State == ReceiptState.Playing) == 2, EdgeProcess.Patience);
        bench.Cloud.Receipts.Select(r => r.State).ShouldBe([ReceiptState.Received, ReceiptState.Playing, ReceiptState.Interrupted, ReceiptState.Received, ReceiptState.Playing], ignoreOrder: true);
        bench.Cloud.Receipts.ShouldAllBe(r => r.AtMs >= before && r.AtMs <= after + 100, "the true time, not that of the link");

        // The alarms themselves, with what raised them, each once; and what they said is found in their receipts.
        await Eventually.HoldsAsync(() => bench.Get<GatewayStore>().WaitingAlarms() == 0 && bench.Get<GatewayStore>().WaitingReadings() == 0, EdgeProcess.Patience);
        bench.Cloud.Alarms.Select(a => (a.Stage, a.Cause, a.WindowMinutes, a.Threshold)).ShouldBe([(AlarmStage.Prepare, AlarmCause.Rain, 60, 20), (AlarmStage.Leave, AlarmCause.Rain, 60, 60)]);
        bench.Cloud.Alarms.ShouldAllBe(a => a.AtMs >= before && a.AtMs <= after && a.Value >= a.Threshold);
        bench.Cloud.Alarms.ShouldAllBe(a => bench.Cloud.Receipts.Count(r => r.WarningId.SequenceEqual(a.WarningId)) >= 2);
        bench.Cloud.Readings.ShouldNotBeEmpty("an alarm goes out with the readings that raised it");

        // The stop button: the siren and the voice end, and what it interrupted goes on until the button is pressed again.
        await PressAsync(bench);
        await Eventually.HoldsAsync(() => !bench.Chip.Level(GatewayBench.SirenPin), EdgeProcess.Patience);
        await Eventually.HoldsAsync(() => bench.Cloud.Receipts.Any(r => r.State == ReceiptState.Stopped && r.Reason == (byte)StopReason.Operator), EdgeProcess.Patience);
    }

    [Fact]
    public async Task A_current_loop_raises_the_alarm_and_a_broken_wire_does_not()
    {
        await using var bench = await GatewayBench.StartAsync(_folder, new WatchSettings { ReadSeconds = 1, Level = [new LevelLimit { PrepareMillimetres = 4_000, LeaveMillimetres = 5_000 }] });
        var sensors = bench.Get<SiteSensors>();
        await Eventually.HoldsAsync(() => sensors.Last.Level?.Millimetres == 2_500, EdgeProcess.Patience);
        bench.Adc.Inputs[0] = 2_200_000; // 22 mA: a short circuit, and no flood.
        await Eventually.HoldsAsync(() => sensors.Last.LevelFault == SensorFault.ShortCircuit, EdgeProcess.Patience);
        bench.Get<GatewayStore>().Alarms().ShouldBeEmpty();
        bench.Adc.Inputs[0] = 1_040_000; // 10.4 mA: 4 m.
        await Eventually.HoldsAsync(() => bench.Get<GatewayStore>().Alarms().Count == 1, EdgeProcess.Patience);
        await Eventually.HoldsAsync(() => bench.Cloud.Receipts.Any(r => r.State == ReceiptState.Playing), EdgeProcess.Patience);
    }

    /// <summary>192.0.2.0/24 is on no machine (RFC 5737), as an address that DHCP has not given yet.</summary>
    [Fact]
    public async Task Addresses_that_the_machine_does_not_have_are_a_named_fault_and_the_alarm_sounds_all_the_same()
    {
        await using var bench = await GatewayBench.StartAsync(_folder, RainWatch(), cloudIsAway: true, page: "192.0.2.1:8090", township: "192.0.2.1:8883");
        bench.Get<GatewayBody>().Faults.HasFlag(FaultFlags.Listening).ShouldBeTrue();
        bench.Get<SiteDoors>().Faults.Select(fault => fault.Split(':')[0]).ShouldBe(["page 192.0.2.1", "township 192.0.2.1"], ignoreOrder: true);
        await bench.TipAsync(16);
        await Eventually.HoldsAsync(() => bench.Chip.Level(GatewayBench.AmplifierPin), EdgeProcess.Patience);
        bench.Cloud.IsAway = false;
        await Eventually.HoldsAsync(() => bench.Cloud.Reports.Any(r => (r.Faults & (int)FaultFlags.Listening) != 0), EdgeProcess.Patience);
    }

    [Fact]
    public async Task An_address_that_becomes_free_is_listened_on_and_the_fault_is_gone()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        await using var bench = await GatewayBench.StartAsync(_folder, new WatchSettings(), page: taken.LocalEndpoint.ToString()!);
        bench.Get<GatewayBody>().Faults.HasFlag(FaultFlags.Listening).ShouldBeTrue();
        taken.Stop();
        await Eventually.HoldsAsync(() => bench.Get<LocalPage>().Address is not null && !bench.Get<SiteDoors>().IsAnyShut, EdgeProcess.Patience);
        bench.Get<GatewayBody>().Faults.HasFlag(FaultFlags.Listening).ShouldBeFalse();
    }

    [Fact]
    public async Task Lost_mains_and_an_open_cabinet_are_reported()
    {
        await using var bench = await GatewayBench.StartAsync(_folder, new WatchSettings { ReadSeconds = 1 });
        await Eventually.HoldsAsync(() => bench.Cloud.Reports.Any(r => r.Mains && r.BatteryMillivolts is > 12_500 and < 12_700), EdgeProcess.Patience);
        bench.Chip.Wire(GatewayBench.MainsPin, high: true);
        await Eventually.HoldsAsync(() => bench.Cloud.Reports.Any(r => !r.Mains), EdgeProcess.Patience);
        bench.Chip.Wire(GatewayBench.TamperPin, high: true);
        await Eventually.HoldsAsync(() => bench.Cloud.Reports.Any(r => (r.Faults & (int)FaultFlags.Tamper) != 0), EdgeProcess.Patience);
    }

    public void Dispose() => _folder.Dispose();

    private static WatchSettings RainWatch() => new() { Rain = [new RainLimit { Hours = 1, PrepareMillimetres = 2, LeaveMillimetres = 6 }] };

    private static async Task PressAsync(GatewayBench bench)
    {
        bench.Chip.Wire(GatewayBench.StopPin, high: false);
        using var held = new PeriodicTimer(TimeSpan.FromMilliseconds(60)); // Longer than the 30 ms in which the board's button settles.
        await held.WaitForNextTickAsync();
        bench.Chip.Wire(GatewayBench.StopPin, high: true);
    }
}
