using Broadcast.Benchmarks.Measuring;
using Broadcast.Fleet;

namespace Broadcast.Benchmarks.Product;

/// <summary>Simulated devices in this process, so that what they see has this process' clock.</summary>
internal sealed class BenchFleet : IAsyncDisposable
{
    public const int ConnectsPerSecond = 1_000;
    private static readonly TimeSpan OnlinePatience = TimeSpan.FromMinutes(3);
    private readonly SimulatedFleet _fleet;

    private BenchFleet(SimulatedFleet fleet) => _fleet = fleet;

    public FleetStatus Status => _fleet.Status;

    public static async Task<BenchFleet> StartAsync(BenchCloud cloud, IFleetObserver? observer, int devices, bool tls, double speechRate, TimeSpan? backOffMax = null)
    {
        var fleet = new SimulatedFleet(new FleetOptions
        {
            DevicesFile = cloud.DevicesFile, Host = "127.0.0.1", Port = tls ? cloud.LinkPort : cloud.PlainPort, AuthorityFile = cloud.AuthorityFile, Plain = !tls,
            Take = devices, SpeechRate = speechRate, ConnectsPerSecond = ConnectsPerSecond, Observer = observer,
            BackOffMax = backOffMax ?? TimeSpan.FromSeconds(60),
        }, TimeProvider.System);
        var started = new BenchFleet(fleet);
        fleet.Start();
        await Quiet.UntilAsync(() => fleet.Status.Online == devices, OnlinePatience, $"{devices} devices are online");
        return started;
    }

    /// <summary>Waits until nobody speaks any more.</summary>
    public Task SilentAsync(TimeSpan within) => Quiet.UntilAsync(() => _fleet.Status.Playing == 0, within, "every device has finished");

    public ValueTask DisposeAsync() => _fleet.DisposeAsync();
}
