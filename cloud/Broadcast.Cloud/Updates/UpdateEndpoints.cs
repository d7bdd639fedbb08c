using System.Security.Cryptography;
using System.Text.Json;
using Broadcast.Cloud.Accounts;
using Broadcast.Cloud.Audio;
using Broadcast.Cloud.Http;
using Broadcast.Cloud.Sites;
using Broadcast.Ledger;
using Broadcast.Link.Update;
using Broadcast.Rules;
using Microsoft.AspNetCore.Http.Features;

namespace Broadcast.Cloud.Updates;

/// <summary>Programs of gateways: an administrator brings a package and wants it of sites; the gateways ask, fetch it, and say what became of it.</summary>
public static class UpdateEndpoints
{
    private const int CheckBytesMax = 2_048;
    private const int WhyCharsMax = 200;

    /// <summary>Wishes that a ledger may have forgotten which was put back to a backup. The next wish goes above what a device says: one that said more would end all wishes of its site.</summary>
    private const int ForgottenMax = 10_000;

    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { MaxDepth = 4 };

    public static void MapUpdates(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/updates").WithTags("updates");
        group.MapPost("/", BringAsync).RequireAuthorization().WithName("bringUpdate").Produces<PackageView>(201).ProducesProblem(403).ProducesProblem(413).ProducesProblem(422);
        group.MapGet("/", (UpdateShelf shelf) => Results.Ok(shelf.All().Select(PackageView.Of))).RequireAuthorization().WithName("listUpdates").Produces<PackageView[]>();
        // Two ways in for these, and the framework knows only one of them: the handlers ask.
        group.MapGet("/{hash}", Fetch).AllowAnonymous().WithName("fetchUpdate").Produces(200, null, "application/octet-stream").Produces(206, null, "application/octet-stream").ProducesProblem(401).ProducesProblem(404);
        group.MapPost("/check", CheckAsync).AllowAnonymous().WithName("checkUpdate").Produces<UpdateWanted>().ProducesProblem(401).ProducesProblem(422);
        var sites = routes.MapGroup("/api/sites/{id}/update").RequireAuthorization().WithTags("updates");
        sites.MapGet("/", GetAsync).WithName("getSiteUpdate").Produces<SiteUpdateView>().ProducesProblem(404);
        sites.MapPut("/", PutAsync).WithName("putSiteUpdate").Produces<SiteUpdateView>().ProducesProblem(403).ProducesProblem(404).ProducesProblem(422);
    }

    private static async Task<IResult> BringAsync(HttpContext http, UpdateShelf shelf, CancellationToken ct)
    {
        if (!MayUpdate(http)) return NotAllowed();
        if (http.Request.ContentLength > UpdatePackage.BytesMax) return Problems.Result(413, "The package was not taken", TooLarge);
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = UpdatePackage.BytesMax + 1L;
        return await shelf.BringAsync(http.Request.Body, Actor.Of(http.Caller().Id), ct) is { } package
            ? Results.Created($"/api/updates/{package.Hash}", PackageView.Of(package))
            : Problems.Result(422, "The package was not taken", new Problem("package", "no-package", "This is no whole package of a gateway's program; make one with ./broadcast update sign.", "不是完整的终端程序包，请用 ./broadcast update sign 制作。"));
    }

    private static IResult Fetch(string hash, HttpContext http, UpdateShelf shelf, DeviceTickets tickets)
    {
        var named = AudioHash.TryParse(hash, out var name);
        var mayHave = http.User.Identity is { IsAuthenticated: true } || (named && tickets.Read(http.Request.Headers.Authorization, name.ToWire()) is not null);
        if (!mayHave) return Problems.Result(401, "Not allowed", new Problem("Authorization", "ticket-needed", "A bearer token, or a device's ticket for this package, is needed.", "需要登录令牌或终端凭据。"));
        return shelf.Find(hash) is { } package ? Results.File(shelf.PathOf(package.Hash), "application/octet-stream", enableRangeProcessing: true) : UnknownPackage("hash", 404);
    }

    /// <summary>A gateway says where it is; the answer is what is wanted of it. Its ticket names the hash of what it says, so that nobody says it for it.</summary>
    private static async Task<IResult> CheckAsync(HttpContext http, DeviceTickets tickets, DirectoryHolder holder, LedgerStore ledger, TimeProvider clock, CancellationToken ct)
    {
        if (http.Request.ContentLength is not (> 0 and <= CheckBytesMax)) return Problems.Result(422, "Not understood", Unreadable);
        var said = new byte[(int)http.Request.ContentLength];
        await http.Request.Body.ReadExactlyAsync(said, ct);
        if (tickets.Read(http.Request.Headers.Authorization, SHA256.HashData(said)) is not { } device)
            return Problems.Result(401, "Not allowed", new Problem("Authorization", "ticket-needed", "A device's ticket for these bytes is needed.", "需要终端凭据。"));
        var desired = holder.Current.Find(device.Site) is { } site ? await ledger.DesiredUpdateAsync(site.Id, ct) : null;
        if (Read(said) is not { } state || state.Revision > (desired?.Revision ?? 0L) + ForgottenMax) return Problems.Result(422, "Not understood", Unreadable);
        await ledger.PutUpdateStateAsync(new ReportedUpdate(device.Id, state.Revision, (int)state.Stage, state.Why, state.Version, state.Number, state.Target, state.Bytes, clock.GetUtcNow()), ct);
        return Results.Ok(desired is null ? new UpdateWanted(0, "", 0) : new UpdateWanted(desired.Revision, desired.Package, desired.Bytes));
    }

    /// <summary>What a gateway says of its program; null where that is not what these bytes are.</summary>
    public static UpdateSaid? Read(ReadOnlySpan<byte> said)
    {
        try
        {
            var state = JsonSerializer.Deserialize<UpdateSaid>(said, Format);
            return state is { Version.Length: > 0 and <= UpdateManifest.VersionCharsMax, Target.Length: > 0 and <= UpdateManifest.VersionCharsMax, Why.Length: <= WhyCharsMax, Revision: >= 0, Number: >= 0, Bytes: >= 0 }
                && Enum.IsDefined(state.Stage) && !state.Why.Any(char.IsControl) && !state.Version.Any(char.IsControl) && !state.Target.Any(char.IsControl) ? state : null;
        }
        catch (JsonException)
        {
            return null; // Whoever holds the device's key and writes this is told so.
        }
    }

    private static async Task<IResult> GetAsync(string id, DirectoryHolder holder, LedgerStore ledger, CancellationToken ct) =>
        SiteId.TryParse(id, out var parsed) && holder.Current.Find(parsed) is { } site ? Results.Ok(await ViewAsync(site, holder.Current, ledger, ct)) : UnknownSite(id);

    private static async Task<IResult> PutAsync(string id, UpdateBody body, HttpContext http, DirectoryHolder holder, UpdateShelf shelf, LedgerStore ledger, CancellationToken ct)
    {
        if (!SiteId.TryParse(id, out var parsed) || holder.Current.Find(parsed) is not { } site) return UnknownSite(id);
        if (!MayUpdate(http)) return NotAllowed();
        if (!http.Caller().Region.Contains(site.Village))
            return Problems.Result(403, "Not allowed", new Problem("id", "outside-region", $"Site {id} lies outside the region of {http.Caller().Name}.", $"站点 {id} 不在本人管辖范围内。"));
        if (body.Package is null || shelf.Find(body.Package) is not { } package) return UnknownPackage("package", 422);
        await ledger.PutUpdateAsync(site.Id, package.Hash, package.Bytes, package.Manifest.Version, Actor.Of(http.Caller().Id), ct);
        return Results.Ok(await ViewAsync(site, holder.Current, ledger, ct));
    }

    private static async Task<SiteUpdateView> ViewAsync(Site site, SiteDirectory directory, LedgerStore ledger, CancellationToken ct)
    {
        var desired = await ledger.DesiredUpdateAsync(site.Id, ct);
        var reported = directory.Serving(site.Id) is { } device ? await ledger.ReportedUpdateAsync(device.Id, ct) : null;
        var state = desired is null ? "none" : reported is null || reported.Revision != desired.Revision ? "waiting" : Wording.Camel((UpdateStage)reported.Stage);
        return new SiteUpdateView(site.Id.Value, desired is null ? null : DesiredUpdateView.Of(desired), reported is null ? null : ReportedUpdateView.Of(reported), state);
    }

    private static bool MayUpdate(HttpContext http) => (http.Caller().Duties & Duties.Administrator) != 0;

    private static readonly Problem TooLarge = new("package", "too-large", $"A package has at most {UpdatePackage.BytesMax} bytes.", $"程序包最多 {UpdatePackage.BytesMax} 字节。");

    private static readonly Problem Unreadable = new("body", "unreadable", "Not what a gateway says of its program.", "无法解析终端上报内容。");

    private static IResult NotAllowed() => Problems.Result(403, "Not allowed", new Problem("person", "duty-missing", "Programs of gateways need the duty of an administrator.", "更新终端程序需要管理员职责。"));

    private static IResult UnknownPackage(string field, int status) => Problems.Result(status, "No such package", new Problem(field, "unknown-package", "There is no package of this hash; bring it first.", "没有该程序包，请先上传。"));

    private static IResult UnknownSite(string id) => Problems.Result(404, "No such site", new Problem("id", "unknown-site", $"No site has the id {id}.", $"没有编号为 {id} 的站点。"));
}
