using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Collections.ObjectModel;
using System.Reflection;

namespace Orleans.Serialization;

/// <summary>The framework's collections and tuples that Orleans' serializer knows.</summary>
internal static class CollectionCopiers
{
    private static readonly Dictionary<Type, string> ByDefinition = new()
    {
        [typeof(List<>)] = nameof(List),
        [typeof(Dictionary<,>)] = nameof(Map),
        [typeof(HashSet<>)] = nameof(Set),
        [typeof(Queue<>)] = nameof(FirstIn),
        [typeof(Stack<>)] = nameof(LastIn),
        [typeof(SortedDictionary<,>)] = nameof(SortedMap),
        [typeof(SortedList<,>)] = nameof(SortedRows),
        [typeof(SortedSet<>)] = nameof(Sorted),
        [typeof(ConcurrentDictionary<,>)] = nameof(ConcurrentMap),
        [typeof(ConcurrentQueue<>)] = nameof(ConcurrentFirstIn),
        [typeof(Collection<>)] = nameof(Plain),
        [typeof(ReadOnlyCollection<>)] = nameof(ReadOnly),
        [typeof(ReadOnlyDictionary<,>)] = nameof(ReadOnlyMap),
        [typeof(ImmutableArray<>)] = nameof(FixedArray),
        [typeof(ImmutableList<>)] = nameof(FixedList),
        [typeof(ImmutableHashSet<>)] = nameof(FixedSet),
        [typeof(ImmutableDictionary<,>)] = nameof(FixedMap),
        [typeof(KeyValuePair<,>)] = nameof(Pair),
    };

    public static TypeCopier? For(Type type)
    {
        if (type.IsArray)
            return new ArrayCopier(type.GetElementType()!);
        if (type == typeof(object))
            return new DelegateCopier((_, _) => new object());
        if (typeof(System.Runtime.CompilerServices.ITuple).IsAssignableFrom(type) && type.IsGenericType)
            return new TupleCopier(type);
        if (!type.IsGenericType)
            return null;
        var definition = type.GetGenericTypeDefinition();
        if (FrozenBase(type) is { } frozen)
            return Make(frozen.IsMap ? nameof(FrozenMap) : nameof(Frozen), frozen.Arguments);
        return ByDefinition.TryGetValue(definition, out var name) ? Make(name, type.GenericTypeArguments) : null;
    }

    private static DelegateCopier Make(string name, Type[] arguments)
    {
        var method = typeof(CollectionCopiers).GetMethod(name, BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(arguments);
        return new DelegateCopier(method.CreateDelegate<Func<object, CopyContext, object>>());
    }

    private static (bool IsMap, Type[] Arguments)? FrozenBase(Type type)
    {
        for (var t = type; t is not null; t = t.BaseType)
        {
            if (!t.IsGenericType)
                continue;
            if (t.GetGenericTypeDefinition() == typeof(FrozenSet<>))
                return (false, t.GenericTypeArguments);
            if (t.GetGenericTypeDefinition() == typeof(FrozenDictionary<,>))
                return (true, t.GenericTypeArguments);
        }
        return null;
    }

    private static TCollection Filled<TCollection, T>(TCollection copy, IEnumerable<T> items, object original, Action<TCollection, T> add, CopyContext context)
        where TCollection : notnull
    {
        context.Record(original, copy);
        foreach (var item in items)
            add(copy, Copier.Copy(item, context));
        return copy;
    }

    private static object List<T>(object value, CopyContext c)
    {
        var list = (List<T>)value;
        return Filled(new List<T>(list.Count), list, value, static (l, i) => l.Add(i), c);
    }

    private static object Map<TKey, T>(object value, CopyContext c) where TKey : notnull
    {
        var map = (Dictionary<TKey, T>)value;
        return Filled(new Dictionary<TKey, T>(map.Count, map.Comparer), map, value, static (m, p) => m.Add(p.Key, p.Value), c);
    }

    private static object Set<T>(object value, CopyContext c)
    {
        var set = (HashSet<T>)value;
        return Filled(new HashSet<T>(set.Count, set.Comparer), set, value, static (s, i) => s.Add(i), c);
    }

    private static object FirstIn<T>(object value, CopyContext c) =>
        Filled(new Queue<T>(), (Queue<T>)value, value, static (q, i) => q.Enqueue(i), c);

    private static object LastIn<T>(object value, CopyContext c) =>
        Filled(new Stack<T>(), ((Stack<T>)value).Reverse(), value, static (s, i) => s.Push(i), c);

    private static object SortedMap<TKey, T>(object value, CopyContext c) where TKey : notnull
    {
        var map = (SortedDictionary<TKey, T>)value;
        return Filled(new SortedDictionary<TKey, T>(map.Comparer), map, value, static (m, p) => m.Add(p.Key, p.Value), c);
    }

    private static object SortedRows<TKey, T>(object value, CopyContext c) where TKey : notnull
    {
        var map = (SortedList<TKey, T>)value;
        return Filled(new SortedList<TKey, T>(map.Comparer), map, value, static (m, p) => m.Add(p.Key, p.Value), c);
    }

    private static object Sorted<T>(object value, CopyContext c)
    {
        var set = (SortedSet<T>)value;
        return Filled(new SortedSet<T>(set.Comparer), set, value, static (s, i) => s.Add(i), c);
    }

    private static object ConcurrentMap<TKey, T>(object value, CopyContext c) where TKey : notnull
    {
        var map = (ConcurrentDictionary<TKey, T>)value;
        return Filled(new ConcurrentDictionary<TKey, T>(map.Comparer), map, value, static (m, p) => m[p.Key] = p.Value, c);
    }

    private static object ConcurrentFirstIn<T>(object value, CopyContext c) =>
        Filled(new ConcurrentQueue<T>(), (ConcurrentQueue<T>)value, value, static (q, i) => q.Enqueue(i), c);

    private static object Plain<T>(object value, CopyContext c) =>
        Filled(new Collection<T>(), (Collection<T>)value, value, static (l, i) => l.Add(i), c);

    private static object ReadOnly<T>(object value, CopyContext c) =>
        new ReadOnlyCollection<T>([.. ((ReadOnlyCollection<T>)value).Select(i => Copier.Copy(i, c))]);

    private static object ReadOnlyMap<TKey, T>(object value, CopyContext c) where TKey : notnull =>
        new ReadOnlyDictionary<TKey, T>(((ReadOnlyDictionary<TKey, T>)value).ToDictionary(p => Copier.Copy(p.Key, c), p => Copier.Copy(p.Value, c)));

    private static object FixedArray<T>(object value, CopyContext c)
    {
        var array = (ImmutableArray<T>)value;
        return array.IsDefault ? array : array.Select(i => Copier.Copy(i, c)).ToImmutableArray();
    }

    private static object FixedList<T>(object value, CopyContext c) => ((ImmutableList<T>)value).Select(i => Copier.Copy(i, c)).ToImmutableList();

    private static object FixedSet<T>(object value, CopyContext c)
    {
        var set = (ImmutableHashSet<T>)value;
        return set.Select(i => Copier.Copy(i, c)).ToImmutableHashSet(set.KeyComparer);
    }

    private static object FixedMap<TKey, T>(object value, CopyContext c) where TKey : notnull
    {
        var map = (ImmutableDictionary<TKey, T>)value;
        return map.ToImmutableDictionary(p => Copier.Copy(p.Key, c), p => Copier.Copy(p.Value, c), map.KeyComparer);
    }

    private static object Frozen<T>(object value, CopyContext c)
    {
        var set = (FrozenSet<T>)value;
        return set.Select(i => Copier.Copy(i, c)).ToFrozenSet(set.Comparer);
    }

    private static object FrozenMap<TKey, T>(object value, CopyContext c) where TKey : notnull
    {
        var map = (FrozenDictionary<TKey, T>)value;
        return map.ToFrozenDictionary(p => Copier.Copy(p.Key, c), p => Copier.Copy(p.Value, c), map.Comparer);
    }

    private static object Pair<TKey, T>(object value, CopyContext c)
    {
        var pair = (KeyValuePair<TKey, T>)value;
        return KeyValuePair.Create(Copier.Copy(pair.Key, c), Copier.Copy(pair.Value, c));
    }

    private sealed class ArrayCopier(Type element) : TypeCopier
    {
        private readonly bool shallow = KnownTypes.IsHandedOn(element);

        public override object Copy(object value, CopyContext context)
        {
            if (context.TryGet(value, out var known))
                return known!;
            var copy = (Array)((Array)value).Clone();
            context.Record(value, copy);
            if (!shallow)
                CopyItems((Array)value, copy, context);
            return copy;
        }

        private void CopyItems(Array from, Array to, CopyContext context)
        {
            var at = new int[from.Rank];
            for (var n = 0; n < from.Length; n++)
            {
                var rest = n;
                for (var d = from.Rank - 1; d >= 0; rest /= from.GetLength(d--))
                    at[d] = from.GetLowerBound(d) + (rest % from.GetLength(d));
                if (from.GetValue(at) is { } item)
                    to.SetValue(Copier.CopyAs(item, element, context), at);
            }
        }
    }

    private sealed class TupleCopier(Type type) : TypeCopier
    {
        private readonly Type[] itemTypes = type.GenericTypeArguments;
        private readonly ConstructorInvoker make = ConstructorInvoker.Create(type.GetConstructor(type.GenericTypeArguments)!);

        public override object Copy(object value, CopyContext context)
        {
            var tuple = (System.Runtime.CompilerServices.ITuple)value;
            var items = new object?[itemTypes.Length];
            for (var i = 0; i < items.Length; i++)
            {
                if ((i == 7 ? Rest(value) : tuple[i]) is { } item)
                    items[i] = Copier.CopyAs(item, itemTypes[i], context);
            }
            return make.Invoke(items.AsSpan());
        }

        // The eighth item of a long tuple is a tuple of the others.
        private static object? Rest(object value) =>
            value.GetType().GetField("Rest")?.GetValue(value) ?? value.GetType().GetProperty("Rest")?.GetValue(value);
    }
}
