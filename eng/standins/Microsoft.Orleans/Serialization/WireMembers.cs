using System.Reflection;
using System.Runtime.CompilerServices;

namespace Orleans.Serialization;

/// <summary>Which fields of a [GenerateSerializer] type travel: those with an [Id], those behind a property with one, and a record's parameters.</summary>
internal static class WireMembers
{
    private const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    public static IEnumerable<FieldInfo> FieldsOf(Type type)
    {
        for (var t = type; t is not null && t != typeof(object) && t != typeof(ValueType); t = t.BaseType)
        {
            if (t.GetCustomAttribute<GenerateSerializerAttribute>(inherit: false) is not { } settings)
                throw new CodecNotFoundException($"Could not find a copier for type {t}, the base of {type}.");
            var parameters = PrimaryConstructorParameters(t, settings);
            foreach (var field in t.GetFields(Declared))
            {
                if (Travels(t, field, parameters, settings))
                    yield return field;
            }
        }
    }

    public static bool IsImmutable(FieldInfo field) =>
        field.IsDefined(typeof(ImmutableAttribute)) || PropertyOf(field)?.IsDefined(typeof(ImmutableAttribute)) == true;

    private static bool Travels(Type type, FieldInfo field, HashSet<string> parameters, GenerateSerializerAttribute settings)
    {
        if (field.IsDefined(typeof(NonSerializedAttribute)))
            return false;
        if (field.IsDefined(typeof(IdAttribute)))
            return true;
        if (PropertyOf(field) is not { } property)
            return false;
        return property.IsDefined(typeof(IdAttribute)) || parameters.Contains(property.Name)
            || (settings.GenerateFieldIds == GenerateFieldIds.PublicProperties && property.GetMethod?.IsPublic == true && type.IsVisible);
    }

    private static PropertyInfo? PropertyOf(FieldInfo field)
    {
        const string suffix = ">k__BackingField";
        return field.Name.StartsWith('<') && field.Name.EndsWith(suffix, StringComparison.Ordinal)
            ? field.DeclaringType!.GetProperty(field.Name[1..^suffix.Length], Declared)
            : null;
    }

    // A record declares its members in its primary constructor, and they travel without an [Id] of their own.
    private static HashSet<string> PrimaryConstructorParameters(Type type, GenerateSerializerAttribute settings)
    {
        var isRecord = type.GetMethod("<Clone>$", Declared) is not null
            || (type.IsValueType && type.GetMethod("PrintMembers", Declared)?.IsDefined(typeof(CompilerGeneratedAttribute)) == true);
        if (!isRecord && !settings.IncludePrimaryConstructorParameters)
            return [];
        return type.GetConstructors(Declared)
            .Where(c => c.GetParameters().Length > 0 && !(c.GetParameters() is [var only] && only.ParameterType == type))
            .OrderByDescending(c => c.GetParameters().Length)
            .Select(c => c.GetParameters().Select(p => p.Name!).ToHashSet(StringComparer.Ordinal)).FirstOrDefault() ?? [];
    }
}
