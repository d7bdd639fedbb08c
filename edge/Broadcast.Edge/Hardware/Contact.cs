using System.Device.Gpio;
using Broadcast.Device.Sensing;

namespace Broadcast.Edge.Hardware;

/// <summary>One contact on a pin, watched by edges and settled by <see cref="ContactFilter"/>: bounces change nothing.</summary>
internal sealed class Contact : IDisposable
{
    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(2);

    private readonly Lock _gate = new();
    private readonly GpioPin _pin;
    private readonly TimeProvider _time;
    private readonly ContactFilter _filter;
    private readonly ITimer _settle;
    private readonly TimeSpan _quiet;
    private readonly bool _closedIsLow;
    private bool _reported;

    public Contact(GpioController controller, BoardInput input, TimeProvider time)
    {
        (_time, _closedIsLow) = (time, input.ClosedIsLow);
        // A little longer than the filter's own quiet, so that it has settled when it is looked at.
        _quiet = TimeSpan.FromMilliseconds(input.SettleMs) + TimeSpan.FromMilliseconds(1);
        _pin = controller.OpenPin(input.Pin, input.Pull switch { "up" => PinMode.InputPullUp, "down" => PinMode.InputPullDown, _ => PinMode.Input });
        _reported = Closed(_pin.Read());
        _filter = new ContactFilter(input.SettleMs * 1_000L, _reported, NowUs);
        _settle = time.CreateTimer(_ => Look(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _pin.ValueChanged += TakeEdge;
    }

    /// <summary>Told when the contact has settled in a new state (true for closed). From a thread of the driver or a timer, one at a time.</summary>
    public event Action<bool>? Settled;

    public bool IsClosed
    {
        get
        {
            lock (_gate) return _filter.IsSettledClosed;
        }
    }

    /// <summary>Closings since the start: tips, presses.</summary>
    public long Closings
    {
        get
        {
            lock (_gate)
            {
                _filter.Settle(NowUs);
                return _filter.Closings;
            }
        }
    }

    /// <summary>How long the contact has stood as it stands.</summary>
    public TimeSpan Quiet
    {
        get
        {
            lock (_gate) return TimeSpan.FromMicroseconds(NowUs - _filter.LastEdgeUs);
        }
    }

    private long NowUs => (long)_time.GetElapsedTime(0).TotalMicroseconds;

    public void Dispose()
    {
        _pin.ValueChanged -= TakeEdge;
        _settle.Dispose();
        _pin.Dispose();
    }

    private bool Closed(PinValue value) => (value == PinValue.Low) == _closedIsLow;

    private void TakeEdge(object sender, PinValueChangedEventArgs edge)
    {
        lock (_gate)
        {
            _filter.Edge((edge.ChangeType == PinEventTypes.Falling) == _closedIsLow, NowUs);
            _settle.Change(_quiet, Timeout.InfiniteTimeSpan);
            // On a busy machine the timer may be late: a press that is over before it came is known by now all the same.
            Report();
        }
    }

    private void Look()
    {
        lock (_gate)
        {
            // The kernel keeps sixteen edges that nobody has taken yet; one that it dropped is made up for by the level.
            var isClosed = Closed(_pin.Read());
            if (isClosed != (_filter.IsSettledClosed != _filter.IsMoving)) _filter.Edge(isClosed, NowUs);
            _filter.Settle(NowUs);
            // A timer counts whole milliseconds and may come a fraction too early.
            if (_filter.IsMoving) _settle.Change(Again, Timeout.InfiniteTimeSpan);
            Report();
        }
    }

    private void Report()
    {
        if (_filter.IsSettledClosed == _reported) return;
        _reported = _filter.IsSettledClosed;
        Settled?.Invoke(_reported);
    }
}
