using Broadcast.Orleans.Tests.Grains;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.TestingHost;

namespace Broadcast.Orleans.Tests.StandIn;

/// <summary>What only the stand-in says: that it is no cluster.</summary>
public sealed class StandInTests
{
    [Fact]
    public void A_cluster_in_a_database_is_refused_by_name()
    {
        var builder = Host.CreateApplicationBuilder();
        Should.Throw<NotSupportedException>(() => builder.UseOrleans(o => o.UseAdoNetClustering((AdoNetClusteringSiloOptions _) => { })))
            .Message.ShouldContain("UseAdoNetClustering: this build uses the one-process stand-in");
    }

    [Fact]
    public void A_test_cluster_of_two_silos_is_refused_by_name() =>
        Should.Throw<NotSupportedException>(() => new InProcessTestClusterBuilder(2).Build()).Message.ShouldContain("a test cluster of 2 silos");

    [Fact]
    public async Task Churn_takes_grains_away_after_a_turn_and_every_call_is_still_answered()
    {
        await using var cluster = await SiloFixture.StartAsync(o => o.Configure<SiloMessagingOptions>(m => m.MaxForwardCount = 100));
        var silo = (Silo)cluster.GetSiloServiceProvider().GetService(typeof(Silo))!;
        silo.Churn = new Churn(oneIn: 5, seed: 421202);
        var grain = silo.Factory.GetGrain<ILifeGrain>(Guid.NewGuid().ToString("N"));
        var answers = await Task.WhenAll(Enumerable.Range(0, 500).Select(_ => grain.Increment()));
        answers.Count(n => n == 1).ShouldBeInRange(50, 200);
    }
}
