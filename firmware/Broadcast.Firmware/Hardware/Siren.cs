namespace Broadcast.Firmware.Hardware;

/// <summary>
/// The siren's contactor with what protects the motor: a maximum time on, after which it goes off by itself, and a rest
/// before it may go on again. Asked to go on during the rest, it waits; asked to go off, it is off.
/// </summary>
public sealed class Siren
{
    private readonly Relay _relay;
    private readonly long _onMsMax;
    private readonly long _restMs;
    private bool _wanted;
    private long _turnedMs;
    private bool _wasOn;

    /// <summary>A siren on a relay that is off.</summary>
    public Siren(Relay relay, long onMsMax, long restMs)
    {
        _relay = relay;
        _onMsMax = onMsMax;
        _restMs = restMs;
    }

    /// <summary>Whether it sounds.</summary>
    public bool IsOn => _relay.IsOn;

    /// <summary>Whether the last wish was cut off by the maximum time.</summary>
    public bool WasCut { get; private set; }

    /// <summary>When <see cref="Step"/> has something to do.</summary>
    public long NextWakeMs => _relay.IsOn ? _turnedMs + _onMsMax : _wanted && !WasCut ? _turnedMs + _restMs : long.MaxValue;

    /// <summary>Asks for it, or no longer.</summary>
    public void Switch(bool on, long nowMs)
    {
        if (on == _wanted)
            return;
        _wanted = on;
        WasCut = false;
        if (on)
            Step(nowMs);
        else
            TurnOff(nowMs);
    }

    /// <summary>Another broadcast begins that wants it: where it was cut off during the one before, it goes on again once it has rested.</summary>
    public void Renew(long nowMs)
    {
        if (!_wanted || !WasCut)
            return;
        WasCut = false;
        Step(nowMs);
    }

    /// <summary>Time passes.</summary>
    public void Step(long nowMs)
    {
        if (_relay.IsOn && nowMs - _turnedMs >= _onMsMax)
        {
            WasCut = true;
            TurnOff(nowMs);
        }
        else if (_wanted && !WasCut && !_relay.IsOn && (!_wasOn || nowMs - _turnedMs >= _restMs))
        {
            _relay.Switch(true);
            _turnedMs = nowMs;
            _wasOn = true;
        }
    }

    /// <summary>Off, whatever was asked: for the guard, from any thread.</summary>
    public void ForceOff() => _relay.Switch(false);

    private void TurnOff(long nowMs)
    {
        if (!_relay.IsOn)
            return;
        _relay.Switch(false);
        _turnedMs = nowMs;
    }
}
