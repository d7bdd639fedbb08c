namespace System.Device.Gpio;

/// <summary>The pins of one chip: opened once each, with a mode, read, written and watched.</summary>
public class GpioController : IDisposable
{
    private readonly GpioDriver _driver;
    private readonly Dictionary<int, GpioPin> _open = [];

    /// <exception cref="PlatformNotSupportedException">Always: there is no physical pin behind the stand-in.</exception>
    public GpioController()
        : this(DefaultDriver())
    {
    }

    public GpioController(GpioDriver driver) => _driver = driver;

    public virtual int PinCount => _driver.PinCount;

    public GpioPin OpenPin(int pinNumber)
    {
        if (_open.TryGetValue(pinNumber, out var open)) return open;
        OpenPinCore(pinNumber);
        return _open[pinNumber] = new GpioPin(pinNumber, this);
    }

    public GpioPin OpenPin(int pinNumber, PinMode mode)
    {
        var pin = OpenPin(pinNumber);
        SetPinMode(pinNumber, mode);
        return pin;
    }

    public GpioPin OpenPin(int pinNumber, PinMode mode, PinValue initialValue)
    {
        var pin = OpenPin(pinNumber);
        Check(pinNumber);
        CheckMode(pinNumber, mode);
        _driver.SetPinMode(pinNumber, mode, initialValue);
        return pin;
    }

    public void ClosePin(int pinNumber)
    {
        Check(pinNumber);
        ClosePinCore(pinNumber);
        _open.Remove(pinNumber);
    }

    public virtual void SetPinMode(int pinNumber, PinMode mode)
    {
        Check(pinNumber);
        CheckMode(pinNumber, mode);
        _driver.SetPinMode(pinNumber, mode);
    }

    public virtual PinMode GetPinMode(int pinNumber)
    {
        Check(pinNumber);
        return _driver.GetPinMode(pinNumber);
    }

    public virtual bool IsPinOpen(int pinNumber) => _open.ContainsKey(pinNumber);

    public virtual bool IsPinModeSupported(int pinNumber, PinMode mode) => _driver.IsPinModeSupported(pinNumber, mode);

    public virtual PinValue Read(int pinNumber)
    {
        Check(pinNumber);
        return _driver.Read(pinNumber);
    }

    public virtual void Toggle(int pinNumber)
    {
        Check(pinNumber);
        _driver.Toggle(pinNumber);
    }

    public virtual void Write(int pinNumber, PinValue value)
    {
        Check(pinNumber);
        if (_driver.GetPinMode(pinNumber) != PinMode.Output)
            throw new InvalidOperationException($"Pin {pinNumber} is not an output.");
        _driver.Write(pinNumber, value);
    }

    public virtual WaitForEventResult WaitForEvent(int pinNumber, PinEventTypes eventTypes, CancellationToken cancellationToken)
    {
        Check(pinNumber);
        return _driver.WaitForEvent(pinNumber, eventTypes, cancellationToken);
    }

    public virtual void RegisterCallbackForPinValueChangedEvent(int pinNumber, PinEventTypes eventTypes, PinChangeEventHandler callback)
    {
        Check(pinNumber);
        _driver.AddCallbackForPinValueChangedEvent(pinNumber, eventTypes, callback);
    }

    public virtual void UnregisterCallbackForPinValueChangedEvent(int pinNumber, PinChangeEventHandler callback)
    {
        Check(pinNumber);
        _driver.RemoveCallbackForPinValueChangedEvent(pinNumber, callback);
    }

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void OpenPinCore(int pinNumber) => _driver.OpenPin(pinNumber);

    protected virtual void ClosePinCore(int pinNumber) => _driver.ClosePin(pinNumber);

    protected virtual void Dispose(bool disposing)
    {
        if (!disposing) return;
        foreach (var pin in _open.Keys.ToArray()) ClosePin(pin);
        _driver.Dispose();
    }

    private static GpioDriver DefaultDriver() => throw new PlatformNotSupportedException(
        "Physical pins need the package System.Device.Gpio: build with -p:DevicePackages=real where the feed holds it.");

    private void Check(int pinNumber)
    {
        if (!_open.ContainsKey(pinNumber)) throw new InvalidOperationException($"Pin {pinNumber} is not open.");
    }

    private void CheckMode(int pinNumber, PinMode mode)
    {
        if (!_driver.IsPinModeSupported(pinNumber, mode)) throw new InvalidOperationException($"Pin {pinNumber} cannot be {mode}.");
    }
}

/// <summary>An open pin.</summary>
public class GpioPin : IDisposable
{
    protected internal GpioPin(int pinNumber, GpioController controller)
    {
        PinNumber = pinNumber;
        Controller = controller;
    }

    public virtual event PinChangeEventHandler ValueChanged
    {
        add => Controller.RegisterCallbackForPinValueChangedEvent(PinNumber, PinEventTypes.Falling | PinEventTypes.Rising, value);
        remove => Controller.UnregisterCallbackForPinValueChangedEvent(PinNumber, value);
    }

    public virtual int PinNumber { get; }

    public GpioController Controller { get; }

    public virtual PinMode GetPinMode() => Controller.GetPinMode(PinNumber);

    public virtual void SetPinMode(PinMode value) => Controller.SetPinMode(PinNumber, value);

    public virtual PinValue Read() => Controller.Read(PinNumber);

    public virtual void Write(PinValue value) => Controller.Write(PinNumber, value);

    public virtual void Toggle() => Controller.Toggle(PinNumber);

    public virtual void Close() => Controller.ClosePin(PinNumber);

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (disposing && Controller.IsPinOpen(PinNumber)) Close();
    }
}
