using System.Diagnostics;
using System.Threading.Tasks.Sources;

namespace Orleans.Runtime;

/// <summary>Something an activation is asked to do in a turn of its own: a grain call or a timer's tick.</summary>
internal abstract class Turn
{
    public virtual bool Interleaves => false;

    public virtual bool ReadOnly => false;

    /// <summary>A tick of the activation's own timer: it neither outlives the activation nor is sent to the next one.</summary>
    public virtual bool LocalOnly => false;

    /// <summary>Whether it counts as use, for the collection of idle activations.</summary>
    public virtual bool KeepsAlive => true;

    public virtual bool Expired => false;

    public Dictionary<string, object>? RequestContext { get; init; }

    public Guid ReentrancyId => RequestContext is { } values && values.TryGetValue("#CCR", out var id) && id is Guid guid ? guid : Guid.Empty;

    public abstract Task RunAsync(object grain);

    public abstract void Fail(Exception exception);
}

/// <summary>A call of a grain's method, from its sending to the answer.</summary>
internal abstract class Call(Silo silo, GrainMethod method, object?[] arguments, GrainClass target, IdSpan key) : Turn
{
    private readonly long sentAt = Stopwatch.GetTimestamp();
    private readonly TimeSpan timeout = method.ResponseTimeout ?? silo.ResponseTimeout;
    private CancellationTokenSource? cancellation;
    private CancellationTokenRegistration registration;
    private int answered;

    public Silo Silo => silo;

    public GrainMethod Method => method;

    public GrainClass Target => target;

    public IdSpan Key => key;

    public int Forwards { get; set; }

    public bool IsAnswered => !method.OneWay && Volatile.Read(ref answered) != 0;

    public override bool Interleaves => method.AlwaysInterleave;

    public override bool ReadOnly => method.ReadOnly;

    public override bool Expired => Stopwatch.GetElapsedTime(sentAt) > timeout;

    protected object?[] Arguments => arguments;

    /// <summary>What the proxy hands to the caller: a task, a value task or nothing.</summary>
    public abstract object? Answer();

    /// <summary>The grain's side gets a token of its own, cancelled with the caller's; the caller does not wait for the grain to notice.</summary>
    public void FollowCancellation()
    {
        if (method.TokenIndex < 0 || arguments[method.TokenIndex] is not CancellationToken token)
            return;
        token.ThrowIfCancellationRequested();
        cancellation = new CancellationTokenSource();
        arguments[method.TokenIndex] = cancellation.Token;
        if (token.CanBeCanceled)
            registration = token.UnsafeRegister(static (call, token) => ((Call)call!).OnCancelled(token), this);
    }

    public void OnTimeout() => Fail(new TimeoutException(
        $"Response did not arrive on time in {timeout} for message: {method.Name} to {target.Type}/{key}."));

    public override void Fail(Exception exception)
    {
        if (Claim())
            SetException(exception);
    }

    public override string ToString() => $"{method.Name} to {target.Type}/{key}";

    protected abstract void SetException(Exception exception);

    /// <summary>True for the first of answer, time-out, cancellation and shutdown; the others come too late.</summary>
    protected bool Claim()
    {
        if (Interlocked.Exchange(ref answered, 1) != 0)
            return false;
        silo.Forget(this);
        registration.Unregister();
        return true;
    }

    private void OnCancelled(CancellationToken token)
    {
        Fail(new OperationCanceledException(token));
        silo.Withdraw(this);
        cancellation!.Cancel();
    }
}

internal sealed class Call<T>(Silo silo, GrainMethod method, object?[] arguments, GrainClass target, IdSpan key)
    : Call(silo, method, arguments, target, key), IValueTaskSource<T>, IValueTaskSource
{
    // The caller goes on in its own scheduler or on the pool, never inside the grain's turn.
    private ManualResetValueTaskSourceCore<T> answer = new() { RunContinuationsAsynchronously = true };

    public override object? Answer() => Method.Returns switch
    {
        ReturnShape.Task => new ValueTask(this, answer.Version).AsTask(),
        ReturnShape.TaskOfT => new ValueTask<T>(this, answer.Version).AsTask(),
        ReturnShape.ValueTask => new ValueTask(this, answer.Version),
        ReturnShape.ValueTaskOfT => new ValueTask<T>(this, answer.Version),
        _ => null,
    };

    public override async Task RunAsync(object grain)
    {
        T result;
        try
        {
            result = await Method.InvokeAsync<T>(grain, Arguments);
            result = Method.CopyResult(result);
        }
        catch (Exception e) when (Method.OneWay)
        {
            Silo.Log.OneWayFailed(e, this);
            return;
        }
        catch (Exception e) // Whatever the grain throws belongs to its caller.
        {
            Fail(e);
            return;
        }
        if (Claim())
            answer.SetResult(result);
    }

    /// <summary>A one-way call is answered when it is sent.</summary>
    public void AnswerAtOnce()
    {
        if (Claim())
            answer.SetResult(default!);
    }

    T IValueTaskSource<T>.GetResult(short token) => answer.GetResult(token);

    void IValueTaskSource.GetResult(short token) => answer.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<T>.GetStatus(short token) => answer.GetStatus(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => answer.GetStatus(token);

    void IValueTaskSource<T>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        answer.OnCompleted(continuation, state, token, flags);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        answer.OnCompleted(continuation, state, token, flags);

    protected override void SetException(Exception exception) => answer.SetException(exception);
}
