using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Broadcast.Device;
using Broadcast.Device.Sensing;
using Broadcast.Edge.Gateway;
using Broadcast.Edge.Hardware;
using Broadcast.Edge.Sensors;
using Broadcast.Edge.Service;
using Broadcast.Edge.Storage;
using Broadcast.Edge.Update;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Broadcast.Edge.Page;

/// <summary>The technician's page on the site's network: health for everyone there, everything else behind the one-time code.</summary>
internal sealed partial class LocalPage(
    EdgeSettings settings, PageDoor door, SelfTest selfTest, GatewayLoop loop, GatewayBody body, Uplink uplink, SiteSensors sensors, SiteHardware hardware,
    GatewayStore store, DataFolder data, SiteConfig config, SiteDoors doors, Updater updater, Board board, Townships.TownshipVoice township, RecentLog log, TimeProvider time, ILogger<LocalPage> logger) : IHostedService, IAsyncDisposable
{
    private const string Cookie = "edge";
    private const int BodyBytesMax = 8_192; // A notice of 500 characters, each of which a form writes as nine bytes.
    private const int ConnectionsMax = 16;

    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter<FaultFlags>(), new JsonStringEnumConverter<ClockQuality>(), new JsonStringEnumConverter<SensorFault>(), new JsonStringEnumConverter<AlarmStage>() },
    };

    private readonly SemaphoreSlim _testing = new(1);
    private IHost? _app; // As the little that is known of it without them.

    /// <summary>Where it listens; null without a page.</summary>
    public string? Address { get; private set; }

    public Task StartAsync(CancellationToken cancellationToken) =>
        settings.Page.Listen.Length == 0 ? Task.CompletedTask : doors.OpenAsync($"page {settings.Page.Listen}", OpenAsync, cancellationToken);

    // On its own: whoever wants no page does not load the web server's assemblies, four megabytes of a gateway's memory.
    private async Task OpenAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPEndPoint.Parse(settings.Page.Listen));
            kestrel.Limits.MaxConcurrentConnections = ConnectionsMax;
            kestrel.Limits.MaxRequestBodySize = BodyBytesMax;
            kestrel.AddServerHeader = false;
        });
        var app = builder.Build();
        app.Use(GuardAsync);
        Map(app);
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
        _app = app;
        Address = app.Urls.FirstOrDefault();
        LogReady(Address!);
        door.LogCode();
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await doors.StopAsync();
        if (_app is not null) await _app.StopAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is IAsyncDisposable app) await app.DisposeAsync();
        _testing.Dispose();
    }

    private async Task GuardAsync(HttpContext http, RequestDelegate next)
    {
        if (!PageDoor.IsLocal(http.Connection.RemoteIpAddress))
        {
            http.Abort();
            return;
        }
        http.Response.Headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'";
        http.Response.Headers["Cache-Control"] = "no-store";
        http.Response.Headers["X-Content-Type-Options"] = "nosniff";
        if (IsOpen(http.Request.Path) || door.Knows(http.Request.Cookies[Cookie])) await next(http);
        else http.Response.Redirect("/sign-in");
    }

    private static bool IsOpen(PathString path) => path == "/healthz" || path == "/sign-in";

    // Named as Delegate where the handler takes the context: as a RequestDelegate its result would be thrown away.
    private void Map(WebApplication app)
    {
        app.MapGet("/healthz", () => Results.StatusCode(body.Faults == 0 ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable));
        app.MapGet("/sign-in", () => Html(PageText.SignIn("")));
        app.MapPost("/sign-in", (Delegate)SignInAsync);
        app.MapGet("/", () => Html(PageText.Status(Status())));
        app.MapGet("/work", () => Html(PageText.Work(Status(), [])));
        app.MapGet("/status.json", () => Results.Json(Status(), Format));
        app.MapPost("/self-test", (Delegate)TestAsync);
        app.MapPost("/notice", (Delegate)NoticeAsync);
        app.MapPost("/learn-line", (Delegate)LearnAsync);
        app.MapGet("/log", () => Results.File(Encoding.UTF8.GetBytes(string.Join('\n', log.Lines)), "text/plain; charset=utf-8", $"{settings.Device.Id}.log"));
    }

    private async Task<IResult> SignInAsync(HttpContext http)
    {
        if (await FieldOfAsync(http, "code") is not { } code) return Results.StatusCode(StatusCodes.Status400BadRequest);
        if (door.Enter(code) is not { } token)
        {
            LogRefused(http.Connection.RemoteIpAddress);
            return Results.Content(PageText.SignIn("验证码错误，或错误次数过多。 The code is wrong, or too many were."), "text/html; charset=utf-8", Encoding.UTF8, StatusCodes.Status403Forbidden);
        }
        http.Response.Cookies.Append(Cookie, token, new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Strict });
        LogEntered(http.Connection.RemoteIpAddress);
        door.LogCode();
        return Results.Redirect("/");
    }

    /// <summary>What a field of a form holds; null where it is no form, or none that can be read.</summary>
    private static async Task<string?> FieldOfAsync(HttpContext http, string field)
    {
        if (!http.Request.HasFormContentType) return null;
        try
        {
            return (await http.Request.ReadFormAsync(http.RequestAborted))[field].ToString();
        }
        catch (Exception unreadable) when (unreadable is InvalidDataException or IOException) // A body that ends too early is the latter.
        {
            return null; // Too large, cut off, or no form inside: the browser shows its own words for it.
        }
    }

    // A form of another site cannot start it: the cookie is SameSite=Strict. Two at once would click the siren twice.
    private async Task<IResult> TestAsync(HttpContext http)
    {
        if (!await _testing.WaitAsync(0, http.RequestAborted)) return Results.StatusCode(StatusCodes.Status409Conflict);
        try
        {
            return Html(PageText.Work(Status(), await selfTest.RunAsync(http.RequestAborted)));
        }
        finally
        {
            _testing.Release();
        }
    }

    // Who has signed in stands at the cabinet: the township's own people give the township's own notices.
    private async Task<IResult> NoticeAsync(HttpContext http)
    {
        if (await FieldOfAsync(http, "text") is not { } text || string.IsNullOrWhiteSpace(text)) return Results.StatusCode(StatusCodes.Status400BadRequest);
        // A browser sends a line's end as two characters; the wire has one.
        var notice = new Order { Text = text.Replace("\r\n", "\n", StringComparison.Ordinal).Trim(), ToneMs = 1_000, Repetitions = 2, Issuer = RegionLevel.Township };
        var refusal = await loop.GiveNoticeAsync(notice);
        LogNotice(http.Connection.RemoteIpAddress, refusal, notice.Text);
        return refusal == Refusal.None
            ? Results.Redirect("/")
            : Results.Content(PageText.Work(Status(), [new TestResult("通知 Notice", false, $"{refusal}")]), "text/html; charset=utf-8", Encoding.UTF8, StatusCodes.Status422UnprocessableEntity);
    }

    // The line as it is now becomes what it shall be: when the site is commissioned, and when a loudspeaker was added.
    private async Task<IResult> LearnAsync(HttpContext http)
    {
        var learned = await body.Line.LearnAsync(http.RequestAborted);
        var detail = learned is { } milliohms ? string.Create(CultureInfo.InvariantCulture, $"{milliohms / 1_000.0:0.00} Ω") : "未学习：未测到、无电压或未接扬声器 not learned: nothing measured, no voltage, or no loudspeaker";
        return Html(PageText.Work(Status(), [new TestResult("线路阻抗学习 Line learned", learned is not null, detail)]));
    }

    private PageStatus Status() => new(
        settings.Device.Id, PageText.Identity(settings.Device.Id, board.Name, settings.Device.KeyEpoch), Product.Name, board.Name, time.GetUtcNow(), loop.Core.Clock, loop.Core.IsSessionUp, uplink.Condition, uplink.Since,
        body.Faults, [.. data.Faults, .. hardware.Faults, .. doors.Faults], loop.Core.PlayingId != 0, loop.Core.WaitingOrders, loop.Core.OutboxReceipts, store.WaitingAlarms(), store.WaitingReadings(), config.Summary, updater.Summary, body.Line.Summary, body.Talk.Summary, hardware.Rain is not null, sensors.Last, [.. body.Recent], township.Summary);

    private static IResult Html(string page) => Results.Content(page, "text/html; charset=utf-8", Encoding.UTF8);

    [LoggerMessage(1, LogLevel.Information, "The local page is at {Address}")]
    private partial void LogReady(string address);

    [LoggerMessage(3, LogLevel.Warning, "A wrong code at the local page from {Address}")]
    private partial void LogRefused(IPAddress? address);

    [LoggerMessage(5, LogLevel.Warning, "A notice was given at the local page from {Address}: {Refusal}: {Text}")]
    private partial void LogNotice(IPAddress? address, Refusal refusal, string text);

    [LoggerMessage(4, LogLevel.Information, "Someone signed in at the local page from {Address}")]
    private partial void LogEntered(IPAddress? address);
}
