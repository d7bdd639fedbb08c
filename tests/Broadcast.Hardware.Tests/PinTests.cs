using Broadcast.Boards.Rules;

namespace Broadcast.Hardware.Tests;

/// <summary>A pin that cannot do what is asked of it is refused by name, on boards planted with the fault.</summary>
public class PinTests
{
    private const string Siren = "\"siren\": { \"pin\": 26";
    private const string Battery = "\"battery\": { \"pin\": 35, \"channel\": 7";

    [Theory]
    [MemberData(nameof(Boards.Names), MemberType = typeof(Boards))]
    public void The_boards_of_the_house_have_no_fault(string name) => Boards.Named(name).Problems.ShouldBeEmpty();

    [Theory]
    [InlineData(0, "decide how the chip starts")]
    [InlineData(2, "decide how the chip starts")]
    [InlineData(5, "decide how the chip starts")]
    [InlineData(12, "decide how the chip starts")]
    [InlineData(15, "decide how the chip starts")]
    [InlineData(6, "flash memory's")]
    [InlineData(11, "flash memory's")]
    [InlineData(34, "inputs only")]
    [InlineData(39, "inputs only")]
    [InlineData(16, "memory of a WROVER")]
    [InlineData(17, "memory of a WROVER")]
    [InlineData(14, "a relay would click")]
    [InlineData(1, "console")]
    [InlineData(20, "no such pin")]
    [InlineData(40, "no such pin")]
    public void A_siren_on_a_pin_of_an_ESP32_that_cannot_drive_it_is_refused(int pin, string why) =>
        BoardRules.Problems(Boards.Esp32.Spoilt(Siren, $"\"siren\": {{ \"pin\": {pin}")).ShouldContain(p => p.StartsWith($"outputs.siren is '{pin}'", StringComparison.Ordinal) && p.Contains(why, StringComparison.Ordinal));

    [Theory]
    [InlineData("\"battery\": { \"pin\": 14, \"channel\": 16", "ADC2, which Wi-Fi uses")]
    [InlineData("\"battery\": { \"pin\": 19, \"channel\": 1", "none of ADC1")]
    [InlineData("\"battery\": { \"pin\": 39, \"channel\": 2", "pin 39 is channel 3")]
    public void A_voltage_on_a_pin_that_cannot_measure_it_is_refused(string to, string why) =>
        BoardRules.Problems(Boards.Esp32.Spoilt(Battery, to)).ShouldContain(p => p.StartsWith("adc.battery", StringComparison.Ordinal) && p.Contains(why, StringComparison.Ordinal));

    [Theory]
    [InlineData("\"rain\": { \"pin\": 33", "\"rain\": { \"pin\": 39", "no pull resistors")]
    [InlineData("\"rain\": { \"pin\": 33", "\"rain\": { \"pin\": 36", "pulled low for 80 ns")]
    [InlineData("\"rain\": { \"pin\": 33", "\"rain\": { \"pin\": 32", "inputs.tamper and inputs.rain is '32': this pin is used twice")]
    [InlineData("\"txPin\": 18", "\"txPin\": 35", "inputs only")]
    [InlineData("\"sclPin\": 22", "\"sclPin\": 38", "inputs only")]
    [InlineData("\"activeHigh\": true, \"maxOnSeconds\"", "\"activeHigh\": false, \"maxOnSeconds\"", "switches on with a high pin")]
    [InlineData("\"address\": 104", "\"address\": 87", "a DS3231 has 104")]
    public void Other_faults_of_an_ESP32_board_are_named(string from, string to, string said) =>
        BoardRules.Problems(Boards.Esp32.Spoilt(from, to)).ShouldContain(p => p.Contains(said, StringComparison.Ordinal));

    [Theory]
    [InlineData("\"siren\": { \"pin\": 17", "\"siren\": { \"pin\": 27", "outputs.siren and outputs.amplifier is '27': this pin is used twice")]
    [InlineData("\"siren\": { \"pin\": 17", "\"siren\": { \"pin\": 0", "read the EEPROM")]
    [InlineData("\"siren\": { \"pin\": 17", "\"siren\": { \"pin\": 28", "give a GPIO number from 2 to 27")]
    [InlineData("\"siren\": { \"pin\": 17", "\"siren\": { \"pin\": 3", "are the I2C bus")]
    [InlineData("\"siren\": { \"pin\": 17", "\"siren\": { \"pin\": 14", "are the serial port")]
    [InlineData("\"siren\": { \"pin\": 17", "\"siren\": { \"pin\": 18", "kept for I2S sound")]
    [InlineData("\"siren\": { \"pin\": 17", "\"siren\": { \"pin\": 5", "the relay would be on")]
    [InlineData("\"sdaPin\": 2", "\"sdaPin\": 4", "bus 1 is on pins 2 and 3")]
    [InlineData("\"txPin\": 14", "\"txPin\": 16", "the serial port sends on pin 14")]
    [InlineData("\"address\": 104", "\"address\": 72", "two devices of one bus cannot have the same address")]
    [InlineData("\"input\": 1, \"upperOhms\"", "\"input\": 0, \"upperOhms\"", "this input is used twice")]
    public void Faults_of_a_Raspberry_Pi_board_are_named(string from, string to, string said) =>
        BoardRules.Problems(Boards.RaspberryPi.Spoilt(from, to)).ShouldContain(p => p.Contains(said, StringComparison.Ordinal));
}
