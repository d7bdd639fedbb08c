using System.Device.Gpio;
using System.Device.I2c;
using Broadcast.Edge.Sensors;
using Microsoft.Extensions.Logging;

namespace Broadcast.Edge.Hardware;

/// <summary>How the pins and the bus of this machine are reached: the real ones in the product, register-level ones in tests.</summary>
/// <param name="Pins">Makes the controller of the pins.</param>
/// <param name="I2c">Opens a device of a bus.</param>
internal sealed record HardwareAccess(Func<GpioController> Pins, Func<I2cConnectionSettings, I2cDevice> I2c)
{
    public static HardwareAccess Real { get; } = new(() => new GpioController(), I2cDevice.Create);
}

/// <summary>
/// Everything that hangs on the board, opened once at the start by the board file. What cannot be opened is a named fault; the
/// gateway speaks all the same.
/// </summary>
internal sealed partial class SiteHardware : IDisposable
{
    private readonly ILogger<SiteHardware> _logger;
    private readonly GpioController? _pins;
    private readonly List<IDisposable> _opened = [];

    public SiteHardware(Board board, HardwareAccess access, TimeProvider time, ILogger<SiteHardware> logger)
    {
        _logger = logger;
        if (board.Problem is { } problem) Fail("board", problem);
        _pins = board.HasPins ? OpenPins(access) : null;
        if (board.Outputs.Siren is { } siren) Siren = Open("outputs.siren", pins => new Siren(new Relay(pins, siren), siren, time));
        if (board.Outputs.Amplifier is { } amplifier) Amplifier = Open("outputs.amplifier", pins => new Relay(pins, amplifier));
        Stop = OpenContact("inputs.stop", board.Inputs.Stop, time);
        Talk = OpenContact("inputs.talk", board.Inputs.Talk, time);
        Tamper = OpenContact("inputs.tamper", board.Inputs.Tamper, time);
        Mains = OpenContact("inputs.mains", board.Inputs.Mains, time);
        Rain = OpenContact("inputs.rain", board.Inputs.Rain, time);
        if (board.Adc is { } adc) _opened.Add(Converter = new Converter(adc, access.I2c));
        if (board.Adc?.Level is { } current) Level = new CurrentLevel(Converter!, current);
        if (board.Modbus is { } modbus) Level = new ModbusLevel(modbus, time);
        if (Level is not null) _opened.Add(Level);
    }

    public Siren? Siren { get; }

    public Relay? Amplifier { get; }

    public Contact? Stop { get; }

    public Contact? Talk { get; }

    public Contact? Tamper { get; }

    public Contact? Mains { get; }

    public Contact? Rain { get; }

    public Converter? Converter { get; }

    public ILevelSensor? Level { get; }

    /// <summary>What could not be opened, by its name in the board file, and why.</summary>
    public List<string> Faults { get; } = [];

    public void Dispose()
    {
        foreach (var part in _opened) part.Dispose();
        _pins?.Dispose();
    }

    private GpioController? OpenPins(HardwareAccess access)
    {
        try
        {
            return access.Pins();
        }
        catch (Exception missing) when (missing is PlatformNotSupportedException or NotSupportedException or IOException or UnauthorizedAccessException or DllNotFoundException)
        {
            Fail("pins", missing);
            return null;
        }
    }

    private Contact? OpenContact(string name, BoardInput? input, TimeProvider time) =>
        input is null ? null : Open(name, pins => new Contact(pins, input, time));

    private T? Open<T>(string name, Func<GpioController, T> open) where T : class, IDisposable
    {
        if (_pins is null) return null;
        try
        {
            var part = open(_pins);
            _opened.Add(part);
            return part;
        }
        catch (Exception failed) when (failed is InvalidOperationException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            Fail(name, failed);
            return null;
        }
    }

    private void Fail(string name, Exception why) => Fail(name, why.Message);

    private void Fail(string name, string why)
    {
        Faults.Add($"{name}: {why}");
        LogFault(name, why);
    }

    [LoggerMessage(1, LogLevel.Error, "{Part} cannot be used: {Why}")]
    private partial void LogFault(string part, string why);
}
