using System.Net;

using System.Text.Json;
using System.Text.Json.Serialization;
using Broadcast.Cloud.Accounts;
using Broadcast.Cloud.Audio;
using Broadcast.Cloud.Demo;
using Broadcast.Cloud.Http;
using Broadcast.Cloud.Keys;
using Broadcast.Cloud.Link;
using Broadcast.Cloud.Live;
using Broadcast.Cloud.Monitoring;
using Broadcast.Cloud.Regions;
using Broadcast.Cloud.Settings;
using Broadcast.Cloud.Sites;
using Broadcast.Cloud.Townships;
using Broadcast.Cloud.Updates;
using Broadcast.Cloud.Warnings;
using Broadcast.Ledger;
using Broadcast.Link;
using Broadcast.Rules;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging.Abstractions;
using BadHttpRequestException = Microsoft.AspNetCore.Http.BadHttpRequestException;

namespace Broadcast.Cloud;

/// <summary>Puts the process together: ledger, silo, device link, HTTP doors; opens the doors last and closes them first.</summary>
public static class CloudHost
{
    /// <summary>No body of this API is larger: ten thousand corners of polygons are half of it.</summary>
    private const long BodyBytesMax = 1 << 20;

    /// <summary>A browser sends its headers at once, over the worst line within seconds; who takes longer holds a place and says nothing.</summary>
    private static readonly TimeSpan HeadersWithin = TimeSpan.FromSeconds(10);

    /// <summary>So much later may "received" show while a county answers: less than the beat of a progress bar, and a tenth of the commits.</summary>
    private static readonly TimeSpan BurstWait = TimeSpan.FromMilliseconds(50);

    private static readonly TimeSpan IdleMax = TimeSpan.FromMinutes(1);

    public static async Task<int> RunAsync(CloudOptions options, CancellationToken ct)
    {
        foreach (var mistake in options.Mistakes()) await Console.Error.WriteLineAsync(mistake);
        if (options.Mistakes().Count > 0) return 2;
        PrivateFiles.CreateFolder(options.DataFolder);
        WebApplication app;
        try
        {
            var keys = KeyRing.OpenOrCreate(options.PathOf("keys"), mayCreate: KeyRing.IsThere(options.PathOf("keys")) || await IsLedgerNewAsync(options, ct));
            app = await BuildAsync(options, keys, TimeProvider.System, ct);
        }
        catch (Exception e) when (e is InvalidDataException or LedgerSchemaException or LedgerUnavailableException) // A key, a certificate or a ledger that only a person can put right, or another process that has it.
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 2;
        }

        await using var ledger = app.Services.GetRequiredService<LedgerStore>(); // Closed last, and not by the container, which did not make it: what waits is committed, and the trail's end has its checkpoint.
        await using var running = app;
        var exit = WatchParts(app.Services);
        try
        {
            await app.StartAsync(ct);
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            await Console.Error.WriteLineAsync($"{e.Message} Choose another with --https, --http or --link.");
            return 2;
        }

        var ready = await AnnounceAsync(app, options, ct);
        await app.WaitForShutdownAsync(ct);
        File.Delete(ready);
        return exit();
    }

    /// <summary>A part that breaks ends the whole: then the process is to end as failed, so that its supervisor starts it again. What fails on the way down is none.</summary>
    /// <returns>The exit code, once it has stopped.</returns>
    public static Func<int> WatchParts(IServiceProvider services)
    {
        var exit = 0;
        services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(() =>
            exit = services.GetServices<IHostedService>().Any(s => s is BackgroundService { ExecuteTask.IsFaulted: true }) ? 1 : 0);
        return () => exit;
    }

    /// <summary>Whether no device obeys a master of this ledger yet. On PostgreSQL the ledger itself must be asked; nothing is audited in it, so the key of checkpoints is any.</summary>
    private static async Task<bool> IsLedgerNewAsync(CloudOptions options, CancellationToken ct)
    {
        if (options.Ledger == "sqlite") return !File.Exists(options.PathOf("ledger.db"));
        var asked = new LedgerOptions(options.Ledger, options.Node, options.PathOf("anchors", "audit.anchors"), new byte[32]);
        await using var ledger = await LedgerStore.OpenAsync(asked, TimeProvider.System, NullLogger.Instance, ct);
        return (await ledger.DevicesAsync(ct)).Count == 0;
    }

    public static LedgerOptions LedgerOptionsOf(CloudOptions options, KeyRing keys)
    {
        PrivateFiles.CreateFolder(options.PathOf("anchors"));
        return new LedgerOptions(
            options.Ledger == "sqlite" ? "sqlite:" + options.PathOf("ledger.db") : options.Ledger,
            options.Node, options.PathOf("anchors", "audit.anchors"), keys.AuditKey, BurstWaitMax: BurstWait);
    }

    private static async Task<WebApplication> BuildAsync(CloudOptions options, KeyRing keys, TimeProvider clock, CancellationToken ct)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddSimpleConsole(o => (o.SingleLine, o.TimestampFormat, o.UseUtcTimestamp) = (true, "yyyy-MM-ddTHH:mm:ss.fffZ ", true));
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        using var early = LoggerFactory.Create(b => b.AddSimpleConsole(o => o.SingleLine = true));
        var ledger = await LedgerStore.OpenAsync(LedgerOptionsOf(options, keys), clock, early.CreateLogger<LedgerStore>(), ct);
        AddServices(builder.Services, options, keys, ledger, clock);
        SiloSetup.Add(builder);
        builder.Services.AddSingleton(s => new ServerCertificate(options.PathOf("tls"), HostsOf(options), clock, s.GetRequiredService<ILogger<ServerCertificate>>()));
        builder.Services.AddHostedService(s => s.GetRequiredService<ServerCertificate>());
        // Nothing of ours blocks a thread that reads a socket, so no hand-over to another thread is needed between the socket and the session.
        // The backlog is as long as Linux lets it be: after a restart a county knocks within a second, and who finds no place there waits for its own retry.
        builder.WebHost.UseKestrelCore().UseSockets(sockets => (sockets.UnsafePreferInlineScheduling, sockets.Backlog) = (true, 4_096)).UseEagerListening().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = BodyBytesMax;
            kestrel.Limits.RequestHeadersTimeout = HeadersWithin; // And bodies at 240 bytes a second at least, which is Kestrel's own default.
            kestrel.Limits.KeepAliveTimeout = IdleMax;
            kestrel.AddServerHeader = false;
            var certificate = kestrel.ApplicationServices.GetRequiredService<ServerCertificate>();
            var door = kestrel.ApplicationServices.GetRequiredService<HttpDoor>();
            kestrel.Listen(options.Bind, options.HttpsPort, listen =>
            {
                listen.Use(door.Guard);
                listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => ValueTask.FromResult(certificate.Web), HandshakeTimeout = HeadersWithin });
            });
            kestrel.Listen(IPAddress.Loopback, options.HttpPort, listen => listen.Use(door.Guard));
            var endpoint = kestrel.ApplicationServices.GetRequiredService<LinkEndpoint>();
            kestrel.Listen(new LinkAddress(options.Bind, options.LinkPort), listen => listen.UseTlsLink(endpoint, () => certificate.Link));
            if (options.PlainLinkPort is { } plain) kestrel.Listen(new LinkAddress(options.Bind, plain), listen => listen.UseLink(endpoint, null));
        });

        var app = builder.Build();
        app.Services.GetRequiredService<ServerCertificate>().Look(); // Here, so that what only a person can put right is said before anything listens.
        if (options.Demo) await ActivatorUtilities.CreateInstance<DemoSeed>(app.Services).SeedAsync(ct);
        await app.Services.GetRequiredService<DirectoryHolder>().ReloadAsync(ct);
        UseDoors(app);
        return app;
    }

    /// <summary>After a restart a whole prefecture is back within seconds; handshakes, not this limit, should be what it waits for.</summary>
    private static readonly LinkLimits Limits = new() { ConnectionsPerSecond = 5_000, ConnectionsMax = 20_000 };

    private static void AddServices(IServiceCollection services, CloudOptions options, KeyRing keys, LedgerStore ledger, TimeProvider clock)
    {
        services.AddSingleton(options).AddSingleton(keys).AddSingleton(ledger).AddSingleton(clock);
        services.AddSingleton<DirectoryHolder>().AddSingleton<NodeSessions>().AddSingleton<LinkCounts>().AddSingleton<PresenceBoard>().AddSingleton<SiteJournal>().AddSingleton<SettingsDesk>().AddSingleton<TownshipDesk>().AddSingleton<CustodyDesk>().AddSingleton<NodeCustody>();
        services.AddSingleton<Uptime>().AddSingleton<SignInBrake>().AddSingleton(new Tokens(keys.TokenKey, clock));
        services.AddSingleton<IHandOn, HandOn>().AddSingleton<WarningDesk>().AddSingleton<OrderSender>();
        services.AddSingleton<AudioShelf>().AddSingleton<DeviceTickets>().AddSingleton<LiveHall>().AddSingleton<UpdateShelf>().AddSingleton<BackupRoom>();
        services.AddSingleton<ILinkAuthority, CloudAuthority>().AddSingleton(Limits).AddSingleton<LinkEndpoint>();
        AddBackground<ProgressBatcher>(services);
        AddBackground<SentNotes>(services);
        AddBackground<OwedOrders>(services);
        AddBackground<ReportBuffer>(services);
        AddBackground<Sweeper>(services);
        AddBackground<ClockWatch>(services);
        AddBackground<DelegationRenewal>(services);
        services.AddSingleton(new DoorLimits()).AddSingleton<HttpDoor>();
        services.AddAuthentication(TokenHandler.Scheme_).AddScheme<AuthenticationSchemeOptions, TokenHandler>(TokenHandler.Scheme_, null);
        services.AddAuthorization();
        services.AddOpenApi();
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true); // So that a body that cannot be read gets a problem that says where.
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false));
            json.SerializerOptions.MaxDepth = 16;
        });
    }

    private static void AddBackground<T>(IServiceCollection services) where T : class, IHostedService =>
        services.AddSingleton<T>().AddHostedService(s => s.GetRequiredService<T>());

    private static void UseDoors(WebApplication app)
    {
        app.UseArrival();
        // What a stranger sends wrong is answered, not logged: a line of the log for each, with a stack trace and their own words in it, would be theirs to fill.
        app.UseExceptionHandler(new ExceptionHandlerOptions { ExceptionHandler = WriteFaultAsync, SuppressDiagnosticsCallback = fault => fault.Exception is BadHttpRequestException });
        app.UseStatusCodePages(pages => WriteBareStatusAsync(pages.HttpContext));
        app.UseAuthentication();
        app.UseAuthorization();
        app.Use(OneTimePassword.GuardAsync);
        app.MapOpenApi();
        app.MapAccounts();
        app.MapRegions();
        app.MapWarnings();
        app.MapMonitoring();
        app.MapAudio();
        app.MapSettings();
        app.MapUpdates();
        app.MapDevices();
        app.MapCustody();
        app.MapLive();
        app.MapTownships();
        app.MapStatus();
    }

    private static Task WriteFaultAsync(HttpContext http)
    {
        var fault = http.Features.Get<IExceptionHandlerFeature>()?.Error;
        return fault switch
        {
            BadHttpRequestException bad => Problems.WriteAsync(http, bad.StatusCode, "The request cannot be read",
                new Problem("body", bad.StatusCode == 413 ? "too-large" : "unreadable", Readable(bad), "请求无法解析。")),
            StorageFullException => Problems.WriteAsync(http, 507, "Storage is full",
                new Problem("storage", "storage-full", "The disk is full: only cancelling and red warnings are taken until there is room.", "磁盘空间不足。")),
            LedgerUnavailableException => Problems.WriteAsync(http, 503, "The ledger cannot be reached",
                new Problem("ledger", "ledger-unavailable", "Nothing was acknowledged. Repeat the request with the same Idempotency-Key.", "台账暂不可用，请使用相同的幂等键重试。")),
            _ => Problems.WriteAsync(http, 500, "A fault of ours", new Problem("service", "fault", "Something broke; it is in the log. Repeat with the same Idempotency-Key.", "系统内部错误。")),
        };
    }

    private static string Readable(BadHttpRequestException bad) => bad.InnerException is JsonException json
        ? $"Not the JSON that was expected, at {json.Path ?? "$"}."
        : bad.StatusCode == 413 ? $"A body has at most {BodyBytesMax} bytes." : "The request is malformed.";

    /// <summary>Statuses that the framework gives without a body.</summary>
    private static Task WriteBareStatusAsync(HttpContext http) => Problems.WriteAsync(http, http.Response.StatusCode, "Not answered", http.Response.StatusCode switch
    {
        413 => new Problem("body", "too-large", $"A body has at most {BodyBytesMax} bytes.", $"请求体最多 {BodyBytesMax} 字节。"),
        404 => new Problem("path", "no-such-door", "There is nothing at this path; /openapi/v1.json lists what there is.", "路径不存在，请参阅 /openapi/v1.json。"),
        405 => new Problem("method", "wrong-method", "This path does not take that method.", "该路径不支持此方法。"),
        415 => new Problem("Content-Type", "not-json", "Send application/json.", "请使用 application/json。"),
        var other => new Problem("request", "http-" + other, $"The request ended with status {other}.", $"请求返回状态 {other}。"),
    });

    private static IReadOnlyList<string> HostsOf(CloudOptions options) =>
        options.Bind.Equals(IPAddress.Loopback) ? ["localhost", "127.0.0.1", "::1"] : ["localhost", "127.0.0.1", "::1", options.Bind.ToString(), Dns.GetHostName()];

    /// <summary>A door as others write it: an address of IPv6 in brackets.</summary>
    public static string AddressOf(IPAddress bind, int port) => new IPEndPoint(bind, port).ToString();

    private static async Task<string> AnnounceAsync(WebApplication app, CloudOptions options, CancellationToken ct)
    {
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<Microsoft.AspNetCore.Hosting.Server.Features.IServerAddressesFeature>()!.Addresses
            .Select(a => new Uri(a.Replace("[::]", "localhost", StringComparison.Ordinal))).ToArray();
        // In the order of the Listen calls above: HTTPS, HTTP, link, plain link.
        var ready = new
        {
            pid = Environment.ProcessId,
            https = $"https://{AddressOf(options.Bind, addresses[0].Port)}",
            http = $"http://127.0.0.1:{addresses[1].Port}",
            link = AddressOf(options.Bind, addresses[2].Port),
            linkPlain = addresses.Length > 3 ? AddressOf(options.Bind, addresses[3].Port) : null,
            lane = Lane.Name,
            node = options.Node,
        };
        var path = options.PathOf("cloud.json");
        PrivateFiles.Write(path, JsonSerializer.SerializeToUtf8Bytes(ready, JsonSerializerOptions.Web));
        await Console.Out.WriteLineAsync($"ready {ready.https} link {ready.link} ({Lane.Name} packages)".AsMemory(), ct);
        return path;
    }
}
