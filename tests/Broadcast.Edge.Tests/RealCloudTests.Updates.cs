using System.Net;
using System.Text.Json.Nodes;
using Broadcast.Edge.Tests.Update;
using Broadcast.Testing;

namespace Broadcast.Edge.Tests;

public sealed partial class RealCloudTests
{
    [Fact]
    public async Task An_administrator_offers_a_program_and_sees_it_proved_at_the_site()
    {
        var cli = BuiltProject.Assembly("cloud/Broadcast.Cli");
        Task<string> CliAsync(params string[] arguments) => RunningProcess.RunAsync("env", ["BROADCAST_ROOT=" + BuiltProject.RepositoryRoot, $"BROADCAST_LANE={BuiltLane()}", "dotnet", cli, .. arguments], EdgeProcess.Patience);
        using var maker = new PackageMaker(_folder);
        await CliAsync("update", "key", _folder["keys/x"][..^2]);
        await CliAsync("update", "sign", maker.Staged(), _folder["gateway.package"], "--key", _folder["keys/update.key"], "--release", "7.1.0", "--number", "7");
        var link = ((string)_service["link"]!).Split(':');
        await using var gateway = new SupervisedGateway(_folder,
        [
            "--device", _device[0], "--link-secret", _device[3], "--order-key", _device[4], "--key-epoch", _device[5], "--host", link[0], "--port", link[1], "--ca", _folder["cloud/tls/ca.pem"],
            "--data", _folder["data"], "--wav", _folder["wav"], "--audio", (string)_service["https"]!, "--update:key", _folder["keys/update.pub.pem"], "--update:checkMinutes", "0.05", "--update:soakSeconds", "1",
        ]);
        using var administrator = await SignInAsync("admin");
        using var operatorClient = await SignInAsync("op-421202");
        var path = $"/api/sites/{_device[1]}/update";
        async Task<JsonNode> SiteAsync() => (await administrator.GetAsync(path)).Ensure().Json;
        await Eventually.HoldsAsync(async () => (string?)(await SiteAsync())["reported"]?["stage"] == "none", EdgeProcess.Patience);

        (await operatorClient.PutAsync(path, new JsonObject { ["package"] = new string('0', 64) })).Status.ShouldBe(HttpStatusCode.Forbidden);
        (await administrator.PutAsync(path, new JsonObject { ["package"] = new string('0', 64) })).Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await administrator.PostRawAsync("/api/updates", new ByteArrayContent("no package"u8.ToArray()))).Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        using var stranger = new ApiClient((string)_service["https"]!, _folder["cloud/tls/ca.pem"]);
        (await stranger.GetAsync($"/api/updates/{new string('0', 64)}")).Status.ShouldBe(HttpStatusCode.Unauthorized);
        (await stranger.PostRawAsync("/api/updates/check", new ByteArrayContent("{}"u8.ToArray()))).Status.ShouldBe(HttpStatusCode.Unauthorized);

        var offered = await CliAsync("update", "offer", _folder["gateway.package"], "--site", _device[1], "--data", _folder["cloud"]);
        offered.ShouldContain("7.1.0");
        await Eventually.HoldsAsync(async () => (string?)(await SiteAsync())["state"] == "installed", TimeSpan.FromMinutes(2));
        var reported = (await SiteAsync())["reported"]!;
        ((string)reported["version"]!, (long)reported["number"]!, gateway.Slot).ShouldBe(("7.1.0", 7, "a"));
        (await CliAsync("update", "show", _device[1], "--data", _folder["cloud"])).ShouldContain("installed");
        ((string)(await administrator.GetAsync("/api/updates")).Ensure().Json[0]!["version"]!).ShouldBe("7.1.0");
    }

    private static string BuiltLane() => BuiltProject.Assembly("cloud/Broadcast.Cli").Contains("/bin/real/", StringComparison.Ordinal) ? "real" : "standin";
}
