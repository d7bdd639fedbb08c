using Broadcast.Cloud.Accounts;
using Broadcast.Cloud.Http;
using Broadcast.Cloud.Link;
using Broadcast.Cloud.Monitoring;
using Broadcast.Cloud.Sites;
using Broadcast.Device;
using Broadcast.Ledger;
using Broadcast.Rules;

namespace Broadcast.Cloud.Townships;

/// <summary>Whom a township's Pi shall carry.</summary>
/// <param name="Children">Devices, complete: who is left out is no child any more, and every key for it is revoked.</param>
/// <param name="Delegated">Whether the Pi may say local alarms and notices to them. False revokes every key that it was given.</param>
public sealed record ChildrenBody(string[]? Children, bool? Delegated);

/// <param name="Online">Whether it has a session now.</param>
/// <param name="Through">Whether that session comes through its Pi.</param>
/// <param name="RevokedUpTo">Delegated keys of before that time are refused by it, once it has heard of it.</param>
public sealed record ChildView(string Device, string Site, string? SiteName, string? VillageCode, bool Online, bool Through, DateTimeOffset? RevokedUpTo);

/// <param name="DelegatedUntil">When its keys are good for nothing any more; null where nothing is delegated.</param>
public sealed record TownshipView(string Parent, bool Online, DateTimeOffset? DelegatedUntil, IReadOnlyList<ChildView> Children);

/// <summary>What a child said of an order of its Pi, of its own page, or of its talk button (ordered by <c>talk-button</c>).</summary>
/// <param name="At">By its own clock; of the commit where it did not know the time.</param>
public sealed record LocalOrderView(string Device, string OrderedBy, string Class, string Warning, string State, byte Reason, int Attempt, DateTimeOffset At, bool IsTrueTime, DateTimeOffset Committed);

/// <summary>Townships: who carries whom.</summary>
public static class TownshipEndpoints
{
    private const Duties MayChange = Duties.Technician | Duties.Administrator;
    private const int ReceiptsMax = 1_000;

    public static void MapTownships(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/devices/{id}").RequireAuthorization().WithTags("townships");
        group.MapGet("/children", GetAsync).WithName("getChildren").Produces<TownshipView>().ProducesProblem(404);
        group.MapPut("/children", PutAsync).WithName("putChildren").Produces<TownshipView>().ProducesProblem(403).ProducesProblem(404).ProducesProblem(422);
        group.MapGet("/local-orders", LocalOrdersAsync).WithName("getLocalOrders").Produces<LocalOrderView[]>().ProducesProblem(404);
    }

    private static async Task<IResult> GetAsync(string id, DirectoryHolder holder, LedgerStore ledger, NodeSessions sessions, PresenceBoard presence, CancellationToken ct) =>
        TryFind(id, holder.Current, out var parent) ? Results.Ok(await ViewAsync(parent, holder.Current, ledger, sessions, presence, ct)) : Unknown(id);

    private static async Task<IResult> PutAsync(
        string id, ChildrenBody body, HttpContext http, DirectoryHolder holder, LedgerStore ledger, TownshipDesk desk, NodeSessions sessions, PresenceBoard presence, CancellationToken ct)
    {
        var directory = holder.Current;
        if (!TryFind(id, directory, out var parent)) return Unknown(id);
        var caller = http.Caller();
        if ((caller.Duties & MayChange) == 0)
            return Problems.Result(403, "Not allowed", new Problem("person", "duty-missing", "Saying who carries whom needs the duty of a technician or an administrator.", "设置乡镇网关需要技术员或管理员职责。"));
        if (directory.Find(parent.Site) is not { } site || !caller.Region.Contains(site.Village))
            return Problems.Result(403, "Not allowed", new Problem("id", "outside-region", $"Device {id} lies outside the region of {caller.Name}.", $"终端 {id} 不在本人管辖范围内。"));
        if (Outside(body, parent, directory, caller.Region) is { } outside)
            return Problems.Result(403, "Not allowed", new Problem("children", "outside-region", $"Device {outside} lies outside the region of {caller.Name}.", $"终端 {outside} 不在本人管辖范围内。"));
        var problems = new List<Problem>();
        var children = Children(body, parent, site, directory, problems);
        if (body.Delegated is null) problems.Add(new Problem("delegated", "missing", "Say whether the Pi may give local alarms and notices to them.", "请说明是否授权本地告警和通知。"));
        if (problems.Count > 0) return Problems.Result(422, "These cannot be its children", problems);
        await desk.PutAsync(parent.Id, children, body.Delegated!.Value, Actor.Of(caller.Id), ct);
        return Results.Ok(await ViewAsync(parent, holder.Current, ledger, sessions, presence, ct));
    }

    private static async Task<IResult> LocalOrdersAsync(string id, DirectoryHolder holder, LedgerStore ledger, CancellationToken ct)
    {
        if (!TryFind(id, holder.Current, out var parent)) return Unknown(id);
        var said = await ledger.LocalReceiptsAsync(parent.Id, [.. holder.Current.ChildrenOf(parent.Id).Select(c => c.Id).Append(parent.Id)], ReceiptsMax, ct);
        // What somebody said there into its microphone, while they held the button.
        var talks = await ledger.LocalReceiptsAsync(new DeviceId(Order.TalkButton), [parent.Id], ReceiptsMax, ct);
        return Results.Ok(said.Concat(talks).OrderByDescending(r => r.Receipt.AtMs).ThenByDescending(r => r.Receipt.Number).Select(r => new LocalOrderView(
            r.Device.Value, r.OrderedBy.Value, Wording.Camel(r.Class), r.Receipt.Warning.ToString(), Wording.Camel(r.Receipt.State), r.Receipt.Reason, r.Receipt.Attempt,
            DateTimeOffset.FromUnixTimeMilliseconds(r.Receipt.AtMs), r.Receipt.Clock != ClockQuality.Unknown, r.Committed)).ToArray());
    }

    /// <summary>A device that is named or left out and is not the caller's to move (R8); null where all are. What is no device, others say.</summary>
    public static DeviceId? Outside(ChildrenBody body, DeviceRecord parent, SiteDirectory directory, Region region)
    {
        var named = (body.Children ?? []).Take(Limits.ChildrenMax).Select(n => DeviceId.TryParse(n, out var id) ? directory.Find(id) : null).OfType<DeviceRecord>();
        return named.Concat(directory.ChildrenOf(parent.Id)).FirstOrDefault(d => directory.Find(d.Site) is not { } site || !region.Contains(site.Village))?.Id;
    }

    private static List<DeviceId> Children(ChildrenBody body, DeviceRecord parent, Site site, SiteDirectory directory, List<Problem> problems)
    {
        var named = body.Children ?? [];
        var children = new List<DeviceId>();
        if (body.Children is null) problems.Add(new Problem("children", "missing", "Name the children; an empty list for none.", "请给出下属终端，空列表表示无。"));
        if (named.Length > Limits.ChildrenMax) problems.Add(new Problem("children", "too-many", $"A Pi carries at most {Limits.ChildrenMax} children.", $"一个乡镇网关最多带 {Limits.ChildrenMax} 个终端。"));
        if (parent.Parent is not null) problems.Add(new Problem("id", "is-a-child", $"{parent.Id} is itself carried by {parent.Parent}.", $"{parent.Id} 本身由 {parent.Parent} 代管。"));
        var township = site.Village.Ancestor(RegionLevel.Township);
        foreach (var name in named.Take(Limits.ChildrenMax))
        {
            if (!DeviceId.TryParse(name, out var child) || directory.Find(child) is not { } record) problems.Add(new Problem("children", "unknown-device", $"No device has the id {name}.", $"没有编号为 {name} 的终端。"));
            else if (child == parent.Id || record.IsTownship) problems.Add(new Problem("children", "is-a-parent", $"{name} is a township's Pi itself.", $"{name} 本身是乡镇网关。"));
            else if (directory.Find(record.Site) is not { } place || !township.Contains(place.Village)) problems.Add(new Problem("children", "outside-township", $"{name} lies outside the township of {parent.Id}.", $"{name} 不在 {parent.Id} 所在乡镇。"));
            else children.Add(child);
        }

        return children;
    }

    private static async Task<TownshipView> ViewAsync(DeviceRecord parent, SiteDirectory directory, LedgerStore ledger, NodeSessions sessions, PresenceBoard presence, CancellationToken ct)
    {
        var (township, online) = (await ledger.TownshipAsync(parent.Id, ct), await presence.OnlineAsync(ct));
        return new TownshipView(
            parent.Id.Value, online.Contains(parent.Id), township is { Epoch: > 0 } ? township.Expires : null,
            [.. directory.ChildrenOf(parent.Id).Select(c => new ChildView(
                c.Id.Value, c.Site.Value, directory.Find(c.Site)?.Name, directory.Find(c.Site)?.Village.Code, online.Contains(c.Id), sessions.Find(c.Id)?.Session is ChildLine,
                c.RevokedUpTo == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(c.RevokedUpTo)))]);
    }

    private static bool TryFind(string id, SiteDirectory directory, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out DeviceRecord? device)
    {
        device = DeviceId.TryParse(id, out var parsed) ? directory.Find(parsed) : null;
        return device is not null;
    }

    private static IResult Unknown(string id) => Problems.Result(404, "No such device", new Problem("id", "unknown-device", $"No device has the id {id}.", $"没有编号为 {id} 的终端。"));
}
