using Broadcast.Benchmarks.Measuring;
using Broadcast.Benchmarks.Peers;
using Broadcast.Benchmarks.Product;
using Broadcast.Fleet;

namespace Broadcast.Benchmarks.Runs;

/// <summary>
/// Mobile data of one device in a month: a real device core over TLS through a proxy that counts. The idle part is watched for real minutes
/// (keep-alive 60 s, a report every five minutes), a connection, a warning and a programme once each; the month is their sum.
/// </summary>
internal static class QuietDay
{
    private const int Days = 30, WarningsADay = 1, ProgrammesADay = 3;
    private const double ConnectionsADay = 2; // A mobile network drops an idle line now and then; so does a reboot.
    private static readonly TimeSpan Watched = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    public static async Task<BenchReport> RunAsync(Machine machine)
    {
        var report = new BenchReport("quiet-day", machine, new Dictionary<string, string> { ["link"] = "TLS", ["keep-alive"] = "60 s", ["reports"] = "every 300 s", ["watched"] = $"{Watched.TotalMinutes:0} min" });
        await using var cloud = await BenchCloud.StartAsync(0);
        await using var proxy = new CountingProxy(cloud.LinkPort);
        var row = DevicesFile.Read(cloud.DevicesFile)[0];
        await using var fleet = new SimulatedFleet(new FleetOptions
        {
            DevicesFile = cloud.DevicesFile, Host = "127.0.0.1", Port = proxy.Port, AuthorityFile = cloud.AuthorityFile, Take = 1, SpeechRate = 200,
        }, TimeProvider.System);
        fleet.Start();
        await Quiet.UntilAsync(() => fleet.Status.Online == 1, Patience, "the device is online");
        await Task.Delay(TimeSpan.FromSeconds(2)); // The first report.
        var connected = proxy.Read();
        await Task.Delay(Watched);
        var idle = proxy.Read() - connected;
        var warning = await SpokenAsync(cloud, fleet, proxy, Bulletin.ForSite(row.Site), 1);
        var text = string.Concat(Enumerable.Repeat(Bulletin.Text, 4));
        var programme = await SpokenAsync(cloud, fleet, proxy, Bulletin.ForSite(row.Site, "programme", text), 2);
        if (proxy.Connections != 1) throw new InvalidOperationException("The device connected again: the parts cannot be told apart.");

        var month = 0.0;
        void Part(string name, Traffic one, double times)
        {
            var megabytes = one.Total * times / 1e6;
            month += megabytes;
            report.Series($"{name}: {one.Bytes} bytes in {one.Segments} segments each, a month", "MB").Add(megabytes);
        }

        Part("idle (pings and reports), of the watched time", idle, Days * 86_400 / Watched.TotalSeconds);
        Part("connection with handshake, hello and first report", connected, ConnectionsADay * Days);
        Part("warning of 100 characters with its receipts", warning, WarningsADay * Days);
        Part($"programme of {text.Length} characters with its receipts", programme, ProgrammesADay * Days);
        report.Series("all, a month", "MB").Add(month);
        report.Note("Each segment counts 52 bytes of IP and TCP. Aim: ≤ 15 MB.");
        return report;
    }

    private static async Task<Traffic> SpokenAsync(BenchCloud cloud, SimulatedFleet fleet, CountingProxy proxy, System.Text.Json.Nodes.JsonObject body, long played)
    {
        var id = await cloud.ApprovedAsync(body);
        var before = proxy.Read();
        await cloud.ReleaseAsync(id);
        await Quiet.UntilAsync(() => fleet.Status.Played == played, Patience, "the device has played it");
        await Task.Delay(TimeSpan.FromSeconds(1)); // Its last receipt and that one's acknowledgement.
        return proxy.Read() - before;
    }
}
