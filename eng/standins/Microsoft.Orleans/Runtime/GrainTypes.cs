using System.Collections.Concurrent;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;

namespace Orleans.Runtime;

/// <summary>Which class implements which grain interface, found in every assembly that uses this one.</summary>
internal sealed class GrainTypes(Silo silo, GrainCollectionOptions options)
{
    private readonly ConcurrentDictionary<(Type Interface, string? Prefix), GrainClass> byInterface = new();
    private readonly ConcurrentDictionary<Type, GrainClass> byImplementation = new();

    public GrainClass Resolve(Type grainInterface, string? prefix) =>
        byInterface.TryGetValue((grainInterface, prefix), out var known)
            ? known
            : byInterface.GetOrAdd((grainInterface, prefix), Find(grainInterface, prefix));

    private static IEnumerable<Assembly> AssembliesWithGrains()
    {
        var own = typeof(GrainTypes).Assembly;
        var seen = new Dictionary<string, Assembly>(StringComparer.Ordinal);
        var open = new Stack<Assembly>(AppDomain.CurrentDomain.GetAssemblies());
        while (open.TryPop(out var assembly))
        {
            if (assembly.IsDynamic || !seen.TryAdd(assembly.FullName!, assembly))
                continue;
            var references = assembly.GetReferencedAssemblies();
            if (assembly != own && !references.Any(r => r.Name == own.GetName().Name))
                continue;
            yield return assembly;
            foreach (var reference in references.Where(r => !seen.ContainsKey(r.FullName) && IsProduct(r)))
                open.Push(Assembly.Load(reference));
        }
    }

    // A class of the framework is no grain; loading all of it to be sure of that would cost a second at each start.
    private static bool IsProduct(AssemblyName name) =>
        !name.Name!.StartsWith("System", StringComparison.Ordinal) && !name.Name.StartsWith("Microsoft.", StringComparison.Ordinal);

    private GrainClass Find(Type grainInterface, string? prefix)
    {
        var found = AssembliesWithGrains().SelectMany(a => a.GetTypes())
            .Where(t => t is { IsClass: true, IsAbstract: false, ContainsGenericParameters: false }
                && grainInterface.IsAssignableFrom(t) && typeof(IGrainBase).IsAssignableFrom(t))
            .Where(t => prefix is null || t.FullName!.StartsWith(prefix, StringComparison.Ordinal))
            .Distinct().ToArray();
        // Where several implement it, the class that is named after the interface is meant.
        if (prefix is null && found.Length > 1 && found.SingleOrDefault(t => t.Name == grainInterface.Name[1..]) is { } namesake)
            found = [namesake];
        return found switch
        {
            [var only] => byImplementation.GetOrAdd(only, type => new GrainClass(silo, type, options)),
            [] => throw new ArgumentException($"Could not find an implementation for interface {grainInterface}"),
            _ => throw new ArgumentException(
                $"Unable to identify a single appropriate grain type for interface {grainInterface}. Candidates: {string.Join(", ", found.Select(t => t.FullName))}"),
        };
    }
}
