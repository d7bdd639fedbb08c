using System.Net;
using Broadcast.EndToEnd.Processes;

namespace Broadcast.EndToEnd;

/// <summary>On a real small filesystem: a full disk refuses ordinary warnings clearly, and never stop, red, or what already runs.</summary>
public sealed class FullDiskTests
{
    private const int DiskMegabytes = 220; // The reserve (64), the margin (32), the demo's data, and room to be filled.
    private const long Low = 8L << 20;

    [Fact]
    public async Task On_a_full_disk_ordinary_warnings_are_refused_while_stop_and_red_and_what_runs_go_on()
    {
        await using var disk = await SmallDisk.TryMountAsync(DiskMegabytes);
        Assert.SkipWhen(disk is null, "Mounting a small filesystem is not permitted here.");
        await using var prefecture = await Prefecture.StartAsync(Path.Combine(disk.Path, "data"));
        var devices = prefecture.DevicesOf(Prefecture.Township[..9]);
        await using var fleet = prefecture.StartFleet(devices);
        await fleet.OnlineAsync(devices.Count, Prefecture.Patience);
        var area = () => Bulletin.Region(Prefecture.Township, "township");
        var running = await prefecture.WarnAsync(Bulletin.For(area(), b => b["toneMs"] = 6_000));
        var toStop = await prefecture.WarnAsync(Bulletin.For(area(), b => b["notBefore"] = TimeProvider.System.GetUtcNow().AddMinutes(10).ToString("O")));
        await prefecture.StateAsync(toStop, "received", devices.Count);
        var ordinary = await prefecture.ApprovedAsync(Bulletin.For(area()));
        var red = await prefecture.ApprovedAsync(Bulletin.For(area(), b => b["level"] = "red"));
        await prefecture.StateAsync(running, "playing", devices.Count);

        foreach (var free in new[] { Low, 0 })
        {
            disk.FillUntil(free);
            var refused = await prefecture.ReleaseAsync(ordinary);
            refused.Status.ShouldBe(HttpStatusCode.InsufficientStorage, refused.Text);
            refused.ProblemFields.ShouldContain("storage");
        }

        await prefecture.StateAsync(running, "played", devices.Count);
        (await prefecture.ReleaseAsync(red)).Ensure();
        (await prefecture.CancelAsync(toStop)).Ensure();
        await prefecture.StateAsync(red, "played", devices.Count);
        await prefecture.StateAsync(toStop, "stopped", devices.Count);
        (await prefecture.ReleaseAsync(ordinary)).Status.ShouldBe(HttpStatusCode.InsufficientStorage); // Room given up for what is vital is not room.
        var status = (await prefecture.Operator.GetAsync("/api/status")).Ensure().Json;
        ((bool)status["storageFull"]!).ShouldBeTrue();

        disk.MakeRoom();
        (await new HonestRelease().UntilAcknowledgedAsync(prefecture, ordinary, Prefecture.Patience)).Ensure();
        await prefecture.StateAsync(ordinary, "played", devices.Count);
        foreach (var played in new[] { running, red, ordinary }) await prefecture.PlayedExactlyOnceAsync(played, devices);
        await prefecture.AuditIsIntactAsync();
    }
}
