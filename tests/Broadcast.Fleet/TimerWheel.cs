namespace Broadcast.Fleet;

/// <summary>Something that a <see cref="TimerWheel"/> wakes. One alarm waits for one moment at a time.</summary>
public abstract class Alarm
{
    internal const long NotSet = long.MaxValue;

    internal long DueTick { get; set; } = NotSet;

    internal LinkedListNode<Alarm>? Node { get; set; }

    /// <summary>Waits for its moment. Only for the thread that also sets and clears it.</summary>
    protected bool IsSet => DueTick != NotSet;

    /// <summary>Called once, at or after the set moment, on the wheel's thread: it must only hand work on.</summary>
    protected internal abstract void Ring();
}

/// <summary>
/// One timer for thousands of devices: a ring of slots, each a list of alarms, turned every <see cref="Tick"/>. Setting,
/// moving and clearing are constant time. An alarm rings up to two ticks late and never early.
/// </summary>
public sealed class TimerWheel : IDisposable
{
    /// <summary>Fine enough that speech times are right to the ear; coarse enough to cost nothing when idle.</summary>
    public static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);

    private const int Slots = 1024; // One turn is ten seconds; what is due later waits in its slot for its turn.

    private readonly TimeProvider _clock;
    private readonly long _origin;
    private readonly LinkedList<Alarm>[] _ring = new LinkedList<Alarm>[Slots];
    private readonly Lock _gate = new();
    private readonly ITimer _timer;
    private long _turned; // The last tick whose alarms have rung.
    private int _turning;

    public TimerWheel(TimeProvider clock)
    {
        _clock = clock;
        _origin = clock.GetTimestamp();
        for (var i = 0; i < Slots; i++) _ring[i] = new LinkedList<Alarm>();
        _timer = clock.CreateTimer(static wheel => ((TimerWheel)wheel!).Turn(), this, Tick, Tick);
    }

    /// <summary>Sets or moves the alarm.</summary>
    public void Set(Alarm alarm, TimeSpan after)
    {
        var due = (long)Math.Ceiling((_clock.GetElapsedTime(_origin) + after) / Tick);
        lock (_gate)
        {
            Unlink(alarm);
            alarm.DueTick = Math.Max(due, _turned + 1);
            (alarm.Node ??= new LinkedListNode<Alarm>(alarm)).Value = alarm;
            _ring[alarm.DueTick % Slots].AddLast(alarm.Node);
        }
    }

    /// <summary>The alarm will not ring, unless it is ringing now.</summary>
    public void Clear(Alarm alarm)
    {
        lock (_gate) Unlink(alarm);
    }

    public void Dispose() => _timer.Dispose();

    private void Turn()
    {
        if (Interlocked.Exchange(ref _turning, 1) == 1) return; // The turn before still runs and will reach this tick too, or the next turn does.
        try
        {
            var rung = new List<Alarm>();
            var now = (long)(_clock.GetElapsedTime(_origin) / Tick);
            while (_turned < now)
            {
                TakeNext(rung);
                foreach (var alarm in rung) alarm.Ring();
                rung.Clear();
            }
        }
        finally
        {
            Volatile.Write(ref _turning, 0);
        }
    }

    private void TakeNext(List<Alarm> rung)
    {
        lock (_gate)
        {
            _turned++;
            for (var node = _ring[_turned % Slots].First; node is not null;)
            {
                var next = node.Next;
                if (node.Value.DueTick <= _turned)
                {
                    rung.Add(node.Value);
                    Unlink(node.Value);
                }

                node = next;
            }
        }
    }

    private void Unlink(Alarm alarm)
    {
        if (alarm.DueTick == Alarm.NotSet) return;
        _ring[alarm.DueTick % Slots].Remove(alarm.Node!);
        alarm.DueTick = Alarm.NotSet;
    }
}
