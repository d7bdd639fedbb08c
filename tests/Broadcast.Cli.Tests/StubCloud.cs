using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Broadcast.Cli.Tests;

/// <summary>
/// The cloud's HTTP API over a real socket, as far as one warning needs it. It keeps the life of the warning (draft, submitted, approved, released)
/// and tells the progress that a test wrote down, breaking the stream where the test says so.
/// </summary>
internal sealed class StubCloud : IAsyncDisposable
{
    private WebApplication _app;

    private StubCloud(WebApplication app) => _app = app;

    public Uri Address { get; private set; } = null!;

    public string State { get; private set; } = "none";

    public JsonNode? Draft { get; private set; }

    public List<string> Acts { get; } = [];

    /// <summary>Last-Event-ID of each connection to the progress, "" where there was none.</summary>
    public List<string> Resumed { get; } = [];

    /// <summary>What each connection in turn is told: events as they go over the wire; after them the connection is cut. The last is used again and again.</summary>
    public List<string> Connections { get; } = [];

    public Dictionary<string, string> Orders { get; } = [];

    /// <summary>Tokens given before this are unknown from now on, as after a restart with new keys.</summary>
    public bool ForgetTokens { get; set; }

    /// <summary>A refusal for the next draft: status and body.</summary>
    public (int Status, string Body)? RefuseDraft { get; set; }

    /// <summary>Answers to a release that are lost on the way back.</summary>
    public int ReleaseAnswersToLose { get; set; }

    public HashSet<string> ReleaseKeys { get; } = [];

    /// <summary>How long a backup takes before its first byte comes.</summary>
    public TimeSpan BackupTakes { get; set; }

    private int TokenNumber { get; set; }

    public static async Task<StubCloud> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var stub = new StubCloud(builder.Build());
        stub.Map(stub._app);
        await stub._app.StartAsync(TestContext.Current.CancellationToken);
        stub.Address = new Uri(stub._app.Urls.Single());
        return stub;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    public static string Progress(int number, int targets, bool final, params (string State, int Count)[] counts) => Progress(number, targets, final, (0, 0, 0), counts);

    public static string Progress(int number, int targets, bool final, (int Verified, int Silent, int Unmeasured) sound, params (string State, int Count)[] counts)
    {
        var data = new
        {
            id = "w1", revision = 1, state = final ? "ended" : "released", targets, counts = counts.ToDictionary(c => c.State, c => c.Count),
            released = "2026-11-21T08:00:00Z", now = "2026-11-21T08:00:12.5Z",
            times = new { played = new { firstMs = 8123, lastMs = 12_456, count = 2 }, sent = new { firstMs = 12, lastMs = 90, count = 2 } }, final,
            sound = new { verifiedAudible = sound.Verified, measuredSilent = sound.Silent, notMeasured = sound.Unmeasured },
        };
        return $"id: {number}\nevent: progress\ndata: {JsonSerializer.Serialize(data)}\n\nid: {number}\nevent: sites\ndata: []\n\n";
    }

    private void Map(WebApplication app)
    {
        app.MapPost("/api/sign-in", SignIn);
        app.MapPost("/api/password", NewPassword);
        app.MapGet("/api/regions/{code}", (string code, HttpContext http) => Allow(http) ?? (code == "421202000000"
            ? Results.Json(new { code, level = "county", name = "咸安区", sites = 3, devices = 3, online = 3 })
            : Problem(404, "region", "unknown-region", "There is no such region.", "没有这个行政区。")));
        app.MapPost("/api/targets", (JsonObject body, HttpContext http) => Allow(http) ?? (body["area"] is JsonObject
            ? Results.Text(Targets, "application/json")
            : Problem(422, "area", "empty-area", "The area names nothing.", "区域为空。")));
        app.MapPost("/api/warnings", (Delegate)DraftAsync);
        app.MapPost("/api/warnings/{id}/{act}", Act);
        app.MapGet("/api/warnings/{id}/orders", (string state, HttpContext http) => Allow(http) ?? Results.Text($$"""{"items":{{Orders.GetValueOrDefault(state, "[]")}},"next":null}""", "application/json"));
        app.MapGet("/api/warnings/{id}/progress", ProgressAsync);
        app.MapGet("/api/status", (HttpContext http) => Allow(http) ?? Results.Json(new { lane = "standin", node = "node-1", version = "0.1.0", devices = 3, online = 2, uptimeSeconds = 61.0, warningsActive = 1 }));
        app.MapGet("/api/warnings", (HttpContext http) => Allow(http) ?? Results.Text("""{"items":[],"next":null}""", "application/json"));
        app.MapPost("/api/devices/{id}/{act}", DeviceAsync);
        app.MapGet("/api/backup", async (HttpContext http) =>
        {
            await Task.Delay(BackupTakes, TimeProvider.System, http.RequestAborted);
            return Allow(http) ?? Results.Bytes("the ledger"u8.ToArray(), "application/octet-stream");
        });
    }

    public const string Targets = """
        {"villages":[{"code":"421202100001","name":"一村","sites":2}],
         "sites":[{"id":"s-1","name":"村委会","villageCode":"421202100001","latitude":29.8,"longitude":114.3,"device":"d-1","online":true},
                  {"id":"s-2","name":"小学","villageCode":"421202100001","latitude":29.81,"longitude":114.31,"device":"d-2","online":false}],
         "unserved":[],"count":2}
        """;

    private IResult SignIn(JsonObject body)
    {
        var name = body["name"]!.GetValue<string>();
        if (body["password"]!.GetValue<string>() != "pw-" + name) return Problem(401, "password", "wrong-credentials", "Name or password is wrong.", "用户名或密码错误。");
        ForgetTokens = false;
        return Results.Json(new { token = $"{name}/{++TokenNumber}", expires = "2099-01-01T00:00:00Z", person = new { id = name, name, duties = Array.Empty<string>(), region = new { code = "421200000000", level = "city" } } });
    }

    private IResult NewPassword(JsonObject body, HttpContext http)
    {
        if (Allow(http) is { } refused) return refused;
        Acts.Add($"password {body["password"]} to {body["newPassword"]} by {Caller(http)}");
        return SignIn(new JsonObject { ["name"] = Caller(http), ["password"] = "pw-" + Caller(http) });
    }

    private async Task<IResult> DraftAsync(HttpContext http)
    {
        if (Allow(http) is { } refused) return refused;
        Draft = await JsonNode.ParseAsync(http.Request.Body, cancellationToken: http.RequestAborted);
        if (RefuseDraft is { } refusal) return Results.Text(refusal.Body, "application/problem+json", Encoding.UTF8, refusal.Status);
        return Warning("draft", http, 201);
    }

    private IResult Act(string id, string act, HttpContext http)
    {
        if (Allow(http) is { } refused) return refused;
        Acts.Add($"{act} by {Caller(http)}");
        if (act == "submit" && State == "draft") return Warning("submitted", http);
        if (act == "approve" && State == "submitted") return Warning("approved", http);
        if (act == "cancel") return Results.Json(new { id, revision = 1 });
        if (act != "release" || State is not ("approved" or "released")) return Problem(409, "state", "wrong-state", $"A warning that is {State} cannot {act}.", "状态不符。");
        ReleaseKeys.Add(http.Request.Headers["Idempotency-Key"].ToString());
        State = "released";
        if (ReleaseAnswersToLose-- > 0) http.Abort();
        return Results.Json(new { id, revision = 1, targets = 2, commit = 7, released = "2026-11-21T08:00:00Z", repeated = false });
    }

    private IResult DeviceAsync(string id, string act, JsonObject body, HttpContext http)
    {
        if (Allow(http) is { } refused) return refused;
        Acts.Add($"{act} {id} {body["service"]} because {body["reason"]} by {Caller(http)}");
        return Results.Json(new { id, service = (string?)body["service"] ?? "inService", keyEpoch = 2, handOver = act == "rekey" ? "devices.csv" : null, notReached = Array.Empty<string>() });
    }

    private async Task ProgressAsync(HttpContext http)
    {
        if (Allow(http) is { } refused)
        {
            await refused.ExecuteAsync(http);
            return;
        }

        Resumed.Add(http.Request.Headers["Last-Event-ID"].ToString());
        http.Response.ContentType = "text/event-stream";
        var events = Encoding.UTF8.GetBytes(Connections[Math.Min(Resumed.Count, Connections.Count) - 1]);
        // More is announced than comes: what is there arrives, and then the connection closes in the middle, as a killed process closes it.
        http.Response.ContentLength = events.Length + 1_000;
        await http.Response.Body.WriteAsync(events, http.RequestAborted);
    }

    private IResult? Allow(HttpContext http) => !ForgetTokens && Caller(http).Length > 0 ? null : Problem(401, "token", "unknown-token", "Sign in first.", "请先登录。");

    private static string Caller(HttpContext http) => http.Request.Headers.Authorization.ToString().Replace("Bearer ", "", StringComparison.Ordinal).Split('/')[0];

    private IResult Warning(string state, HttpContext http, int status = 200)
    {
        State = state;
        var current = new { id = "w1", revision = 1, state, @class = "actual", level = "yellow", @event = "11B03", text = "t", expires = "2099-01-01T00:00:00Z", author = Caller(http) };
        return Results.Json(current, statusCode: status);
    }

    private static IResult Problem(int status, string field, string code, string message, string messageZh) => Results.Text(
        JsonSerializer.Serialize(new { title = "Refused", status, errors = new[] { new { field, code, message, messageZh } } }), "application/problem+json", Encoding.UTF8, status);
}
