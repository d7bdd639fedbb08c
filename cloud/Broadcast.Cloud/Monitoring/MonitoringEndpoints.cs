using System.Globalization;
using Broadcast.Cloud.Http;
using Broadcast.Cloud.Sites;
using Broadcast.Cloud.Warnings;
using Broadcast.Device;
using Broadcast.Ledger;
using Broadcast.Rules;

namespace Broadcast.Cloud.Monitoring;

/// <summary>What sites measure and raise by themselves. Read-only.</summary>
public static class MonitoringEndpoints
{
    private const int PageMax = 1_000;
    private static readonly TimeSpan SeriesDefault = TimeSpan.FromDays(1);
    private static readonly TimeSpan AlarmsDefault = TimeSpan.FromDays(30);

    public static void MapMonitoring(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api").RequireAuthorization().WithTags("monitoring");
        group.MapGet("/readings", LatestAsync).WithName("latestReadings").Produces<SiteReadingView[]>().ProducesProblem(422);
        group.MapGet("/sites/{id}/readings", SeriesAsync).WithName("siteReadings").Produces<PageView<ReadingView>>().ProducesProblem(404).ProducesProblem(422);
        group.MapGet("/alarms", AlarmsAsync).WithName("listAlarms").Produces<AlarmsView>().ProducesProblem(422);
        group.MapGet("/alarms/{id:long}", AlarmAsync).WithName("getAlarm").Produces<AlarmDetailView>().ProducesProblem(404);
        group.MapGet("/alarms/stream", AlarmStream.WriteAsync).WithName("watchAlarms").Produces(200, contentType: "text/event-stream").ProducesProblem(422).ProducesProblem(429);
    }

    private static async Task<IResult> LatestAsync(string? region, DirectoryHolder holder, LedgerStore ledger, TimeProvider clock, CancellationToken ct)
    {
        var directory = holder.Current;
        if (!TryRegion(region, directory, out var within, out var problem)) return problem!;
        var rain = await ledger.RainAsync(within, clock.GetUtcNow(), ct);
        var views = new List<SiteReadingView>();
        // A site that two devices have served has the reading of the later one.
        foreach (var latest in (await ledger.LatestReadingsAsync(within, ct)).Where(r => r.Site is not null).GroupBy(r => r.Site!.Value).Select(g => g.MaxBy(r => r.At)!))
        {
            if (directory.Find(latest.Site!.Value) is not { } site) continue;
            views.Add(new SiteReadingView(site.Id.Value, site.Name, site.Village.Code, directory.Find(site.Village.Code)?.Name ?? "", latest.Device.Value, ReadingView.Of(latest),
                rain.TryGetValue(site.Id, out var sums) ? RainView.Of(sums) : null));
        }

        return Results.Ok(views);
    }

    private static async Task<IResult> SeriesAsync(
        string id, DateTimeOffset? from, DateTimeOffset? to, long? after, int? limit, DirectoryHolder holder, LedgerStore ledger, TimeProvider clock, CancellationToken ct)
    {
        if (!SiteId.TryParse(id, out var parsed) || holder.Current.Find(parsed) is not { } site)
            return Problems.Result(404, "No such site", new Problem("id", "unknown-site", $"No site has the id {id}.", $"没有编号为 {id} 的站点。"));
        var until = (to ?? clock.GetUtcNow()).ToUniversalTime();
        var since = from ?? (until - DateTimeOffset.MinValue > SeriesDefault ? until - SeriesDefault : until); // The calendar begins somewhere, and what a client sends may lie there.
        if (since >= until) return Problems.Result(422, "Not a time", new Problem("from", "not-before-to", "'from' must lie before 'to'.", "起始时间必须早于结束时间。"));
        var page = await ledger.ReadingsAsync(site.Id, site.Village, since, until, after, Math.Clamp(limit ?? PageMax, 1, PageMax), ct);
        return Results.Ok(new PageView<ReadingView>([.. page.Items.Select(ReadingView.Of)], page.Next));
    }

    private static async Task<IResult> AlarmsAsync(
        string? region, DateTimeOffset? from, string? before, bool? active, int? limit, DirectoryHolder holder, LedgerStore ledger, TimeProvider clock, CancellationToken ct)
    {
        var directory = holder.Current;
        if (!TryRegion(region, directory, out var within, out var problem)) return problem!;
        AlarmMark? mark = null;
        if (before is not null && (mark = ReadMark(before)) is null)
            return Problems.Result(422, "Not a page", new Problem("before", "not-a-mark", "Hand in what the page before gave as 'next'.", "请使用上一页返回的 next。"));
        var (alarms, next) = await ledger.AlarmsAsync(within, from ?? clock.GetUtcNow() - AlarmsDefault, mark, Math.Clamp(limit ?? 100, 1, PageMax), active ?? false, ct);
        return Results.Ok(new AlarmsView([.. alarms.Select(a => AlarmView.Of(a, directory))], next is { } n ? FormattableString.Invariant($"{n.AtMs}.{n.Id}") : null));
    }

    private static async Task<IResult> AlarmAsync(long id, DirectoryHolder holder, LedgerStore ledger, CancellationToken ct)
    {
        if ((await ledger.AlarmsSinceAsync(id - 1, 1, ct)).FirstOrDefault(a => a.Id == id) is not { } alarm)
            return Problems.Result(404, "No such alarm", new Problem("id", "unknown-alarm", "There is no such alarm.", "没有该告警。"));
        var receipts = alarm.Alarm.Said is { } said ? await ledger.AlarmReceiptsAsync(alarm.Device, said, ct) : [];
        return Results.Ok(new AlarmDetailView(AlarmView.Of(alarm, holder.Current), [.. receipts.Select(ViewOf)]));
    }

    private static AlarmReceiptView ViewOf(KeptReceipt kept)
    {
        var r = kept.Receipt;
        string? reason = r.Reason == 0 ? null : r.State switch
        {
            ReceiptState.Refused => Wording.Camel((Refusal)r.Reason),
            ReceiptState.Failed or ReceiptState.Interrupted => Wording.Camel((Failure)r.Reason),
            ReceiptState.Stopped => Wording.Camel((StopReason)r.Reason),
            _ => null,
        };
        return new(Wording.Camel(r.State), reason, r.Attempt, r.Clock == ClockQuality.Unknown ? null : DateTimeOffset.FromUnixTimeMilliseconds(r.AtMs), kept.Committed,
            r.State == ReceiptState.Played ? Wording.Camel(OrderLife.SoundOf(OrderState.Played, r.Reason)) : null);
    }

    internal static bool TryRegion(string? code, SiteDirectory directory, out Region? region, out IResult? problem)
    {
        var found = code is null ? null : directory.Find(code);
        region = found?.Region;
        problem = code is null || found is not null
            ? null
            : Problems.Result(422, "Unknown region", new Problem("region", "unknown-region", $"No region has the code {code}.", $"没有代码为 {code} 的行政区。"));
        return problem is null;
    }

    private static AlarmMark? ReadMark(string text)
    {
        var parts = text.Split('.');
        return parts.Length == 2 && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var at) && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? new AlarmMark(at, id)
            : null;
    }
}
