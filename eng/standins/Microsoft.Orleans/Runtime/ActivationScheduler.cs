namespace Orleans.Runtime;

/// <summary>Runs the tasks of one activation one after another, on whichever pool thread is free.</summary>
internal sealed class ActivationScheduler(Activation owner) : TaskScheduler, IThreadPoolWorkItem
{
    // One activation with a long queue gives the thread back after this many tasks, so that it cannot starve the others.
    private const int TasksPerTurnMax = 64;

    private readonly Queue<Task> queue = new();
    private bool scheduled;

    public override int MaximumConcurrencyLevel => 1;

    void IThreadPoolWorkItem.Execute()
    {
        var before = Activation.Current;
        Activation.Current = owner;
        try
        {
            for (var n = 0; n < TasksPerTurnMax; n++)
            {
                if (!TryTake(out var task))
                    return;
                TryExecuteTask(task);
            }
        }
        finally
        {
            Activation.Current = before;
        }
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    protected override void QueueTask(Task task)
    {
        lock (queue)
        {
            queue.Enqueue(task);
            if (scheduled)
                return;
            scheduled = true;
        }
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);
    }

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        !taskWasPreviouslyQueued && ReferenceEquals(Activation.Current, owner) && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks()
    {
        lock (queue)
            return [.. queue];
    }

    private bool TryTake(out Task task)
    {
        lock (queue)
        {
            if (queue.TryDequeue(out task!))
                return true;
            scheduled = false;
            return false;
        }
    }
}
