using Broadcast.Cloud.Link;
using Broadcast.Cloud.Monitoring;
using Broadcast.Cloud.Settings;
using Broadcast.Cloud.Sites;
using Broadcast.Cloud.Warnings;
using Broadcast.Device;
using Broadcast.Ledger;
using Broadcast.Rules;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Hosting;
using Orleans.TestingHost;

namespace Broadcast.Cloud.Tests;

/// <summary>What concerns one device alone finds the node that has its session, through a real silo and a real ledger.</summary>
public sealed class DeviceGrainTests : IAsyncLifetime
{
    private const string Node = "node-1";
    private static readonly DeviceId Id = new("d421202100001");
    private static readonly byte[] Key = new byte[32];

    private readonly TestLine _line = new();
    private InProcessTestCluster _cluster = null!;
    private DeskBench _bench = null!;
    private NodeSessions _sessions = null!;
    private LiveDevice _live = null!;

    [Fact]
    public async Task Report_of_a_device_comes_from_the_node_that_has_its_session()
    {
        _live.Report = new Report { Firmware = "gw 1.2", Volume = 70 };

        var said = await Grain().Report();

        Report.Decode(said.ShouldNotBeNull()).ShouldNotBeNull().Volume.ShouldBe(70);
    }

    [Fact]
    public async Task Session_that_the_ledger_says_has_ended_is_not_asked()
    {
        _live.Report = new Report { Firmware = "gw 1.2", Volume = 70 };
        await _bench.Ledger.CloseSessionAsync(Id, _live.Epoch, _bench.Clock.GetUtcNow(), SessionEnd.LinkLost);

        (await Grain().Report()).ShouldBeNull();
        await Grain().SendSettings(2, [0xa0]);

        _line.Sent.ShouldBeEmpty();
    }

    [Fact]
    public async Task Settings_go_out_once_in_its_session_and_not_again_when_judged()
    {
        _live.Settings = new SettingsState { InForce = 1, Judged = 1 };
        await Grain().SendSettings(2, [0xa0]);
        _live.Settings = new SettingsState { InForce = 2, Judged = 2 };
        await Grain().SendSettings(2, [0xa0]);

        var opened = Envelope.Open(_line.Sent.ShouldHaveSingleItem(), Key, 1, Direction.Down, Id.Value);
        opened.Type.ShouldBe(MessageType.Settings);
    }

    public async ValueTask InitializeAsync()
    {
        _bench = await DeskBench.OpenAsync();
        var builder = new InProcessTestClusterBuilder(1);
        builder.Options.ConfigureFileLogging = false;
        builder.ConfigureSilo((_, silo) => silo.ConfigureServices(services => services
            .AddSingleton(_bench.Ledger).AddSingleton(_bench.Places).AddSingleton<TimeProvider>(_bench.Clock)
            .AddSingleton(new CloudOptions { DataFolder = "", Node = Node })
            .AddSingleton<NodeSessions>().AddSingleton<ProgressBatcher>().AddSingleton<SentNotes>().AddSingleton<OrderSender>().AddSingleton<SettingsDesk>().AddSingleton<NodeCustody>()));
        _cluster = builder.Build();
        await _cluster.DeployAsync();
        _sessions = _cluster.GetSiloServiceProvider().GetRequiredService<NodeSessions>();
        var opened = await _bench.Ledger.OpenSessionAsync(Id, Node, _bench.Clock.GetUtcNow());
        _line.Epoch = opened.Epoch;
        _live = new LiveDevice(_line, _bench.Places.Current.Find(Id).ShouldNotBeNull(), Key, _bench.Clock);
        _sessions.Enter(_live).ShouldBeTrue();
    }

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        await _bench.DisposeAsync();
    }

    private IDeviceGrain Grain() => _cluster.GetSiloServiceProvider().GetRequiredService<IGrainFactory>().GetGrain<IDeviceGrain>(Id.Value);
}
