using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.TestingHost;

[assembly: AssemblyFixture(typeof(Broadcast.Orleans.Tests.SiloFixture))]

namespace Broadcast.Orleans.Tests;

/// <summary>One silo for the whole suite. Its callers wait for 2 s at most, so that a cycle of calls ends soon.</summary>
public sealed class SiloFixture : IAsyncLifetime
{
    public static readonly TimeSpan ResponseTimeout = TimeSpan.FromSeconds(2);

    private InProcessTestCluster cluster = null!;

    /// <summary>What grains and tests tell one another outside the calls under test.</summary>
    public static Signals Signals { get; } = new();

    /// <summary>A factory of the silo's own process, as the product uses it.</summary>
    public IGrainFactory Grains => Services.GetRequiredService<IGrainFactory>();

    public IServiceProvider Services => cluster.GetSiloServiceProvider();

    public static async Task<InProcessTestCluster> StartAsync(Action<ISiloBuilder> configure)
    {
        var builder = new InProcessTestClusterBuilder(1);
        builder.Options.ConfigureFileLogging = false;
        builder.ConfigureSilo((_, silo) => configure(silo));
        var started = builder.Build();
        await started.DeployAsync();
        return started;
    }

    public async ValueTask InitializeAsync() =>
        cluster = await StartAsync(silo => silo.Configure<SiloMessagingOptions>(o => o.ResponseTimeout = ResponseTimeout));

    public async ValueTask DisposeAsync() => await cluster.DisposeAsync();

    public Task DeactivateAsync(IAddressable grain) => cluster.DeactivateAsync(grain);
}
