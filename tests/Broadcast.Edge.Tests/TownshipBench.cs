using System.Text.Json.Nodes;
using Broadcast.Device;
using Broadcast.Edge.Tests.Hardware;
using Broadcast.Edge.Tests.Sensing;
using Broadcast.Testing;

namespace Broadcast.Edge.Tests;

/// <summary>A township of real processes: the cloud, its Pi with a radar gauge at a pty, and three children (the real core) that reach nobody but the Pi, over TLS.</summary>
internal sealed class TownshipBench : IAsyncDisposable
{
    public const int Children = 3;

    private readonly TempFolder _folder = new("township");
    private readonly PseudoTerminal _wire = new();
    private readonly int _port = FreePort.Find();
    private readonly Task _gauge;
    private RunningProcess _cloud = null!;
    private RunningProcess? _fleet;
    private JsonNode _service = null!;
    private string _linkPort = "0";
    private int _millimetres = 2_000;

    public TownshipBench() => _gauge = _wire.ServeAsync(_ => LevelTests.Answer(1, (ushort)Volatile.Read(ref _millimetres)));

    /// <summary>Rows of devices.csv: the Pi first, then its children, all of one township.</summary>
    public IReadOnlyList<string[]> Devices { get; private set; } = [];

    /// <summary>A device of another township.</summary>
    public string[] Stranger { get; private set; } = [];

    public string[] Pi => Devices[0];

    public IReadOnlyList<string> ChildIds => [.. Devices.Skip(1).Select(d => d[0])];

    public RunningProcess Edge { get; private set; } = null!;

    public ApiClient Operator { get; private set; } = null!;

    public ApiClient Approver { get; private set; } = null!;

    public ApiClient Technician { get; private set; } = null!;

    public string AuthorityFile => _folder["edge/township/ca.pem"];

    public int Port => _port;

    public static async Task<TownshipBench> StartAsync(bool delegated = true)
    {
        var bench = new TownshipBench();
        await bench.StartCloudAsync();
        var all = File.ReadLines(bench._folder["cloud/devices.csv"]).Skip(1).Select(l => l.Split(',')).ToList();
        bench.Devices = [.. all.Where(d => d[2].StartsWith(all[0][2][..9], StringComparison.Ordinal)).DistinctBy(d => d[1]).Take(1 + Children)];
        bench.Stranger = all.First(d => !d[2].StartsWith(all[0][2][..9], StringComparison.Ordinal));
        (await bench.PutChildrenAsync(delegated)).Ensure();
        bench.StartEdge();
        await bench.Edge.WaitForLineAsync(line => line.Contains($"township of {Children} children", StringComparison.Ordinal), EdgeProcess.Patience);
        bench.StartChildren();
        await Eventually.HoldsAsync(async () => await bench.OnlineAsync() == Children, EdgeProcess.Patience, "every child is online through the Pi");
        return bench;
    }

    public Task<ApiAnswer> PutChildrenAsync(bool delegated, params string[] more) => Technician.PutAsync(
        $"/api/devices/{Pi[0]}/children", new JsonObject { ["children"] = new JsonArray([.. ChildIds.Concat(more).Select(c => (JsonNode)c)]), ["delegated"] = delegated });

    public async Task StartCloudAsync()
    {
        _cloud = RunningProcess.StartDotnet(BuiltProject.Assembly("cloud/Broadcast.Cloud"), ["serve", "--data", _folder["cloud"], "--demo", "--https", "0", "--http", "0", "--link", _linkPort]);
        await _cloud.WaitForLineAsync(line => line.StartsWith("ready", StringComparison.Ordinal), TimeSpan.FromMinutes(3));
        _service = JsonNode.Parse(await File.ReadAllTextAsync(_folder["cloud/cloud.json"]))!;
        _linkPort = ((string)_service["link"]!).Split(':')[1];
        (Operator, Approver, Technician) = (await SignInAsync("op-city"), await SignInAsync("appr-city"), await SignInAsync("admin"));
    }

    /// <summary>kill -9: for the Pi the uplink is cut.</summary>
    public Task CutUplinkAsync() => _cloud.KillAsync();

    public void StartEdge(params string[] more)
    {
        File.WriteAllText(_folder["board.json"], $$"""{ "name": "radar", "modbus": { "port": "{{_wire.Path}}" } }""");
        Edge = RunningProcess.StartDotnet(BuiltProject.Assembly("edge/Broadcast.Edge"),
        [
            "--device", Pi[0], "--link-secret", Pi[3], "--order-key", Pi[4], "--key-epoch", Pi[5], "--host", "127.0.0.1", "--port", _linkPort, "--ca", _folder["cloud/tls/ca.pem"],
            "--data", _folder["edge"], "--wav", _folder["wav"], "--audio", (string)_service["https"]!, "--board", _folder["board.json"], "--township", $"127.0.0.1:{_port}",
            "--watch:level:0:prepareMillimetres", "3000", "--watch:level:0:leaveMillimetres", "4000", "--watch:readSeconds", "1", "--watch:sendSeconds", "10", "--page", "127.0.0.1:0", .. more,
        ]);
    }

    /// <summary>The water rises above what makes people leave.</summary>
    public void RaiseWater() => Volatile.Write(ref _millimetres, 4_200);

    public async Task<JsonNode> TownshipAsync() => (await Operator.GetAsync($"/api/devices/{Pi[0]}/children")).Ensure().Json;

    public async Task<int> OnlineAsync() => (await TownshipAsync())["children"]!.AsArray().Count(c => (bool)c!["online"]! && (bool)c["through"]!);

    public async Task<string?> GoneAsync(string device) => (string?)(await Operator.GetAsync($"/api/devices/{device}")).Ensure().Json["gone"];

    /// <summary>What the children said of their Pi's orders.</summary>
    public async Task<IReadOnlyList<JsonNode>> LocalOrdersAsync() =>
        [.. (await Operator.GetAsync($"/api/devices/{Pi[0]}/local-orders")).Ensure().Json.AsArray().Select(o => o!).Where(o => (string)o["device"]! != Pi[0])];

    /// <summary>A warning to the children's sites, and to the Pi's own, from the draft to the release.</summary>
    public async Task<string> WarnAsync(string text = "山洪预警请立即转移")
    {
        var id = (string)(await Operator.PostAsync("/api/warnings", new JsonObject
        {
            ["level"] = "yellow", ["event"] = "11B03", ["text"] = text, ["repetitions"] = 1, ["toneMs"] = 200, ["validMinutes"] = 60,
            ["area"] = new JsonObject { ["sites"] = new JsonArray([.. Devices.Select(d => (JsonNode)d[1])]) },
        })).Ensure().Json["id"]!;
        (await Operator.PostAsync($"/api/warnings/{id}/submit")).Ensure();
        (await Approver.PostAsync($"/api/warnings/{id}/approve")).Ensure();
        (await Operator.PostAsync($"/api/warnings/{id}/release", null, "release-" + id)).Ensure();
        return id;
    }

    public Task PlayedAsync(string id, bool withPi = true) => Eventually.HoldsAsync(
        async () =>
        {
            var orders = (await Operator.GetAsync($"/api/warnings/{id}/orders")).Ensure().Json["items"]!.AsArray();
            return orders.Count == Devices.Count && orders.Where(o => withPi || (string)o!["device"]! != Pi[0]).All(o => (string)o!["state"]! == "played");
        }, EdgeProcess.Patience, $"{id} is played everywhere");

    /// <summary>How often each child began to play, by warning id as the child has it: from what the children themselves wrote down.</summary>
    public IReadOnlyDictionary<(string Child, string Warning), int> Plays() => Count("play");

    /// <summary>How often each child has played it to the end. A warning that a newer one interrupts begins again, as it should.</summary>
    public IReadOnlyDictionary<(string Child, string Warning), int> PlayedToTheEnd() => Count("ended");

    private Dictionary<(string Child, string Warning), int> Count(string what) => File.Exists(_folder["journal"])
        ? ReadShared(_folder["journal"]).Select(l => l.Split(' ')).Where(l => l.Length > 3 && l[2] == what).GroupBy(l => (l[1], l[3])).ToDictionary(g => g.Key, g => g.Count())
        : [];

    public async ValueTask DisposeAsync()
    {
        if (_fleet is not null) await _fleet.DisposeAsync();
        if (Edge is not null) await Edge.DisposeAsync();
        await _cloud.DisposeAsync();
        _wire.Release();
        await _gauge;
        foreach (var client in new[] { Operator, Approver, Technician }) client?.Dispose();
        _folder.Dispose();
    }

    private void StartChildren()
    {
        var rows = Devices.Skip(1).Select(d => string.Join(',', d[0], d[1], d[2], Delegation.LinkSecret(Convert.FromHexString(d[4]), Pi[0]), d[4], d[5]));
        File.WriteAllLines(_folder["children.csv"], ["device,site,village,linkSecret,orderKeyHex,keyEpoch", .. rows]);
        _fleet = RunningProcess.StartDotnet(BuiltProject.Assembly("tests/Broadcast.Fleet"),
        [
            "--devices-file", _folder["children.csv"], "--host", "127.0.0.1", "--port", $"{_port}", "--ca", AuthorityFile, "--speech-rate", "40", "--back-off-max", "1000",
            "--state-dir", _folder["state"], "--journal", _folder["journal"],
        ]);
    }

    private static List<string> ReadShared(string path)
    {
        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries)];
    }

    private async Task<ApiClient> SignInAsync(string name)
    {
        var people = JsonNode.Parse(await File.ReadAllTextAsync(_folder["cloud/people.json"]))!.AsArray();
        var client = new ApiClient((string)_service["https"]!, _folder["cloud/tls/ca.pem"]);
        (await client.SignInAsync(name, (string)people.First(p => (string)p!["name"]! == name)!["password"]!)).Ensure();
        return client;
    }
}
