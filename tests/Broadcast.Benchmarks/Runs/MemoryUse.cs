using System.Security.Cryptography.X509Certificates;
using Broadcast.Benchmarks.Measuring;
using Broadcast.Benchmarks.Peers;
using Broadcast.Benchmarks.Product;
using Broadcast.Fleet;
using Broadcast.Testing;

namespace Broadcast.Benchmarks.Runs;

/// <summary>
/// What a connected, idle device holds in the process that serves it: private memory with all of them, less private memory before, over their
/// number. Beside the product: a bare server of sockets and SslStreams, and Mosquitto, with the same clients. Each is a fresh process.
/// </summary>
internal static class MemoryUse
{
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(20);

    public static async Task<BenchReport> RunAsync(Machine machine, int devices, int rounds)
    {
        var report = new BenchReport("memory", machine, new Dictionary<string, string> { ["devices"] = $"{devices}" });
        Series Of(string who) => report.Series($"{who}, a connected device", "KB");
        var (plain, tls, barePlain, bareTls, brokerPlain, brokerTls) = (Of("product, plain"), Of("product, TLS"), Of("bare sockets"), Of("bare SslStream"), Of("Mosquitto, plain"), Of("Mosquitto, TLS"));
        var floor = report.Series("bare SslStream + what the product adds to plain, a device", "KB");
        for (var round = 0; round < rounds; round++)
        {
            plain.Add(await ProductAsync(devices, tls: false));
            tls.Add(await ProductAsync(devices, tls: true));
            await using var certificates = await BenchCloud.StartAsync(devices);
            var rows = DevicesFile.Read(certificates.DevicesFile);
            barePlain.Add(await BareAsync(certificates, rows, tls: false));
            bareTls.Add(await BareAsync(certificates, rows, tls: true));
            brokerPlain.Add(await BrokerAsync(certificates, rows, tls: false));
            brokerTls.Add(await BrokerAsync(certificates, rows, tls: true));
            floor.Add(bareTls.Values[^1] + plain.Values[^1]);
        }

        report.Ratio("TLS over bare SslStream + plain", tls, floor, 1.1);
        report.Note($"Aim: plain ≤ 12 KB; it was {plain.Median:0.0} KB.");
        return report;
    }

    private static async Task<double> ProductAsync(int devices, bool tls)
    {
        await using var cloud = await BenchCloud.StartAsync(devices);
        return await GrowthAsync(cloud, DevicesFile.Read(cloud.DevicesFile), cloud.Id, tls ? cloud.LinkPort : cloud.PlainPort, tls, ofProduct: true);
    }

    private static async Task<double> BareAsync(BenchCloud cloud, IReadOnlyList<DeviceRow> rows, bool tls)
    {
        var port = FreePort.Find();
        await using var server = await BareServer.StartAsync(port, tls ? (cloud.Tls.Certificate, cloud.Tls.Key) : null);
        return await GrowthAsync(cloud, rows, server.Id, port, tls, ofProduct: false);
    }

    private static async Task<double> BrokerAsync(BenchCloud cloud, IReadOnlyList<DeviceRow> rows, bool tls)
    {
        await using var broker = await Mosquitto.StartAsync(tls ? cloud.Tls : null);
        return await GrowthAsync(cloud, rows, broker.Id, broker.Port, tls, ofProduct: false);
    }

    private static async Task<double> GrowthAsync(BenchCloud cloud, IReadOnlyList<DeviceRow> rows, int server, int port, bool tls, bool ofProduct)
    {
        using var authority = tls ? X509CertificateLoader.LoadCertificateFromFile(cloud.AuthorityFile) : null;
        // A few first, and away again: code and pools that do not depend on the number are no device's.
        await using (var few = new LeanFleet([.. rows.Take(50)], port, authority, ofProduct)) await few.ConnectAsync(FanOut.ConnectsPerSecond);
        await Task.Delay(Rest);
        var before = ProcessFigures.PrivateBytes(server);
        await using var fleet = new LeanFleet(rows, port, authority, ofProduct);
        await fleet.ConnectAsync(FanOut.ConnectsPerSecond);
        await Task.Delay(Rest);
        return (ProcessFigures.PrivateBytes(server) - before) / 1024.0 / rows.Count;
    }
}
