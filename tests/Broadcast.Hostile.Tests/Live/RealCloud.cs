using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Broadcast.Fleet;
using Broadcast.Testing;

namespace Broadcast.Hostile.Tests.Live;

/// <summary>The cloud as it is run: a process of its own, the demo's prefecture, every door on a free port.</summary>
internal sealed class RealCloud : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan StartPatience = TimeSpan.FromMinutes(3);

    private readonly TempFolder _folder = new("hostile");
    private readonly List<ApiClient> _clients = [];
    private readonly Dictionary<string, ApiClient> _signedIn = new(StringComparer.Ordinal);
    private RunningProcess? _process;
    private JsonNode _doors = null!;

    /// <summary>Folder of everything the service keeps.</summary>
    public string Data => _folder["data"];

    public string FileOf(string name) => _folder[name];

    public string Https => (string)_doors["https"]!;

    public string AuthorityFile => Path.Combine(Data, "tls", "ca.pem");

    public IPEndPoint HttpsDoor => IPEndPoint.Parse(Https["https://".Length..]);

    public IPEndPoint TlsLink => IPEndPoint.Parse((string)_doors["link"]!);

    public IPEndPoint PlainLink => IPEndPoint.Parse((string)_doors["linkPlain"]!);

    public int Id => _process!.Id;

    public bool HasExited => _process!.HasExited;

    public string Output => _process?.Output ?? "";

    public IReadOnlyList<DeviceRow> Devices => DevicesFile.Read(Path.Combine(Data, "devices.csv"));

    /// <summary>Memory that the process holds now (VmRSS).</summary>
    public long MemoryBytes => 1024 * long.Parse(File.ReadLines($"/proc/{_process!.Id}/status").First(l => l.StartsWith("VmRSS", StringComparison.Ordinal)).Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);

    public static async Task<RealCloud> StartNewAsync()
    {
        var cloud = new RealCloud();
        await cloud.StartAsync();
        return cloud;
    }

    public async Task StartAsync()
    {
        _signedIn.Clear(); // The ports are others now.
        _process = Run("serve", "--data", Data, "--demo", "--https", "0", "--http", "0", "--link", "0", "--link-plain", "0");
        await _process.WaitForLineAsync(l => l.StartsWith("ready", StringComparison.Ordinal), StartPatience);
        _doors = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Data, "cloud.json")))!;
    }

    public async Task StopAsync()
    {
        await _process!.TerminateAsync(Patience);
        await _process.DisposeAsync();
    }

    /// <summary>Another run of the program; the caller disposes it.</summary>
    public static RunningProcess Run(params string[] arguments) => RunningProcess.StartDotnet(BuiltProject.Assembly("cloud/Broadcast.Cloud"), arguments);

    public ApiClient Stranger()
    {
        var client = new ApiClient(Https, AuthorityFile);
        _clients.Add(client);
        return client;
    }

    public async Task<ApiClient> SignInAsync(string name)
    {
        if (_signedIn.TryGetValue(name, out var known)) return known;
        var people = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Data, "people.json")))!.AsArray();
        var client = Stranger();
        (await client.SignInAsync(name, (string)people.First(p => (string)p!["name"]! == name)!["password"]!)).Ensure();
        return _signedIn[name] = client;
    }

    /// <summary>A warning to these sites, from the draft to the release; gives its id.</summary>
    public async Task<string> WarnAsync(params string[] sites)
    {
        var (author, approver) = (await SignInAsync("op-city"), await SignInAsync("appr-city"));
        var id = (string)(await author.PostAsync("/api/warnings", new JsonObject
        {
            ["level"] = "yellow", ["event"] = "11B03", ["text"] = "请立即转移", ["repetitions"] = 1, ["toneMs"] = 100, ["validMinutes"] = 60,
            ["area"] = new JsonObject { ["sites"] = new JsonArray([.. sites.Select(s => (JsonNode)s)]) },
        })).Ensure().Json["id"]!;
        (await author.PostAsync($"/api/warnings/{id}/submit")).Ensure();
        (await approver.PostAsync($"/api/warnings/{id}/approve")).Ensure();
        (await author.PostAsync($"/api/warnings/{id}/release", null, "release-" + id)).Ensure();
        return id;
    }

    public async Task CancelAsync(string id) => (await (await SignInAsync("op-city")).PostAsync($"/api/warnings/{id}/cancel", new JsonObject { ["reason"] = "over" }, "cancel-" + id)).Ensure();

    /// <summary>The state of each device's newest order of the warning.</summary>
    public async Task<IReadOnlyDictionary<string, string>> StatesAsync(string id) =>
        (await (await SignInAsync("op-city")).GetAsync($"/api/warnings/{id}/orders")).Ensure().Json["items"]!.AsArray().ToDictionary(o => (string)o!["device"]!, o => (string)o!["state"]!);

    public Task StateAsync(string id, string device, string state) =>
        Eventually.HoldsAsync(async () => (await StatesAsync(id)).GetValueOrDefault(device) == state, Patience, $"{device} is {state}");

    /// <summary>Frames that did not verify, as the service counts them.</summary>
    public async Task<long> BadFramesAsync() => (long)(await (await SignInAsync("op-city")).GetAsync("/api/status")).Ensure().Json["link"]!["badFrames"]!;

    public async Task<JsonNode> AuditAsync() => (await (await SignInAsync("admin")).GetAsync("/api/audit/verify")).Ensure().Json;

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients) client.Dispose();
        if (_process is not null) await _process.DisposeAsync();
        _folder.Dispose();
    }
}
