using Broadcast.Orleans.Tests.Grains;
using Broadcast.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.Hosting;

namespace Broadcast.Orleans.Tests;

public sealed class HostingTests
{
    [Fact]
    public async Task A_host_with_a_silo_on_this_machine_starts_serves_and_stops()
    {
        var builder = QuietBuilder();
        var (silo, gateway) = (FreePort.Find(), FreePort.Find());
        builder.UseOrleans(orleans => orleans.UseLocalhostClustering(silo, gateway).Configure<SiloOptions>(o => o.SiloName = "here"));
        using var host = builder.Build();
        await host.StartAsync();
        (await host.Services.GetRequiredService<IGrainFactory>().GetGrain<ITextGrain>("k").Key()).ShouldBe("k");
        host.Services.GetRequiredService<ILocalSiloDetails>().Name.ShouldBe("here");
        await host.StopAsync();
    }

    [Fact]
    public async Task A_silo_without_clustering_does_not_start()
    {
        var builder = QuietBuilder();
        builder.UseOrleans(_ => { });
        using var host = builder.Build();
        await Should.ThrowAsync<InvalidOperationException>(() => host.StartAsync());
    }

    [Fact]
    public async Task A_collection_age_below_the_quantum_does_not_start()
    {
        var builder = QuietBuilder();
        var (silo, gateway) = (FreePort.Find(), FreePort.Find());
        builder.UseOrleans(orleans => orleans.UseLocalhostClustering(silo, gateway)
            .Configure<GrainCollectionOptions>(o => o.CollectionAge = TimeSpan.FromSeconds(1)));
        using var host = builder.Build();
        await Should.ThrowAsync<OrleansConfigurationException>(() => host.StartAsync());
    }

    [Fact]
    public async Task Grains_that_are_idle_for_their_age_are_collected_without_being_told()
    {
        var key = Guid.NewGuid().ToString("N");
        await using var cluster = await SiloFixture.StartAsync(silo => silo.Configure<GrainCollectionOptions>(o =>
        {
            o.CollectionQuantum = TimeSpan.FromMilliseconds(200);
            o.CollectionAge = TimeSpan.FromMilliseconds(400);
        }));
        var grains = cluster.GetSiloServiceProvider().GetRequiredService<IGrainFactory>();
        await grains.GetGrain<ILifeGrain>(key).Increment();
        await grains.GetGrain<IKeptLifeGrain>(key + "kept").Increment();
        await SiloFixture.Signals.Opened(key + "/left");
        (await grains.GetGrain<ILifeGrain>(key).Increment()).ShouldBe(1);
        (await grains.GetGrain<IKeptLifeGrain>(key + "kept").Increment()).ShouldBe(2);
    }

    private static HostApplicationBuilder QuietBuilder() =>
        new(new HostApplicationBuilderSettings { ApplicationName = "tests", DisableDefaults = true });

    // A silo is told its ports, so two free ones are found first; nothing else on this machine's loopback is likely to take them at once.
}
