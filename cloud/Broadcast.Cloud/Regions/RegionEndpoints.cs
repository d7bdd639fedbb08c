using Broadcast.Cloud.Http;
using Broadcast.Cloud.Monitoring;
using Broadcast.Cloud.Sites;
using Broadcast.Rules;

namespace Broadcast.Cloud.Regions;

public sealed record RegionChildView(string Code, string Level, string Name, int Sites, int Devices, int Online);

public sealed record RegionDetailView(
    string Code, string Level, string Name, IReadOnlyList<string> Path, int Sites, int Devices, int Online, IReadOnlyList<RegionChildView> Children);

public sealed record SiteView(
    string Id, string Name, string VillageCode, string VillageName, double Latitude, double Longitude, string? ResourceCode, string? Device, bool Online);

public sealed record VillageView(string Code, string Name, int Sites);

/// <summary>The area of a warning that is not written yet.</summary>
public sealed record TargetsBody(AreaBody? Area);

public sealed record TargetsView(int Count, IReadOnlyList<VillageView> Villages, IReadOnlyList<SiteView> Sites, IReadOnlyList<SiteView> Unserved);

/// <summary>The tree, its sites, and what an area would come to. Read-only.</summary>
public static class RegionEndpoints
{
    public static void MapRegions(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api").RequireAuthorization().WithTags("regions");
        group.MapGet("/regions/{code}", RegionAsync).WithName("getRegion").Produces<RegionDetailView>().ProducesProblem(404);
        group.MapGet("/sites", SitesAsync).WithName("listSites").Produces<SiteView[]>().ProducesProblem(422);
        group.MapPost("/targets", TargetsAsync).WithName("resolveTargets").Produces<TargetsView>().ProducesProblem(422);
    }

    private static async Task<IResult> RegionAsync(string code, DirectoryHolder holder, PresenceBoard presence, CancellationToken ct)
    {
        var directory = holder.Current;
        if (directory.Find(code) is not { } found) return Unknown(404, "code", code);
        var (whole, children) = await presence.CountAsync(found.Region, ct);
        var path = directory.Regions.Where(r => r.Region.Level <= found.Region.Level && r.Region.Contains(found.Region)).OrderBy(r => r.Region.Level).Select(r => r.Name);
        return Results.Ok(new RegionDetailView(
            code, Wording.Camel(found.Region.Level), found.Name, [.. path], whole.Sites, whole.Devices, whole.Online,
            [.. directory.Children(found.Region).Select(c => ChildOf(c, children.GetValueOrDefault(c.Region)))]));
    }

    private static RegionChildView ChildOf(NamedRegion region, PresenceCount count) =>
        new(region.Region.Code, Wording.Camel(region.Region.Level), region.Name, count.Sites, count.Devices, count.Online);

    private static async Task<IResult> SitesAsync(string? region, DirectoryHolder holder, PresenceBoard presence, CancellationToken ct)
    {
        var directory = holder.Current;
        var within = region is null ? null : directory.Find(region);
        if (region is not null && within is null) return Unknown(422, "region", region);
        var online = await presence.OnlineAsync(ct);
        return Results.Ok(directory.Sites.Where(s => within is null || within.Region.Contains(s.Village)).Select(s => SiteOf(s, directory, online)));
    }

    private static async Task<IResult> TargetsAsync(TargetsBody body, DirectoryHolder holder, PresenceBoard presence, CancellationToken ct)
    {
        var directory = holder.Current;
        var problems = new List<Problem>();
        var area = AreaBody.Read(body.Area, problems);
        var resolution = problems.Count > 0 ? null : Targeting.Resolve(area, directory);
        problems.AddRange(resolution?.Problems ?? []);
        if (problems.Count > 0) return Problems.Result(422, "The area cannot be used", problems);
        var online = await presence.OnlineAsync(ct);
        return Results.Ok(new TargetsView(
            resolution!.Targets.Count,
            [.. resolution.Targets.GroupBy(t => t.Village).OrderBy(g => g.Key.Code, StringComparer.Ordinal).Select(g => new VillageView(g.Key.Code, directory.Find(g.Key.Code)?.Name ?? "", g.Count()))],
            [.. resolution.Targets.Select(t => SiteOf(directory.Find(t.Site)!, directory, online))],
            [.. resolution.Unserved.Select(s => SiteOf(s, directory, online))]));
    }

    private static SiteView SiteOf(Site site, SiteDirectory directory, IReadOnlySet<DeviceId> online)
    {
        var device = directory.Serving(site.Id);
        return new(site.Id.Value, site.Name, site.Village.Code, directory.Find(site.Village.Code)?.Name ?? "", site.Latitude, site.Longitude,
            site.ResourceCode, device?.Id.Value, device is not null && online.Contains(device.Id));
    }

    private static IResult Unknown(int status, string field, string code) =>
        Problems.Result(status, "No such region", new Problem(field, "unknown-region", $"No region has the code {code}.", $"没有代码为 {code} 的行政区。"));
}
