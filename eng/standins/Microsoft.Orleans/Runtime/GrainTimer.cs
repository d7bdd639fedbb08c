namespace Orleans.Runtime;

/// <summary>A grain's timer. Its next tick is set when the last one has run, so ticks never overtake one another.</summary>
internal sealed class GrainTimer : IGrainTimer
{
    private const uint MillisecondsMax = 0xfffffffe; // What a timer of the framework can count.

    private readonly Activation owner;
    private readonly Func<CancellationToken, Task> callback;
    private readonly CancellationTokenSource disposed = new();
    private readonly ITimer timer;
    private readonly bool interleave;
    private readonly bool keepAlive;
    private TimeSpan dueTime;
    private TimeSpan period;
    private bool changed;
    private bool firing;

    public GrainTimer(Activation owner, Func<CancellationToken, Task> callback, GrainTimerCreationOptions options, TimeProvider time)
    {
        this.owner = owner;
        this.callback = callback;
        interleave = options.Interleave;
        keepAlive = options.KeepAlive;
        using var _ = ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow();
        timer = time.CreateTimer(static self => ((GrainTimer)self!).Fire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Change(options.DueTime, options.Period);
    }

    public void Change(TimeSpan dueTime, TimeSpan period)
    {
        Check(dueTime, nameof(dueTime));
        Check(period, nameof(period));
        changed = true;
        this.dueTime = dueTime;
        this.period = period;
        if (!firing && !disposed.IsCancellationRequested)
            timer.Change(dueTime, Timeout.InfiniteTimeSpan);
    }

    public void Dispose()
    {
        disposed.Cancel();
        timer.Dispose();
        owner.Forget(this);
    }

    private static void Check(TimeSpan value, string name)
    {
        var ms = (long)value.TotalMilliseconds;
        ArgumentOutOfRangeException.ThrowIfLessThan(ms, -1, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ms, MillisecondsMax, name);
    }

    private void Fire()
    {
        firing = true;
        owner.TryEnqueue(new Tick(this)); // An activation that is gone has disposed of this timer.
    }

    private async Task RunAsync()
    {
        if (disposed.IsCancellationRequested)
            return;
        changed = false;
        try
        {
            await callback(disposed.Token);
        }
        catch (Exception e) // A tick that fails is reported and does not stop the ticks that follow.
        {
            owner.Silo.Log.TickFailed(e, owner.GrainId);
        }
        finally
        {
            if (!disposed.IsCancellationRequested)
                timer.Change(changed ? dueTime : period, Timeout.InfiniteTimeSpan);
            firing = false;
        }
    }

    private sealed class Tick(GrainTimer timer) : Turn
    {
        public override bool Interleaves => timer.interleave;

        public override bool LocalOnly => true;

        public override bool KeepsAlive => timer.keepAlive;

        public override Task RunAsync(object grain) => timer.RunAsync();

        public override void Fail(Exception exception)
        {
        }
    }
}
