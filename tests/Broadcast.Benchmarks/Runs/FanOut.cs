using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Broadcast.Benchmarks.Measuring;
using Broadcast.Benchmarks.Peers;
using Broadcast.Benchmarks.Product;
using Broadcast.Device;
using Broadcast.Fleet;
using Broadcast.Testing;

namespace Broadcast.Benchmarks.Runs;

/// <summary>
/// One warning to every device, beside a broker that carries as many messages of the same size to clients of the same code. Each round does
/// both, in turn which is first. The product's clock begins before its HTTP call: it resolves, commits, signs and sends. The peer's clock
/// begins with the write of messages that were signed before.
/// </summary>
internal static class FanOut
{
    public const int ConnectsPerSecond = 1_000;
    private const int Warmups = 3; // Unmeasured rounds first: both programs are compiled and warm.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static async Task<BenchReport> RunAsync(Machine machine, int devices, int rounds, bool tls)
    {
        var report = new BenchReport("fan-out", machine, new Dictionary<string, string> { ["devices"] = $"{devices}", ["link"] = tls ? "TLS" : "plain" });
        await using var cloud = await BenchCloud.StartAsync(devices);
        using var authority = tls ? X509CertificateLoader.LoadCertificateFromFile(cloud.AuthorityFile) : null;
        var rows = DevicesFile.Read(cloud.DevicesFile);
        if (rows.Count != devices) throw new ArgumentException($"The demo has {rows.Count} sites; ask for as many devices or more.");
        await using var fleet = new LeanFleet(rows, tls ? cloud.LinkPort : cloud.PlainPort, authority, ofProduct: true);
        await fleet.ConnectAsync(ConnectsPerSecond);
        await using var broker = await Mosquitto.StartAsync(tls ? cloud.Tls : null);
        await using var peers = new LeanFleet(rows, broker.Port, authority, ofProduct: false);
        await peers.ConnectAsync(ConnectsPerSecond);
        await using var publisher = await RawPublisher.ConnectAsync(broker.Port, authority);
        var packets = Packets(rows, out var frameBytes);
        var (product, peer) = (new Side("product", fleet, cloud.Id, report), new Side("Mosquitto", peers, broker.Id, report));
        var answered = report.Series("product: call → API's answer", "ms");
        await FirstAsync(cloud, fleet, report);
        for (var round = -Warmups; round < rounds; round++)
        {
            var counts = round >= 0;
            async Task ProductAsync()
            {
                var id = await cloud.ApprovedAsync(Bulletin.ForRegion(Bulletin.City, "city"));
                var answer = 0.0;
                await product.RoundAsync(counts, async called =>
                {
                    var targets = (int)(await cloud.ReleaseAsync(id)).Json["targets"]!;
                    answer = ProcessFigures.Ms(called, Stopwatch.GetTimestamp());
                    if (targets != devices) throw new InvalidOperationException($"Released to {targets} devices instead of {devices}.");
                });
                if (counts) answered.Add(answer);
            }

            Task PeerAsync() => peer.RoundAsync(counts, _ => publisher.SendAsync(packets));
            foreach (var side in round % 2 == 0 ? (Func<Task>[])[PeerAsync, ProductAsync] : [ProductAsync, PeerAsync]) await side();
        }

        report.Ratio("(a) call → last verified order, over Mosquitto", product.Verified, peer.Verified, 1.0);
        report.Ratio("(b) call → last \"received\" on disk, over Mosquitto", product.Settled, peer.Settled, 1.5);
        report.Ratio("processor time of the server, over Mosquitto", product.Processor, peer.Processor);
        report.Note($"An order is a frame of {frameBytes} bytes. Mosquitto keeps nothing and decides nothing; its messages were signed before the clock began.");
        return report;
    }

    /// <summary>The first warning after the start, when nothing is compiled yet: what a county waits for after an update of the service.</summary>
    private static async Task FirstAsync(BenchCloud cloud, LeanFleet fleet, BenchReport report)
    {
        var id = await cloud.ApprovedAsync(Bulletin.ForRegion(Bulletin.City, "city"));
        fleet.Reset();
        await Quiet.SettleAsync();
        var called = Stopwatch.GetTimestamp();
        await cloud.ReleaseAsync(id);
        await Quiet.UntilAsync(() => fleet.AllVerified && fleet.AllSettled, Patience, "every receipt is settled");
        report.Series("product: first warning after the start, call → last verified order", "ms").Add(ProcessFigures.Ms(called, fleet.Verified.Max()));
    }

    private static byte[] Packets(IReadOnlyList<DeviceRow> rows, out int frameBytes)
    {
        using var all = new MemoryStream();
        frameBytes = 0;
        for (var i = 0; i < rows.Count; i++)
        {
            var frame = FrameFor(rows[i]);
            frameBytes = frame.Length;
            RawPublisher.AppendPublish(all, LeanFleet.TopicOf(rows[i]), frame, (ushort)(i + 1));
        }

        return all.ToArray();
    }

    /// <summary>A sealed order as the product would send it to the device.</summary>
    public static byte[] FrameFor(DeviceRow row)
    {
        var order = new Order
        {
            WarningId = RandomNumberGenerator.GetBytes(16), Revision = 1, Kind = OrderKind.Alert, Class = WarningClass.Actual, Level = WarningLevel.Yellow, Issuer = RegionLevel.City, Event = "11B03",
            Sequence = 1_760_000_000_000, NotBeforeMs = 1_760_000_000_000, ExpiresMs = 1_760_003_600_000, Language = "zh-CN", Text = Bulletin.Text, Repetitions = 1, Volume = 80, ToneMs = 500,
        };
        return Envelope.Seal(row.OrderKey, row.KeyEpoch, Direction.Down, row.Device, MessageType.Order, order.Encode());
    }

    /// <summary>One of the two that are compared.</summary>
    private sealed class Side(string name, LeanFleet fleet, int server, BenchReport report)
    {
        private readonly Series _first = report.Series($"{name}: call → first verified order", "ms");
        private readonly Series _p99 = report.Series($"{name}: call → verified order, 99 % of the devices", "ms");
        private readonly Series _clients = report.Series($"{name}: processor of the clients", "ms");

        public Series Verified { get; } = report.Series($"{name}: call → last verified order", "ms");

        public Series Settled { get; } = report.Series($"{name}: call → last receipt settled", "ms");

        public Series Processor { get; } = report.Series($"{name}: processor of the server", "ms");

        public async Task RoundAsync(bool counts, Func<long, Task> call)
        {
            fleet.Reset();
            await Quiet.SettleAsync();
            var (processor, own) = (ProcessFigures.ProcessorMs(server), ProcessFigures.ProcessorMs(Environment.ProcessId));
            var called = Stopwatch.GetTimestamp();
            await call(called);
            await Quiet.UntilAsync(() => fleet.AllVerified && fleet.AllSettled, Patience, $"{name}: every receipt is settled");
            if (!counts) return;
            Processor.Add(ProcessFigures.ProcessorMs(server) - processor);
            _clients.Add(ProcessFigures.ProcessorMs(Environment.ProcessId) - own);
            _first.Add(ProcessFigures.Ms(called, fleet.Verified.Min()));
            _p99.Add(Series.Percentile(fleet.Verified.Select(v => ProcessFigures.Ms(called, v)), 0.99));
            Verified.Add(ProcessFigures.Ms(called, fleet.Verified.Max()));
            Settled.Add(ProcessFigures.Ms(called, fleet.Settled.Max()));
        }
    }
}
