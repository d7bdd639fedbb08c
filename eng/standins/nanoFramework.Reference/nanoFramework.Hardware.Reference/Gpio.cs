using System;

namespace System.Device.Gpio
{
    [Flags]
    public enum PinEventTypes
    {
        None = 0,
        Rising = 1,
        Falling = 2,
    }

    public enum PinMode
    {
        Input,
        InputPullDown,
        InputPullUp,
        Output,
        OutputOpenDrain,
        OutputOpenDrainPullUp,
        OutputOpenSource,
        OutputOpenSourcePullDown,
    }

    public readonly struct PinValue
    {
        public static PinValue High => throw null!;
        public static PinValue Low => throw null!;
        public static implicit operator PinValue(int value) => throw null!;
        public static implicit operator PinValue(bool value) => throw null!;
        public static explicit operator byte(PinValue value) => throw null!;
        public static explicit operator int(PinValue value) => throw null!;
        public static explicit operator bool(PinValue value) => throw null!;
        public static bool operator ==(PinValue a, PinValue b) => throw null!;
        public static bool operator !=(PinValue a, PinValue b) => throw null!;
        public bool Equals(PinValue other) => throw null!;
        public override bool Equals(object? obj) => throw null!;
        public override int GetHashCode() => throw null!;
        public override string ToString() => throw null!;
    }

    public class PinValueChangedEventArgs
    {
        public PinValueChangedEventArgs(PinEventTypes changeType, int pinNumber) { }
        public PinEventTypes ChangeType => throw null!;
        public int PinNumber => throw null!;
    }

    public delegate void PinChangeEventHandler(object sender, PinValueChangedEventArgs pinValueChangedEventArgs);

    public delegate void PinValueChangedEventHandler(object sender, PinValueChangedEventArgs e);

    public sealed class GpioController : IDisposable
    {
        public GpioController() { }
        public GpioPin OpenPin(int pinNumber) => throw null!;
        public GpioPin OpenPin(int pinNumber, PinMode mode) => throw null!;
        public void ClosePin(int pinNumber) => throw null!;
        public void RegisterCallbackForPinValueChangedEvent(int pinNumber, PinEventTypes eventTypes, PinChangeEventHandler callback) => throw null!;
        public void Dispose() => throw null!;
    }

    public sealed class GpioPin : IDisposable
    {
        internal GpioPin() { }
        public event PinValueChangedEventHandler? ValueChanged { add => throw null!; remove => throw null!; }
        public int PinNumber => throw null!;
        public TimeSpan DebounceTimeout { get => throw null!; set => throw null!; }
        public PinMode GetPinMode() => throw null!;
        public void SetPinMode(PinMode value) => throw null!;
        public PinValue Read() => throw null!;
        public void Write(PinValue value) => throw null!;
        public void Toggle() => throw null!;
        public void Dispose() => throw null!;
    }
}

namespace System.Device.Adc
{
    public enum AdcChannelMode
    {
        SingleEnded = 0,
        Differential,
    }

    public class AdcController
    {
        public AdcController() { }
        public int ChannelCount => throw null!;
        public int MaxValue => throw null!;
        public int MinValue => throw null!;
        public int ResolutionInBits => throw null!;
        public AdcChannel OpenChannel(int channelNumber) => throw null!;
    }

    public class AdcChannel : IDisposable
    {
        internal AdcChannel() { }
        public int ReadValue() => throw null!;
        public double ReadRatio() => throw null!;
        public void Dispose() => throw null!;
    }
}
