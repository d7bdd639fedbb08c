using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Broadcast.Device;
using Broadcast.Hostile.Tests.Fuzzing;
using Broadcast.Hostile.Tests.Targets;
using Broadcast.Testing;

namespace Broadcast.Hostile.Tests.Live;

/// <summary>Hostile requests and packets at the doors of a cloud that really runs: never a fault of ours (500), never silence, never the end of the process, no memory kept.</summary>
[Collection(CloudCollection.Name)]
public sealed class HttpFuzzTests(SharedCloud shared, ITestOutputHelper output)
{
    private static readonly bool Long = Environment.GetEnvironmentVariable("BROADCAST_LONG") == "1";
    private static readonly int Requests = Long ? 100_000 : 3_000;
    private static readonly int Connections = Long ? 50_000 : 1_500;
    private const long MemoryGrowthMax = 256L << 20;

    private const string Draft = """
        {"class":"actual","level":"yellow","event":"11B03","text":"山洪","language":"zh-CN","repetitions":2,"volume":80,"toneMs":500,"siren":false,
        "area":{"regions":[{"code":"421202100000","level":"township"}],"polygons":[[[114.2,29.8],[114.4,29.8],[114.4,30.0],[114.2,29.8]]],"circles":[{"longitude":114.3,"latitude":29.8,"radiusKm":5}],"sites":["s421202100001-1"]},"validMinutes":60}
        """;
    private const string Children = """{"children":["xn-00001","xn-00002"],"delegated":true}""";
    private const string Settings = """{"basedOn":0,"volumeByHour":[1,2,3],"actualVolumeMax":90,"quiet":{"from":"22:00","to":"06:00"},"rain":[{"hours":1,"prepareMillimetres":30,"leaveMillimetres":50}]}""";
    private static readonly string[] Values = ["", "1", "-1", "0", "9223372036854775808", "NaN", "%00", "%FF%FE", "%F0%9F%A6%86", "'%20OR%201=1", "../../..", "{}", "null", "played", "421202000000", "%0d%0aX:1"];

    private readonly RealCloud _cloud = shared.Cloud;

    [Fact]
    public async Task No_request_is_a_fault_of_ours()
    {
        var warning = await _cloud.WarnAsync(_cloud.Devices[30].Site);
        using var http = await SignedInAsync();
        var device = _cloud.Devices[33].Device;
        var statuses = new Dictionary<int, int>();
        var before = _cloud.MemoryBytes;
        for (var i = 0; i < Requests; i++)
        {
            var dice = new Dice(Fuzzer.SeedOfRun, i);
            using var request = Request(dice, warning, dice.OneIn(2) ? dice.Of(Values) : device);
            using var patience = new CancellationTokenSource(RealCloud.Patience);
            try
            {
                using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
                statuses[(int)response.StatusCode] = statuses.GetValueOrDefault((int)response.StatusCode) + 1;
                if ((int)response.StatusCode >= 500) Assert.Fail($"seed {Fuzzer.SeedOfRun}, request {i}: {response.StatusCode} {request.Method} {request.RequestUri} {await BodyOf(request)} → {await response.Content.ReadAsStringAsync()}");
            }
            catch (Exception e) when (e is OperationCanceledException or HttpRequestException)
            {
                Assert.Fail($"seed {Fuzzer.SeedOfRun}, request {i}: {e.Message} {request.Method} {request.RequestUri} {await BodyOf(request)}\n{_cloud.Output}");
            }
        }

        output.WriteLine($"{Requests:N0} requests: {string.Join(", ", statuses.OrderBy(s => s.Key).Select(s => $"{s.Key} {s.Value:N0}"))}; memory {before >> 20} → {_cloud.MemoryBytes >> 20} MB");
        statuses.Keys.ShouldContain(200);
        statuses.Keys.ShouldContain(400);
        statuses.Keys.ShouldContain(422);
        (_cloud.MemoryBytes - before).ShouldBeLessThan(MemoryGrowthMax);
        _cloud.Output.ShouldNotContain("BadHttpRequestException", Case.Sensitive, "a stranger's mistakes are not ours to log");
    }

    [Fact]
    public async Task Bytes_that_are_no_HTTP_end_the_connection_and_nothing_else()
    {
        const string Good = "POST /api/sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 30\r\nConnection: close\r\n\r\n{\"name\":\"a\",\"password\":\"bcdef\"}";
        var door = IPEndPoint.Parse(((string)JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(_cloud.Data, "cloud.json")))!["http"]!)["http://".Length..]);
        for (var i = 0; i < 300; i++)
        {
            await using var peer = await RawPeer.DialAsync(door);
            await peer.SendAsync(ByteMutation.Of(Good, new Dice(Fuzzer.SeedOfRun, i)));
            await peer.SendAsync("\r\n\r\n"u8.ToArray());
            peer.Finish();
            (await peer.EndAsync(RealCloud.Patience)).ShouldBeTrue($"seed {Fuzzer.SeedOfRun}, connection {i} is not let go");
            Encoding.ASCII.GetString([.. peer.Heard.Take(12)]).ShouldNotStartWith("HTTP/1.1 500", Case.Sensitive, $"seed {Fuzzer.SeedOfRun}, connection {i}");
        }
    }

    [Fact]
    public async Task Packets_in_any_order_end_the_session_and_nothing_else()
    {
        var row = _cloud.Devices[31];
        var before = _cloud.MemoryBytes;
        for (var i = 0; i < Connections; i++)
        {
            var dice = new Dice(Fuzzer.SeedOfRun, i);
            await using var peer = dice.OneIn(5) ? await RawPeer.DialAsync(_cloud.PlainLink) : await RawPeer.SignInAsync(_cloud.PlainLink, row);
            for (var packets = 1 + dice.Below(6); packets > 0; packets--) await peer.SendAsync(Packet(dice, row));
            peer.Finish();
            (await peer.EndAsync(RealCloud.Patience)).ShouldBeTrue($"seed {Fuzzer.SeedOfRun}, connection {i} is not let go");
        }

        _cloud.HasExited.ShouldBeFalse();
        output.WriteLine($"{Connections:N0} connections; memory {before >> 20} → {_cloud.MemoryBytes >> 20} MB");
        (_cloud.MemoryBytes - before).ShouldBeLessThan(MemoryGrowthMax);
        await using var honest = new HonestDevice(_cloud.Devices[32], _cloud.PlainLink);
        await Eventually.HoldsAsync(() => honest.IsOnline, RealCloud.Patience);
    }

    private static byte[] Packet(Dice dice, Broadcast.Fleet.DeviceRow row)
    {
        if (dice.OneIn(4)) return ByteMutation.Of(Mqtt.Any(dice, dice.Bytes(dice.Below(40))), dice);
        var body = dice.Below(4) switch
        {
            0 => new Hello { Nonce = dice.Bytes(16), HighWater = dice.Edge(), WallMs = dice.Edge(), Boot = dice.EdgeInt() }.Encode(),
            1 => new Receipt { WarningId = dice.Bytes(16), Revision = dice.EdgeInt(), Sequence = dice.Edge(), State = (ReceiptState)dice.Below(9), Number = dice.Edge(), AtMs = dice.Edge() }.Encode(),
            2 => new Report { UptimeMs = dice.Edge(), Faults = dice.EdgeInt(), Waiting = dice.EdgeInt() }.Encode(),
            _ => dice.Bytes(dice.Below(100)),
        };
        var frame = RawPeer.Frame(row, dice.OneIn(3) ? (MessageType)dice.Below(24) : dice.Of([MessageType.Hello, MessageType.Receipt, MessageType.Report]), body);
        return Mqtt.Publish(Topics.Up(row.Device), dice.OneIn(3) ? ByteMutation.Of(frame, dice) : frame, dice.Below(3), (ushort)(1 + dice.Below(4)), dice);
    }

    private static HttpRequestMessage Request(Dice dice, string warning, string device)
    {
        var id = dice.OneIn(3) ? dice.Of(Values) : warning;
        var (method, path, body) = dice.Below(25) switch
        {
            0 or 1 or 2 => (HttpMethod.Post, "/api/warnings", Draft),
            3 => (HttpMethod.Post, $"/api/warnings/{id}/updates", Draft),
            4 or 5 => (HttpMethod.Post, "/api/targets", Draft),
            6 => (HttpMethod.Post, $"/api/warnings/{id}/{dice.Of(["submit", "approve", "reject", "withdraw", "release", "cancel", "x"])}?revision={dice.Of(Values)}", """{"reason":"x"}"""),
            7 => (HttpMethod.Post, "/api/password", """{"password":"x","newPassword":"0123456789"}"""),
            8 => (HttpMethod.Get, $"/api/warnings?limit={dice.Of(Values)}&before={dice.Of(Values)}", null),
            9 => (HttpMethod.Get, $"/api/warnings/{id}/orders?revision={dice.Of(Values)}&state={dice.Of(Values)}&region={dice.Of(Values)}&after={dice.Of(Values)}&limit={dice.Of(Values)}", null),
            10 => (HttpMethod.Get, $"/api/warnings/{id}/counts?parent={dice.Of(Values)}&revision={dice.Of(Values)}", null),
            11 => (HttpMethod.Get, $"/api/regions/{dice.Of(Values)}", null),
            12 => (HttpMethod.Get, $"/api/sites?region={dice.Of(Values)}", null),
            13 => (HttpMethod.Post, $"/api/devices/{dice.Of(Values)}/{dice.Of(["rekey", "service"])}", """{"service":"decommissioned","reason":"x"}"""),
            14 => (HttpMethod.Put, $"/api/sites/{dice.Of(Values)}/settings", Settings),
            15 => (HttpMethod.Post, $"/api/live/{id}?at={dice.Of(Values)}", "[0,0]"),
            16 => (HttpMethod.Get, $"/api/live/{id}", null),
            17 => (HttpMethod.Get, $"/api/devices/{dice.Of(Values)}", null),
            18 or 19 => (HttpMethod.Put, $"/api/devices/{device}/children", Children),
            20 => (HttpMethod.Get, $"/api/devices/{device}/{dice.Of(["children", "local-orders"])}", null),
            21 => (HttpMethod.Put, $"/api/sites/{dice.Of(Values)}/update", """{"package":"x"}"""),
            22 => (HttpMethod.Post, "/api/updates/check", """{"version":"1","number":1,"target":"linux-x64","revision":0,"stage":0,"why":"","bytes":0}"""),
            23 => (HttpMethod.Get, $"/api/updates/{dice.Of(Values)}", null),
            _ => (HttpMethod.Get, $"/api/{dice.Of(["audit", "audit?node=" + dice.Of(Values), "status", "me", "x"])}", (string?)null),
        };
        var request = new HttpRequestMessage(method, path);
        if (body is not null) request.Content = new ByteArrayContent(JsonMutation.Of(body, dice)) { Headers = { ContentType = MediaTypeHeaderValue.Parse(dice.OneIn(20) ? "text/plain" : "application/json") } };
        Spoil(request.Headers, dice);
        return request;
    }

    private static void Spoil(HttpRequestHeaders headers, Dice dice)
    {
        if (dice.OneIn(2)) headers.TryAddWithoutValidation("Idempotency-Key", dice.Of(["k", "", new string('k', 300), "\u00e9", "a b", "k" + dice.Below(5)]));
        if (dice.OneIn(10)) headers.TryAddWithoutValidation("Last-Event-ID", dice.Of(["-1", "x", "99999999999999999999"]));
        if (dice.OneIn(10)) headers.TryAddWithoutValidation("Accept", dice.Of(["*/*", "text/event-stream", ";;", "a/b;q=x"]));
        if (dice.OneIn(20)) headers.TryAddWithoutValidation("Authorization", dice.Of(["Bearer", "Bearer x", "Bearer " + new string('A', 4_000), "Basic eDp5"]));
    }

    private static async Task<string> BodyOf(HttpRequestMessage request) => request.Content is null ? "" : Convert.ToHexString(await request.Content.ReadAsByteArrayAsync());

    private async Task<HttpClient> SignedInAsync()
    {
        // Over the plain door of this machine: what is tested stands behind both.
        var door = (string)JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(_cloud.Data, "cloud.json")))!["http"]!;
        var people = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(_cloud.Data, "people.json")))!.AsArray();
        var password = (string)people.First(p => (string)p!["name"]! == "op-421222")!["password"]!;
        using var first = new HttpClient { BaseAddress = new Uri(door) };
        using var answer = await first.PostAsync("/api/sign-in", new StringContent(new JsonObject { ["name"] = "op-421222", ["password"] = password }.ToJsonString(), Encoding.UTF8, "application/json"));
        var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, RequestHeaderEncodingSelector = (_, _) => Encoding.Latin1 }) { BaseAddress = new Uri(door) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (string)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["token"]!);
        return http;
    }
}
