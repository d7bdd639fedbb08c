using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Hosting;
using Orleans.Runtime;

namespace Microsoft.Extensions.Hosting;

public static class OrleansSiloGenericHostExtensions
{
    public static IHostApplicationBuilder UseOrleans(this IHostApplicationBuilder hostAppBuilder) => hostAppBuilder.UseOrleans(_ => { });

    public static HostApplicationBuilder UseOrleans(this HostApplicationBuilder hostAppBuilder) => hostAppBuilder.UseOrleans(_ => { });

    public static IHostApplicationBuilder UseOrleans(this IHostApplicationBuilder hostAppBuilder, Action<ISiloBuilder> configureDelegate)
    {
        ArgumentNullException.ThrowIfNull(configureDelegate);
        configureDelegate(BuilderIn(hostAppBuilder.Services, hostAppBuilder.Configuration));
        return hostAppBuilder;
    }

    public static HostApplicationBuilder UseOrleans(this HostApplicationBuilder hostAppBuilder, Action<ISiloBuilder> configureDelegate)
    {
        ((IHostApplicationBuilder)hostAppBuilder).UseOrleans(configureDelegate);
        return hostAppBuilder;
    }

    public static IHostBuilder UseOrleans(this IHostBuilder hostBuilder, Action<ISiloBuilder> configureDelegate) =>
        hostBuilder.UseOrleans((_, silo) => configureDelegate(silo));

    public static IHostBuilder UseOrleans(this IHostBuilder hostBuilder, Action<HostBuilderContext, ISiloBuilder> configureDelegate) =>
        hostBuilder.ConfigureServices((context, services) => configureDelegate(context, BuilderIn(services, context.Configuration)));

    public static IServiceCollection AddOrleans(this IServiceCollection services, Action<ISiloBuilder> configureDelegate)
    {
        ArgumentNullException.ThrowIfNull(configureDelegate);
        configureDelegate(BuilderIn(services, new ConfigurationBuilder().Build()));
        return services;
    }

    // Several calls add to one silo.
    private static SiloBuilder BuilderIn(IServiceCollection services, IConfiguration configuration)
    {
        if (services.FirstOrDefault(d => d.ServiceType == typeof(SiloBuilder))?.ImplementationInstance is SiloBuilder known)
            return known;
        var builder = new SiloBuilder(services, configuration);
        services.AddSingleton(builder);
        services.AddOptions();
        services.AddLogging();
        services.AddSingleton<Silo>();
        services.AddSingleton<IGrainFactory>(s => s.GetRequiredService<Silo>().Factory);
        services.AddSingleton<IClusterClient>(s => s.GetRequiredService<Silo>().Factory);
        services.AddSingleton<ILocalSiloDetails, LocalSiloDetails>();
        services.AddHostedService(s =>
        {
            s.GetRequiredService<ILocalSiloDetails>(); // Fails the start where no clustering is configured.
            return s.GetRequiredService<Silo>();
        });
        return builder;
    }
}
