using System.Device.Gpio;

namespace Broadcast.Edge.Hardware;

/// <summary>One relay: off from the moment its pin is opened, and off again when it is closed.</summary>
internal sealed class Relay : IDisposable
{
    private readonly GpioPin _pin;
    private readonly bool _activeHigh;

    public Relay(GpioController controller, BoardOutput output)
    {
        _activeHigh = output.ActiveHigh;
        // Mode and level in one step: an output that is first low and then high would click a relay that is active low.
        _pin = controller.OpenPin(output.Pin, PinMode.Output, !_activeHigh);
    }

    public bool IsOn { get; private set; }

    public void Switch(bool on)
    {
        _pin.Write(on == _activeHigh);
        IsOn = on;
    }

    public void Dispose()
    {
        Switch(false);
        _pin.Dispose();
    }
}
