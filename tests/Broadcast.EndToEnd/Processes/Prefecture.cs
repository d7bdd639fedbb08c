using System.Text.Json.Nodes;
using Broadcast.EndToEnd.Fleet;
using Broadcast.Fleet;
using Broadcast.Testing;

namespace Broadcast.EndToEnd.Processes;

/// <summary>One order as the API shows it.</summary>
internal sealed record OrderSeen(string Device, string Site, string Village, string State, string? Reason, int Attempt);

/// <summary>
/// The demo prefecture for one test: its own data folder, a cloud process, signed-in people, fleets on demand, and the
/// questions that the tests ask. Everything it started ends with it, also when the test fails.
/// </summary>
internal sealed class Prefecture : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    /// <summary>The township that the documentation quotes: 19 villages.</summary>
    public const string Township = "421202100000";

    public const int TownshipVillages = 19;

    public const string City = "421200000000";

    private readonly TempFolder _folder = new("prefecture");
    private readonly List<ApiClient> _clients = [];
    private readonly List<FleetProcess> _fleets = [];
    private string _data = "";

    private Prefecture()
    {
    }

    public CloudProcess Cloud { get; private set; } = null!;

    public ApiClient Operator { get; private set; } = null!;

    public ApiClient Approver { get; private set; } = null!;

    /// <summary>Every device of the prefecture, by the file that the service wrote.</summary>
    public IReadOnlyList<DeviceRow> Devices { get; private set; } = [];

    public string DataFolder => _data;

    /// <summary>What all fleets of the test really did, the first fleet first.</summary>
    public IReadOnlyList<Sounding> Journal => [.. Enumerable.Range(1, _fleets.Count).SelectMany(n => JournalFile.Read(_folder[$"fleet-{n}.journal"]))];

    /// <param name="dataFolder">Where the data lie instead of the test's own folder: a small disk, say.</param>
    /// <param name="environment">Of the cloud process.</param>
    public static async Task<Prefecture> StartAsync(string? dataFolder = null, Func<Prefecture, Task<IReadOnlyDictionary<string, string>>>? environment = null)
    {
        var prefecture = new Prefecture();
        try
        {
            prefecture._data = dataFolder ?? prefecture._folder["data"];
            prefecture.Cloud = new CloudProcess(prefecture._data, environment is null ? null : await environment(prefecture));
            await prefecture.Cloud.StartAsync();
            prefecture.Devices = DevicesFile.Read(Path.Combine(prefecture._data, "devices.csv"));
            prefecture.Operator = await prefecture.SignInAsync("op-city");
            prefecture.Approver = await prefecture.SignInAsync("appr-city");
            return prefecture;
        }
        catch
        {
            await prefecture.DisposeAsync();
            throw;
        }
    }

    /// <summary>A file in the test's own folder.</summary>
    public string FileOf(string name) => _folder[name];

    /// <summary>A folder in the test's own folder.</summary>
    public string FolderOf(string name) => Directory.CreateDirectory(_folder[name]).FullName;

    public IReadOnlyList<DeviceRow> DevicesOf(string villagePrefix) => [.. Devices.Where(d => d.Village.StartsWith(villagePrefix, StringComparison.Ordinal))];

    /// <summary>A client that nobody has signed in with.</summary>
    public ApiClient Stranger()
    {
        var client = new ApiClient(Cloud.Address, Cloud.AuthorityFile);
        _clients.Add(client);
        return client;
    }

    public async Task<ApiClient> SignInAsync(string name)
    {
        var client = Stranger();
        (await client.SignInAsync(name, Cloud.Passwords()[name])).Ensure();
        return client;
    }

    /// <summary>Powers these devices on. Speech is fast enough for a test and takes its time all the same.</summary>
    public FleetProcess StartFleet(IEnumerable<DeviceRow> devices, params IEnumerable<string> more)
    {
        var name = $"fleet-{_fleets.Count + 1}";
        var chosen = devices.Select(d => d.Device).ToHashSet(StringComparer.Ordinal);
        var all = File.ReadAllLines(Path.Combine(_data, "devices.csv"));
        File.WriteAllLines(_folder[name + ".csv"], [all[0], .. all.Skip(1).Where(l => chosen.Contains(l.Split(',')[0]))]);
        var fleet = FleetProcess.Start(_folder[name + ".csv"], Cloud, _folder[name + ".journal"], _folder["state"], _folder[name + ".json"], ["--speech-rate", "20", .. more]);
        _fleets.Add(fleet);
        return fleet;
    }

    /// <summary>Drafted and submitted by the operator, approved by the approver: one release from speaking. Gives its id.</summary>
    public async Task<string> ApprovedAsync(JsonObject body, string? updated = null)
    {
        var path = updated is null ? "/api/warnings" : $"/api/warnings/{updated}/updates";
        var draft = (await Operator.PostAsync(path, body)).Ensure().Json;
        var (id, revision) = ((string)draft["id"]!, (int)draft["revision"]!);
        (await Operator.PostAsync($"/api/warnings/{id}/submit?revision={revision}")).Ensure();
        (await Approver.PostAsync($"/api/warnings/{id}/approve?revision={revision}")).Ensure();
        return id;
    }

    public Task<ApiAnswer> ReleaseAsync(string id, string? key = null) => Operator.PostAsync($"/api/warnings/{id}/release", idempotencyKey: key ?? Guid.NewGuid().ToString("N"));

    /// <summary>Approved and released; gives its id.</summary>
    public async Task<string> WarnAsync(JsonObject body, string? updated = null)
    {
        var id = await ApprovedAsync(body, updated);
        (await ReleaseAsync(id)).Ensure();
        return id;
    }

    public Task<ApiAnswer> CancelAsync(string id) => Operator.PostAsync($"/api/warnings/{id}/cancel", new JsonObject { ["reason"] = "over" }, Guid.NewGuid().ToString("N"));

    /// <summary>Every order of the revision, page by page.</summary>
    public async Task<IReadOnlyList<OrderSeen>> OrdersAsync(string id, int revision = 1)
    {
        var orders = new List<OrderSeen>();
        long? next = null;
        do
        {
            var after = next is null ? "" : $"&after={next}";
            var page = (await Operator.GetAsync($"/api/warnings/{id}/orders?revision={revision}&limit=500{after}")).Ensure().Json;
            orders.AddRange(page["items"]!.AsArray().Select(o => new OrderSeen(
                (string)o!["device"]!, (string)o["site"]!, (string)o["villageCode"]!, (string)o["state"]!, (string?)o["reason"], (int)o["attempt"]!)));
            next = (long?)page["next"];
        }
        while (next is not null);
        return orders;
    }

    /// <summary>The counts by state, without the states that nobody is in.</summary>
    public async Task<IReadOnlyDictionary<string, int>> CountsAsync(string id, int revision = 1)
    {
        await using var events = await Operator.OpenEventsAsync($"/api/warnings/{id}/progress?revision={revision}");
        var progress = await events.NextAsync(e => e.Type == "progress", Patience);
        return CountsOf(progress.Data);
    }

    public static IReadOnlyDictionary<string, int> CountsOf(JsonNode progress) =>
        progress["counts"]!.AsObject().Where(c => (int)c.Value! != 0).ToDictionary(c => c.Key, c => (int)c.Value!);

    /// <summary>Waits until so many orders of the revision are in the state; an unreachable service is asked again.</summary>
    public Task StateAsync(string id, string state, int orders, int revision = 1) => Eventually.HoldsAsync(async () =>
    {
        try
        {
            return (await CountsAsync(id, revision)).GetValueOrDefault(state) == orders;
        }
        catch (Exception e) when (IsUnreachable(e))
        {
            return false; // Killed at this moment: whoever killed it starts it again.
        }
    }, Patience, $"{orders} orders {state}");

    /// <summary>The service is not there, or went in the middle of an answer.</summary>
    public static bool IsUnreachable(Exception e) => e is HttpRequestException or IOException or TaskCanceledException or System.Net.Sockets.SocketException;

    /// <summary>
    /// What must hold at the end of every warning: each of these devices, and no other, played it once, from beginning to end;
    /// the service says the same of each; and the counts add up.
    /// </summary>
    public async Task PlayedExactlyOnceAsync(string id, IReadOnlyList<DeviceRow> devices, int revision = 1)
    {
        var lines = Journal.Where(l => l.Warning == id && l.Revision == revision).ToList();
        OnceEach(lines.Where(l => l.What == "play").Select(l => l.Device), devices, "began by the fleet's journal");
        OnceEach(lines.Where(l => l.What == "ended").Select(l => l.Device), devices, "ended by the fleet's journal");
        var orders = await OrdersAsync(id, revision);
        OnceEach(orders.Select(o => o.Device), devices, "orders by the service");
        orders.ShouldAllBe(o => o.State == "played" && o.Attempt == 1);
        (await CountsAsync(id, revision)).ShouldBe(new Dictionary<string, int> { ["played"] = devices.Count });
    }

    private static void OnceEach(IEnumerable<string> seen, IReadOnlyList<DeviceRow> devices, string what)
    {
        var times = seen.CountBy(d => d).ToDictionary();
        var expected = devices.Select(d => d.Device).ToHashSet(StringComparer.Ordinal);
        expected.Where(d => !times.ContainsKey(d)).ShouldBeEmpty($"missing: {what}");
        times.Where(t => t.Value > 1).ShouldBeEmpty($"more than once: {what}");
        times.Keys.Where(d => !expected.Contains(d)).ShouldBeEmpty($"not meant: {what}");
    }

    /// <summary>No entry of the audit trail is changed, missing, reordered or cut off (R8).</summary>
    public async Task AuditIsIntactAsync()
    {
        var verdict = (await (await SignInAsync("admin")).GetAsync("/api/audit/verify")).Ensure();
        ((bool)verdict.Json["intact"]!).ShouldBeTrue(verdict.Text);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients) client.Dispose();
        foreach (var fleet in _fleets) await fleet.DisposeAsync();
        if (Cloud is not null) await Cloud.DisposeAsync();
        _folder.Dispose();
    }
}
