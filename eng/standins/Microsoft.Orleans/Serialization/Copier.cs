using System.Collections.Concurrent;
using Orleans.Runtime;

namespace Orleans.Serialization;

/// <summary>Deep-copies what crosses a grain interface, by the rules of Orleans' serializer: what that refuses, this refuses.</summary>
internal static class Copier
{
    private static readonly ConcurrentDictionary<Type, TypeCopier?> Copiers = new();

    public static T Copy<T>(T value) => Copy(value, new CopyContext());

    public static T Copy<T>(T value, CopyContext context) =>
        value is null || KnownTypes.IsHandedOn(typeof(T)) ? value : (T)CopyAs(value, typeof(T), context);

    /// <summary>Copies a value that is declared as the given type, which matters where that is a collection's interface.</summary>
    public static object CopyAs(object value, Type declared, CopyContext context)
    {
        var copier = CopierOf(value.GetType())
            ?? (declared.IsInterface ? Copiers.GetOrAdd(declared, InterfaceCopiers.For) : null)
            ?? throw new CodecNotFoundException($"Could not find a copier for type {value.GetType()}.");
        return copier.HandsOn ? value : copier.Copy(value, context);
    }

    private static TypeCopier? CopierOf(Type type) => Copiers.TryGetValue(type, out var known) ? known : Copiers.GetOrAdd(type, Make(type));

    private static TypeCopier? Make(Type type)
    {
        if (KnownTypes.IsHandedOn(type) || typeof(GrainProxy).IsAssignableFrom(type))
            return HandOn.Instance; // A grain's reference is but a name.
        return CollectionCopiers.For(type)
            ?? (type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false) ? new MemberwiseCopier(type) : null);
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

internal sealed class DelegateCopier(Func<object, CopyContext, object> copy) : TypeCopier
{
    public override object Copy(object value, CopyContext context) =>
        context.TryGet(value, out var known) ? known! : copy(value, context);
}
