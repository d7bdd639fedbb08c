using Broadcast.Cloud.Accounts;
using Broadcast.Cloud.Http;
using Broadcast.Cloud.Link;
using Broadcast.Cloud.Sites;
using Broadcast.Ledger;
using Broadcast.Rules;

namespace Broadcast.Cloud.Monitoring;

public sealed record LinkView(int Sessions, long BadFrames, long UnknownOrders, long Retries, long ReadingsDropped);

public sealed record StatusView(
    string Lane, string Node, string Version, string Ledger, bool StorageFull, int Sites, int Devices, int Online, int WarningsActive, long UptimeSeconds, LinkView Link);

public sealed record AuditFindingView(string Fault, string Node, long Number);

public sealed record AuditVerdictView(bool Intact, long Entries, long LostByRestore, IReadOnlyList<AuditFindingView> Findings);

/// <summary>How the service itself is: for people, probes and backups.</summary>
public static class StatusEndpoints
{
    public static void MapStatus(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/healthz", HealthAsync).WithName("health").WithTags("service").Produces(200).Produces(503);
        var group = routes.MapGroup("/api").RequireAuthorization().WithTags("service");
        group.MapGet("/status", StatusAsync).WithName("status").Produces<StatusView>();
        group.MapGet("/audit", AuditAsync).AddEndpointFilter(Needs(Duties.Administrator | Duties.Monitor)).WithName("audit").ProducesProblem(403);
        group.MapGet("/audit/verify", VerifyAsync).AddEndpointFilter(Needs(Duties.Administrator | Duties.Monitor)).WithName("verifyAudit").Produces<AuditVerdictView>().ProducesProblem(403);
        group.MapGet("/backup", BackupAsync).AddEndpointFilter(Needs(Duties.Administrator)).WithName("backup").Produces(200, contentType: "application/octet-stream").ProducesProblem(403).ProducesProblem(507);
    }

    /// <summary>Lets in who has one of the duties; who acted and what is in a backup are not for everybody who signs in.</summary>
    private static Func<EndpointFilterInvocationContext, EndpointFilterDelegate, ValueTask<object?>> Needs(Duties duties) => (context, next) =>
        (context.HttpContext.Caller().Duties & duties) != 0
            ? next(context)
            : ValueTask.FromResult<object?>(Problems.Result(403, "Not allowed", new Problem("person", "duty-missing", $"This needs one of the duties: {duties}.", $"需要以下职责之一：{duties}。")));

    private static async Task<IResult> HealthAsync(LedgerStore ledger, CancellationToken ct)
    {
        try
        {
            await ledger.ProbeAsync(ct); // Anybody may ask, as often as they like: it costs next to nothing.
            return Results.Ok(new { status = "ok" });
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or System.Data.Common.DbException)
        {
            return Results.Json(new { status = "ledger unreachable" }, statusCode: 503);
        }
    }

    private static async Task<IResult> StatusAsync(
        LedgerStore ledger, DirectoryHolder directory, PresenceBoard presence, NodeSessions sessions, LinkCounts link, CloudOptions options, Uptime uptime, TimeProvider clock, CancellationToken ct)
    {
        var now = directory.Current;
        // What only silences is no warning under way, and a device on somebody's bench none that serves: of these the other numbers do not tell either.
        var active = (await ledger.ActiveWarningsAsync(clock.GetUtcNow(), ct)).Count(w => w.Kind != Device.OrderKind.Cancel);
        var serving = now.Devices.Where(d => d.Service == ServiceState.InService).ToArray();
        var online = await presence.OnlineAsync(ct);
        return Results.Ok(new StatusView(
            Lane.Name, options.Node, Lane.Version, options.Ledger.Split(':')[0], ledger.IsStorageLow, now.Sites.Count, serving.Length,
            serving.Count(d => online.Contains(d.Id)), active, (long)uptime.Elapsed.TotalSeconds,
            new LinkView(sessions.Count, link.BadFrames, link.UnknownOrders, link.Retries, link.ReadingsDropped)));
    }

    private static async Task<IResult> AuditAsync(string? node, long? after, int? limit, LedgerStore ledger, CloudOptions options, CancellationToken ct) =>
        Results.Ok(await ledger.AuditEntriesAsync(node ?? options.Node, after ?? 0, Math.Clamp(limit ?? 100, 1, 500), ct));

    private static async Task<IResult> VerifyAsync(LedgerStore ledger, CancellationToken ct)
    {
        var verdict = await ledger.VerifyAuditAsync(ct);
        return Results.Ok(new AuditVerdictView(verdict.Intact, verdict.Entries, verdict.LostByRestore, [.. verdict.Findings.Select(f => new AuditFindingView(Wording.Camel(f.Fault), f.Node, f.Number))]));
    }

    private static async Task<IResult> BackupAsync(HttpContext http, BackupRoom room, CancellationToken ct)
    {
        try
        {
            return Results.Stream(await room.TakeAsync(Actor.Of(http.Caller().Id), ct), "application/octet-stream", "ledger.backup");
        }
        catch (StorageFullException e) // The ledger itself may have all the room that it needs.
        {
            return Problems.Result(507, "No room for a copy", new Problem("storage", "no-room-for-copy", e.Message, "磁盘空间不足以生成备份副本，台账本身不受影响。"));
        }
    }
}

/// <summary>Since when this process serves.</summary>
public sealed class Uptime(TimeProvider clock)
{
    private readonly long _start = clock.GetTimestamp();

    public TimeSpan Elapsed => clock.GetElapsedTime(_start);
}

/// <summary>Which packages this build runs on.</summary>
public static class Lane
{
#if REAL_PACKAGES
    public const string Name = "real";
#else
    public const string Name = "standin";
#endif
    public static string Version { get; } = typeof(Lane).Assembly.GetName().Version!.ToString(3);
}
