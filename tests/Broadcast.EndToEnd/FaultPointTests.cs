using Broadcast.EndToEnd.Processes;
using Broadcast.Fleet;
using Broadcast.Testing;

namespace Broadcast.EndToEnd;

/// <summary>
/// R1 at every edge of the process: the n-th ledger write, flush or truncation, or the n-th socket send, of a warning fails,
/// tears, or is the last thing before a crash; n is swept over the whole warning.
/// </summary>
public sealed class FaultPointTests(ITestOutputHelper output)
{
    private static readonly Dictionary<FaultKind, FaultAction[]> Actions = new()
    {
        [FaultKind.LedgerWrite] = [FaultAction.FailEio, FaultAction.FailEnospc, FaultAction.KillBefore, FaultAction.KillAfter, FaultAction.Tear],
        [FaultKind.LedgerFlush] = [FaultAction.FailEio, FaultAction.KillBefore, FaultAction.KillAfter],
        [FaultKind.LedgerTruncate] = [FaultAction.FailEio, FaultAction.KillBefore, FaultAction.KillAfter],
        [FaultKind.SocketSend] = [FaultAction.FailEconnreset, FaultAction.KillBefore, FaultAction.KillAfter, FaultAction.Tear],
    };

    private sealed record Point(FaultKind Kind, FaultAction Action, long Nth);

    [Fact]
    public async Task Whichever_write_flush_or_send_fails_or_is_the_last_every_device_plays_exactly_once()
    {
        output.WriteLine($"seed {LongRun.Seed}");
        FaultPage? made = null;
        await using var prefecture = await Prefecture.StartAsync(environment: async p =>
        {
            made = await FaultPage.CompileAsync(p.FolderOf("faults"), Path.Combine(p.DataFolder, "ledger.db"));
            return made.Environment;
        });
        using var page = made!;
        page.LoadedIn.ShouldBe(prefecture.Cloud.Id, "the shim is not in the cloud process");
        // One village with three sites: a warning small enough that each of its writes, flushes and sends can have its turn.
        var devices = prefecture.Devices.GroupBy(d => d.Village).First(g => g.Count() == 3).ToList();
        await using var fleet = prefecture.StartFleet(devices);
        await fleet.OnlineAsync(devices.Count, Prefecture.Patience);

        var counts = await CountAsync(prefecture, page, devices);
        output.WriteLine(string.Join(", ", counts.Select(c => $"{c.Key}: {c.Value}")));
        // A sweep over nothing would pass: these must be there.
        counts[FaultKind.LedgerWrite].ShouldBeGreaterThan(3);
        counts[FaultKind.LedgerFlush].ShouldBeGreaterThan(1);
        counts[FaultKind.SocketSend].ShouldBeGreaterThan(devices.Count);

        var (tried, struck) = (0, 0);
        var points = Choose(AllPoints(counts));
        foreach (var point in points)
        {
            await StrikeAsync(prefecture, fleet, page, devices, point);
            if (page.Struck > 0) struck++;
            if (++tried % 20 == 0) output.WriteLine($"{tried} tried, {struck} struck, all held");
        }

        output.WriteLine($"{struck} faults struck");
        struck.ShouldBeGreaterThan(points.Count / 2); // The last n of a kind are not reached every time: writes are grouped as they come.
        await prefecture.AuditIsIntactAsync();
    }

    /// <summary>What a warning takes without any fault, the most of three.</summary>
    private static async Task<Dictionary<FaultKind, long>> CountAsync(Prefecture prefecture, FaultPage page, IReadOnlyList<DeviceRow> devices)
    {
        var counts = Actions.Keys.ToDictionary(k => k, _ => 0L);
        for (var run = 0; run < 3; run++)
        {
            var id = await ApprovedAsync(prefecture, devices);
            page.Arm(FaultKind.None, FaultAction.None, 0);
            (await prefecture.ReleaseAsync(id)).Ensure();
            await prefecture.StateAsync(id, "played", devices.Count);
            foreach (var kind in Actions.Keys) counts[kind] = Math.Max(counts[kind], page.Count(kind));
            await prefecture.PlayedExactlyOnceAsync(id, devices);
        }

        return counts;
    }

    private static List<Point> AllPoints(Dictionary<FaultKind, long> counts) =>
        [.. from kind in counts.Keys from action in Actions[kind] from nth in Enumerable.Range(1, (int)counts[kind]) select new Point(kind, action, nth)];

    /// <summary>Everything in a long run; else a seeded sample that holds each kind with each action at least once.</summary>
    private List<Point> Choose(List<Point> all)
    {
        var points = LongRun.Number("BROADCAST_FAULT_POINTS", usually: 40, atLength: int.MaxValue);
        var random = new Random(LongRun.Seed);
        var shuffled = all.OrderBy(_ => random.Next()).ToList();
        var (part, parts) = LongRun.Part("BROADCAST_FAULT_PART");
        if (parts > 1) shuffled = [.. all.Where((_, i) => i % parts == part - 1)];
        var chosen = shuffled.DistinctBy(p => (p.Kind, p.Action)).Concat(shuffled).Distinct().Take(points).ToList();
        output.WriteLine($"{chosen.Count} of {all.Count} fault points");
        return chosen;
    }

    private async Task StrikeAsync(Prefecture prefecture, FleetProcess fleet, FaultPage page, IReadOnlyList<DeviceRow> devices, Point point)
    {
        var id = await ApprovedAsync(prefecture, devices);
        try
        {
            page.Arm(point.Kind, point.Action, point.Nth);
            await using var supervisor = new Supervisor(prefecture.Cloud, page.Disarm);
            await new HonestRelease().UntilAcknowledgedAsync(prefecture, id, Prefecture.Patience);
            await prefecture.StateAsync(id, "played", devices.Count);
            page.Disarm();
            await prefecture.StateAsync(id, "played", devices.Count); // An answer after the disarming: a strike of the last moment has been made up for.
            await supervisor.StopAsync();
            await fleet.OnlineAsync(devices.Count, Prefecture.Patience); // The next point begins with everyone there.
            await prefecture.PlayedExactlyOnceAsync(id, devices);
        }
        catch (Exception e)
        {
            output.WriteLine($"at {point}, warning {id}:\n{e.Message}\n{prefecture.Cloud.Output}");
            throw;
        }
    }

    private static Task<string> ApprovedAsync(Prefecture prefecture, IReadOnlyList<DeviceRow> devices) =>
        prefecture.ApprovedAsync(Bulletin.For(Bulletin.Region(devices[0].Village, "village"), b => (b["toneMs"], b["repetitions"]) = (200, 1)));
}
