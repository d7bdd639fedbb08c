using System.Device.Gpio;

namespace Broadcast.Firmware.Hardware;

/// <summary>
/// One relay on an output that is active high: the driver makes a pin low when it becomes an output, and the board pulls it
/// down before that, so that a relay is off from power-on until it is asked for.
/// </summary>
public sealed class Relay
{
    private readonly GpioPin _pin;

    /// <summary>Opens the pin; the relay is off.</summary>
    public Relay(GpioController pins, int pin)
    {
        _pin = pins.OpenPin(pin, PinMode.Output);
        _pin.Write(PinValue.Low);
    }

    /// <summary>Whether it is on.</summary>
    public bool IsOn { get; private set; }

    /// <summary>Switches it.</summary>
    public void Switch(bool on)
    {
        _pin.Write(on ? PinValue.High : PinValue.Low);
        IsOn = on;
    }
}
