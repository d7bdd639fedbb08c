namespace Broadcast.Link.Tests;

/// <summary>A clock that stands until a test moves it; its timers fire on the thread that moves it.</summary>
internal sealed class ManualTime : TimeProvider
{
    private readonly List<ManualTimer> _timers = [];
    private readonly object _gate = new();
    private TimeSpan _elapsed;
    private DateTimeOffset _wall = new(2026, 11, 21, 8, 0, 0, TimeSpan.Zero);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp()
    {
        lock (_gate) return _elapsed.Ticks;
    }

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate) return _wall;
    }

    /// <summary>Moves on in steps of one second at most, as timers would see it.</summary>
    public void Advance(TimeSpan by)
    {
        while (by > TimeSpan.Zero)
        {
            var step = by < TimeSpan.FromSeconds(1) ? by : TimeSpan.FromSeconds(1);
            by -= step;
            List<ManualTimer> due;
            lock (_gate)
            {
                _elapsed += step;
                _wall += step;
                due = _timers.FindAll(timer => timer.Due <= _elapsed);
                foreach (var timer in due) timer.Rearm(_elapsed);
            }
            foreach (var timer in due) timer.Fire();
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        lock (_gate) _timers.Add(timer);
        return timer;
    }

    private sealed class ManualTimer(ManualTime owner, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan _period;

        public TimeSpan Due { get; private set; } = TimeSpan.MaxValue;

        public void Rearm(TimeSpan now) => Due = _period > TimeSpan.Zero ? now + _period : TimeSpan.MaxValue;

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (owner._gate)
            {
                Due = dueTime < TimeSpan.Zero ? TimeSpan.MaxValue : owner._elapsed + dueTime;
                _period = period;
            }
            return true;
        }

        public void Dispose()
        {
            lock (owner._gate) owner._timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
