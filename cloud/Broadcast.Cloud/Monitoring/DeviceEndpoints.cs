using Broadcast.Cloud.Http;
using Broadcast.Cloud.Link;
using Broadcast.Cloud.Sites;
using Broadcast.Device;
using Broadcast.Ledger;
using Broadcast.Rules;

namespace Broadcast.Cloud.Monitoring;

/// <summary>How a device says it is.</summary>
/// <param name="At">By the device's clock; null where it did not know the time.</param>
/// <param name="Faults">What is wrong, by name; empty when nothing is.</param>
/// <param name="Refusals">Frames and orders refused since its start, by reason; reasons that never occurred are not in it.</param>
/// <param name="Uplink">The way it uses; null for a device that has one only.</param>
public sealed record DeviceReportView(
    DateTimeOffset? At, string Firmware, int Volume, int? BatteryMillivolts, int? SignalDbm, bool Mains, IReadOnlyList<string> Faults, long UptimeSeconds, bool Playing, int Waiting,
    string Clock, IReadOnlyDictionary<string, int> Refusals, UplinkView? Uplink)
{
    public static DeviceReportView Of(Report r) => new(
        r.Clock == ClockQuality.Unknown ? null : DateTimeOffset.FromUnixTimeMilliseconds(r.AtMs), r.Firmware, r.Volume, r.BatteryMillivolts == 0 ? null : r.BatteryMillivolts,
        r.SignalDbm == 0 ? null : r.SignalDbm, r.Mains, [.. Enum.GetValues<FaultFlags>().Where(f => f != FaultFlags.None && (r.Faults & (int)f) != 0).Select(Wording.Camel)],
        r.UptimeMs / 1_000, r.Playing > 0, r.Waiting, Wording.Camel(r.Clock),
        Enum.GetValues<Refusal>().Where(x => x != Refusal.None && (int)x < r.Refusals.Length && r.Refusals[(int)x] > 0).ToDictionary(Wording.Camel, x => r.Refusals[(int)x]),
        r.Uplink.Length > 0 ? new UplinkView(r.Uplink, r.IsMetered, r.UplinkWhy) : null);
}

/// <summary>A self-test of amplifier and loudspeakers, by a pilot that nobody hears.</summary>
/// <param name="At">When it ended, by the device's clock.</param>
/// <param name="IsTrueTime">False where that could not be believed: At is when the cloud got it.</param>
/// <param name="Result">passed, amplifierSilent, lineOpen, lineShort, lineChanged, or notMeasured.</param>
/// <param name="Ohms">Impedance of the line; null where nothing flowed.</param>
/// <param name="NominalOhms">The same at commissioning; null where it is not known.</param>
public sealed record SoundTestView(DateTimeOffset At, bool IsTrueTime, string Result, double? Ohms, double? NominalOhms, int AmplifierMillivolts, DateTimeOffset Committed)
{
    public static SoundTestView Of(KeptSoundTest t) => new(
        t.At, t.IsTrueTime, Wording.Camel(t.Result), t.Result == SoundTestResult.NotMeasured || t.Milliohms >= SoundTest.MilliohmsMax ? null : t.Milliohms / 1_000.0,
        t.NominalMilliohms == 0 ? null : t.NominalMilliohms / 1_000.0, t.Millivolts, t.Committed);
}

/// <summary>Which of its ways to the cloud a device uses.</summary>
public sealed record UplinkView(string Name, bool Metered, string Why);

/// <summary>A device as the cloud knows it now.</summary>
/// <param name="SoundTests">Its newest self-tests of amplifier and loudspeakers, newest first; empty where its board measures nothing.</param>
/// <param name="LastHeard">The last word of its newest session; null where it never had one.</param>
/// <param name="Gone">Why that session ended: linkLost, mainsLost, takenOver, refused, cloudStopped, disconnected; null while it is open.</param>
public sealed record DeviceView(string Id, string Site, string? SiteName, string? VillageCode, string Service, bool Online, DateTimeOffset? LastHeard, string? Gone, DeviceReportView? Report,
    IReadOnlyList<SoundTestView> SoundTests);

/// <summary>One device: whether it is there, why it went, and what it says is wrong.</summary>
public static class DeviceEndpoints
{
    public static void MapDevices(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/devices/{id}", DeviceAsync).RequireAuthorization().WithTags("monitoring").WithName("getDevice").Produces<DeviceView>().ProducesProblem(404);

    private static async Task<IResult> DeviceAsync(string id, DirectoryHolder holder, PresenceBoard presence, NodeSessions sessions, LedgerStore ledger, CancellationToken ct)
    {
        var directory = holder.Current;
        if (!DeviceId.TryParse(id, out var parsed) || directory.Find(parsed) is not { } device)
            return Problems.Result(404, "No such device", new Problem("id", "unknown-device", $"No device has the id {id}.", $"没有编号为 {id} 的终端。"));
        var newest = await ledger.NewestSessionAsync(device.Id, ct);
        // The session knows the newest report before the ledger does.
        var report = sessions.Find(device.Id)?.Report ?? (await ledger.ReportAsync(device.Id, ct) is { } kept ? Device.Report.Decode(kept.Body) : null);
        var site = directory.Find(device.Site);
        return Results.Ok(new DeviceView(
            device.Id.Value, device.Site.Value, site?.Name, site?.Village.Code, Wording.Camel(device.Service), (await presence.OnlineAsync(ct)).Contains(device.Id), newest?.LastHeard,
            newest is null or { End: SessionEnd.Open } ? null : Wording.Camel(newest.End), report is null ? null : DeviceReportView.Of(report),
            [.. (await ledger.SoundTestsAsync(device.Id, LedgerStore.SoundTestsOfADevice, ct)).Select(SoundTestView.Of)]));
    }
}
