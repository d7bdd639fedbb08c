using Broadcast.Cloud.Accounts;
using Broadcast.Cloud.Http;
using Broadcast.Cloud.Monitoring;
using Broadcast.Cloud.Sites;
using Broadcast.Ledger;
using Broadcast.Rules;
using Microsoft.AspNetCore.Mvc;

namespace Broadcast.Cloud.Warnings;

/// <summary>One page of a long list; hand <paramref name="Next"/> in to get the next one, null at the end.</summary>
public sealed record PageView<T>(IReadOnlyList<T> Items, long? Next);

/// <param name="Sound">
/// Of an order that was played, what measured it: notMeasured, amplifierDriven or microphoneHeard (verified audible), amplifierSilent or
/// microphoneSilent (measured, and too little). Null before it was played.
/// </param>
public sealed record OrderView(
    string Site, string Name, string VillageCode, string Device, int Revision, string Kind, string State, string? Reason, int Attempt, bool Online, string? Sound);

public sealed record RegionCountsView(string Code, string Level, string Name, int Targets, IReadOnlyDictionary<string, int> Counts, SoundCounts Sound);

/// <summary>The doors for warnings. Each reads, asks the desk, and writes; nothing is decided here.</summary>
public static class WarningEndpoints
{
    private const int PageMax = 500;

    public static void MapWarnings(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/warnings").RequireAuthorization().WithTags("warnings");
        group.MapPost("/", (WarningBody body, HttpContext http, WarningDesk desk, CancellationToken ct) => DraftAsync(body, null, http, desk, ct))
            .WithName("draftWarning").Produces<RevisionView>(201).ProducesProblem(422).ProducesProblem(403);
        group.MapPost("/{id}/updates", (string id, WarningBody body, HttpContext http, WarningDesk desk, CancellationToken ct) => DraftAsync(body, id, http, desk, ct))
            .WithName("draftUpdate").Produces<RevisionView>(201).ProducesProblem(422).ProducesProblem(403).ProducesProblem(409);
        foreach (var act in new[] { WarningAct.Submit, WarningAct.Approve, WarningAct.Reject, WarningAct.Withdraw })
        {
            group.MapPost($"/{{id}}/{Wording.Camel(act)}", (string id, int? revision, HttpContext http, WarningDesk desk, CancellationToken ct) => ActAsync(act, id, revision, http, desk, ct))
                .WithName($"{Wording.Camel(act)}Warning").Produces<RevisionView>().ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);
        }

        group.MapPost("/{id}/release", ReleaseAsync).WithName("releaseWarning").Produces<ReleaseView>()
            .ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).ProducesProblem(422).ProducesProblem(507);
        group.MapPost("/{id}/cancel", CancelAsync).WithName("cancelWarning").Produces<ReleaseView>()
            .ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);
        group.MapGet("/", ListAsync).WithName("listWarnings").Produces<PageView<RevisionView>>();
        group.MapGet("/{id}", GetAsync).WithName("getWarning").Produces<WarningView>().ProducesProblem(404);
        group.MapGet("/{id}/orders", OrdersAsync).WithName("listOrders").Produces<PageView<OrderView>>();
        group.MapGet("/{id}/counts", CountsAsync).WithName("countByRegion").Produces<RegionCountsView[]>();
        group.MapGet("/{id}/progress", ProgressStream.WriteAsync).WithName("watchWarning").Produces(200, contentType: "text/event-stream");
    }

    internal static IResult NotFound() => Problems.Result(404, "No such warning", new Problem("id", "unknown-warning", "There is no such warning.", "没有该预警。"));

    private static async Task<IResult> DraftAsync(WarningBody body, string? updated, HttpContext http, WarningDesk desk, CancellationToken ct)
    {
        WarningId? id = null;
        if (updated is not null)
        {
            if (!WarningId.TryParse(updated, out var parsed)) return NotFound();
            id = parsed;
        }

        var answer = await desk.DraftAsync(http.Caller(), body, id, ct);
        return answer.Warning is { } w
            ? Results.Created($"/api/warnings/{w.Id}", RevisionView.Of(w))
            : Problems.Result(answer.Status, "The warning was not taken", answer.Problems);
    }

    private static async Task<IResult> ActAsync(WarningAct act, string id, int? revision, HttpContext http, WarningDesk desk, CancellationToken ct)
    {
        if (!WarningId.TryParse(id, out var parsed)) return NotFound();
        var answer = await desk.ActAsync(http.Caller(), parsed, revision, act, ct);
        return answer.Warning is { } w ? Results.Ok(RevisionView.Of(w)) : Problems.Result(answer.Status, $"Not done: {Wording.Camel(act)}", answer.Problems);
    }

    private static async Task<IResult> ReleaseAsync(
        string id, int? revision, [FromHeader(Name = "Idempotency-Key")] string? key, HttpContext http, WarningDesk desk, TimeProvider clock, CancellationToken ct)
    {
        if (!WarningId.TryParse(id, out var parsed)) return NotFound();
        var answer = await desk.ReleaseAsync(http.Caller(), parsed, revision, key, ct);
        if (answer.Commit is { } commit) http.Response.Headers["Server-Timing"] = ServerTiming(clock.GetElapsedTime(http.ArrivedAt(), commit.Done), clock.GetElapsedTime(commit.Asked, commit.Done), commit.Done);
        return answer.View is { } view ? Results.Ok(view) : Problems.Result(answer.Status, "Not released", answer.Problems);
    }

    /// <summary>
    /// How long the release took from the request's arrival to its commit, and the commit's own part of it (W3C Server Timing); it stands in the
    /// browser's tools. <c>ticks</c> is the moment of the commit by the machine's monotonic clock, for who measures on the same machine.
    /// </summary>
    private static string ServerTiming(TimeSpan release, TimeSpan commit, long ticks) =>
        FormattableString.Invariant($"release;dur={release.TotalMilliseconds:0.###}, commit;dur={commit.TotalMilliseconds:0.###};ticks={ticks}");

    private static async Task<IResult> CancelAsync(
        string id, CancelBody? body, [FromHeader(Name = "Idempotency-Key")] string? key, HttpContext http, WarningDesk desk, CancellationToken ct)
    {
        if (!WarningId.TryParse(id, out var parsed)) return NotFound();
        var answer = await desk.CancelAsync(http.Caller(), parsed, key, body?.Reason, ct);
        return answer.View is { } view ? Results.Ok(view) : Problems.Result(answer.Status, "Not cancelled", answer.Problems);
    }

    private static async Task<IResult> ListAsync(int? limit, long? before, LedgerStore ledger, CancellationToken ct)
    {
        var page = await ledger.ListWarningsAsync(before, Math.Clamp(limit ?? 50, 1, PageMax), ct);
        return Results.Ok(new PageView<RevisionView>([.. page.Items.Select(RevisionView.Of)], page.Next));
    }

    private static async Task<IResult> GetAsync(string id, LedgerStore ledger, CancellationToken ct)
    {
        if (!WarningId.TryParse(id, out var parsed)) return NotFound();
        var revisions = await ledger.GetWarningAsync(parsed, ct);
        return revisions.Count == 0
            ? NotFound()
            : Results.Ok(new WarningView(parsed.ToString(), RevisionView.Of(revisions[^1]), [.. revisions.Select(RevisionView.Of)]));
    }

    private static async Task<IResult> OrdersAsync(
        string id, int? revision, string? state, string? region, long? after, int? limit, LedgerStore ledger, DirectoryHolder holder, PresenceBoard presence, CancellationToken ct)
    {
        if (!WarningId.TryParse(id, out var parsed) || (await ledger.GetWarningAsync(parsed, ct)).LastOrDefault(r => r.Released is not null && (revision is null || r.Revision == revision)) is not { } warning)
            return NotFound();
        OrderState? wanted = Wording.TryRead<OrderState>(state, out var read) ? read : null;
        if (state is not null && wanted is null)
            return Problems.Result(422, "Unknown state", new Problem("state", "unknown-state", $"Expected one of {string.Join(", ", Enum.GetValues<OrderState>().Select(Wording.Camel))}.", "未知状态。"));
        var directory = holder.Current;
        var within = region is null ? null : directory.Find(region);
        if (region is not null && within is null)
            return Problems.Result(422, "Unknown region", new Problem("region", "unknown-region", $"No region has the code {region}.", $"没有代码为 {region} 的行政区。"));
        var page = await ledger.OrdersAsync(parsed, warning.Revision, after, Math.Clamp(limit ?? PageMax, 1, PageMax), wanted, within?.Region, ct);
        var online = await presence.OnlineAsync(ct);
        return Results.Ok(new PageView<OrderView>([.. page.Items.Select(o => ViewOf(o, directory, online))], page.Next));
    }

    private static OrderView ViewOf(OrderRecord o, SiteDirectory directory, IReadOnlySet<DeviceId> online) => new(
        o.Site.Value, directory.Find(o.Site)?.Name ?? o.Site.Value, o.Village.Code, o.Device.Value, o.Revision, Wording.Camel(o.Kind),
        Wording.Camel(o.State), Reasons.Of(o.State, o.Reason), o.Attempt, online.Contains(o.Device), Reasons.SoundOf(o.State, o.Reason));

    private static async Task<IResult> CountsAsync(string id, int? revision, string? parent, LedgerStore ledger, DirectoryHolder holder, CancellationToken ct)
    {
        if (!WarningId.TryParse(id, out var parsed) || (await ledger.GetWarningAsync(parsed, ct)).LastOrDefault(r => r.Released is not null && (revision is null || r.Revision == revision)) is not { } warning)
            return NotFound();
        var directory = holder.Current;
        var top = parent is null ? directory.Find(warning.Issuer.Code) : directory.Find(parent);
        if (top is null) return Problems.Result(422, "Unknown region", new Problem("parent", "unknown-region", $"No region has the code {parent}.", $"没有代码为 {parent} 的行政区。"));
        var counts = await ledger.CountsByRegionAsync(parsed, warning.Revision, top.Region, ct);
        return Results.Ok(counts.OrderBy(c => c.Key.Code, StringComparer.Ordinal).Select(c => CountsOf(c.Key, c.Value, warning.Kind, directory)).Where(c => c.Targets > 0));
    }

    // As in the progress: whom an update leaves out is told to stop, and is no target of it.
    private static RegionCountsView CountsOf(Region region, OrderCounts of, Device.OrderKind kind, SiteDirectory directory)
    {
        var silences = kind == Device.OrderKind.Cancel;
        var counts = Enum.GetValues<OrderState>().ToDictionary(Wording.Camel, s => silences ? of.Silencing(s) : of[s]);
        return new(region.Code, Wording.Camel(region.Level), directory.Find(region.Code)?.Name ?? region.Code, counts.Values.Sum(), counts, SoundCounts.Of(of));
    }
}

/// <summary>Why an order stands where it stands, in a word; null where the state says it all.</summary>
public static class Reasons
{
    public static string? Of(OrderState state, byte reason) => reason == 0 ? null : state switch
    {
        OrderState.Refused => Wording.Camel((Device.Refusal)reason),
        OrderState.Failed or OrderState.Interrupted => Wording.Camel((Device.Failure)reason),
        OrderState.Stopped => Wording.Camel((Device.StopReason)reason),
        _ => null,
    };

    /// <summary>What measured an order that was played; null before. Played says that the device went to the end, not that anybody could hear it (R6).</summary>
    public static string? SoundOf(OrderState state, byte reason) => state == OrderState.Played ? Wording.Camel(OrderLife.SoundOf(state, reason)) : null;
}
