using System.Reflection;
using Orleans.Concurrency;
using Orleans.Serialization;

namespace Orleans.Runtime;

internal enum ReturnShape
{
    Nothing,
    Task,
    TaskOfT,
    ValueTask,
    ValueTaskOfT,
}

/// <summary>What is known of a method of a grain interface: its attributes, and how its arguments and result are copied.</summary>
internal sealed class GrainMethod
{
    private readonly MethodInvoker invoker;
    private readonly Type[] parameterTypes;
    private readonly bool[] handedOn;
    private readonly bool resultHandedOn;
    private readonly Func<Silo, GrainMethod, object?[], GrainClass, IdSpan, Call> newCall;

    public GrainMethod(MethodInfo method)
    {
        Name = $"{method.DeclaringType!.Name}.{method.Name}";
        invoker = MethodInvoker.Create(method);
        (Returns, var result) = ShapeOf(method);
        var parameters = method.GetParameters();
        parameterTypes = [.. parameters.Select(p => p.ParameterType)];
        handedOn = [.. parameters.Select(p => p.IsDefined(typeof(ImmutableAttribute)))];
        resultHandedOn = method.ReturnParameter.IsDefined(typeof(ImmutableAttribute), inherit: false);
        TokenIndex = Array.FindIndex(parameters, p => p.ParameterType == typeof(CancellationToken));
        OneWay = method.IsDefined(typeof(OneWayAttribute)) || Returns == ReturnShape.Nothing;
        ReadOnly = method.IsDefined(typeof(ReadOnlyAttribute));
        AlwaysInterleave = method.IsDefined(typeof(AlwaysInterleaveAttribute));
        ResponseTimeout = method.GetCustomAttribute<ResponseTimeoutAttribute>()?.Timeout;
        newCall = Maker(result);
    }

    public string Name { get; }

    public ReturnShape Returns { get; }

    public bool OneWay { get; }

    public bool ReadOnly { get; }

    public bool AlwaysInterleave { get; }

    public int TokenIndex { get; }

    public TimeSpan? ResponseTimeout { get; }

    public Call NewCall(Silo silo, object?[]? arguments, GrainClass target, IdSpan key) =>
        newCall(silo, this, Copied(arguments ?? []), target, key);

    public T CopyResult<T>(T result) => resultHandedOn ? result : Copier.Copy(result);

    public ValueTask<T> InvokeAsync<T>(object grain, object?[] arguments)
    {
        var returned = Invoked(grain, arguments);
        return Returns switch
        {
            ReturnShape.TaskOfT => new ValueTask<T>((Task<T>)returned!),
            ReturnShape.ValueTaskOfT => (ValueTask<T>)returned!,
            ReturnShape.Task => Awaited<T>(new ValueTask((Task)returned!)),
            ReturnShape.ValueTask => Awaited<T>((ValueTask)returned!),
            _ => new ValueTask<T>(default(T)!),
        };
    }

    private static async ValueTask<T> Awaited<T>(ValueTask task)
    {
        await task;
        return default!;
    }

    private static (ReturnShape Shape, Type Result) ShapeOf(MethodInfo method)
    {
        var type = method.ReturnType;
        if (type == typeof(void))
            return (ReturnShape.Nothing, typeof(bool));
        if (type == typeof(Task))
            return (ReturnShape.Task, typeof(bool));
        if (type == typeof(ValueTask))
            return (ReturnShape.ValueTask, typeof(bool));
        var open = type.IsGenericType ? type.GetGenericTypeDefinition() : null;
        if (open == typeof(Task<>))
            return (ReturnShape.TaskOfT, type.GenericTypeArguments[0]);
        if (open == typeof(ValueTask<>))
            return (ReturnShape.ValueTaskOfT, type.GenericTypeArguments[0]);
        throw new NotSupportedException(
            $"{method.DeclaringType}.{method.Name} returns {type}: this build uses the one-process stand-in for Orleans, "
            + "which knows Task, ValueTask and void; use the real packages for anything else.");
    }

    private static Func<Silo, GrainMethod, object?[], GrainClass, IdSpan, Call> Maker(Type result) =>
        typeof(GrainMethod).GetMethod(nameof(MakeCall), BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(result).CreateDelegate<Func<Silo, GrainMethod, object?[], GrainClass, IdSpan, Call>>();

    private static Call MakeCall<T>(Silo silo, GrainMethod method, object?[] arguments, GrainClass target, IdSpan key)
    {
        var call = new Call<T>(silo, method, arguments, target, key) { RequestContext = Copier.Copy(RequestContext.Values) };
        call.FollowCancellation();
        if (method.OneWay)
            call.AnswerAtOnce();
        return call;
    }

    private object? Invoked(object grain, object?[] arguments)
    {
        try
        {
            return invoker.Invoke(grain, arguments.AsSpan());
        }
        catch (TargetInvocationException e) when (e.InnerException is { } inner)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(inner);
            throw;
        }
    }

    // A grain that passes itself on is passed as a reference to it.
    private static object CopiedArgument(object value, Type parameterType, CopyContext context) =>
        value is IGrainBase { GrainContext: Activation own }
            ? own.Class.Reference(parameterType, own.GrainId.Key)
            : Copier.CopyAs(value, parameterType, context);

    private object?[] Copied(object?[] arguments)
    {
        if (arguments.Length == 0)
            return arguments;
        var copies = new object?[arguments.Length];
        var context = new CopyContext(); // One for the call, so that what is one object on this side is one on the other.
        for (var i = 0; i < arguments.Length; i++)
            copies[i] = handedOn[i] || arguments[i] is not { } value ? arguments[i] : CopiedArgument(value, parameterTypes[i], context);
        return copies;
    }
}
