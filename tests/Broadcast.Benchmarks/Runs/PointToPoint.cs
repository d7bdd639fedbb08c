using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using Broadcast.Benchmarks.Measuring;
using Broadcast.Benchmarks.Peers;
using Broadcast.Benchmarks.Product;
using Broadcast.Device;
using Broadcast.Fleet;

namespace Broadcast.Benchmarks.Runs;

/// <summary>
/// One warning to one site while thousands of sessions are idle, beside one message through Mosquitto with as many. The moment of the commit
/// is the service's own word by the machine's monotonic clock, which both processes share.
/// </summary>
internal static class PointToPoint
{
    private const int MessagesARound = 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static async Task<BenchReport> RunAsync(Machine machine, int devices, int rounds, bool tls)
    {
        var report = new BenchReport("point-to-point", machine, new Dictionary<string, string> { ["idle sessions"] = $"{devices}", ["link"] = tls ? "TLS" : "plain", ["messages a round"] = $"{MessagesARound}" });
        await using var cloud = await BenchCloud.StartAsync(devices);
        using var authority = tls ? X509CertificateLoader.LoadCertificateFromFile(cloud.AuthorityFile) : null;
        var rows = DevicesFile.Read(cloud.DevicesFile);
        await using var fleet = new LeanFleet(rows, tls ? cloud.LinkPort : cloud.PlainPort, authority, ofProduct: true);
        await fleet.ConnectAsync(FanOut.ConnectsPerSecond);
        await using var broker = await Mosquitto.StartAsync(tls ? cloud.Tls : null);
        await using var peers = new LeanFleet(rows, broker.Port, authority, ofProduct: false);
        await peers.ConnectAsync(FanOut.ConnectsPerSecond);
        await using var publisher = await RawPublisher.ConnectAsync(broker.Port, authority);
        var random = new Random(1);
        Series Of(string name) => report.Series(name, "ms");
        var (p50, p99, peer50, peer99) = (Of("product: commit → device, p50"), Of("product: commit → device, p99"), Of("Mosquitto: write → device, p50"), Of("Mosquitto: write → device, p99"));
        var (commit50, call50) = (Of("product: the commit's own time, p50"), Of("product: call → device, p50"));
        for (var round = -1; round < rounds; round++)
        {
            var (mine, commits, calls, theirs) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
            for (var message = 0; message < MessagesARound; message++)
            {
                var at = random.Next(rows.Count);
                var (whole, fromCommit, commit) = await ProductAsync(cloud, fleet, rows[at], at);
                calls.Add(whole);
                mine.Add(fromCommit);
                commits.Add(commit);
                theirs.Add(await PeerAsync(peers, publisher, rows[at], at));
            }

            if (round < 0) continue;
            p50.Add(Series.Percentile(mine, 0.5));
            p99.Add(Series.Percentile(mine, 0.99));
            peer50.Add(Series.Percentile(theirs, 0.5));
            peer99.Add(Series.Percentile(theirs, 0.99));
            commit50.Add(Series.Percentile(commits, 0.5));
            call50.Add(Series.Percentile(calls, 0.5));
        }

        report.Ratio("commit → device, p50, over Mosquitto", p50, peer50, 2.0);
        report.Ratio("commit → device, p99, over Mosquitto", p99, peer99, 2.0);
        return report;
    }

    private static async Task<(double Whole, double FromCommit, double Commit)> ProductAsync(BenchCloud cloud, LeanFleet fleet, DeviceRow row, int at)
    {
        var id = await cloud.ApprovedAsync(Bulletin.ForSite(row.Site));
        fleet.Reset();
        var called = Stopwatch.GetTimestamp();
        var answer = await cloud.ReleaseAsync(id);
        await Quiet.UntilAsync(() => Volatile.Read(ref fleet.Settled[at]) != 0, Patience, "the device has its order");
        var committed = (long)(answer.Timing("commit", "ticks") ?? throw new InvalidOperationException("The service did not say when it committed."));
        return (ProcessFigures.Ms(called, fleet.Verified[at]), ProcessFigures.Ms(committed, fleet.Verified[at]), answer.Timing("commit") ?? double.NaN);
    }

    private static async Task<double> PeerAsync(LeanFleet peers, RawPublisher publisher, DeviceRow row, int at)
    {
        using var packet = new MemoryStream();
        RawPublisher.AppendPublish(packet, LeanFleet.TopicOf(row), FanOut.FrameFor(row), 1);
        peers.Reset();
        var called = Stopwatch.GetTimestamp();
        await publisher.SendAsync(packet.ToArray());
        await Quiet.UntilAsync(() => peers.Verified[at] != 0 && peers.Settled[0] != 0, Patience, "the subscriber has its message");
        return ProcessFigures.Ms(called, peers.Verified[at]);
    }
}
