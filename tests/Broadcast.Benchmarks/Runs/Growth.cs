using System.Diagnostics;
using Broadcast.Benchmarks.Measuring;
using Broadcast.Benchmarks.Peers;
using Broadcast.Benchmarks.Product;
using Broadcast.Fleet;
using Broadcast.Testing;

namespace Broadcast.Benchmarks.Runs;

/// <summary>What one device of a warning costs the cloud, in three sizes of county; the sizes take turns within a round.</summary>
internal static class Growth
{
    private static readonly int[] Sizes = [1_100, 3_000, 9_000]; // The demo has some 1,090 sites, so that is the smallest.
    private const int WarningsOfSmall = 8; // A round sends about as many orders in each size: processor time is counted in steps of 10 ms.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static async Task<BenchReport> RunAsync(Machine machine, int rounds)
    {
        var report = new BenchReport("growth", machine, new Dictionary<string, string> { ["link"] = "plain" });
        var counties = new List<(BenchCloud Cloud, LeanFleet Fleet, int Size, Series Cost, Series Bytes)>();
        try
        {
            foreach (var size in Sizes)
            {
                var cloud = await BenchCloud.StartAsync(size);
                var rows = DevicesFile.Read(cloud.DevicesFile);
                var idle = ProcessFigures.PrivateBytes(cloud.Id);
                var fleet = new LeanFleet(rows, cloud.PlainPort, null, ofProduct: true);
                counties.Add((cloud, fleet, rows.Count, report.Series($"{rows.Count} devices: processor of the cloud a device and warning", "µs"), report.Series($"{rows.Count} devices: memory a connected device", "KB")));
                await fleet.ConnectAsync(FanOut.ConnectsPerSecond);
                counties[^1].Bytes.Add((ProcessFigures.PrivateBytes(cloud.Id) - idle) / 1024.0 / rows.Count);
            }

            for (var round = -1; round < rounds; round++)
            {
                foreach (var (cloud, fleet, size, cost, _) in counties)
                {
                    var warnings = Math.Max(1, WarningsOfSmall * Sizes[0] / size);
                    var used = 0.0;
                    for (var n = 0; n < warnings; n++) used += await WarnAsync(cloud, fleet);
                    if (round >= 0) cost.Add(used * 1000 / warnings / size);
                }
            }
        }
        finally
        {
            foreach (var (cloud, fleet, _, _, _) in counties)
            {
                await fleet.DisposeAsync();
                await cloud.DisposeAsync();
            }
        }

        await SimulatedAsync(report, rounds);
        report.Ratio($"processor a device, {counties[2].Size} over {counties[0].Size} devices", counties[2].Cost, counties[0].Cost, 1.2);
        report.Ratio($"processor a device, {counties[2].Size} over {counties[1].Size} devices", counties[2].Cost, counties[1].Cost, 1.2);
        return report;
    }

    /// <summary>Beyond what one machine can hold at both ends: rules and ledger alone, without sockets; so these figures are said to be simulated.</summary>
    private static async Task SimulatedAsync(BenchReport report, int rounds)
    {
        using var folder = new TempFolder("growth");
        foreach (var size in (int[])[9_000, 100_000])
        {
            await using var county = await LedgerCounty.OpenAsync("sqlite:" + folder[$"{size}.db"], folder[$"{size}.anchors"], size);
            var cost = report.Series($"{size} devices, simulated (rules and ledger, no sockets): processor a device and warning", "µs");
            for (var round = -1; round < Math.Min(rounds, 3); round++)
            {
                var used = await county.CostAsync();
                if (round >= 0) cost.Add(used);
            }
        }
    }

    private static async Task<double> WarnAsync(BenchCloud cloud, LeanFleet fleet)
    {
        var id = await cloud.ApprovedAsync(Bulletin.ForRegion(Bulletin.City, "city"));
        fleet.Reset();
        await Quiet.SettleAsync();
        var before = ProcessFigures.ProcessorMs(cloud.Id);
        await cloud.ReleaseAsync(id);
        await Quiet.UntilAsync(() => fleet.AllSettled, Patience, "every receipt is settled");
        return ProcessFigures.ProcessorMs(cloud.Id) - before;
    }
}
