using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using Broadcast.Benchmarks.Measuring;
using Broadcast.Benchmarks.Peers;
using Broadcast.Benchmarks.Product;
using Broadcast.Fleet;
using Broadcast.Testing;

namespace Broadcast.Benchmarks.Runs;

/// <summary>
/// Everybody at once. First the rate: as many clients as there are connect together, to the product (handshake, account, epoch on disk, subscription)
/// and to a bare loop that accepts and shakes hands. Then the real thing: the cloud is killed (kill -9) as it has just committed a warning, and
/// comes back; all devices return within their jitter, and each gets the order that it is owed.
/// </summary>
internal static class Storm
{
    private static readonly TimeSpan Jitter = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static async Task<BenchReport> RunAsync(Machine machine, int devices, int rounds, bool tls)
    {
        var report = new BenchReport("storm", machine, new Dictionary<string, string> { ["devices"] = $"{devices}", ["link"] = tls ? "TLS" : "plain" });
        await using var cloud = await BenchCloud.StartAsync(devices);
        using var authority = tls ? X509CertificateLoader.LoadCertificateFromFile(cloud.AuthorityFile) : null;
        var rows = DevicesFile.Read(cloud.DevicesFile);
        var barePort = FreePort.Find();
        await using var bare = await BareServer.StartAsync(barePort, tls ? (cloud.Tls.Certificate, cloud.Tls.Key) : null);
        var (mine, theirs) = (report.Series("product: sessions accepted", "1/s"), report.Series("bare accept and handshake", "1/s"));
        var (processor, bareProcessor) = (report.Series("product: processor a session", "µs"), report.Series("bare: processor a session", "µs"));
        var port = tls ? cloud.LinkPort : cloud.PlainPort;
        for (var round = -1; round < rounds; round++)
        {
            var product = await RateAsync(rows, port, authority, ofProduct: true, cloud.Id);
            var peer = await RateAsync(rows, barePort, authority, ofProduct: false, bare.Id);
            if (round < 0) continue;
            mine.Add(product.Rate);
            theirs.Add(peer.Rate);
            processor.Add(product.Processor);
            bareProcessor.Add(peer.Processor);
        }

        report.Ratio("bare rate over the product's", theirs, mine, 1.25);
        await RestartAsync(cloud, rows, port, authority, report);
        report.Note($"Aim: at least 0.8 of the bare rate, so a ratio of 1.25 at most. Jitter window of the restart: {Jitter.TotalSeconds:0} s.");
        return report;
    }

    private static async Task<(double Rate, double Processor)> RateAsync(IReadOnlyList<DeviceRow> rows, int port, X509Certificate2? authority, bool ofProduct, int server)
    {
        await using var fleet = new LeanFleet(rows, port, authority, ofProduct) { HasCollector = false };
        await Quiet.SettleAsync();
        var (processor, began) = (ProcessFigures.ProcessorMs(server), Stopwatch.GetTimestamp());
        fleet.ConnectAtOnce();
        await Quiet.UntilAsync(() => fleet.Up == rows.Count, Patience, "all sessions are accepted");
        var took = Stopwatch.GetElapsedTime(began);
        return (rows.Count / took.TotalSeconds, (ProcessFigures.ProcessorMs(server) - processor) * 1000 / rows.Count);
    }

    private static async Task RestartAsync(BenchCloud cloud, IReadOnlyList<DeviceRow> rows, int port, X509Certificate2? authority, BenchReport report)
    {
        await using var fleet = new LeanFleet(rows, port, authority, ofProduct: true) { BackOffMax = Jitter };
        await fleet.ConnectAsync(FanOut.ConnectsPerSecond);
        var id = await cloud.ApprovedAsync(Bulletin.ForRegion(Bulletin.City, "city"));
        fleet.Reset();
        await cloud.ReleaseAsync(id);
        await cloud.KillAsync();
        await Quiet.UntilAsync(() => fleet.Ready == 0, Patience, "all sessions are lost");
        report.Series("restart: devices that had no order when the cloud was killed", "").Add(fleet.Verified.Count(v => v == 0));
        await cloud.StartProcessAsync();
        var back = Stopwatch.GetTimestamp();
        await Quiet.UntilAsync(() => fleet.Ready == rows.Count, Patience, "all devices are back");
        report.Series("restart: doors open → all devices back", "ms").Add(ProcessFigures.Ms(back, Stopwatch.GetTimestamp()));
        await Quiet.UntilAsync(() => fleet.AllVerified, Patience, "every owed order is delivered");
        report.Series("restart: doors open → every owed order delivered", "ms").Add(Math.Max(0, ProcessFigures.Ms(back, fleet.Verified.Max())));
    }
}
