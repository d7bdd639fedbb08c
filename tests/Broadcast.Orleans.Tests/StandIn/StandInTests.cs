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
    public async Task Churn_takes_idle_grains_away_and_every_call_is_still_answered()
    {
        await using var cluster = await SiloFixture.StartAsync(_ => { });
        var silo = (Silo)cluster.GetSiloServiceProvider().GetService(typeof(Silo))!;
        silo.Churn = new Churn(oneIn: 5, seed: 421202);
        var grain = silo.Factory.GetGrain<ILifeGrain>(Guid.NewGuid().ToString("N"));
        var answers = new List<int>();
        for (var i = 0; i < 500; i++)
            answers.Add(await grain.Increment());
        answers.Count(n => n == 1).ShouldBeInRange(40, 200);
    }

    [Fact]
    public async Task Churn_spares_a_grain_that_is_kept_alive()
    {
        await using var cluster = await SiloFixture.StartAsync(_ => { });
        var silo = (Silo)cluster.GetSiloServiceProvider().GetService(typeof(Silo))!;
        silo.Churn = new Churn(oneIn: 1, seed: 421202);
        var grain = silo.Factory.GetGrain<IKeptLifeGrain>(Guid.NewGuid().ToString("N"));
        await grain.Increment();
        (await grain.Increment()).ShouldBe(2);
    }
}
