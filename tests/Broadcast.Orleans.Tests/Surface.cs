using System.Reflection;

namespace Broadcast.Orleans.Tests;

/// <summary>The public face of a type, one line a member, written the same way whichever assembly it comes from.</summary>
internal static class Surface
{
    private const BindingFlags Any = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static;

    /// <summary>The list that is kept beside the stand-in.</summary>
    public static string[] Listed => File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "surface.txt"));

    public static IEnumerable<string> LinesOf(Assembly assembly) =>
        assembly.GetTypes().Where(IsFace).SelectMany(type => LinesOf(type, BindingFlags.DeclaredOnly)).Order(StringComparer.Ordinal);

    /// <summary>With inherited members, because a member may sit on a base that only one of the two assemblies has.</summary>
    public static IEnumerable<string> LinesWithInherited(Type type) => LinesOf(type, BindingFlags.FlattenHierarchy);

    private static IEnumerable<string> LinesOf(Type type, BindingFlags which)
    {
        var name = Name(type);
        yield return $"{name} is {Kind(type)}";
        if (type.GetCustomAttribute<AttributeUsageAttribute>(inherit: false) is { } usage)
            yield return $"{name} on {usage.ValidOn}, {(usage.AllowMultiple ? "many" : "one")}, {(usage.Inherited ? "inherited" : "own")}";
        for (var parent = type.BaseType; parent is not null && parent != typeof(object); parent = parent.BaseType)
            yield return $"{name} : {Name(parent)}";
        foreach (var implemented in type.GetInterfaces().Where(i => i.Namespace!.StartsWith("Orleans", StringComparison.Ordinal)))
            yield return $"{name} : {Name(implemented)}";
        foreach (var member in type.GetMembers(Any | which).Where(IsFace).Select(Line))
            yield return $"{name}.{member}";
    }

    private static bool IsFace(Type type) => type.IsVisible && !type.Name.StartsWith('<');

    private static bool IsFace(MemberInfo member) => member switch
    {
        _ when member.DeclaringType == typeof(object) => false,
        MethodInfo { IsSpecialName: true } method when !method.Name.StartsWith("op_", StringComparison.Ordinal) => false,
        MethodBase method => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly,
        FieldInfo field => (field.IsPublic || field.IsFamily) && field.Name != "value__",
        PropertyInfo property => property.GetAccessors(nonPublic: true).Any(IsFaceAccessor),
        _ => false,
    };

    private static bool IsFaceAccessor(MethodInfo accessor) => accessor.IsPublic || accessor.IsFamily || accessor.IsFamilyOrAssembly;

    private static string Line(MemberInfo member) => member switch
    {
        MethodInfo m => $"{m.Name}{Generics(m)}({Parameters(m)}) returns {Name(m.ReturnType)}{(m.IsStatic ? ", static" : "")}",
        ConstructorInfo c => $"new({Parameters(c)})",
        PropertyInfo p => $"{p.Name} as {Name(p.PropertyType)}, {string.Join(" ", p.GetAccessors(true).Where(IsFaceAccessor).Select(Accessor).Order(StringComparer.Ordinal))}",
        FieldInfo { IsLiteral: true } f => $"{f.Name} = {f.GetRawConstantValue()}",
        FieldInfo f => $"{f.Name} as {Name(f.FieldType)}{(f.IsStatic ? ", static" : "")}",
        _ => member.ToString()!,
    };

    private static string Kind(Type type) =>
        type.IsEnum ? "enum of " + Name(type.GetEnumUnderlyingType()) : type.IsInterface ? "interface" : type.IsValueType ? "struct"
        : type is { IsAbstract: true, IsSealed: true } ? "static class" : type.IsAbstract ? "abstract class" : type.IsSealed ? "sealed class" : "class";

    private static string Accessor(MethodInfo accessor)
    {
        var init = accessor.ReturnParameter.GetRequiredCustomModifiers().Length > 0;
        return (accessor.IsStatic ? "static-" : "") + (accessor.Name.StartsWith("get", StringComparison.Ordinal) ? "get" : init ? "init" : "set");
    }

    private static string Generics(MethodInfo method) =>
        method.IsGenericMethod
            ? $"<{string.Join(", ", method.GetGenericArguments().Select(g => string.Join(" ", [g.Name, .. g.GetGenericParameterConstraints().Select(Name)])))}>"
            : "";

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(p =>
        $"{Name(p.ParameterType)} {p.Name}{(p.HasDefaultValue ? $" = {p.RawDefaultValue ?? "null"}" : "")}"));

    private static string Name(Type type)
    {
        if (type.IsGenericParameter || type.FullName is null && !type.IsGenericType)
            return type.Name;
        if (!type.IsGenericType)
            return type.FullName!;
        var open = type.GetGenericTypeDefinition().FullName!;
        return $"{open[..open.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>";
    }
}
