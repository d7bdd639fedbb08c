using System.Reflection;

namespace Orleans.Serialization;

/// <summary>Values declared as a collection's interface, of a type without a copier of its own, arrive as a list, set or dictionary.</summary>
internal static class InterfaceCopiers
{
    private static readonly Dictionary<Type, string> ByDefinition = new()
    {
        [typeof(IEnumerable<>)] = nameof(List),
        [typeof(ICollection<>)] = nameof(List),
        [typeof(IReadOnlyCollection<>)] = nameof(List),
        [typeof(IList<>)] = nameof(List),
        [typeof(IReadOnlyList<>)] = nameof(List),
        [typeof(ISet<>)] = nameof(Set),
        [typeof(IReadOnlySet<>)] = nameof(Set),
        [typeof(IDictionary<,>)] = nameof(Map),
        [typeof(IReadOnlyDictionary<,>)] = nameof(Map),
    };

    public static TypeCopier? For(Type declared)
    {
        if (!declared.IsGenericType || !ByDefinition.TryGetValue(declared.GetGenericTypeDefinition(), out var name))
            return null;
        var method = typeof(InterfaceCopiers).GetMethod(name, BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(declared.GenericTypeArguments);
        return new DelegateCopier(method.CreateDelegate<Func<object, CopyContext, object>>());
    }

    private static object List<T>(object value, CopyContext context)
    {
        var copy = new List<T>();
        context.Record(value, copy);
        foreach (var item in (IEnumerable<T>)value)
            copy.Add(Copier.Copy(item, context));
        return copy;
    }

    private static object Set<T>(object value, CopyContext context)
    {
        var copy = new HashSet<T>();
        context.Record(value, copy);
        foreach (var item in (IEnumerable<T>)value)
            copy.Add(Copier.Copy(item, context));
        return copy;
    }

    private static object Map<TKey, T>(object value, CopyContext context)
        where TKey : notnull
    {
        var copy = new Dictionary<TKey, T>();
        context.Record(value, copy);
        foreach (var (key, item) in (IEnumerable<KeyValuePair<TKey, T>>)value)
            copy[Copier.Copy(key, context)] = Copier.Copy(item, context);
        return copy;
    }
}
