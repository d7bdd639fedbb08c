using System.Text.Json.Nodes;
using Broadcast.Testing;

namespace Broadcast.Firmware.Tests;

/// <summary>`./broadcast up` as a visitor has it: some of its devices are the firmware, and say what is released.</summary>
public sealed class DemoTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly TempFolder _folder = new("firmware-demo");

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await CliAsync("down");
        _folder.Dispose();
    }

    [Fact]
    public async Task The_demo_s_boards_come_online_and_play_a_warning_with_receipts()
    {
        var (exit, said) = await CliAsync("up", "--detach", "--devices", "6", "--boards", "2", "--https", "0", "--http", "0", "--link", "0");
        exit.ShouldBe(0, said);
        var boards = Directory.GetDirectories(_folder["data/boards"]).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal).ToArray();
        boards.Length.ShouldBe(2);
        said.ShouldContain("microcontroller's firmware", Case.Sensitive, said);

        var sites = File.ReadLines(_folder["data/devices.csv"]).Skip(1).Select(l => l.Split(',')).Where(f => boards.Contains(f[0])).Select(f => f[1]).ToArray();
        using var operatorClient = await SignInAsync("op-421202");
        using var approver = await SignInAsync("appr-421202");
        var id = await ReleaseAsync(operatorClient, approver, sites);
        await Eventually.HoldsAsync(async () => await PlayedAsync(operatorClient, id) == 2, Patience);
        var log = await File.ReadAllTextAsync(_folder["data/logs/boards.log"]);
        foreach (var board in boards)
        {
            log.ShouldContain($"{board} amplifier on");
            log.ShouldContain($"{board} siren on");
            log.ShouldContain($"{board} siren off");
            log.Split('\n').Count(l => l.Contains($"{board} chip ", StringComparison.Ordinal) && l.Contains("says 红色预警演示。", StringComparison.Ordinal)).ShouldBe(1, log);
        }

        (await CliAsync("down")).Said.ShouldContain("boards", Case.Sensitive, "nothing that up started outlives down");
    }

    private async Task<(int Exit, string Said)> CliAsync(params string[] arguments)
    {
        await using var cli = RunningProcess.StartDotnet(
            BuiltProject.Assembly("cloud/Broadcast.Cli"), [.. arguments, "--data", _folder["data"]], new Dictionary<string, string> { ["BROADCAST_ROOT"] = BuiltProject.RepositoryRoot, ["LANG"] = "C" });
        await cli.WaitForExitAsync(Patience);
        return (cli.ExitCode, cli.Output);
    }

    private async Task<ApiClient> SignInAsync(string name)
    {
        var service = JsonNode.Parse(await File.ReadAllTextAsync(_folder["data/cloud.json"]))!;
        var people = JsonNode.Parse(await File.ReadAllTextAsync(_folder["data/people.json"]))!.AsArray();
        var client = new ApiClient((string)service["https"]!, _folder["data/tls/ca.pem"]);
        (await client.SignInAsync(name, (string)people.First(p => (string)p!["name"]! == name)!["password"]!)).Ensure();
        return client;
    }

    private static async Task<string> ReleaseAsync(ApiClient operatorClient, ApiClient approver, string[] sites)
    {
        var draft = (await operatorClient.PostAsync("/api/warnings", new JsonObject
        {
            ["class"] = "actual", ["level"] = "red", ["event"] = "11B03", ["text"] = "红色预警演示。", ["repetitions"] = 1, ["toneMs"] = 500, ["volume"] = 100, ["validMinutes"] = 60, ["siren"] = true,
            ["area"] = new JsonObject { ["sites"] = new JsonArray([.. sites.Select(s => (JsonNode)s)]) },
        })).Ensure();
        var id = (string)draft.Json["id"]!;
        (await operatorClient.PostAsync($"/api/warnings/{id}/submit")).Ensure();
        (await approver.PostAsync($"/api/warnings/{id}/approve")).Ensure();
        (await operatorClient.PostAsync($"/api/warnings/{id}/release", null, "release-" + id)).Ensure();
        return id;
    }

    private static async Task<int> PlayedAsync(ApiClient client, string id) =>
        (await client.GetAsync($"/api/warnings/{id}/orders")).Ensure().Json["items"]!.AsArray().Count(o => (string?)o!["state"] == "played");
}
