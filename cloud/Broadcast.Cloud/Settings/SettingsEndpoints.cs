using Broadcast.Cloud.Accounts;
using Broadcast.Cloud.Http;
using Broadcast.Cloud.Sites;
using Broadcast.Device;
using Broadcast.Ledger;
using Broadcast.Rules;

namespace Broadcast.Cloud.Settings;

/// <summary>What sites shall be like, and what their devices say of it.</summary>
public static class SettingsEndpoints
{
    private const Duties MayChange = Duties.Technician | Duties.Administrator;

    public static void MapSettings(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/sites/{id}/settings").RequireAuthorization().WithTags("settings");
        group.MapGet("/", GetAsync).WithName("getSettings").Produces<SiteSettingsView>().ProducesProblem(404);
        group.MapPut("/", PutAsync).WithName("putSettings").Produces<SiteSettingsView>().ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).ProducesProblem(422);
    }

    private static async Task<IResult> GetAsync(string id, DirectoryHolder holder, LedgerStore ledger, CancellationToken ct) =>
        SiteId.TryParse(id, out var parsed) && holder.Current.Find(parsed) is { } site ? Results.Ok(await ViewAsync(site, holder.Current, ledger, ct)) : Unknown(id);

    private static async Task<IResult> PutAsync(string id, SettingsBody body, HttpContext http, DirectoryHolder holder, LedgerStore ledger, SettingsDesk desk, CancellationToken ct)
    {
        if (!SiteId.TryParse(id, out var parsed) || holder.Current.Find(parsed) is not { } site) return Unknown(id);
        var caller = http.Caller();
        if ((caller.Duties & MayChange) == 0)
            return Problems.Result(403, "Not allowed", new Problem("person", "duty-missing", "Changing settings needs the duty of a technician or an administrator.", "修改设置需要技术员或管理员职责。"));
        if (!caller.Region.Contains(site.Village))
            return Problems.Result(403, "Not allowed", new Problem("id", "outside-region", $"Site {id} lies outside the region of {caller.Name}.", $"站点 {id} 不在本人管辖范围内。"));
        var problems = new List<Problem>();
        var settings = body.Read(problems);
        if (body.BasedOn is not (>= 0 and < int.MaxValue)) problems.Add(new Problem("basedOn", "missing", "Say which revision this changes; 0 for the first.", "请给出所基于的版本号（首次为 0）。"));
        if (problems.Count > 0) return Problems.Result(422, "The settings cannot be used", problems);
        if (await ledger.PutSettingsAsync(site.Id, body.BasedOn!.Value, settings, Actor.Of(caller.Id), ct) is not { } desired)
            return Problems.Result(409, "Somebody else was first", new Problem("basedOn", "not-newest", "The settings have changed since; read them again.", "设置已被他人修改，请重新读取。"));
        if (holder.Current.Serving(site.Id) is { } device) await desk.SendAsync(device.Id, desired);
        return Results.Ok(await ViewAsync(site, holder.Current, ledger, ct));
    }

    private static async Task<SiteSettingsView> ViewAsync(Site site, SiteDirectory directory, LedgerStore ledger, CancellationToken ct)
    {
        var desired = await ledger.DesiredSettingsAsync(site.Id, ct);
        var reported = directory.Serving(site.Id) is { } device ? await ledger.ReportedSettingsAsync(device.Id, ct) : null;
        var state = desired is null ? "none" : reported is null || reported.Judged != desired.Revision ? "waiting" : reported.Refusal == SettingsRefusal.None ? "inForce" : "refused";
        return new SiteSettingsView(
            site.Id.Value, desired is null ? null : DesiredView.Of(desired),
            reported is null ? null : new ReportedView(reported.Device.Value, reported.InForce, reported.Judged, reported.Refusal == SettingsRefusal.None ? null : Wording.Camel(reported.Refusal), reported.At),
            state);
    }

    private static IResult Unknown(string id) => Problems.Result(404, "No such site", new Problem("id", "unknown-site", $"No site has the id {id}.", $"没有编号为 {id} 的站点。"));
}
