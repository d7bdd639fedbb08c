namespace Broadcast.Testing;

/// <summary>
/// A clock that stands still until a test moves it. Timers fire inside <see cref="Advance"/>, on the caller's thread, in
/// the order of their due times, and each sees the time at which it was due: nothing in a test waits for a real second.
/// </summary>
public sealed class ManualClock : TimeProvider
{
    /// <summary>Where a clock starts unless told: a fixed moment, so that a failing test prints the same times again.</summary>
    public static readonly DateTimeOffset DefaultStart = new(2026, 7, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly Lock _gate = new();
    private readonly List<ManualTimer> _armed = [];
    private long _elapsedTicks;
    private DateTimeOffset _start;
    private long _order;

    public ManualClock(DateTimeOffset? start = null) => _start = start ?? DefaultStart;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <summary>Monotonic time since the clock was made.</summary>
    public TimeSpan Elapsed => new(Interlocked.Read(ref _elapsedTicks));

    /// <summary>Timers that wait to fire: what a test looks at to know that the code under test has come to its wait.</summary>
    public int TimersArmed
    {
        get
        {
            lock (_gate) return _armed.Count;
        }
    }

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate) return _start + Elapsed;
    }

    public override long GetTimestamp() => Interlocked.Read(ref _elapsedTicks);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves both clocks forward, firing what becomes due on the way.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="by"/> is negative: monotonic time never goes back; see <see cref="StepWallClock"/>.</exception>
    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        var targetTicks = GetTimestamp() + by.Ticks;
        while (TakeDue(targetTicks) is { } timer) timer.Fire();
        Interlocked.Exchange(ref _elapsedTicks, targetTicks);
    }

    /// <summary>Sets the wall clock forward or back, as NTP or a person does. Monotonic time and timers do not notice.</summary>
    public void StepWallClock(TimeSpan by)
    {
        lock (_gate) _start += by;
    }

    private ManualTimer? TakeDue(long targetTicks)
    {
        lock (_gate)
        {
            var next = _armed.Where(t => t.DueTicks <= targetTicks).MinBy(t => (t.DueTicks, t.Order));
            if (next is null) return null;
            Interlocked.Exchange(ref _elapsedTicks, Math.Max(_elapsedTicks, next.DueTicks));
            if (next.PeriodTicks > 0) next.DueTicks += next.PeriodTicks;
            else _armed.Remove(next);
            return next;
        }
    }

    private void Arm(ManualTimer timer, TimeSpan dueTime, TimeSpan period)
    {
        lock (_gate)
        {
            _armed.Remove(timer);
            if (dueTime == Timeout.InfiniteTimeSpan) return;
            timer.DueTicks = _elapsedTicks + dueTime.Ticks;
            timer.PeriodTicks = period == Timeout.InfiniteTimeSpan ? 0 : period.Ticks;
            timer.Order = _order++;
            _armed.Add(timer);
        }
    }

    private bool Disarm(ManualTimer timer)
    {
        lock (_gate) return _armed.Remove(timer);
    }

    private sealed class ManualTimer(ManualClock clock, TimerCallback callback, object? state) : ITimer
    {
        public long DueTicks { get; set; }

        public long PeriodTicks { get; set; }

        public long Order { get; set; }

        private bool _disposed;

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (_disposed) return false;
            clock.Arm(this, dueTime, period);
            return true;
        }

        public void Dispose()
        {
            _disposed = true;
            clock.Disarm(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
