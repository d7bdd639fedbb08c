using System.Text.Json.Nodes;
using Broadcast.Testing;

namespace Broadcast.Edge.Tests;

public sealed partial class RealCloudTests
{
    [Fact]
    public async Task When_the_first_way_is_cut_the_order_comes_over_the_second_once_and_the_gateway_goes_back_when_it_is_mended()
    {
        await using var ways = await TwoWays.TryMakeAsync();
        Assert.SkipWhen(ways is null, "this machine does not let us make a network namespace");
        await _cloud.DisposeAsync();
        await StartCloudAsync("0", "--bind", "0.0.0.0");
        var (link, https) = (((string)_service["link"]!).Split(':')[^1], new Uri((string)_service["https"]!).Port);
        _service["https"] = $"https://127.0.0.1:{https}";
        await using var edge = ways.Start(BuiltProject.Assembly("edge/Broadcast.Edge"),
        [
            "--device", _device[0], "--link-secret", _device[3], "--order-key", _device[4], "--key-epoch", _device[5], "--host", "127.0.0.1", "--port", link, "--ca", _folder["cloud/tls/ca.pem"],
            "--data", _folder["data"], "--wav", _folder["wav"], "--audio", $"https://127.0.0.1:{https}", "--sound:nightVolumeMax", "100", "--link:probeSeconds", "2",
            .. Way(0, "wire", ways.Here.First, ways.There.First, cost: 0, metered: false), .. Way(1, "modem", ways.Here.Second, "", cost: 10, metered: true), "--link:uplinks:1:interface", "modem0",
        ]);
        await edge.WaitForLineAsync(line => line.Contains("online", StringComparison.Ordinal), EdgeProcess.Patience);
        using var operatorClient = await SignInAsync("op-421202");
        using var approver = await SignInAsync("appr-421202");
        await UsesAsync(operatorClient, "wire", metered: false, "the cheapest");
        await PlayedAsync(operatorClient, approver);

        await ways.CutFirstAsync();
        await PlayedAsync(operatorClient, approver); // Released at once, while neither side has noticed.
        await UsesAsync(operatorClient, "modem", metered: true, "the cheaper one failed");

        await ways.MendFirstAsync();
        await UsesAsync(operatorClient, "wire", metered: false, "it is cheaper");
        await PlayedAsync(operatorClient, approver);
        edge.Output.Split('\n').Count(line => line.Contains(": first sample", StringComparison.Ordinal)).ShouldBe(3, "each was said once");
    }

    private static string[] Way(int number, string name, string host, string address, int cost, bool metered) =>
    [
        $"--link:uplinks:{number}:name", name, $"--link:uplinks:{number}:host", host, $"--link:uplinks:{number}:address", address, $"--link:uplinks:{number}:cost", $"{cost}",
        $"--link:uplinks:{number}:metered", $"{metered}", $"--link:uplinks:{number}:keepAliveSeconds", "4",
    ];

    private async Task PlayedAsync(ApiClient operatorClient, ApiClient approver)
    {
        var spoken = await ReleaseAsync(operatorClient, approver, repetitions: 1);
        await Eventually.HoldsAsync(async () => await StateAsync(operatorClient, spoken) == "played", EdgeProcess.Patience);
    }

    private async Task UsesAsync(ApiClient client, string name, bool metered, string why)
    {
        JsonNode? uplink = null;
        await Eventually.HoldsAsync(async () =>
        {
            uplink = (await client.GetAsync($"/api/devices/{_device[0]}")).Ensure().Json["report"]?["uplink"];
            return (string?)uplink?["name"] == name;
        }, EdgeProcess.Patience);
        ((bool)uplink!["metered"]!, (string)uplink["why"]!).ShouldBe((metered, why));
    }
}
