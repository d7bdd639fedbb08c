using System.Text.Json.Nodes;
using Broadcast.Testing;

namespace Broadcast.Benchmarks.Product;

/// <summary>The real cloud process on a folder of its own, with its demo made as large as is asked for, and two signed-in people.</summary>
internal sealed class BenchCloud : IAsyncDisposable
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromMinutes(3);
    private readonly TempFolder _folder = new("bench");
    private readonly List<string> _arguments;
    private RunningProcess _process = null!;

    private BenchCloud(int sites)
    {
        LinkPort = FreePort.Find();
        PlainPort = FreePort.Find();
        HttpsPort = FreePort.Find();
        _arguments = ["serve", "--data", _folder["data"], "--demo", "--demo-sites", $"{sites}", "--https", $"{HttpsPort}", "--http", "0", "--link", $"{LinkPort}", "--link-plain", $"{PlainPort}"];
    }

    public int LinkPort { get; }

    public int PlainPort { get; }

    public int HttpsPort { get; }

    public int Id => _process.Id;

    public string DevicesFile => _folder["data/devices.csv"];

    public string AuthorityFile => _folder["data/tls/ca.pem"];

    /// <summary>The server's certificate and key, which a peer with TLS uses as well.</summary>
    public (string Authority, string Certificate, string Key) Tls => (AuthorityFile, _folder["data/tls/server.pem"], _folder["data/tls/server.key"]);

    public ApiClient Operator { get; private set; } = null!;

    public ApiClient Approver { get; private set; } = null!;

    public static async Task<BenchCloud> StartAsync(int sites)
    {
        var cloud = new BenchCloud(sites);
        await cloud.StartProcessAsync();
        cloud.Operator = await cloud.SignInAsync("op-city");
        cloud.Approver = await cloud.SignInAsync("appr-city");
        return cloud;
    }

    /// <summary>kill -9, and the same again.</summary>
    public async Task RestartAsync()
    {
        await _process.DisposeAsync();
        await StartProcessAsync();
    }

    public async Task KillAsync() => await _process.KillAsync();

    public async Task StartProcessAsync()
    {
        _process = RunningProcess.StartDotnet(BuiltProject.Assembly("cloud/Broadcast.Cloud"), _arguments);
        await _process.WaitForLineAsync(l => l.StartsWith("ready", StringComparison.Ordinal), StartPatience);
    }

    /// <summary>Drafted, submitted and approved: one release from speaking.</summary>
    public async Task<string> ApprovedAsync(JsonObject body)
    {
        var id = (string)(await Operator.PostAsync("/api/warnings", body)).Ensure().Json["id"]!;
        (await Operator.PostAsync($"/api/warnings/{id}/submit")).Ensure();
        (await Approver.PostAsync($"/api/warnings/{id}/approve")).Ensure();
        return id;
    }

    public async Task<ApiAnswer> ReleaseAsync(string id) => (await Operator.PostAsync($"/api/warnings/{id}/release", idempotencyKey: Guid.NewGuid().ToString("N"))).Ensure();

    public async ValueTask DisposeAsync()
    {
        Operator?.Dispose();
        Approver?.Dispose();
        await _process.DisposeAsync();
        _folder.Dispose();
    }

    private async Task<ApiClient> SignInAsync(string name)
    {
        var password = JsonNode.Parse(await File.ReadAllTextAsync(_folder["data/people.json"]))!.AsArray().Single(p => (string)p!["name"]! == name)!["password"]!;
        var client = new ApiClient($"https://127.0.0.1:{HttpsPort}", AuthorityFile);
        (await client.SignInAsync(name, (string)password!)).Ensure();
        return client;
    }
}
