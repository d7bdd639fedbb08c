using Broadcast.EndToEnd.Processes;
using Broadcast.Fleet;
using Broadcast.Testing;

namespace Broadcast.EndToEnd;

/// <summary>
/// R1 and R2 against the real thing: kill -9 of the cloud process at many moments of a running 1,000-device warning. Each
/// time every device plays exactly once, the counts are right, and what the client was told was true.
/// </summary>
public sealed class KillTests(ITestOutputHelper output)
{
    private const int DevicesMin = 1_000;
    private const int KillsAWarningMax = 5;

    // From before the release is sent to after the last receipt; in between by what the devices do, so that a slow machine sweeps the same life.
    private enum Moment
    {
        BeforeRelease,
        WithinRelease,
        WhilePlaying,
        AfterTheLast,
    }

    [Fact]
    public async Task Killed_at_any_moment_every_device_plays_exactly_once_and_no_acknowledged_release_is_lost()
    {
        var kills = LongRun.Number("BROADCAST_KILLS", usually: 25, atLength: 200);
        var random = new Random(LongRun.Seed);
        output.WriteLine($"seed {LongRun.Seed}, {kills} kills");
        await using var prefecture = await Prefecture.StartAsync();
        var devices = prefecture.Devices;
        devices.Count.ShouldBeGreaterThanOrEqualTo(DevicesMin);
        await using var fleet = prefecture.StartFleet(devices, "--connects-per-second", "450");
        await fleet.OnlineAsync(devices.Count, Prefecture.Patience);

        var killed = 0;
        while (killed < kills)
        {
            var now = Math.Min(random.Next(1, KillsAWarningMax + 1), kills - killed);
            await WarnAndKillAsync(prefecture, devices, now, random);
            killed += now;
        }

        // The service lost nothing of its own history either.
        await prefecture.AuditIsIntactAsync();
        await prefecture.Cloud.StopAsync(); // And with a thousand sessions open it still ends when it is told to.
    }

    private async Task WarnAndKillAsync(Prefecture prefecture, IReadOnlyList<DeviceRow> devices, int kills, Random random)
    {
        var id = await prefecture.ApprovedAsync(Bulletin.For(Bulletin.Region(Prefecture.City, "city"), b => b["toneMs"] = 1_500));
        var moments = Enumerable.Range(0, kills).Select(_ => (Moment: (Moment)random.Next(4), At: random.NextDouble())).OrderBy(m => m.Moment).ThenBy(m => m.At).ToList();
        output.WriteLine($"{id}: {string.Join(", ", moments.Select(m => $"{m.Moment} {m.At:F3}"))}");

        foreach (var _ in moments.Where(m => m.Moment == Moment.BeforeRelease)) await KillAndRestartAsync(prefecture);
        var release = new HonestRelease();
        var acknowledged = release.UntilAcknowledgedAsync(prefecture, id, Prefecture.Patience);
        foreach (var (moment, at) in moments.Where(m => m.Moment is Moment.WithinRelease or Moment.WhilePlaying))
        {
            await ReachAsync(prefecture, id, devices.Count, moment, at);
            await KillAndRestartAsync(prefecture);
        }

        var answer = await acknowledged;
        await prefecture.StateAsync(id, "played", devices.Count);
        foreach (var _ in moments.Where(m => m.Moment == Moment.AfterTheLast)) await KillAndRestartAsync(prefecture);

        await prefecture.PlayedExactlyOnceAsync(id, devices);
        ((int)answer.Json["targets"]!).ShouldBe(devices.Count);
        if (release.Attempts == 1) ((bool)answer.Json["repeated"]!).ShouldBeFalse();
        release.Refusals.ShouldBeEmpty();
    }

    private static async Task ReachAsync(Prefecture prefecture, string id, int devices, Moment moment, double at)
    {
        if (moment == Moment.WithinRelease)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200 * at)); // The moment itself, not a wait for anything.
            return;
        }

        // Each device makes two lines of its journal: it begins, it ends.
        var lines = (int)(2 * devices * at);
        await Eventually.HoldsAsync(() => prefecture.Journal.Count(l => l.Warning == id) >= lines, Prefecture.Patience, $"{lines} lines of {id}");
    }

    private static async Task KillAndRestartAsync(Prefecture prefecture)
    {
        await prefecture.Cloud.KillAsync();
        await prefecture.Cloud.StartAsync();
    }
}
