using System.Device.Gpio;

namespace Broadcast.Edge.Tests.Hardware;

/// <summary>
/// The GPIO block of a Raspberry Pi 4 at register level (BCM2711 peripherals data sheet, chapter 5): function select, set and
/// clear, level, and edge detection. The board's wires are the test's: <see cref="Wire"/> pulls a pin, <see cref="Level"/> probes one.
/// </summary>
internal sealed class Bcm2711 : GpioDriver
{
    private const int BitsAFunction = 3;
    private const int FunctionsARegister = 10;
    private const uint FunctionOutput = 1;

    private readonly uint[] _functionSelect = new uint[6]; // GPFSEL0…5: ten pins each, three bits a pin, reset to input.
    private readonly uint[] _pull = new uint[4]; // GPIO_PUP_PDN_CNTRL_REG0…3: two bits a pin; 1 up, 2 down.
    private readonly Dictionary<int, (PinEventTypes Types, PinChangeEventHandler Callback)> _watched = [];
    private readonly HashSet<int> _open = [];
    private ulong _output; // Latch behind GPSET and GPCLR.
    private ulong _driven; // Pins that a wire drives…
    private ulong _wire; // …and to what.

    /// <summary>Told when the gateway writes a pin: its number and its new level.</summary>
    public event Action<int, bool>? Written;

    protected override int PinCount => 58;

    /// <summary>What a probe reads at the pin: the output latch, the wire, or the pull.</summary>
    public bool Level(int pin)
    {
        if (Function(pin) == FunctionOutput) return Bit(_output, pin);
        return Bit(_driven, pin) ? Bit(_wire, pin) : Pull(pin) == 1;
    }

    /// <summary>The kernel keeps sixteen edges until somebody takes them; what comes then is not told.</summary>
    public bool LosesEdges { get; set; }

    /// <summary>Drives a pin from outside; an edge is told to who watches it.</summary>
    public void Wire(int pin, bool high)
    {
        var before = Level(pin);
        Set(ref _driven, pin, true);
        Set(ref _wire, pin, high);
        if (before == high || LosesEdges || !_watched.TryGetValue(pin, out var watch)) return;
        var edge = high ? PinEventTypes.Rising : PinEventTypes.Falling;
        if ((watch.Types & edge) != 0) watch.Callback(this, new PinValueChangedEventArgs(edge, pin));
    }

    protected override void OpenPin(int pinNumber) => _open.Add(pinNumber).ShouldBeTrue($"pin {pinNumber} is opened twice");

    protected override void ClosePin(int pinNumber)
    {
        _open.Remove(pinNumber);
        Select(pinNumber, 0);
    }

    protected override void SetPinMode(int pinNumber, PinMode mode)
    {
        Select(pinNumber, mode == PinMode.Output ? FunctionOutput : 0);
        var pull = mode switch { PinMode.InputPullUp => 1u, PinMode.InputPullDown => 2u, _ => 0u };
        _pull[pinNumber / 16] = (_pull[pinNumber / 16] & ~(3u << (pinNumber % 16 * 2))) | (pull << (pinNumber % 16 * 2));
    }

    protected override void SetPinMode(int pinNumber, PinMode mode, PinValue initialValue)
    {
        // The latch first, then the direction: no glitch.
        if (mode == PinMode.Output) Set(ref _output, pinNumber, (bool)initialValue);
        SetPinMode(pinNumber, mode);
    }

    protected override PinMode GetPinMode(int pinNumber) => Function(pinNumber) == FunctionOutput ? PinMode.Output
        : Pull(pinNumber) switch { 1 => PinMode.InputPullUp, 2 => PinMode.InputPullDown, _ => PinMode.Input };

    protected override bool IsPinModeSupported(int pinNumber, PinMode mode) => pinNumber < 28;

    protected override PinValue Read(int pinNumber) => Level(pinNumber);

    protected override void Write(int pinNumber, PinValue value)
    {
        Set(ref _output, pinNumber, (bool)value);
        Written?.Invoke(pinNumber, (bool)value);
    }

    protected override WaitForEventResult WaitForEvent(int pinNumber, PinEventTypes eventTypes, CancellationToken cancellationToken) =>
        throw new NotSupportedException("The gateway watches by callback.");

    protected override void AddCallbackForPinValueChangedEvent(int pinNumber, PinEventTypes eventTypes, PinChangeEventHandler callback) =>
        _watched.Add(pinNumber, (eventTypes, callback));

    protected override void RemoveCallbackForPinValueChangedEvent(int pinNumber, PinChangeEventHandler callback) => _watched.Remove(pinNumber);

    private static bool Bit(ulong bits, int pin) => (bits >> pin & 1) != 0;

    private static void Set(ref ulong bits, int pin, bool value) => bits = value ? bits | 1UL << pin : bits & ~(1UL << pin);

    private uint Function(int pin) => _functionSelect[pin / FunctionsARegister] >> (pin % FunctionsARegister * BitsAFunction) & 7;

    private uint Pull(int pin) => _pull[pin / 16] >> (pin % 16 * 2) & 3;

    private void Select(int pin, uint function)
    {
        var shift = pin % FunctionsARegister * BitsAFunction;
        ref var register = ref _functionSelect[pin / FunctionsARegister];
        register = (register & ~(7u << shift)) | (function << shift);
    }
}
