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
    private bool _isClick;
    private long _armedAt;
    private TimeSpan _armedFor;

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

    /// <summary>Another broadcast begins that wants it: where it was cut off during the one before, it goes on again once it has rested.</summary>
    public void Renew()
    {
        lock (_gate)
        {
            if (!_wanted || !_wasCut) return;
            _wasCut = false;
            OnWhenRested();
        }
    }

    /// <summary>
    /// Closes the contactor for a test and opens it again by itself, whoever still waits for it. A wish that comes meanwhile has the siren at once; the motor has hardly
    /// turned, and needs no rest. False where the siren is wanted, or rests.
    /// </summary>
    public bool Click(TimeSpan length)
    {
        lock (_gate)
        {
            if (_wanted || _relay.IsOn || RestLeft > TimeSpan.Zero) return false;
            _isClick = true;
            _relay.Switch(true);
            Arm(length);
            return true;
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
            // It comes by a coarser clock than ours, some milliseconds too early, or was armed anew while it was on its way: then it comes once more. Who left it at that had a siren that nobody switched off.
            if (_armedFor - _time.GetElapsedTime(_armedAt) is { Ticks: > 0 } left)
            {
                _timer.Change(TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds)), Timeout.InfiniteTimeSpan);
                return;
            }

            if (_isClick)
            {
                _isClick = false;
                _relay.Switch(false);
            }
            else if (_relay.IsOn)
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
        _isClick = false;
        var left = RestLeft;
        if (left <= TimeSpan.Zero) _relay.Switch(true);
        Arm(left > TimeSpan.Zero ? left : _maxOn);
    }

    private TimeSpan RestLeft => _wasOn ? _rest - _time.GetElapsedTime(_offAt) : TimeSpan.Zero;

    private void Arm(TimeSpan due)
    {
        (_armedAt, _armedFor) = (_time.GetTimestamp(), due);
        _timer.Change(due, Timeout.InfiniteTimeSpan);
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
