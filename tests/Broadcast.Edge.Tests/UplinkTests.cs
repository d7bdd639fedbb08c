using Broadcast.Edge.Gateway;
using Broadcast.Testing;

namespace Broadcast.Edge.Tests;

public sealed class UplinkTests : IDisposable
{
    private readonly TempFolder _folder = new("uplink");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_line_on_which_each_answer_takes_four_seconds_carries_the_link()
    {
        await using var cloud = await TestCloud.StartAsync(_folder.Path);
        await using var line = new SlowLine(cloud.Port, TimeSpan.FromSeconds(2));
        var settings = new EdgeSettings
        {
            Device = new DeviceSettings { Id = TestCloud.Device, OrderKey = Convert.ToHexStringLower(TestCloud.OrderKey) },
            Link = new LinkSettings { Host = "127.0.0.1", Port = line.Port, Ca = cloud.CaFile, Secret = TestCloud.Secret },
        };
        await using var uplink = new Uplink(settings, TimeProvider.System);
        using var stop = new CancellationTokenSource();
        var running = uplink.RunAsync(stop.Token);
        await Eventually.HoldsAsync(() => uplink.IsUp, EdgeProcess.Patience);
        await stop.CancelAsync();
        await running;
    }
}
