namespace Broadcast.Edge.Hardware;

/// <summary>
/// The siren's contactor with what protects the motor: a maximum time on, after which it goes off by itself, and a rest before
/// it may go on again. Asked to go on during the rest, it waits; asked to go off, it is off.
/// </summary>
internal sealed class Siren : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Relay _relay;
    private readonly TimeProvider _time;
    private readonly TimeSpan _maxOn;
    private readonly TimeSpan _rest;
    private readonly ITimer _timer;
    private bool _wanted;
    private bool _wasCut;
    private long _offAt;
    private bool _wasOn;

    public Siren(Relay relay, BoardSiren limits, TimeProvider time)
    {
        (_relay, _time) = (relay, time);
        (_maxOn, _rest) = (TimeSpan.FromSeconds(limits.MaxOnSeconds), TimeSpan.FromSeconds(limits.RestSeconds));
        _timer = time.CreateTimer(_ => TimeIsUp(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public bool IsOn => _relay.IsOn;

    /// <summary>Whether the last wish was cut off by the maximum time.</summary>
    public bool WasCut
    {
        get
        {
            lock (_gate) return _wasCut;
        }
    }

    public void Switch(bool on)
    {
        lock (_gate)
        {
            if (on == _wanted) return;
            _wanted = on;
            _wasCut = false;
            if (on) OnWhenRested();
            else Off();
        }
    }

    public void Dispose()
    {
        _timer.Dispose();
        _relay.Dispose();
    }

    private void TimeIsUp()
    {
        lock (_gate)
        {
            if (_relay.IsOn)
            {
                _wasCut = true;
                Off();
            }
            else if (_wanted && !_wasCut)
            {
                OnWhenRested();
            }
        }
    }

    private void OnWhenRested()
    {
        var left = _wasOn ? _rest - _time.GetElapsedTime(_offAt) : TimeSpan.Zero;
        if (left <= TimeSpan.Zero) _relay.Switch(true);
        _timer.Change(left > TimeSpan.Zero ? left : _maxOn, Timeout.InfiniteTimeSpan);
    }

    private void Off()
    {
        _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        if (!_relay.IsOn) return;
        _relay.Switch(false);
        _wasOn = true;
        _offAt = _time.GetTimestamp();
    }
}
