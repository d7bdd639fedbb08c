using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Numerics;
using Orleans.Concurrency;

namespace Orleans.Serialization;

/// <summary>Types whose values never change, so that a copy of one is itself.</summary>
internal static class KnownTypes
{
    private static readonly HashSet<Type> Unchanging =
    [
        typeof(string), typeof(decimal), typeof(Half), typeof(Int128), typeof(UInt128), typeof(BigInteger),
        typeof(DateTime), typeof(DateTimeOffset), typeof(DateOnly), typeof(TimeOnly), typeof(TimeSpan),
        typeof(Guid), typeof(Uri), typeof(Version), typeof(CancellationToken), typeof(IPAddress), typeof(IPEndPoint),
        typeof(CultureInfo), typeof(CompareInfo), typeof(Runtime.GrainId), typeof(Runtime.GrainType), typeof(Runtime.IdSpan),
        typeof(Runtime.SiloAddress),
    ];

    private static readonly ConcurrentDictionary<Type, bool> Cache = new();

    public static bool IsHandedOn(Type type) => Cache.GetOrAdd(type, static t => Judge(t));

    private static bool Judge(Type type)
    {
        if (type.IsPrimitive || type.IsEnum || Unchanging.Contains(type) || typeof(Type).IsAssignableFrom(type))
            return true;
        if (Nullable.GetUnderlyingType(type) is { } inner)
            return IsHandedOn(inner);
        if (typeof(Exception).IsAssignableFrom(type) || typeof(IPAddress).IsAssignableFrom(type))
            return true;
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Immutable<>))
            return true;
        return type.IsDefined(typeof(ImmutableAttribute), inherit: false) && type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false);
    }
}
