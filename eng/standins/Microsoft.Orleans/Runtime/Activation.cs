using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace Orleans.Runtime;

/// <summary>One living instance of a grain: its queue, its turns, its coming and going.</summary>
internal sealed class Activation : IGrainContext
{
    [ThreadStatic]
    private static Activation? current;

    private readonly Lock gate = new();
    private readonly ActivationScheduler scheduler;
    private readonly List<Turn> waiting = [];
    private readonly List<Turn> running = [];
    private readonly HashSet<GrainTimer> timers = [];
    private readonly Dictionary<Guid, int> reentrantSections = [];
    private readonly TaskCompletionSource deactivated = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource activating = new();
    private State state = State.Creating;
    private State stateBefore;
    private DeactivationReason reason;
    private Turn? blocking;
    private AsyncServiceScope scope;
    private long idleSince = Stopwatch.GetTimestamp();
    private DateTimeOffset keepAliveUntil;
    private bool operating;
    private int signalled;

    public Activation(GrainClass grainClass, IdSpan key)
    {
        Class = grainClass;
        GrainId = new GrainId(grainClass.Type, key);
        scheduler = new ActivationScheduler(this);
    }

    private enum State
    {
        Creating,
        Activating,
        Valid,
        Deactivating,
        Invalid,
    }

    /// <summary>The activation whose turn this thread is running.</summary>
    public static Activation? Current
    {
        get => current;
        set => current = value;
    }

    public GrainClass Class { get; }

    public Silo Silo => Class.Silo;

    public GrainId GrainId { get; }

    public object? GrainInstance { get; private set; }

    public IServiceProvider ActivationServices => scope.ServiceProvider;

    public Task Deactivated => deactivated.Task;

    /// <summary>How many turns run or wait; a stateless worker is chosen by it.</summary>
    public int Load
    {
        get
        {
            lock (gate)
                return waiting.Count + running.Count;
        }
    }

    public bool Equals(IGrainContext? other) => ReferenceEquals(this, other);

    public override bool Equals(object? obj) => ReferenceEquals(this, obj);

    public override int GetHashCode() => GrainId.GetHashCode();

    public override string ToString() => $"[Activation: {GrainId} {state}]";

    /// <summary>False when this activation is gone and the turn belongs to the next one.</summary>
    public bool TryEnqueue(Turn turn)
    {
        lock (gate)
        {
            if (state == State.Invalid)
                return false;
            waiting.Add(turn);
        }
        Signal();
        return true;
    }

    /// <summary>Takes a turn back that has not begun.</summary>
    public void Withdraw(Turn turn)
    {
        lock (gate)
            waiting.Remove(turn);
    }

    public void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default)
    {
        lock (gate)
        {
            if (reason.ReasonCode == DeactivationReasonCode.None)
                reason = deactivationReason;
            if (state is State.Deactivating or State.Invalid)
                return;
            stateBefore = state;
            state = State.Deactivating;
        }
        activating.Cancel();
        Signal();
    }

    public bool TryCollect(TimeSpan? ageLimit, DateTimeOffset now)
    {
        if (Class.CollectionAge == Timeout.InfiniteTimeSpan)
            return false;
        lock (gate)
        {
            if (state != State.Valid || running.Count + waiting.Count > 0 || keepAliveUntil > now
                || Stopwatch.GetElapsedTime(idleSince) < (ageLimit ?? Class.CollectionAge))
                return false;
            Deactivate(new(DeactivationReasonCode.ActivationIdle, "This activation has become idle."));
            return true;
        }
    }

    public void DelayDeactivation(TimeSpan timeSpan) => keepAliveUntil =
        timeSpan == Timeout.InfiniteTimeSpan || timeSpan == TimeSpan.MaxValue ? DateTimeOffset.MaxValue
        : timeSpan <= TimeSpan.Zero ? default
        : TimeProvider.System.GetUtcNow() + timeSpan;

    public IGrainTimer AddTimer(Func<CancellationToken, Task> callback, GrainTimerCreationOptions options)
    {
        var timer = new GrainTimer(this, callback, options, Silo.Time);
        lock (gate)
            timers.Add(timer);
        return timer;
    }

    public void Forget(GrainTimer timer)
    {
        lock (gate)
            timers.Remove(timer);
    }

    public void EnterReentrantSection(Guid id)
    {
        lock (gate)
            reentrantSections[id] = reentrantSections.GetValueOrDefault(id) + 1;
    }

    public void LeaveReentrantSection(Guid id)
    {
        lock (gate)
        {
            if (reentrantSections.TryGetValue(id, out var depth) && depth > 1)
                reentrantSections[id] = depth - 1;
            else
                reentrantSections.Remove(id);
        }
    }

    public void Start() => Signal();

    // The pump starts without the execution context of whoever signals, so that nothing of the caller leaks into the grain.
    private void Signal()
    {
        if (Interlocked.Exchange(ref signalled, 1) != 0)
            return;
        using var _ = ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow();
        new Task(static self => ((Activation)self!).Pump(), this).Start(scheduler);
    }

    private void Pump()
    {
        Volatile.Write(ref signalled, 0);
        if (operating)
            return;
        if (state == State.Creating)
            _ = OperateAsync(ActivateAsync());
        else if (state == State.Deactivating && running.Count == 0)
            _ = OperateAsync(FinishDeactivatingAsync());
        else
            RunTurns();
    }

    private async Task OperateAsync(Task operation)
    {
        operating = true;
        await operation;
        operating = false;
        Signal();
    }

    private async Task ActivateAsync()
    {
        activating.CancelAfter(Silo.Collection.ActivationTimeout);
        try
        {
            lock (gate)
            {
                if (state != State.Creating)
                    return;
                state = State.Activating;
                RequestContext.Values = waiting.Count > 0 ? waiting[0].RequestContext : null;
            }
            scope = Silo.Services.CreateAsyncScope();
            GrainInstance = Class.NewInstance(scope.ServiceProvider);
            await ((IGrainBase)GrainInstance).OnActivateAsync(activating.Token).WaitAsync(activating.Token);
            lock (gate)
            {
                if (state == State.Activating)
                    state = State.Valid;
            }
        }
        catch (Exception e) // The callers that wait get it; the next call tries a new activation.
        {
            Silo.Log.ActivationFailed(e, GrainId);
            Deactivate(new(DeactivationReasonCode.ActivationFailed, e, "Failed to activate grain."));
        }
    }

    private async Task FinishDeactivatingAsync()
    {
        DisposeTimers();
        if (stateBefore == State.Valid)
            await SayGoodbyeAsync();
        Silo.Remove(this);
        Turn[] left;
        lock (gate)
        {
            state = State.Invalid;
            left = [.. waiting];
            waiting.Clear();
        }
        foreach (var turn in left)
            PassOn(turn);
        await DisposeAsync();
        deactivated.TrySetResult();
    }

    private async Task SayGoodbyeAsync()
    {
        using var limit = new CancellationTokenSource(Silo.Collection.DeactivationTimeout);
        try
        {
            await ((IGrainBase)GrainInstance!).OnDeactivateAsync(reason, limit.Token).WaitAsync(limit.Token);
        }
        catch (Exception e) // A grain that fails to say goodbye goes all the same.
        {
            Silo.Log.DeactivationFailed(e, GrainId);
        }
    }

    private async Task DisposeAsync()
    {
        try
        {
            if (GrainInstance is IAsyncDisposable asynchronous)
                await asynchronous.DisposeAsync();
            else
                (GrainInstance as IDisposable)?.Dispose();
            if (scope.ServiceProvider is not null)
                await scope.DisposeAsync();
        }
        catch (Exception e) // As above.
        {
            Silo.Log.DeactivationFailed(e, GrainId);
        }
    }

    private void DisposeTimers()
    {
        GrainTimer[] all;
        lock (gate)
            all = [.. timers];
        foreach (var timer in all)
            timer.Dispose();
    }

    private void PassOn(Turn turn)
    {
        if (turn.LocalOnly)
            return;
        if (reason.Exception is { } failure)
            turn.Fail(failure);
        else
            Silo.Forward((Call)turn, reason);
    }

    private void RunTurns()
    {
        for (var i = 0; ;)
        {
            Turn turn;
            lock (gate)
            {
                if (i >= waiting.Count)
                    return;
                turn = waiting[i];
                if (state != State.Valid && !(turn.LocalOnly && state == State.Deactivating))
                    return;
                if (!MayBegin(turn))
                {
                    i++;
                    continue;
                }
                waiting.RemoveAt(i);
                running.Add(turn);
                if (!turn.Interleaves)
                    blocking ??= turn;
            }
            _ = RunAsync(turn);
        }
    }

    private bool MayBegin(Turn turn) =>
        running.Count == 0 || turn.Interleaves || blocking is null || Class.Reentrant
        || (blocking.ReadOnly && turn.ReadOnly)
        || (turn.ReentrancyId is var id && id != Guid.Empty && reentrantSections.ContainsKey(id));

    private async Task RunAsync(Turn turn)
    {
        if (!turn.Expired)
        {
            RequestContext.Values = turn.RequestContext;
            await turn.RunAsync(GrainInstance!);
        }
        lock (gate)
        {
            running.Remove(turn);
            if (ReferenceEquals(blocking, turn))
                blocking = null;
            if (turn.KeepsAlive)
                idleSince = Stopwatch.GetTimestamp();
        }
        Silo.Churn.AfterTurn(this);
        Signal();
    }
}
