using Broadcast.Cloud.Keys;
using Broadcast.Cloud.Link;
using Broadcast.Cloud.Settings;
using Broadcast.Cloud.Sites;
using Broadcast.Cloud.Townships;
using Broadcast.Cloud.Warnings;
using Broadcast.Ledger;
using Broadcast.Link;
using Broadcast.Rules;
using Broadcast.Testing;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Hosting;
using Orleans.TestingHost;

namespace Broadcast.Cloud.Tests;

/// <summary>Who takes a device out of the wrong hands is told where it still is in them (R6).</summary>
public sealed class CustodyTests : IAsyncLifetime
{
    private const string Node = "node-1";
    private static readonly DeviceId Id = new("d421202100001");
    private static readonly Actor Admin = Actor.Of(new PersonId("li-wei"));

    private readonly TempFolder _folder = new("custody");
    private InProcessTestCluster _cluster = null!;
    private DeskBench _bench = null!;
    private CustodyDesk _desk = null!;

    [Fact]
    public async Task A_node_that_shares_the_ledger_alone_and_has_the_session_is_named_as_not_reached()
    {
        await _bench.Ledger.OpenSessionAsync(Id, "node-2", _bench.Clock.GetUtcNow());

        var custody = (await _desk.SetServiceAsync(Id, ServiceState.Decommissioned, Admin, "stolen", default)).ShouldNotBeNull();

        custody.NotReached.ShouldBe(["node-2"]);
    }

    [Theory]
    [InlineData(Node, false)]
    [InlineData("node-2", true)]
    public async Task Nobody_is_named_where_the_session_was_here_or_has_ended(string node, bool ended)
    {
        var opened = await _bench.Ledger.OpenSessionAsync(Id, node, _bench.Clock.GetUtcNow());
        if (ended) await _bench.Ledger.CloseSessionAsync(Id, opened.Epoch, _bench.Clock.GetUtcNow(), SessionEnd.LinkLost);

        var custody = (await _desk.RekeyAsync(Id, Admin, "stolen", default)).ShouldNotBeNull();

        custody.NotReached.ShouldBeEmpty();
    }

    public async ValueTask InitializeAsync()
    {
        _bench = await DeskBench.OpenAsync();
        var builder = new InProcessTestClusterBuilder(1);
        builder.Options.ConfigureFileLogging = false;
        builder.ConfigureSilo((_, silo) => silo.ConfigureServices(services => services
            .AddSingleton(_bench.Ledger).AddSingleton(_bench.Places).AddSingleton<TimeProvider>(_bench.Clock).AddSingleton(KeyRing.OpenOrCreate(_folder["keys/"]))
            .AddSingleton(new CloudOptions { DataFolder = _folder.Path, Node = Node })
            .AddSingleton(services => new LinkEndpoint(null!, new LinkLimits(), _bench.Clock, Microsoft.Extensions.Logging.Abstractions.NullLogger<LinkEndpoint>.Instance)) // Nobody is at its doors.
            .AddSingleton<NodeSessions>().AddSingleton<ProgressBatcher>().AddSingleton<SentNotes>().AddSingleton<OrderSender>().AddSingleton<SettingsDesk>().AddSingleton<TownshipDesk>()
            .AddSingleton<NodeCustody>().AddSingleton<CustodyDesk>()));
        _cluster = builder.Build();
        await _cluster.DeployAsync();
        _desk = _cluster.GetSiloServiceProvider().GetRequiredService<CustodyDesk>();
    }

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        await _bench.DisposeAsync();
        _folder.Dispose();
    }
}
