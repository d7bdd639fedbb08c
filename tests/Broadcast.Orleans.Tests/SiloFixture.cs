using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.TestingHost;

[assembly: AssemblyFixture(typeof(Broadcast.Orleans.Tests.SiloFixture))]

namespace Broadcast.Orleans.Tests;

/// <summary>One silo for the whole suite. Its callers wait for 6 s at most: a cycle of calls ends soon, and ten thousand calls on a busy machine do not.</summary>
public class SiloFixture : IAsyncLifetime
{
    public static readonly TimeSpan ResponseTimeout = TimeSpan.FromSeconds(6);

    private InProcessTestCluster cluster = null!;

    /// <summary>What grains and tests tell one another outside the calls under test.</summary>
    public static Signals Signals { get; } = new();

    /// <summary>A factory of the silo's own process, as the product uses it.</summary>
    public IGrainFactory Grains => Services.GetRequiredService<IGrainFactory>();

    /// <summary>The way in from another process: in the real lane what goes through it is serialized, not only copied.</summary>
    public IClusterClient Client => cluster.Client;

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

    public async ValueTask DisposeAsync()
    {
        await cluster.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    public Task DeactivateAsync(IAddressable grain) => cluster.DeactivateAsync(grain);
}

/// <summary>A silo for the tests that collect whatever is idle.</summary>
public sealed class CollectedSilo : SiloFixture;
