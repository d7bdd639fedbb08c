using System.Device.Adc;
using System.Device.Gpio;
using System.IO.Ports;
using Broadcast.Firmware.Hardware;
using Broadcast.Firmware.Speech;
using nanoFramework.Hardware.Esp32;

namespace Broadcast.Firmware;

/// <summary>Everything that hangs on the board, opened once at the start, the relays first, so that they are off before anything else happens.</summary>
public sealed class GatewayParts
{
    private const string SpeechPortName = "COM3";
    private const string ServicePortName = "COM2";

    /// <summary>Opens it.</summary>
    public GatewayParts(Settings settings, IClock clock)
    {
        GpioController pins = new GpioController();
        Siren = new Siren(new Relay(pins, Board.SirenPin), Board.SirenOnMsMax, Board.SirenRestMs);
        Relay amplifier = new Relay(pins, Board.AmplifierPin);
        Status = new Relay(pins, Board.StatusPin);
        Stop = new Contact(pins, Board.StopPin, PinMode.InputPullUp, Board.StopClosedIsLow, Board.StopSettleMs, clock);
        Tamper = new Contact(pins, Board.TamperPin, PinMode.InputPullUp, Board.TamperClosedIsLow, Board.TamperSettleMs, clock);
        Mains = new Contact(pins, Board.MainsPin, PinMode.InputPullUp, Board.MainsClosedIsLow, Board.MainsSettleMs, clock);
        Contact rain = new Contact(pins, Board.RainPin, PinMode.InputPullUp, Board.RainClosedIsLow, Board.RainSettleMs, clock);
        AdcController adc = new AdcController();
        Sensors = new SiteSensors(
            rain,
            new Analog(adc, Board.LevelChannel, Board.AdcOffsetMicrovolts, Board.AdcMicrovoltsACount),
            new Analog(adc, Board.BatteryChannel, Board.AdcOffsetMicrovolts, Board.AdcMicrovoltsACount),
            settings, clock.MonotonicMs);
        Clock = new RealTimeClock();
        Chip = OpenChip(pins);
        Announcer = new Announcer(Chip, amplifier);
    }

    /// <summary>The siren.</summary>
    public Siren Siren { get; }

    /// <summary>The lamp beside the board: on while the cloud's session is up.</summary>
    public Relay Status { get; }

    /// <summary>The button that stops what plays.</summary>
    public Contact Stop { get; }

    /// <summary>The cabinet's door: closed when shut.</summary>
    public Contact Tamper { get; }

    /// <summary>The mains relay: closed while there is mains.</summary>
    public Contact Mains { get; }

    /// <summary>Rain, level, battery.</summary>
    public SiteSensors Sensors { get; }

    /// <summary>The battery-backed clock.</summary>
    public RealTimeClock Clock { get; }

    /// <summary>The speech chip.</summary>
    public SpeechChip Chip { get; }

    /// <summary>What plays.</summary>
    public Announcer Announcer { get; }

    /// <summary>Opens the service port. Before the other parts: a board that is not provisioned has nothing else.</summary>
    public static SerialPort OpenServicePort(Mailbox mailbox)
    {
        Configuration.SetPinFunction(Board.ServiceTxPin, DeviceFunction.COM2_TX);
        Configuration.SetPinFunction(Board.ServiceRxPin, DeviceFunction.COM2_RX);
        SerialPort port = Open(ServicePortName, Board.ServiceBaud);
        port.DataReceived += (sender, e) => mailbox.Wake();
        return port;
    }

    private static SpeechChip OpenChip(GpioController pins)
    {
        ISpeechProtocol protocol = Board.SpeechChip == "SYN6288" ? new Syn6288() : new Xfs5152();
        Configuration.SetPinFunction(Board.SpeechTxPin, DeviceFunction.COM3_TX);
        Configuration.SetPinFunction(Board.SpeechRxPin, DeviceFunction.COM3_RX);
        return new SpeechChip(protocol, Open(SpeechPortName, protocol.Baud), pins.OpenPin(Board.SpeechBusyPin, PinMode.InputPullDown));
    }

    private static SerialPort Open(string name, int baud)
    {
        SerialPort port = new SerialPort(name, baud, Parity.None, 8, StopBits.One);
        port.Open();
        return port;
    }
}
