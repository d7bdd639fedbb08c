namespace Broadcast.Simulation.Time;

/// <summary>Something that will happen. Taken back by clearing <see cref="Act"/>.</summary>
internal sealed class Appointment(long atMs, Action act)
{
    public long AtMs => atMs;

    public Action? Act { get; private set; } = act;

    public void Cancel() => Act = null;
}

/// <summary>The one virtual clock, and what is to happen on it. What is due at the same time happens in the order in which it was noted.</summary>
internal sealed class Agenda
{
    private readonly PriorityQueue<Appointment, (long AtMs, long Order)> _due = new();
    private long _order;

    /// <summary>Milliseconds since the world began.</summary>
    public long NowMs { get; private set; }

    public long Happened { get; private set; }

    public Appointment At(long atMs, Action act)
    {
        var appointment = new Appointment(Math.Max(atMs, NowMs), act);
        _due.Enqueue(appointment, (appointment.AtMs, _order++));
        return appointment;
    }

    public Appointment In(long ms, Action act) => At(NowMs + ms, act);

    /// <summary>Does the next thing that is due up to <paramref name="untilMs"/>; false where there is none, and the time is then that.</summary>
    public bool Step(long untilMs)
    {
        while (_due.TryPeek(out var next, out _))
        {
            if (next.Act is null)
            {
                _due.Dequeue();
                continue;
            }

            if (next.AtMs > untilMs) break;
            _due.Dequeue();
            NowMs = Math.Max(NowMs, next.AtMs);
            Happened++;
            next.Act();
            return true;
        }

        NowMs = Math.Max(NowMs, untilMs);
        return false;
    }
}
