using System.Collections.Concurrent;
using Orleans.Runtime;

namespace Orleans.Serialization;

/// <summary>Deep-copies what crosses a grain interface, by the rules of Orleans' serializer: what that refuses, this refuses.</summary>
internal static class Copier
{
    private static readonly ConcurrentDictionary<Type, TypeCopier> Copiers = new();

    public static T Copy<T>(T value)
    {
        if (value is null || KnownTypes.IsHandedOn(typeof(T)))
            return value;
        return (T)Copy(value, new CopyContext())!;
    }

    public static object? Copy(object? value, CopyContext context)
    {
        if (value is null)
            return null;
        var copier = CopierOf(value.GetType());
        return copier.HandsOn ? value : copier.Copy(value, context);
    }

    public static TypeCopier CopierOf(Type type) => Copiers.TryGetValue(type, out var known) ? known : Copiers.GetOrAdd(type, Make(type));

    private static TypeCopier Make(Type type)
    {
        if (KnownTypes.IsHandedOn(type))
            return HandOn.Instance;
        if (typeof(GrainProxy).IsAssignableFrom(type))
            return HandOn.Instance; // A reference is but a name.
        if (CollectionCopiers.For(type) is { } collection)
            return collection;
        if (type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false))
            return new MemberwiseCopier(type);
        throw new CodecNotFoundException($"Could not find a copier for type {type}.");
    }

    private sealed class HandOn : TypeCopier
    {
        public static readonly HandOn Instance = new();

        public override bool HandsOn => true;

        public override object Copy(object value, CopyContext context) => value;
    }
}

internal abstract class TypeCopier
{
    /// <summary>True where the value itself may be handed on.</summary>
    public virtual bool HandsOn => false;

    public abstract object Copy(object value, CopyContext context);
}
