using System.Collections.Generic;
using nanoFramework.Machine;

namespace System.Device.Gpio;

public delegate void PinChangeEventHandler(object sender, PinValueChangedEventArgs pinValueChangedEventArgs);

public delegate void PinValueChangedEventHandler(object sender, PinValueChangedEventArgs e);

/// <summary>Pins of the machine that the calling flow has entered.</summary>
public sealed class GpioController : IDisposable
{
    private readonly BoardMachine _machine = BoardMachine.Current;
    private readonly Dictionary<int, GpioPin> _open = [];

    public GpioPin OpenPin(int pinNumber) => OpenPin(pinNumber, PinMode.Input);

    public GpioPin OpenPin(int pinNumber, PinMode mode)
    {
        if (_open.ContainsKey(pinNumber)) throw new InvalidOperationException($"GPIO {pinNumber} is open.");
        var pin = new GpioPin(_machine.Pin(pinNumber), mode);
        _open.Add(pinNumber, pin);
        return pin;
    }

    public void ClosePin(int pinNumber)
    {
        if (_open.Remove(pinNumber, out var pin)) pin.Dispose();
    }

    public void RegisterCallbackForPinValueChangedEvent(int pinNumber, PinEventTypes eventTypes, PinChangeEventHandler callback) =>
        _open[pinNumber].ValueChanged += (sender, e) =>
        {
            if ((eventTypes & e.ChangeType) != PinEventTypes.None) callback(sender, e);
        };

    public void Dispose()
    {
        foreach (var pin in _open.Values) pin.Dispose();
        _open.Clear();
    }
}

/// <summary>One open pin. Edges come on the thread that drives the wire.</summary>
public sealed class GpioPin : IDisposable
{
    private readonly MachinePin _pin;

    internal GpioPin(MachinePin pin, PinMode mode)
    {
        _pin = pin;
        _pin.Open(mode);
        _pin.Edge += TakeEdge;
    }

    public event PinValueChangedEventHandler? ValueChanged;

    public int PinNumber => _pin.Number;

    /// <summary>Taken and not used: the firmware debounces itself, because the driver's filter drops what it cannot tell from a bounce.</summary>
    public TimeSpan DebounceTimeout { get; set; }

    public PinMode GetPinMode() => _pin.Mode ?? throw new ObjectDisposedException(nameof(GpioPin));

    public void SetPinMode(PinMode value) => _pin.Open(value);

    public PinValue Read() => _pin.Read();

    public void Write(PinValue value) => _pin.Write(value == PinValue.High);

    public void Toggle() => _pin.Write(!_pin.Level);

    public void Dispose() => _pin.Close();

    private void TakeEdge(bool high) =>
        ValueChanged?.Invoke(this, new PinValueChangedEventArgs(high ? PinEventTypes.Rising : PinEventTypes.Falling, _pin.Number));
}
