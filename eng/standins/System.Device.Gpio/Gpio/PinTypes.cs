namespace System.Device.Gpio;

public enum PinMode
{
    Input,
    Output,
    InputPullDown,
    InputPullUp,
}

[Flags]
public enum PinEventTypes
{
    None = 0,
    Rising = 1,
    Falling = 2,
}

public readonly struct PinValue : IEquatable<PinValue>
{
    private readonly byte _level;

    private PinValue(byte level) => _level = level;

    public static PinValue High => new(1);

    public static PinValue Low => new(0);

    public static implicit operator PinValue(int value) => value == 0 ? Low : High;

    public static implicit operator PinValue(bool value) => value ? High : Low;

    public static explicit operator byte(PinValue value) => value._level;

    public static explicit operator int(PinValue value) => value._level;

    public static explicit operator bool(PinValue value) => value._level != 0;

    public static bool operator ==(PinValue a, PinValue b) => a.Equals(b);

    public static bool operator !=(PinValue a, PinValue b) => !a.Equals(b);

    public static PinValue operator !(PinValue v) => v._level == 0 ? High : Low;

    public bool Equals(PinValue other) => _level == other._level;

    public override bool Equals(object? obj) => obj is PinValue other && Equals(other);

    public override int GetHashCode() => _level;

    public override string ToString() => _level == 0 ? "Low" : "High";
}

public struct WaitForEventResult
{
    public PinEventTypes EventTypes;

    public bool TimedOut;
}

public class PinValueChangedEventArgs(PinEventTypes changeType, int pinNumber) : EventArgs
{
    public PinEventTypes ChangeType { get; } = changeType;

    public int PinNumber { get; } = pinNumber;
}

public delegate void PinChangeEventHandler(object sender, PinValueChangedEventArgs pinValueChangedEventArgs);
