using System.Device.Gpio;
using System.Text.Json.Nodes;
using Broadcast.Device;
using Broadcast.Edge.Audio;
using Broadcast.Edge.Gateway;
using Broadcast.Edge.Hardware;
using Broadcast.Edge.Tests.Hardware;
using Broadcast.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Broadcast.Edge.Tests;

/// <summary>The real cloud process and a whole gateway on a register-level board: what was measured, and what was said into the site's microphone, as an operator sees it.</summary>
[Collection(InQuiet.Name)]
public sealed class RealCloudSoundTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new("sound-cloud");
    private readonly Bcm2711 _chip = new();
    private readonly Ads1115Chip _adc = new() { Inputs = { [0] = 800_000, [1] = 2_272_131 } };
    private RunningProcess _cloud = null!;
    private JsonNode _service = null!;
    private string[] _device = [];
    private SimulatedLine _line = null!;
    private IHost _gateway = null!;

    public async ValueTask InitializeAsync()
    {
        _cloud = RunningProcess.StartDotnet(BuiltProject.Assembly("cloud/Broadcast.Cloud"), ["serve", "--data", _folder["cloud"], "--demo", "--https", "0", "--http", "0", "--link", "0"]);
        await _cloud.WaitForLineAsync(line => line.StartsWith("ready", StringComparison.Ordinal), EdgeProcess.Patience);
        _service = JsonNode.Parse(await File.ReadAllTextAsync(_folder["cloud/cloud.json"]))!;
        _device = File.ReadLines(_folder["cloud/devices.csv"]).Skip(1).First().Split(',');
        await RunningProcess.RunAsync("sox", ["-n", "-r", "22050", "-c", "1", "-b", "16", _folder["voice.wav"], "synth", "20", "sine", "500", "gain", "-6"], EdgeProcess.Patience);
        foreach (var pin in new[] { GatewayBench.MainsPin, GatewayBench.TamperPin }) _chip.Wire(pin, high: false);
        var settings = Settings();
        _line = new SimulatedLine(new WavOutput(GatewayHost.WavFolderOf(settings, settings.Data), TimeProvider.System), _chip, _adc, GatewayBench.AmplifierPin);
        _gateway = GatewayHost.Build(settings, services => services.AddSingleton(new HardwareAccess(() => new GpioController(_chip), _ => _adc)).AddSingleton<ISoundOutput>(_line));
        await _gateway.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.StopAsync();
        _gateway.Dispose();
        await _cloud.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Verified_audible_is_what_was_measured_and_a_broken_amplifier_is_played_named_and_not_verified()
    {
        using var operatorClient = await SignInAsync("op-421202");
        using var approver = await SignInAsync("appr-421202");
        await Eventually.HoldsAsync(async () => (bool)(await DeviceAsync(operatorClient))["online"]!, EdgeProcess.Patience);
        (await PlayAsync(operatorClient, approver)).ShouldBe(("amplifierDriven", (1, 0, 0)));
        _line.Gain = 0;
        (await PlayAsync(operatorClient, approver)).ShouldBe(("amplifierSilent", (0, 1, 0)));
        await Eventually.HoldsAsync(async () => (await DeviceAsync(operatorClient))["report"]?["faults"]?.AsArray().Any(f => (string?)f == "amplifier") == true, EdgeProcess.Patience);
        // The self-test that nobody hears came to the same, and its result is there.
        await Eventually.HoldsAsync(async () => (await DeviceAsync(operatorClient))["soundTests"]!.AsArray().Count >= 1, EdgeProcess.Patience);
        _adc.IsGone = true;
        (await PlayAsync(operatorClient, approver)).ShouldBe(("notMeasured", (0, 0, 1)));
    }

    [Fact]
    public async Task What_somebody_said_into_the_site_s_microphone_is_told_with_its_true_time_when_the_cloud_is_back()
    {
        using var operatorClient = await SignInAsync("op-421202");
        await Eventually.HoldsAsync(async () => (bool)(await DeviceAsync(operatorClient))["online"]!, EdgeProcess.Patience);
        var link = ((string)_service["link"]!).Split(':')[1];
        await _cloud.DisposeAsync();
        var before = TimeProvider.System.GetUtcNow().AddMilliseconds(-1);
        _chip.Wire(GatewayBench.TalkPin, high: false);
        await Eventually.HoldsAsync(() => _line.Samples > 3 * Pcm.SamplesPerSecond, EdgeProcess.Patience);
        _chip.Wire(GatewayBench.TalkPin, high: true);
        await Eventually.HoldsAsync(() => !_chip.Level(GatewayBench.AmplifierPin), EdgeProcess.Patience);
        var after = TimeProvider.System.GetUtcNow();

        _cloud = RunningProcess.StartDotnet(BuiltProject.Assembly("cloud/Broadcast.Cloud"), ["serve", "--data", _folder["cloud"], "--demo", "--https", "0", "--http", "0", "--link", link]);
        await _cloud.WaitForLineAsync(line => line.StartsWith("ready", StringComparison.Ordinal), EdgeProcess.Patience);
        _service = JsonNode.Parse(await File.ReadAllTextAsync(_folder["cloud/cloud.json"]))!;
        using var again = await SignInAsync("op-421202");
        async Task<JsonArray> SaidAsync() => (await again.GetAsync($"/api/devices/{_device[0]}/local-orders")).Ensure().Json.AsArray();
        await Eventually.HoldsAsync(async () => (await SaidAsync()).Count == 3, EdgeProcess.Patience);
        var said = await SaidAsync();
        said.Select(r => (string)r!["state"]!).ShouldBe(["played", "playing", "received"]);
        said.ShouldAllBe(r => (string?)r!["orderedBy"] == Order.TalkButton && (string?)r["class"] == "localNotice" && (bool)r["isTrueTime"]!);
        said.ShouldAllBe(r => (DateTimeOffset)r!["at"]! >= before && (DateTimeOffset)r["at"]! <= after && (DateTimeOffset)r["committed"]! > after);
    }

    private EdgeSettings Settings()
    {
        var link = ((string)_service["link"]!).Split(':');
        return SettingsReader.Checked(new EdgeSettings
        {
            Device = new DeviceSettings { Id = _device[0], OrderKey = _device[4], KeyEpoch = int.Parse(_device[5], System.Globalization.CultureInfo.InvariantCulture) },
            Link = new LinkSettings { Host = link[0], Port = int.Parse(link[1], System.Globalization.CultureInfo.InvariantCulture), Ca = _folder["cloud/tls/ca.pem"], Secret = _device[3] },
            Sound = new SoundSettings { Output = "wav", NightVolumeMax = 100 },
            Line = new LineSettings { SuperviseSeconds = 0, SelfTestMinutes = 1_440, FirstSeconds = 20 },
            Microphone = new MicrophoneSettings { WavFile = _folder["voice.wav"] },
            Data = _folder["data"],
            Board = Path.Combine(BuiltProject.RepositoryRoot, "hardware/boards/raspberrypi-gateway-1/board.json"),
        });
    }

    private async Task<ApiClient> SignInAsync(string name)
    {
        var password = (string)JsonNode.Parse(await File.ReadAllTextAsync(_folder["cloud/people.json"]))!.AsArray().First(p => (string)p!["name"]! == name)!["password"]!;
        var client = new ApiClient((string)_service["https"]!, _folder["cloud/tls/ca.pem"]);
        (await client.SignInAsync(name, password)).Ensure();
        return client;
    }

    private async Task<JsonNode> DeviceAsync(ApiClient client) => (await client.GetAsync($"/api/devices/{_device[0]}")).Ensure().Json;

    private async Task<(string? Sound, (int, int, int))> PlayAsync(ApiClient operatorClient, ApiClient approver)
    {
        var draft = (await operatorClient.PostAsync("/api/warnings", new JsonObject
        {
            ["class"] = "actual", ["level"] = "yellow", ["event"] = "11B03", ["text"] = "咸安区发布暴雨黄色预警,请注意防范。", ["repetitions"] = 1, ["toneMs"] = 1_000,
            ["area"] = new JsonObject { ["sites"] = new JsonArray(_device[1]) },
        })).Ensure();
        var id = (string)draft.Json["id"]!;
        (await operatorClient.PostAsync($"/api/warnings/{id}/submit")).Ensure();
        (await approver.PostAsync($"/api/warnings/{id}/approve")).Ensure();
        (await operatorClient.PostAsync($"/api/warnings/{id}/release", null, "release-" + id)).Ensure();
        async Task<JsonNode> OrderAsync() => (await operatorClient.GetAsync($"/api/warnings/{id}/orders")).Ensure().Json["items"]!.AsArray()[0]!;
        await Eventually.HoldsAsync(async () => (string?)(await OrderAsync())["state"] == "played", EdgeProcess.Patience);
        var counts = (await operatorClient.GetAsync($"/api/warnings/{id}/counts?parent=421202000000")).Ensure().Json.AsArray();
        var sounds = counts.Select(c => c!["sound"]!).ToList();
        return ((string?)(await OrderAsync())["sound"], (sounds.Sum(s => (int)s["verifiedAudible"]!), sounds.Sum(s => (int)s["measuredSilent"]!), sounds.Sum(s => (int)s["notMeasured"]!)));
    }
}
