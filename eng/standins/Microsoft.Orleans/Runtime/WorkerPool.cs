namespace Orleans.Runtime;

/// <summary>The activations of a stateless worker: a new one while all are busy, up to the class's limit.</summary>
internal sealed class WorkerPool(GrainClass grainClass, IdSpan key)
{
    private readonly Lock gate = new();
    private readonly List<Activation> members = [];

    public Activation[] All
    {
        get
        {
            lock (gate)
                return [.. members];
        }
    }

    public Activation LeastBusy()
    {
        lock (gate)
        {
            var best = members.MinBy(a => a.Load);
            if (best is not null && (best.Load == 0 || members.Count >= grainClass.WorkersMax))
                return best;
            var made = new Activation(grainClass, key);
            members.Add(made);
            made.Start();
            return made;
        }
    }

    public void Remove(Activation activation)
    {
        lock (gate)
            members.Remove(activation);
    }
}
