using Broadcast.Boards.Files;

namespace Broadcast.Boards.Rules;

/// <summary>
/// What the pins of a Raspberry Pi's connector can do. Sources: BCM2711 ARM Peripherals, "GPIO" (default pulls, alternative functions);
/// Raspberry Pi documentation, "GPIO and the 40-pin header".
/// </summary>
internal static class RaspberryPiPins
{
    /// <summary>Number on the 40-pin connector of each GPIO; the index is the GPIO.</summary>
    private static readonly int[] Connector = [27, 28, 3, 5, 7, 29, 31, 26, 24, 21, 19, 23, 32, 33, 8, 10, 36, 11, 12, 35, 38, 40, 15, 16, 18, 22, 37, 13];

    private static readonly HashSet<int> Sound = [18, 19, 20, 21];
    private static readonly HashSet<int> PulledUpAtReset = [0, 1, 2, 3, 4, 5, 6, 7, 8];

    /// <summary>The place of a GPIO on the connector.</summary>
    public static int OnConnector(int pin) => Connector[pin];

    public static void Check(BoardFile board, IReadOnlyList<PinUse> uses, Action<bool, string, object, string> need)
    {
        foreach (var use in uses)
        {
            need(use.Pin is >= 2 and <= 27, use.Where, use.Pin, "give a GPIO number from 2 to 27; 0 and 1 read the EEPROM of add-on boards");
            var bus = use.Role is PinRole.Data or PinRole.Clock;
            need(bus || use.Pin is not 2 and not 3, use.Where, use.Pin, "pins 2 and 3 are the I2C bus, with 1.8 kΩ on the board; give another");
            need(use.Role is PinRole.Transmit or PinRole.Receive || use.Pin is not 14 and not 15, use.Where, use.Pin, "pins 14 and 15 are the serial port; give another");
            need(use.Role == PinRole.Reserved || !Sound.Contains(use.Pin), use.Where, use.Pin, "pins 18 to 21 are kept for I2S sound; give another");
            need(!(use is { Role: PinRole.Output, ActiveHigh: true } && PulledUpAtReset.Contains(use.Pin)), use.Where, use.Pin, "pins 0 to 8 are pulled up until the program runs: the relay would be on; give one of 9 to 27");
        }

        need(board.I2c is { Bus: 1, SdaPin: 2, SclPin: 3 }, "i2c", $"{board.I2c.Bus}: {board.I2c.SdaPin}, {board.I2c.SclPin}", "bus 1 is on pins 2 and 3");
        need(board.Hardware.Serial is null or { TxPin: 14, RxPin: 15 }, "hardware.serial", board.Hardware.Serial?.TxPin ?? 0, "the serial port sends on pin 14 and receives on pin 15");
        need(board.Adc is { Bus: not null, Address: not null }, "adc", "incomplete", "give the bus and the address of the ADS1115");
        need(board.Adc.Bus == board.I2c.Bus, "adc.bus", board.Adc.Bus ?? 0, "the converter is on the bus of i2c.bus");
        need(board.Adc.Address != board.Rtc.Address, "adc.address and rtc.address", board.Rtc.Address, "two devices of one bus cannot have the same address");
        need(board.Adc.Level.Input != board.Adc.Battery.Input, "adc.level and adc.battery", board.Adc.Level.Input ?? 0, "this input is used twice");
    }
}
