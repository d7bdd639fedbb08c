using Broadcast.Simulation.Cloud;

namespace Broadcast.Simulation.Time;

/// <summary>
/// The clock of one process: monotonic time is the world's, wall time the world's with an error that can be stepped. Timers ring on the
/// process's thread and die with it. In quiet times periodic ones ring less often (<see cref="Stride"/>), as on a machine that is busy with
/// something else; a periodic timer promises no more.
/// </summary>
internal sealed class SimulatedTime(Agenda agenda, SimulatedProcess process, Func<long> epochMs, Func<long> strideMs) : TimeProvider
{
    /// <summary>Told of each wait that begins, by its length.</summary>
    public Action<TimeSpan>? Waits { get; init; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeMilliseconds(epochMs() + agenda.NowMs);

    public override long GetTimestamp() => agenda.NowMs * TimeSpan.TicksPerMillisecond;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Waits?.Invoke(dueTime);
        var timer = new SimulatedTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class SimulatedTimer(SimulatedTime time, TimerCallback callback, object? state) : ITimer
    {
        private readonly SimulatedTime _time = time;
        private Appointment? _next;
        private long _periodMs;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            _next?.Cancel();
            _next = null;
            _periodMs = period == Timeout.InfiniteTimeSpan ? 0 : (long)period.TotalMilliseconds;
            if (dueTime != Timeout.InfiniteTimeSpan) _next = _time.Agenda.In((long)Math.Ceiling(dueTime.TotalMilliseconds), Ring);
            return true;
        }

        public void Dispose()
        {
            _next?.Cancel();
            _next = null;
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Ring()
        {
            _next = null;
            if (_time.Process.IsDead) return;
            if (_periodMs > 0) _next = _time.Agenda.In(Math.Max(_periodMs, _time.Stride()), Ring);
            _time.Process.Post(static timer => ((SimulatedTimer)timer!).Call(), this);
        }

        private void Call() => callback(state);
    }

    private Agenda Agenda => agenda;

    private SimulatedProcess Process => process;

    private long Stride() => strideMs();
}
