using System.Collections.Concurrent;
using Broadcast.Device;
using Broadcast.Device.Sensing;
using Broadcast.Edge.Gateway;
using Broadcast.Edge.Recordings;
using Broadcast.Edge.Sensors;
using Broadcast.Edge.Storage;
using Broadcast.Edge.Telemetry;
using Broadcast.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Broadcast.Edge.Tests;

/// <summary>What is not sent, or sent thinner, where each byte is paid for.</summary>
public sealed class MeteredWayTests : IDisposable
{
    private static readonly UplinkSettings Modem = new() { Name = "modem", Cost = 10, Metered = true, Address = "127.0.0.2" };

    private readonly TempFolder _folder = new("metered");

    [Fact]
    public async Task Readings_that_wait_are_thinned_and_no_rain_is_lost()
    {
        await using var bench = await GatewayBench.StartAsync(_folder, new WatchSettings(), cloudIsAway: true, uplinks: [Modem]);
        var store = bench.Get<GatewayStore>();
        SiteReading dry = new(new LevelReading(SensorFault.None, 1_250, ""), 12_600, [0, 0, 0, 0], SensorFault.None, SensorFault.None, AlarmStage.None);
        for (var i = 0; i < 120; i++)
        {
            var at = DateTimeOffset.FromUnixTimeMilliseconds(1_795_000_000_000).AddMinutes(5 * i);
            store.KeepReading(at, 1, dry).ShouldBeTrue();
            store.SumReadings(new Stamp(at.ToUnixTimeMilliseconds(), ClockQuality.Cloud, i), dry, 2, 10).ShouldBeTrue();
        }

        bench.Cloud.IsAway = false;
        await Eventually.HoldsAsync(() => bench.Cloud.Readings.Count > 0 && store.WaitingReadings() == 0, EdgeProcess.Patience);
        bench.Cloud.Readings.Count.ShouldBeLessThanOrEqualTo(25, "two a hour or fewer, and what was read meanwhile");
        bench.Cloud.Readings.Sum(r => r.RainTenths).ShouldBe(240);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Telemetry_goes_only_where_bytes_are_free(bool metered)
    {
        await using var door = await Door.StartAsync();
        await using var uplink = new Uplink(Settings(door.Address, new UplinkSettings { Name = "way", Metered = metered }), TimeProvider.System);
        using var exporter = new HttpMessageInvoker(new TelemetryExport.NotWhereBytesArePaidFor(uplink));
        using var request = new HttpRequestMessage(HttpMethod.Post, door.Address + "v1/metrics");
        async Task SendAsync() => (await exporter.SendAsync(request, TestContext.Current.CancellationToken)).Dispose();
        if (metered) await Should.ThrowAsync<HttpRequestException>(SendAsync);
        else await SendAsync();
        door.Callers.Count.ShouldBe(metered ? 0 : 1);
    }

    [Fact]
    public async Task A_connection_that_stayed_open_on_one_way_carries_nothing_after_the_link_has_gone_over_to_another()
    {
        await using var door = await Door.StartAsync();
        var settings = Settings(door.Address, new UplinkSettings { Name = "wire", Address = "127.0.0.1" }, Modem);
        await using var uplink = new Uplink(settings, TimeProvider.System);
        using var cloud = new CloudDoor(settings, uplink);
        await AskAsync(cloud);
        using (var stop = new CancellationTokenSource())
        {
            var running = uplink.RunAsync(stop.Token); // Nobody listens for the link: each way is tried in its turn.
            await Eventually.HoldsAsync(() => uplink.Name == "modem", EdgeProcess.Patience);
            await stop.CancelAsync();
            await running;
        }
        var name = uplink.Name;
        await AskAsync(cloud);
        (name, string.Join(' ', door.Callers)).ShouldBe(("modem", "127.0.0.1 127.0.0.2"));
    }

    public void Dispose() => _folder.Dispose();

    private static async Task AskAsync(CloudDoor cloud)
    {
        using var request = cloud.Ask(HttpMethod.Get, "x", new byte[32], 1_795_000_000_000);
        using var answer = await cloud.SendAsync(request, TestContext.Current.CancellationToken);
        await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    private static EdgeSettings Settings(string door, params UplinkSettings[] uplinks) => new()
    {
        Device = new DeviceSettings { Id = TestCloud.Device, OrderKey = Convert.ToHexStringLower(TestCloud.OrderKey) },
        Link = new LinkSettings { Host = "127.0.0.1", Port = 1, Plain = true, Secret = "x", Uplinks = uplinks },
        Recordings = new RecordingSettings { From = door },
    };

    /// <summary>Any door: remembers from which addresses it was asked.</summary>
    private sealed class Door : IAsyncDisposable
    {
        private readonly ConcurrentQueue<string> _callers = new();
        private WebApplication _app = null!;

        public IReadOnlyCollection<string> Callers => _callers;

        public string Address => _app.Urls.First() + "/";

        public static async Task<Door> StartAsync()
        {
            var door = new Door();
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            door._app = builder.Build();
            door._app.Urls.Add("http://127.0.0.1:0");
            door._app.Run(http =>
            {
                door._callers.Enqueue($"{http.Connection.RemoteIpAddress}");
                return http.Response.WriteAsync("yes");
            });
            await door._app.StartAsync();
            return door;
        }

        public ValueTask DisposeAsync() => _app.DisposeAsync();
    }
}
