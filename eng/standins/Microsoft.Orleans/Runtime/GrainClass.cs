using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Concurrency;
using Orleans.Configuration;

namespace Orleans.Runtime;

/// <summary>A class of grains in this silo: how its activations are made and how they behave.</summary>
internal sealed class GrainClass
{
    private readonly ObjectFactory make;

    public GrainClass(Silo silo, Type implementation, GrainCollectionOptions options)
    {
        Silo = silo;
        Implementation = implementation;
        Type = GrainType.Create(NameOf(implementation));
        Reentrant = implementation.IsDefined(typeof(ReentrantAttribute));
        WorkersMax = implementation.GetCustomAttribute<StatelessWorkerAttribute>()?.MaxLocalWorkers ?? 0;
        CollectionAge = AgeOf(implementation, options);
        make = ActivatorUtilities.CreateFactory(implementation, []);
    }

    public Silo Silo { get; }

    public Type Implementation { get; }

    public GrainType Type { get; }

    public bool Reentrant { get; }

    /// <summary>Zero for a grain with an identity; else how many activations share one key's calls.</summary>
    public int WorkersMax { get; }

    public TimeSpan CollectionAge { get; }

    public object NewInstance(IServiceProvider services) => make(services, null);

    public object Reference(Type grainInterface, IdSpan key) => GrainProxy.Create(grainInterface, this, key);

    // The packages name a class after itself, in lower case and without the word grain.
    private static string NameOf(Type implementation)
    {
        var name = implementation.Name.ToLowerInvariant();
        return name.EndsWith("grain", StringComparison.Ordinal) && name.Length > 5 ? name[..^5] : name;
    }

    private static TimeSpan AgeOf(Type implementation, GrainCollectionOptions options)
    {
        if (implementation.IsDefined(typeof(KeepAliveAttribute)))
            return Timeout.InfiniteTimeSpan;
        if (implementation.GetCustomAttribute<CollectionAgeLimitAttribute>() is { } limit)
            return limit.AlwaysActive ? Timeout.InfiniteTimeSpan : limit.AgeLimit;
        return options.ClassSpecificCollectionAge.TryGetValue(implementation.FullName!, out var age) ? age : options.CollectionAge;
    }
}
