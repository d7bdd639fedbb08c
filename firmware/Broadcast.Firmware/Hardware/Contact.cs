using System.Device.Gpio;
using Broadcast.Device.Sensing;

namespace Broadcast.Firmware.Hardware;

/// <summary>
/// One contact on a pin, watched by interrupts and settled by <see cref="ContactFilter"/>: bounces change nothing. The
/// edges come on the driver's thread; the loop asks.
/// </summary>
public sealed class Contact
{
    /// <summary>Edges a second that no honest contact makes: above it the interrupt is cut off for a second, so that a loose wire cannot eat the processor.</summary>
    public const int EdgesASecondMax = 400;

    private readonly object _gate = new object();
    private readonly GpioPin _pin;
    private readonly IClock _clock;
    private readonly ContactFilter _filter;
    private readonly bool _closedIsLow;
    private long _secondUs;
    private int _edges;

    /// <summary>Opens the pin.</summary>
    public Contact(GpioController pins, int pin, PinMode mode, bool closedIsLow, int settleMs, IClock clock)
    {
        _clock = clock;
        _closedIsLow = closedIsLow;
        _pin = pins.OpenPin(pin, mode);
        _filter = new ContactFilter(settleMs * 1_000L, IsClosedNow(), clock.MonotonicUs);
        _pin.ValueChanged += TakeEdge;
    }

    /// <summary>Whether edges come faster than any contact makes them.</summary>
    public bool IsChattering { get; private set; }

    /// <summary>Whether it is settled closed.</summary>
    public bool IsClosed
    {
        get
        {
            lock (_gate)
            {
                return _filter.IsSettledClosed;
            }
        }
    }

    /// <summary>Closings since the start.</summary>
    public long Closings
    {
        get
        {
            lock (_gate)
            {
                return _filter.Closings;
            }
        }
    }

    /// <summary>How long it has stood as it stands, in milliseconds.</summary>
    public long QuietMs
    {
        get
        {
            lock (_gate)
            {
                return (_clock.MonotonicUs - _filter.LastEdgeUs) / 1_000;
            }
        }
    }

    /// <summary>Looks whether it has settled. True when it has settled in a new state since the last step.</summary>
    public bool Step()
    {
        lock (_gate)
        {
            long nowUs = _clock.MonotonicUs;
            if (nowUs - _secondUs >= 1_000_000)
            {
                IsChattering = _edges > EdgesASecondMax;
                _edges = 0;
                _secondUs = nowUs;
            }

            bool before = _filter.IsSettledClosed;
            // An edge that was cut off or lost is made up for by the level.
            if (IsClosedNow() != before && !_filter.IsMoving)
                _filter.Edge(!before, nowUs);
            _filter.Settle(nowUs);
            return _filter.IsSettledClosed != before;
        }
    }

    private bool IsClosedNow() => (_pin.Read() == PinValue.Low) == _closedIsLow;

    private void TakeEdge(object sender, PinValueChangedEventArgs edge)
    {
        lock (_gate)
        {
            _edges++;
            if (_edges <= EdgesASecondMax)
                _filter.Edge((edge.ChangeType == PinEventTypes.Falling) == _closedIsLow, _clock.MonotonicUs);
        }
    }
}
