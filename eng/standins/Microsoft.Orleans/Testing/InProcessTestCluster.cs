using System.Collections.ObjectModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;

namespace Orleans.TestingHost;

public sealed class InProcessTestClusterOptions
{
    public string ClusterId { get; set; } = null!;

    public string ServiceId { get; set; } = null!;

    public short InitialSilosCount { get; set; }

    public bool ConfigureFileLogging { get; set; } = true;

    public List<Action<InProcessTestSiloSpecificOptions, IHostApplicationBuilder>> SiloHostConfigurationDelegates { get; } = [];
}

public sealed class InProcessTestSiloSpecificOptions
{
    public string SiloName { get; set; } = null!;
}

/// <summary>Configures a test's silo.</summary>
public sealed class InProcessTestClusterBuilder
{
    public InProcessTestClusterBuilder()
        : this(2)
    {
    }

    public InProcessTestClusterBuilder(short initialSilosCount) => Options = new InProcessTestClusterOptions
    {
        InitialSilosCount = initialSilosCount,
        ClusterId = $"testcluster-{Guid.NewGuid():N}",
        ServiceId = Guid.NewGuid().ToString("N"),
    };

    public InProcessTestClusterOptions Options { get; }

    public InProcessTestClusterBuilder ConfigureHost(Action<IHostApplicationBuilder> configureDelegate) =>
        ConfigureSiloHost((_, host) => configureDelegate(host));

    public InProcessTestClusterBuilder ConfigureSilo(Action<InProcessTestSiloSpecificOptions, ISiloBuilder> configureSiloDelegate) =>
        ConfigureSiloHost((options, host) => host.UseOrleans(silo => configureSiloDelegate(options, silo)));

    public InProcessTestClusterBuilder ConfigureSiloHost(Action<InProcessTestSiloSpecificOptions, IHostApplicationBuilder> configureSiloHostDelegate)
    {
        Options.SiloHostConfigurationDelegates.Add(configureSiloHostDelegate);
        return this;
    }

    public InProcessTestCluster Build() =>
        Options.InitialSilosCount == 1 ? new(Options) : throw OneProcess.Refusal($"a test cluster of {Options.InitialSilosCount} silos");
}

public abstract class SiloHandle : IDisposable, IAsyncDisposable
{
    public string Name { get; set; } = null!;

    public SiloAddress SiloAddress { get; set; } = null!;

    public abstract bool IsActive { get; }

    public abstract Task StopSiloAsync(bool stopGracefully);

    public abstract Task StopSiloAsync(CancellationToken ct);

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    public abstract ValueTask DisposeAsync();

    protected virtual void Dispose(bool disposing)
    {
    }
}

public class InProcessSiloHandle : SiloHandle
{
    private bool active = true;

    public IHost SiloHost { get; init; } = null!;

    public IServiceProvider ServiceProvider => SiloHost.Services;

    public override bool IsActive => active;

    public override async Task StopSiloAsync(bool stopGracefully)
    {
        using var stop = new CancellationTokenSource();
        if (!stopGracefully)
            await stop.CancelAsync();
        await StopSiloAsync(stop.Token);
    }

    public override async Task StopSiloAsync(CancellationToken ct)
    {
        if (!active)
            return;
        active = false;
        await SiloHost.StopAsync(ct);
    }

    public override async ValueTask DisposeAsync()
    {
        await StopSiloAsync(true);
        if (SiloHost is IAsyncDisposable host)
            await host.DisposeAsync();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            SiloHost.Dispose();
    }
}

/// <summary>A test's silo, started and stopped with it.</summary>
public sealed class InProcessTestCluster : IDisposable, IAsyncDisposable
{
    private readonly List<InProcessSiloHandle> silos = [];

    internal InProcessTestCluster(InProcessTestClusterOptions options) => Options = options;

    public InProcessTestClusterOptions Options { get; }

    public ReadOnlyCollection<InProcessSiloHandle> Silos => silos.AsReadOnly();

    public IClusterClient Client => GetSiloServiceProvider().GetRequiredService<IClusterClient>();

    public async Task DeployAsync()
    {
        if (silos.Count > 0)
            throw new InvalidOperationException("Cluster host already deployed.");
        var siloOptions = new InProcessTestSiloSpecificOptions { SiloName = "Silo_0" };
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings
        {
            ApplicationName = siloOptions.SiloName,
            EnvironmentName = Environments.Development,
            DisableDefaults = true,
        });
        foreach (var configure in Options.SiloHostConfigurationDelegates)
            configure(siloOptions, builder);
        builder.UseOrleans(silo => silo
            .UseLocalhostClustering(serviceId: Options.ServiceId, clusterId: Options.ClusterId)
            .Configure<SiloOptions>(o => o.SiloName = siloOptions.SiloName));
        var host = builder.Build();
        await host.StartAsync();
        silos.Add(new InProcessSiloHandle
        {
            Name = siloOptions.SiloName,
            SiloHost = host,
            SiloAddress = host.Services.GetRequiredService<ILocalSiloDetails>().SiloAddress,
        });
    }

    public IServiceProvider GetSiloServiceProvider(SiloAddress? silo = null) =>
        (silos.FirstOrDefault(s => silo is null || s.SiloAddress.Equals(silo))
            ?? throw new ArgumentException($"The provided silo address '{silo}' is unknown.")).SiloHost.Services;

    public Task WaitForDeactivationAsync(IAddressable grain) => Deactivations(grain, _ => { });

    public Task DeactivateAsync(IAddressable grain) =>
        Deactivations(grain, a => a.Deactivate(new(DeactivationReasonCode.ApplicationRequested, "DeactivateAsync was called.")));

    public async Task StopAllSilosAsync()
    {
        foreach (var silo in silos)
            await silo.DisposeAsync();
        silos.Clear();
    }

    public async ValueTask DisposeAsync() => await StopAllSilosAsync();

    public void Dispose()
    {
        foreach (var silo in silos)
            silo.Dispose();
    }

    private Task Deactivations(IAddressable grain, Action<Activation> first)
    {
        var all = GetSiloServiceProvider().GetRequiredService<Silo>().ActivationsOf(grain.GetGrainId()).ToArray();
        foreach (var activation in all)
            first(activation);
        return Task.WhenAll(all.Select(a => a.Deactivated));
    }
}
