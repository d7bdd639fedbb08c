using Broadcast.Cloud.Accounts;
using Broadcast.Cloud.Http;
using Broadcast.Ledger;
using Broadcast.Rules;

namespace Broadcast.Cloud.Sites;

/// <param name="Reason">Why, in the person's own words, for the audit trail; 1–200 characters.</param>
public sealed record RekeyBody(string? Reason);

/// <param name="Service">inService, maintenance or decommissioned.</param>
/// <param name="Reason">Why, in the person's own words, for the audit trail; 1–200 characters.</param>
public sealed record ServiceBody(string? Service, string? Reason);

/// <summary>What a device is after the act.</summary>
/// <param name="HandOver">File in the service's data folder that has the new keys; null where they did not change.</param>
/// <param name="NotReached">Nodes that could not be told, and go by the old keys for up to a minute more; empty when all have closed its session.</param>
public sealed record CustodyView(string Id, string Service, int KeyEpoch, string? HandOver, IReadOnlyList<string> NotReached);

/// <summary>Taking a device out of the wrong hands, at once.</summary>
public static class CustodyEndpoints
{
    private const int ReasonCharsMax = 200;

    public static void MapCustody(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/devices/{id}").RequireAuthorization().WithTags("sites");
        group.MapPost("/rekey", RekeyAsync).WithName("rekeyDevice").Produces<CustodyView>().ProducesProblem(403).ProducesProblem(404).ProducesProblem(422);
        group.MapPost("/service", ServiceAsync).WithName("setDeviceService").Produces<CustodyView>().ProducesProblem(403).ProducesProblem(404).ProducesProblem(422);
    }

    // Keys are the administrator's.
    private static Task<IResult> RekeyAsync(string id, RekeyBody body, HttpContext http, DirectoryHolder holder, CustodyDesk desk, CancellationToken ct) =>
        ActAsync(id, Duties.Administrator, body.Reason, http, holder, async (device, actor, reason) =>
            await desk.RekeyAsync(device.Id, actor, reason, ct) is { } done ? View(done, CustodyDesk.HandOver) : null);

    private static Task<IResult> ServiceAsync(string id, ServiceBody body, HttpContext http, DirectoryHolder holder, CustodyDesk desk, CancellationToken ct)
    {
        if (!Wording.TryRead<ServiceState>(body.Service, out var service) || service == ServiceState.Unclaimed)
            return Task.FromResult(Problems.Result(422, "Not a state of service", new Problem("service", "unknown-service", "Give inService, maintenance or decommissioned.", "须为 inService、maintenance 或 decommissioned。")));
        return ActAsync(id, Duties.Administrator | Duties.Technician, body.Reason, http, holder, async (device, actor, reason) =>
            await desk.SetServiceAsync(device.Id, service, actor, reason, ct) is { } done ? View(done, null) : null);
    }

    private static async Task<IResult> ActAsync(string id, Duties duty, string? reason, HttpContext http, DirectoryHolder holder, Func<DeviceRecord, Actor, string, Task<CustodyView?>> act)
    {
        if (!DeviceId.TryParse(id, out var parsed) || holder.Current.Find(parsed) is not { } device) return Unknown(id);
        var caller = http.Caller();
        if ((caller.Duties & duty) == 0)
            return Problems.Result(403, "Not allowed", new Problem("person", "duty-missing", "This needs the duty of an administrator (or, for the state of service, a technician).", "此操作需要管理员职责（变更服务状态亦可由技术员操作）。"));
        if (holder.Current.Find(device.Site) is not { } site || !caller.Region.Contains(site.Village))
            return Problems.Result(403, "Not allowed", new Problem("id", "outside-region", $"Device {id} lies outside the region of {caller.Name}.", $"终端 {id} 不在本人管辖范围内。"));
        if (reason is not { Length: > 0 and <= ReasonCharsMax } || reason.Any(char.IsControl) || reason.Any(char.IsSurrogate))
            return Problems.Result(422, "A reason is needed", new Problem("reason", "missing", "Say why, in 1–200 characters of text.", "请说明原因（1–200 字）。"));
        return await act(device, Actor.Of(caller.Id), reason) is { } view ? Results.Ok(view) : Unknown(id);
    }

    private static CustodyView View(Custody done, string? handOver) => new(done.Device.Id.Value, Wording.Camel(done.Device.Service), done.Device.KeyEpoch, handOver, done.NotReached);

    private static IResult Unknown(string id) => Problems.Result(404, "No such device", new Problem("id", "unknown-device", $"No device has the id {id}.", $"没有编号为 {id} 的终端。"));
}
