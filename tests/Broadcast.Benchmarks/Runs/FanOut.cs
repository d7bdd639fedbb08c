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
/// One warning to every device, beside a broker that carries as many messages of the same size. Each round does both, in turn which is
/// first. The product's clock begins before its HTTP call; it resolves, commits, signs and sends; its devices run the real core, and say
/// "received" and "playing". The peer's clock begins with the write of messages that were signed before; its subscribers verify and answer.
/// </summary>
internal static class FanOut
{
    private const double SpeechRate = 50; // Two and a half seconds of speech: nobody has finished before the last has begun.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static async Task<BenchReport> RunAsync(Machine machine, int devices, int rounds, bool tls)
    {
        var report = new BenchReport("fan-out", machine, new Dictionary<string, string> { ["devices"] = $"{devices}", ["link"] = tls ? "TLS" : "plain" });
        await using var cloud = await BenchCloud.StartAsync(devices);
        using var authority = tls ? X509CertificateLoader.LoadCertificateFromFile(cloud.AuthorityFile) : null;
        var rows = DevicesFile.Read(cloud.DevicesFile).Take(devices).ToList();
        if (DevicesFile.Read(cloud.DevicesFile).Count != devices) throw new ArgumentException($"The demo has more than {devices} sites; ask for more devices.");
        var probe = new FleetProbe(rows);
        await using var fleet = await BenchFleet.StartAsync(cloud, probe, devices, tls, SpeechRate);
        await using var broker = await Mosquitto.StartAsync(tls ? cloud.Tls : null);
        await using var peers = new PeerFleet(rows, broker.Port, authority);
        await peers.ConnectAsync(BenchFleet.ConnectsPerSecond);
        await using var publisher = await RawPublisher.ConnectAsync(broker.Port, authority);
        var packets = Packets(rows, out var frameBytes);
        var product = new ProductRound(cloud, fleet, probe, report, devices);
        var peer = new PeerRound(broker, peers, publisher, packets, report);
        for (var round = -2; round < rounds; round++) // Two unmeasured ones first: both programs are compiled and warm.
        {
            if (round % 2 == 0) await peer.RunAsync(round >= 0);
            await product.RunAsync(round >= 0);
            if (round % 2 != 0) await peer.RunAsync(round >= 0);
        }

        report.Ratio("(a) call → last verified order, over Mosquitto", product.Verified, peer.Verified, 1.0);
        report.Ratio("(b) call → last \"received\" on disk, over Mosquitto", product.Received, peer.Received, 1.5);
        report.Ratio("processor time of the server, over Mosquitto", product.Processor, peer.Processor);
        report.Note($"An order is a frame of {frameBytes} bytes. The product's devices send two receipts each (received, playing), the peer's one; the peer keeps nothing.");
        return report;
    }

    private static byte[] Packets(IReadOnlyList<DeviceRow> rows, out int frameBytes)
    {
        var order = new Order
        {
            WarningId = RandomNumberGenerator.GetBytes(16), Revision = 1, Kind = OrderKind.Alert, Class = WarningClass.Actual, Level = WarningLevel.Yellow, Issuer = RegionLevel.City, Event = "11B03",
            Sequence = 1_760_000_000_000, NotBeforeMs = 1_760_000_000_000, ExpiresMs = 1_760_003_600_000, Language = "zh-CN", Text = Bulletin.Text, Repetitions = 1, Volume = 80, ToneMs = 500,
        };
        using var all = new MemoryStream();
        frameBytes = 0;
        for (var i = 0; i < rows.Count; i++)
        {
            var frame = Envelope.Seal(rows[i].OrderKey, rows[i].KeyEpoch, Direction.Down, rows[i].Device, MessageType.Order, order.Encode());
            frameBytes = frame.Length;
            RawPublisher.AppendPublish(all, PeerFleet.TopicOf(rows[i]), frame, (ushort)(i + 1));
        }

        return all.ToArray();
    }

    private sealed class ProductRound(BenchCloud cloud, BenchFleet fleet, FleetProbe probe, BenchReport report, int devices)
    {
        private readonly Series _answered = report.Series("product: call → API's answer", "ms");
        private readonly Series _first = report.Series("product: call → first sound", "ms");
        private readonly Series _p99 = report.Series("product: call → sound, 99 % of the devices", "ms");
        private readonly Series _fleetProcessor = report.Series("product: processor of the simulated devices", "ms");

        public Series Verified { get; } = report.Series("product: call → last device verified and sounding", "ms");

        public Series Received { get; } = report.Series("product: call → last \"received\" on disk and acknowledged", "ms");

        public Series Processor { get; } = report.Series("product: processor of the cloud, until then", "ms");

        public async Task RunAsync(bool counts)
        {
            var id = await cloud.ApprovedAsync(Bulletin.ForRegion(Bulletin.City, "city"));
            probe.Reset();
            await Quiet.SettleAsync();
            var (processor, own) = (ProcessFigures.ProcessorMs(cloud.Id), ProcessFigures.ProcessorMs(Environment.ProcessId));
            var called = Stopwatch.GetTimestamp();
            var answer = await cloud.ReleaseAsync(id);
            var answered = Stopwatch.GetTimestamp();
            if ((int)answer.Json["targets"]! != devices) throw new InvalidOperationException($"Released to {answer.Json["targets"]} devices instead of {devices}.");
            await Quiet.UntilAsync(() => probe.Acked == devices, Patience, "every device has its receipt acknowledged");
            var used = ProcessFigures.ProcessorMs(cloud.Id) - processor;
            var fleetUsed = ProcessFigures.ProcessorMs(Environment.ProcessId) - own;
            await fleet.SilentAsync(Patience);
            if (!counts) return;
            _answered.Add(ProcessFigures.Ms(called, answered));
            _first.Add(ProcessFigures.Ms(called, probe.Sounded.Min()));
            _p99.Add(Series.Percentile(probe.Sounded.Select(s => ProcessFigures.Ms(called, s)), 0.99));
            Verified.Add(ProcessFigures.Ms(called, probe.Sounded.Max()));
            Received.Add(ProcessFigures.Ms(called, probe.Committed.Max()));
            Processor.Add(used);
            _fleetProcessor.Add(fleetUsed);
        }
    }

    private sealed class PeerRound(Mosquitto broker, PeerFleet peers, RawPublisher publisher, byte[] packets, BenchReport report)
    {
        private readonly Series _fleetProcessor = report.Series("Mosquitto: processor of publisher, subscribers and collector", "ms");

        public Series Verified { get; } = report.Series("Mosquitto: write → last subscriber verified", "ms");

        public Series Received { get; } = report.Series("Mosquitto: write → last receipt collected", "ms");

        public Series Processor { get; } = report.Series("Mosquitto: processor of the broker", "ms");

        public async Task RunAsync(bool counts)
        {
            peers.Reset();
            await Quiet.SettleAsync();
            var (processor, own) = (ProcessFigures.ProcessorMs(broker.Id), ProcessFigures.ProcessorMs(Environment.ProcessId));
            var called = Stopwatch.GetTimestamp();
            await publisher.SendAsync(packets);
            await Quiet.UntilAsync(() => peers.IsDone, Patience, "the collector has every receipt");
            if (!counts) return;
            Verified.Add(ProcessFigures.Ms(called, peers.Verified.Max()));
            Received.Add(ProcessFigures.Ms(called, peers.Collected.Max()));
            Processor.Add(ProcessFigures.ProcessorMs(broker.Id) - processor);
            _fleetProcessor.Add(ProcessFigures.ProcessorMs(Environment.ProcessId) - own);
        }
    }
}
