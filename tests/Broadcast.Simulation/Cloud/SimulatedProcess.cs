using System.IO.Pipelines;

namespace Broadcast.Simulation.Cloud;

/// <summary>
/// A process with one thread, the simulation's own. Everything the cloud's code awaits comes back here, in the order in which it was ready;
/// once the process is dead nothing of it runs any more.
/// </summary>
internal sealed class SimulatedProcess : SynchronizationContext
{
    private readonly Queue<(SendOrPostCallback Call, object? State)> _ready = new();
    private readonly object _gate = new();

    public SimulatedProcess() => Aside = new Scheduler(this);

    public bool IsDead { get; private set; }

    public bool IsIdle
    {
        get
        {
            lock (_gate) return _ready.Count == 0;
        }
    }

    /// <summary>For what does not await: pipes, flushes.</summary>
    public PipeScheduler Aside { get; }

    public override void Post(SendOrPostCallback d, object? state)
    {
        lock (_gate)
        {
            if (IsDead) return;
            _ready.Enqueue((d, state));
            Monitor.Pulse(_gate);
        }
    }

    public override void Send(SendOrPostCallback d, object? state) => d(state);

    public override SynchronizationContext CreateCopy() => this;

    public void Kill()
    {
        lock (_gate)
        {
            IsDead = true;
            _ready.Clear();
        }
    }

    /// <summary>Runs what is ready, and what becomes ready by that, until nothing is.</summary>
    public void Run()
    {
        var before = Current;
        SetSynchronizationContext(this);
        try
        {
            while (TryTake(out var next)) next.Call(next.State);
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }

    /// <summary>Begins something on this process's thread; <see cref="Run"/> goes on with it.</summary>
    public Task<T> Begin<T>(Func<Task<T>> start)
    {
        var before = Current;
        SetSynchronizationContext(this);
        try
        {
            return start();
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }

    /// <summary>Runs until the task is done, waiting for the pool where the product has gone there (a backup does).</summary>
    public void RunUntil(Task done)
    {
        while (true)
        {
            Run();
            if (done.IsCompleted || IsDead) return;
            lock (_gate)
            {
                if (_ready.Count == 0 && !Monitor.Wait(_gate, ElsewhereMax)) throw new InvalidOperationException("The simulated process waits for something that never comes.");
            }
        }
    }

    private static readonly TimeSpan ElsewhereMax = TimeSpan.FromSeconds(20); // Real time; a backup of a simulated ledger takes milliseconds.

    private bool TryTake(out (SendOrPostCallback Call, object? State) next)
    {
        lock (_gate) return _ready.TryDequeue(out next);
    }

    private sealed class Scheduler(SimulatedProcess process) : PipeScheduler
    {
        public override void Schedule(Action<object?> action, object? state) => process.Post(static call =>
        {
            var (act, argument) = ((Action<object?>, object?))call!;
            act(argument);
        }, (action, state));
    }
}
