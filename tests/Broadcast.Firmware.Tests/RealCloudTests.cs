using System.Text;
using System.Text.Json.Nodes;
using Broadcast.Testing;

namespace Broadcast.Firmware.Tests;

/// <summary>The real cloud process and the firmware as it is, on a machine of pins and UARTs: from the operator's release to the speech chip's frames.</summary>
public sealed class RealCloudTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly TempFolder _folder = new("firmware-cloud");
    private RunningProcess _cloud = null!;
    private JsonNode _service = null!;
    private string[] _device = [];

    public async ValueTask InitializeAsync()
    {
        _cloud = RunningProcess.StartDotnet(BuiltProject.Assembly("cloud/Broadcast.Cloud"), ["serve", "--data", _folder["cloud"], "--demo", "--https", "0", "--http", "0", "--link", "0"]);
        await _cloud.WaitForLineAsync(line => line.StartsWith("ready", StringComparison.Ordinal), Patience);
        _service = JsonNode.Parse(await File.ReadAllTextAsync(_folder["cloud/cloud.json"]))!;
        _device = File.ReadLines(_folder["cloud/devices.csv"]).Skip(1).First().Split(',');
    }

    public async ValueTask DisposeAsync()
    {
        await _cloud.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_released_warning_is_spoken_by_the_chip_and_a_cancel_silences_the_next()
    {
        using var board = new RunningBoard(_folder["flash"]);
        board.Provision(await SettingsAsync());
        board.Start();
        using var operatorClient = await SignInAsync("op-421202");
        using var approver = await SignInAsync("appr-421202");

        var spoken = await ReleaseAsync(operatorClient, approver, repetitions: 2);
        await Eventually.HoldsAsync(async () => await StateAsync(operatorClient, spoken) == "played", Patience);
        var said = board.Chip.Said.ToList();
        said[0].ShouldStartWith("[d][v16]");
        said.Count(t => t == "咸安区发布暴雨黄色预警,请注意防范。").ShouldBe(2);
        board.Machine.Pin(Hardware.Board.AmplifierPin).Levels.ShouldContain(true);

        board.Chip.MsACharacter = 50;
        var cancelled = await ReleaseAsync(operatorClient, approver, repetitions: 20);
        await Eventually.HoldsAsync(async () => await StateAsync(operatorClient, cancelled) == "playing", Patience);
        await Eventually.HoldsAsync(() => Task.FromResult(board.Chip.Said.Count() > said.Count + 1), Patience);
        (await operatorClient.PostAsync($"/api/warnings/{cancelled}/cancel", new JsonObject { ["reason"] = "解除" }, "cancel-1")).Ensure();
        await Eventually.HoldsAsync(async () => await StateAsync(operatorClient, cancelled) == "received", Patience);
        board.Chip.Frames.Select(f => Convert.ToHexString(f.Bytes)).ShouldContain("FD000202FD", "the chip was told to stop");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_empty_board_is_provisioned_by_the_command_line_and_comes_online(bool isTerminal)
    {
        using var board = new RunningBoard(_folder["flash"]);
        using var terminal = isTerminal ? new PtyBridge(board.Machine.Uart("COM2")) : null;
        using var bridge = isTerminal ? null : new UartBridge(board.Machine.Uart("COM2"));
        board.Start();
        await using (var provision = RunningProcess.StartDotnet(BuiltProject.Assembly("cloud/Broadcast.Cli"),
        [
            "provision", terminal?.Path ?? bridge!.Address, "--devices-file", _folder["cloud/devices.csv"], "--device", _device[0], "--link", (string)_service["link"]!,
            "--ca", _folder["cloud/tls/ca.pem"], "--set", "phrase.1=请注意降雨,做好转移准备。", "--set", "volume=80",
        ]))
        {
            await provision.WaitForExitAsync(Patience);
            provision.ExitCode.ShouldBe(0, provision.Output);
        }

        await Eventually.HoldsAsync(() => Task.FromResult(board.Gateway is { } gateway && gateway.Core.IsSessionUp), Patience);
        board.Starts.ShouldBe(2);
        board.Gateway!.Core.Clock.ShouldBe(Device.ClockQuality.Cloud);
    }

    [Fact]
    public async Task Rain_reaches_the_cloud_and_its_settings_reach_the_board()
    {
        using var board = new RunningBoard(_folder["flash"]);
        board.Provision(await SettingsAsync());
        board.Start();
        await Eventually.HoldsAsync(() => Task.FromResult(board.Gateway is { } gateway && gateway.Core.IsSessionUp), Patience);
        for (var tip = 1; tip <= FirmwareLimits.ReadingTipsMax; tip++)
        {
            board.Machine.Pin(Hardware.Board.RainPin).Drive(false);
            await Task.Delay(30 * Hardware.Board.RainSettleMs); // As slow a gauge as there is: the edges come on the driver's thread, which a busy machine lets wait.
            board.Machine.Pin(Hardware.Board.RainPin).Drive(true);
            await Task.Delay(30 * Hardware.Board.RainSettleMs); // It counts when it has closed: closed again at once, it would never have been open.
            await Eventually.HoldsAsync(() => Task.FromResult(board.Gateway!.Describe("").Contains($"rain of an hour {tip * Hardware.Board.RainTenthsATip};", StringComparison.Ordinal)), Patience);
        }

        using var administrator = await SignInAsync("admin");
        var path = $"/api/sites/{_device[1]}";
        await Eventually.HoldsAsync(async () => (await administrator.GetAsync(path + "/readings")).Ensure().Json["items"]!.AsArray().Any(r => (double?)r!["rainMillimetres"] == 2.0), Patience);
        await Eventually.HoldsAsync(() => Task.FromResult(board.Gateway!.Journal.Count == 0), Patience);

        (await administrator.PutAsync(path + "/settings", new JsonObject { ["basedOn"] = 0, ["rain"] = new JsonArray(new JsonObject { ["hours"] = 1, ["prepareMillimetres"] = 1.5, ["leaveMillimetres"] = 50 }) })).Ensure();
        await Eventually.HoldsAsync(async () => (await administrator.GetAsync(path + "/settings")).Ensure().Json.ToJsonString().Contains("inForce", StringComparison.Ordinal), Patience);
        await Eventually.HoldsAsync(async () => (await administrator.GetAsync($"/api/alarms?region={_device[2]}&active=true")).Ensure().Json.ToJsonString().Contains(_device[1], StringComparison.Ordinal), Patience);
        await Eventually.HoldsAsync(() => Task.FromResult(board.Chip.Said.Any(t => t.Contains("准备转移", StringComparison.Ordinal))), Patience);
    }

    private async Task<string> SettingsAsync()
    {
        var link = ((string)_service["link"]!).Split(':');
        var authority = await File.ReadAllTextAsync(_folder["cloud/tls/ca.pem"]);
        using var certificate = System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPem(authority);
        return new StringBuilder()
            .Append("device=").Append(_device[0]).Append('\n')
            .Append("key=").Append(_device[4]).Append("\nepoch=").Append(_device[5]).Append('\n')
            .Append("host=").Append(link[0]).Append("\nport=").Append(link[1]).Append("\nsecret=").Append(_device[3]).Append('\n')
            .Append("authority=").Append(Convert.ToHexStringLower(certificate.RawData)).Append('\n').ToString();
    }

    private async Task<ApiClient> SignInAsync(string name)
    {
        var people = JsonNode.Parse(await File.ReadAllTextAsync(_folder["cloud/people.json"]))!.AsArray();
        var client = new ApiClient((string)_service["https"]!, _folder["cloud/tls/ca.pem"]);
        (await client.SignInAsync(name, (string)people.First(p => (string)p!["name"]! == name)!["password"]!)).Ensure();
        return client;
    }

    private async Task<string> ReleaseAsync(ApiClient operatorClient, ApiClient approver, int repetitions)
    {
        var draft = (await operatorClient.PostAsync("/api/warnings", new JsonObject
        {
            ["class"] = "actual", ["level"] = "yellow", ["event"] = "11B03", ["text"] = "咸安区发布暴雨黄色预警,请注意防范。",
            ["repetitions"] = repetitions, ["toneMs"] = 500, ["volume"] = 100, ["validMinutes"] = 60,
            ["area"] = new JsonObject { ["sites"] = new JsonArray(_device[1]) },
        })).Ensure();
        var id = (string)draft.Json["id"]!;
        (await operatorClient.PostAsync($"/api/warnings/{id}/submit")).Ensure();
        (await approver.PostAsync($"/api/warnings/{id}/approve")).Ensure();
        (await operatorClient.PostAsync($"/api/warnings/{id}/release", null, "release-" + id)).Ensure();
        return id;
    }

    private static async Task<string?> StateAsync(ApiClient client, string id)
    {
        var orders = (await client.GetAsync($"/api/warnings/{id}/orders")).Ensure().Json["items"]!.AsArray();
        return orders.Count == 1 ? (string?)orders[0]!["state"] : null;
    }
}
