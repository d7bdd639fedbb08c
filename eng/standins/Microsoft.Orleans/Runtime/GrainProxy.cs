using System.Collections.Concurrent;
using System.Reflection;

namespace Orleans.Runtime;

/// <summary>A reference to a grain: an implementation of its interface that sends each call to the silo.</summary>
internal class GrainProxy : DispatchProxy
{
    private static readonly ConcurrentDictionary<MethodInfo, GrainMethod> Methods = new();

    public GrainClass Class { get; private set; } = null!;

    public GrainId Id { get; private set; }

    public static object Create(Type grainInterface, GrainClass grainClass, IdSpan key)
    {
        var proxy = (GrainProxy)Create(grainInterface, typeof(GrainProxy));
        proxy.Class = grainClass;
        proxy.Id = new GrainId(grainClass.Type, key);
        return proxy;
    }

    public override bool Equals(object? obj) => obj is GrainProxy other && other.Id.Equals(Id);

    public override int GetHashCode() => Id.GetHashCode();

    public override string ToString() => $"GrainReference:{Id}";

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        var method = Methods.GetOrAdd(targetMethod!, static m => new GrainMethod(m));
        var call = method.NewCall(Class.Silo, args, Class, Id.Key);
        var answer = call.Answer();
        Class.Silo.Send(call);
        return answer;
    }
}
