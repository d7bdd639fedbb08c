using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime;

namespace Orleans.Hosting;

public interface ISiloBuilder
{
    IServiceCollection Services { get; }

    IConfiguration Configuration { get; }
}

public static class SiloBuilderExtensions
{
    public static ISiloBuilder ConfigureServices(this ISiloBuilder builder, Action<IServiceCollection> configureDelegate)
    {
        ArgumentNullException.ThrowIfNull(configureDelegate);
        configureDelegate(builder.Services);
        return builder;
    }

    public static ISiloBuilder Configure<TOptions>(this ISiloBuilder builder, Action<TOptions> configureOptions) where TOptions : class
    {
        builder.Services.Configure(configureOptions);
        return builder;
    }

    public static ISiloBuilder ConfigureLogging(this ISiloBuilder builder, Action<ILoggingBuilder> configureLogging)
    {
        builder.Services.AddLogging(configureLogging);
        return builder;
    }
}

public static class CoreHostingExtensions
{
    /// <summary>One silo that knows only itself. The stand-in opens no port, so the ports are only its name.</summary>
    public static ISiloBuilder UseLocalhostClustering(
        this ISiloBuilder builder, int siloPort = 11111, int gatewayPort = 30000, IPEndPoint? primarySiloEndpoint = null,
        string serviceId = "dev", string clusterId = "dev")
    {
        if (primarySiloEndpoint is not null && primarySiloEndpoint.Port != siloPort)
            throw OneProcess.Refusal($"joining the primary silo at {primarySiloEndpoint}");
        builder.Services.AddSingleton(new Clustering(siloPort, gatewayPort));
        builder.Services.PostConfigure<ClusterOptions>(options =>
        {
            if (options.ClusterId == ClusterOptions.DefaultClusterId)
                options.ClusterId = clusterId;
            if (options.ServiceId == ClusterOptions.DefaultServiceId)
                options.ServiceId = serviceId;
        });
        return builder;
    }
}

public static class AdoNetHostingExtensions
{
    public static ISiloBuilder UseAdoNetClustering(this ISiloBuilder builder, Action<AdoNetClusteringSiloOptions> configureOptions) =>
        throw OneProcess.Refusal(nameof(UseAdoNetClustering));

    public static ISiloBuilder UseAdoNetClustering(
        this ISiloBuilder builder, Action<OptionsBuilder<AdoNetClusteringSiloOptions>> configureOptions) =>
        throw OneProcess.Refusal(nameof(UseAdoNetClustering));
}

internal static class OneProcess
{
    public static NotSupportedException Refusal(string what) =>
        new($"{what}: this build uses the one-process stand-in for Orleans; use the real packages for a cluster (./broadcast --packages real).");
}

internal sealed class SiloBuilder(IServiceCollection services, IConfiguration configuration) : ISiloBuilder
{
    public IServiceCollection Services { get; } = services;

    public IConfiguration Configuration { get; } = configuration;
}
