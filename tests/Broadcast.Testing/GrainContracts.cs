using System.Reflection;

namespace Broadcast.Testing;

/// <summary>
/// Holds that whatever crosses a grain interface is serializable by Orleans' rules. One process would not show it: there a
/// value is copied, not written to a wire. Attributes are known by name, so that this assembly needs no Orleans of its own.
/// </summary>
public static class GrainContracts
{
    private const string Generate = "Orleans.GenerateSerializerAttribute";
    private const string Id = "Orleans.IdAttribute";
    private const string Addressable = "Orleans.Runtime.IAddressable";

    /// <summary>Throws with one line a fault; does nothing where there is none.</summary>
    /// <param name="assembly">The assembly whose grain interfaces are judged.</param>
    /// <exception cref="InvalidOperationException">Something that crosses one of them would not arrive.</exception>
    public static void AssertSerializable(Assembly assembly)
    {
        var faults = FaultsOf(assembly);
        if (faults.Count > 0)
            throw new InvalidOperationException($"{faults.Count} faults in {assembly.GetName().Name}:\n" + string.Join('\n', faults));
    }

    /// <summary>What is wrong with the assembly's grain interfaces, a sentence each; empty where all is well.</summary>
    public static IReadOnlyList<string> FaultsOf(Assembly assembly) => FaultsOf(assembly.GetTypes());

    /// <summary>The same for the grain interfaces among some types of one assembly.</summary>
    public static IReadOnlyList<string> FaultsOf(IReadOnlyCollection<Type> types)
    {
        var judge = new Judge(types.FirstOrDefault()?.Assembly);
        foreach (var face in types.Where(t => t.IsInterface && IsAddressable(t)))
        {
            foreach (var method in face.GetMethods())
                judge.Visit(method);
        }
        return judge.Faults;
    }

    private static bool IsAddressable(Type type) => type.GetInterfaces().Any(i => i.FullName == Addressable);

    private static bool Carries(MemberInfo member, string attribute) =>
        member.GetCustomAttributesData().Any(a => a.AttributeType.FullName == attribute);

    private sealed class Judge(Assembly? home)
    {
        private const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

        private static readonly HashSet<Type> Known =
        [
            typeof(string), typeof(decimal), typeof(Half), typeof(Int128), typeof(UInt128), typeof(DateTime), typeof(DateTimeOffset),
            typeof(DateOnly), typeof(TimeOnly), typeof(TimeSpan), typeof(Guid), typeof(Uri), typeof(Version), typeof(CancellationToken),
            typeof(System.Net.IPAddress), typeof(System.Net.IPEndPoint), typeof(System.Numerics.BigInteger),
        ];

        // What of the framework the packages have codecs for, as far as a contract is likely to use it.
        private static readonly HashSet<string> KnownGenerics =
        [
            "System.Nullable`1", "System.Collections.Generic.KeyValuePair`2", "System.Collections.Generic.List`1",
            "System.Collections.Generic.Dictionary`2", "System.Collections.Generic.HashSet`1", "System.Collections.Generic.Queue`1",
            "System.Collections.Generic.Stack`1", "System.Collections.Generic.SortedDictionary`2", "System.Collections.Generic.SortedSet`1",
            "System.Collections.Generic.SortedList`2", "System.Collections.Generic.IEnumerable`1", "System.Collections.Generic.ICollection`1",
            "System.Collections.Generic.IReadOnlyCollection`1", "System.Collections.Generic.IList`1", "System.Collections.Generic.IReadOnlyList`1",
            "System.Collections.Generic.ISet`1", "System.Collections.Generic.IReadOnlySet`1", "System.Collections.Generic.IDictionary`2",
            "System.Collections.Generic.IReadOnlyDictionary`2", "System.Collections.Immutable.ImmutableArray`1",
            "System.Collections.Immutable.ImmutableList`1", "System.Collections.Immutable.ImmutableHashSet`1",
            "System.Collections.Immutable.ImmutableDictionary`2", "System.Collections.Concurrent.ConcurrentDictionary`2",
            "System.Collections.Concurrent.ConcurrentQueue`1", "System.Collections.Frozen.FrozenDictionary`2",
            "System.Collections.Frozen.FrozenSet`1", "System.Collections.ObjectModel.ReadOnlyCollection`1", "Orleans.Concurrency.Immutable`1",
        ];

        private readonly HashSet<Type> seen = [];

        public List<string> Faults { get; } = [];

        public void Visit(MethodInfo method)
        {
            var where = $"{method.DeclaringType!.Name}.{method.Name}";
            foreach (var parameter in method.GetParameters())
                Visit(parameter.ParameterType, $"{where}({parameter.Name})");
            if (ResultOf(method.ReturnType, out var result))
                Visit(result, $"the result of {where}");
            else
                Faults.Add($"{where} returns {method.ReturnType}: a grain answers with Task or ValueTask.");
        }

        private static bool ResultOf(Type type, out Type? result)
        {
            result = type.IsGenericType ? type.GenericTypeArguments[0] : null;
            var open = type.IsGenericType ? type.GetGenericTypeDefinition() : type;
            return open == typeof(void) || open == typeof(Task) || open == typeof(ValueTask) || open == typeof(Task<>) || open == typeof(ValueTask<>);
        }

        private void Visit(Type? type, string where)
        {
            if (type is null || !seen.Add(type) || type.IsPrimitive || type.IsEnum || Known.Contains(type) || IsAddressable(type))
                return;
            if (type.IsArray)
                Visit(type.GetElementType(), where);
            else if (IsKnownGeneric(type))
                VisitAll(type.GenericTypeArguments, where);
            else if (Carries(type, Generate))
                VisitMembers(type);
            else if (!typeof(Exception).IsAssignableFrom(type))
                Faults.Add($"{type} crosses {where} and carries no [GenerateSerializer].");
        }

        private void VisitAll(IEnumerable<Type> types, string where)
        {
            foreach (var type in types)
                Visit(type, where);
        }

        private static bool IsKnownGeneric(Type type) =>
            type.IsGenericType && (KnownGenerics.Contains(type.GetGenericTypeDefinition().FullName!)
                || typeof(System.Runtime.CompilerServices.ITuple).IsAssignableFrom(type));

        private void VisitMembers(Type type)
        {
            if (type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType) && parent != typeof(Exception))
                Visit(parent, $"{type.Name}, whose base it is,");
            var taken = new Dictionary<uint, string>();
            foreach (var field in type.GetFields(Declared).Where(f => !f.IsDefined(typeof(NonSerializedAttribute))))
                VisitField(type, field, taken);
            // What is declared as a base may arrive as any of its kinds.
            var open = type.IsGenericType ? type.GetGenericTypeDefinition() : type;
            VisitAll((home?.GetTypes() ?? []).Where(t => t.BaseType is { } b && (b.IsGenericType ? b.GetGenericTypeDefinition() : b) == open), $"{type.Name}, of which it is a kind,");
        }

        private void VisitField(Type type, FieldInfo field, Dictionary<uint, string> taken)
        {
            var property = PropertyOf(type, field);
            var name = property?.Name ?? field.Name;
            if ((IdOf(field) ?? (property is null ? null : IdOf(property))) is { } id)
            {
                if (!taken.TryAdd(id, name))
                    Faults.Add($"{type.Name}.{name} has the [Id({id})] of {taken[id]}.");
            }
            else if (!IsPrimaryParameter(type, name))
            {
                Faults.Add($"{type.Name}.{name} has no [Id], so it would stay behind.");
                return;
            }
            Visit(field.FieldType, $"{type.Name}.{name}");
        }

        private static uint? IdOf(MemberInfo member) =>
            (uint?)member.GetCustomAttributesData().FirstOrDefault(a => a.AttributeType.FullName == Id)?.ConstructorArguments[0].Value;

        private static PropertyInfo? PropertyOf(Type type, FieldInfo field)
        {
            const string suffix = ">k__BackingField";
            return field.Name.EndsWith(suffix, StringComparison.Ordinal) ? type.GetProperty(field.Name[1..^suffix.Length], Declared) : null;
        }

        // A record's primary constructor numbers its members itself.
        private static bool IsPrimaryParameter(Type type, string name)
        {
            var isRecord = type.GetMethod("<Clone>$", Declared) is not null || (type.IsValueType && type.GetMethod("PrintMembers", Declared) is not null);
            return isRecord && type.GetConstructors(Declared).Any(c => c.GetParameters().Any(p => p.Name == name));
        }
    }
}
