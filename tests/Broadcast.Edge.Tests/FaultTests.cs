using System.Text.Json;
using System.Text.Json.Nodes;
using Broadcast.Device;
using Broadcast.Device.Sensing;
using Broadcast.Edge.Gateway;
using Broadcast.Edge.Hardware;
using Broadcast.Edge.Sensors;
using Broadcast.Edge.Storage;
using Broadcast.Testing;

namespace Broadcast.Edge.Tests;

/// <summary>Bad input to a whole gateway: each a named fault, and it goes on doing what it still can.</summary>
public sealed class FaultTests : IDisposable
{
    private readonly TempFolder _folder = new("faults");

    [Fact]
    public async Task What_the_cloud_says_and_nobody_understands_is_a_named_fault_and_the_next_warning_speaks()
    {
        await using var bench = await GatewayBench.StartAsync(_folder, new WatchSettings());
        await Eventually.HoldsAsync(() => bench.Cloud.SettingsStates.Count == 1, EdgeProcess.Patience);
        bench.Cloud.SendRaw(MessageType.Settings, [0xA1, 0x00, 0x00]);
        await Eventually.HoldsAsync(() => (bench.Get<GatewayBody>().Faults & FaultFlags.Cloud) != 0, EdgeProcess.Patience);
        await SpeaksAsync(bench);
    }

    [Fact]
    public async Task A_sensor_that_returns_garbage_is_a_named_fault_and_no_alarm()
    {
        await using var bench = await GatewayBench.StartAsync(_folder, new WatchSettings { ReadSeconds = 1, Level = [new LevelLimit { PrepareMillimetres = 4_000, LeaveMillimetres = 5_000 }] });
        bench.Adc.Inputs[0] = 2_200_000;
        await Eventually.HoldsAsync(() => bench.Cloud.Reports.Any(r => (r.Faults & (int)FaultFlags.Sensor) != 0), EdgeProcess.Patience);
        bench.Get<GatewayStore>().Alarms().ShouldBeEmpty();
        await SpeaksAsync(bench);
    }

    [Fact]
    public async Task A_converter_that_does_not_answer_is_a_named_fault_also_where_no_level_hangs_on_it()
    {
        var file = JsonNode.Parse(File.ReadAllText(Path.Combine(BuiltProject.RepositoryRoot, "hardware/boards/raspberrypi-gateway-1/board.json")), documentOptions: new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true })!;
        file["adc"]!.AsObject().Remove("level").ShouldBeTrue();
        File.WriteAllText(_folder["board.json"], file.ToJsonString());
        await using var bench = await GatewayBench.StartAsync(_folder, new WatchSettings { ReadSeconds = 1 }, board: _folder["board.json"]);
        await Eventually.HoldsAsync(() => bench.Get<SiteSensors>().Last.BatteryMillivolts > 0, EdgeProcess.Patience);
        bench.Get<GatewayBody>().Faults.ShouldBe(FaultFlags.None);
        bench.Adc.IsGone = true;
        await Eventually.HoldsAsync(() => bench.Cloud.Reports.Any(r => (r.Faults & (int)FaultFlags.Sensor) != 0), TimeSpan.FromMinutes(1));
        bench.Adc.IsGone = false;
        await Eventually.HoldsAsync(() => bench.Get<GatewayBody>().Faults == FaultFlags.None, TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task A_second_warning_has_its_siren_also_where_that_of_the_first_was_cut_off_at_its_maximum()
    {
        var file = JsonNode.Parse(File.ReadAllText(Path.Combine(BuiltProject.RepositoryRoot, "hardware/boards/raspberrypi-gateway-1/board.json")), documentOptions: new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true })!;
        (file["outputs"]!["siren"]!["maxOnSeconds"], file["outputs"]!["siren"]!["restSeconds"]) = (2, 1);
        File.WriteAllText(_folder["board.json"], file.ToJsonString());
        await using var bench = await GatewayBench.StartAsync(_folder, new WatchSettings(), board: _folder["board.json"]);
        await Eventually.HoldsAsync(() => bench.Cloud.SettingsStates.Count >= 1, EdgeProcess.Patience);
        var timesOn = 0; // Counted at the pin: it is on for two seconds, and who looks now and then can miss them.
        bench.Chip.Written += (pin, high) => timesOn += pin == GatewayBench.SirenPin && high ? 1 : 0;
        Order Red()
        {
            var red = bench.Cloud.Alert("请立即转移到安全地带。", level: WarningLevel.Red);
            (red.Siren, red.Repetitions) = (true, 20);
            bench.Cloud.Send(red);
            return red;
        }

        Red();
        await Eventually.HoldsAsync(() => timesOn > 0, EdgeProcess.Patience);
        await Eventually.HoldsAsync(() => bench.Get<SiteHardware>().Siren!.WasCut, EdgeProcess.Patience);
        var before = timesOn;
        var second = Red();
        await Eventually.HoldsAsync(() => timesOn > before, EdgeProcess.Patience);
        await Eventually.HoldsAsync(() => bench.Cloud.StatesOf(second).Contains(ReceiptState.Playing), EdgeProcess.Patience);
    }

    [Fact]
    public void A_board_file_that_cannot_be_used_leaves_a_machine_without_pins_that_says_why()
    {
        File.WriteAllText(_folder["board.json"], "{ \"name\": \"bad\", \"inputs\": { \"rain\": { \"pin\": 99 } } }");
        var board = Board.ReadOrNone(_folder["board.json"]);
        board.HasPins.ShouldBeFalse();
        board.Problem!.ShouldContain("inputs.rain");
        Should.Throw<SettingsException>(() => Board.Read(_folder["board.json"]));
    }

    public void Dispose() => _folder.Dispose();

    private static async Task SpeaksAsync(GatewayBench bench)
    {
        var warning = bench.Cloud.Alert("大雨");
        bench.Cloud.Send(warning);
        await Eventually.HoldsAsync(() => bench.Cloud.StatesOf(warning).Contains(ReceiptState.Played), EdgeProcess.Patience);
    }
}
