using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Broadcast.Testing;

namespace Broadcast.Firmware.Tests;

/// <summary>
/// Sources that are made from a file of record: the board's pins from its board.json, the on-target vectors from vectors.txt. A test
/// holds them equal; `-explicit only -method "*Write_them_anew"` makes them anew.
/// </summary>
public sealed class GeneratedSourceTests
{
    private const string BoardFile = "hardware/boards/esp32-gateway-1/board.json";
    private const string BoardSource = "firmware/Broadcast.Firmware/Hardware/Board.g.cs";
    private const string VectorSource = "firmware/Broadcast.Firmware.OnTarget/Vectors.g.cs";

    [Fact]
    public void The_boards_pins_are_those_of_its_file() => Read(BoardSource).ShouldBe(BoardText(), $"{BoardFile} has changed: write {BoardSource} anew");

    [Fact]
    public void The_vectors_on_the_target_are_the_golden_ones() => Read(VectorSource).ShouldBe(VectorText(), $"vectors.txt has changed: write {VectorSource} anew");

    [Fact(Explicit = true)]
    public void Write_them_anew()
    {
        File.WriteAllText(Full(BoardSource), BoardText());
        File.WriteAllText(Full(VectorSource), VectorText());
    }

    private static string Full(string path) => Path.Combine(BuiltProject.RepositoryRoot, path);

    private static string Read(string path) => File.Exists(Full(path)) ? File.ReadAllText(Full(path)) : "";

    private static string VectorText()
    {
        var vectors = File.ReadAllLines(Full("firmware/Broadcast.Device/vectors.txt")).Where(l => l.Length > 0 && l[0] != '#').Select(l => l.Split(' ')).ToList();
        var text = new StringBuilder("// Made from firmware/Broadcast.Device/vectors.txt; GeneratedSourceTests holds the two equal.\nnamespace Broadcast.Firmware.OnTarget;\n\n/// <summary>The golden vectors.</summary>\ninternal static class Vectors\n{\n");
        Write("Names", v => v[0]);
        text.Append('\n');
        Write("Hex", v => v[1]);
        return text.Append("}\n").ToString();

        void Write(string name, Func<string[], string> part)
        {
            text.Append("    internal static readonly string[] ").Append(name).Append(" =\n    {\n");
            foreach (var vector in vectors) text.Append("        \"").Append(part(vector)).Append("\",\n");
            text.Append("    };\n");
        }
    }

    private static string BoardText()
    {
        var board = JsonNode.Parse(File.ReadAllText(Full(BoardFile)))!;
        var (outputs, inputs, adc, speech, service, i2c) = (board["outputs"]!, board["inputs"]!, board["adc"]!, board["speech"]!, board["service"]!, board["i2c"]!);
        foreach (var output in new[] { "siren", "amplifier", "status" })
            ((bool)outputs[output]!["activeHigh"]!).ShouldBeTrue($"outputs.{output}: the driver makes a pin low when it becomes an output, so the relay must be off at low");
        ((bool)speech["busyIsHigh"]!).ShouldBeTrue("speech.busyIsHigh: both chips' lines are high while they speak");
        ((int)service["uart"]!, (int)speech["uart"]!).ShouldBe((1, 2), "service.uart and speech.uart: COM2 and COM3 are what the firmware opens");

        var text = new StringBuilder($"// Made from {BoardFile}; GeneratedSourceTests holds the two equal.\nnamespace Broadcast.Firmware.Hardware;\n\n/// <summary>Pins, scales and limits of the board.</summary>\ninternal static class Board\n{{\n");
        Text("Name", (string)board["name"]!);
        Truth("IsWifi", (string)board["uplink"]! == "wifi");
        Number("SirenPin", outputs["siren"]!["pin"]);
        Number("SirenOnMsMax", outputs["siren"]!["maxOnSeconds"], 1_000);
        Number("SirenRestMs", outputs["siren"]!["restSeconds"], 1_000);
        Number("AmplifierPin", outputs["amplifier"]!["pin"]);
        Number("StatusPin", outputs["status"]!["pin"]);
        foreach (var (name, input) in new[] { ("Stop", "stop"), ("Tamper", "tamper"), ("Mains", "mains"), ("Rain", "rain") })
        {
            Number(name + "Pin", inputs[input]!["pin"]);
            Number(name + "SettleMs", inputs[input]!["settleMs"]);
            Truth(name + "ClosedIsLow", (bool)inputs[input]!["closedIsLow"]!);
        }

        Number("RainTenthsATip", board["rainGauge"]!["tenthsOfMillimetreATip"]);
        Number("RainStuckMs", board["rainGauge"]!["stuckSeconds"], 1_000);
        Number("AdcOffsetMicrovolts", adc["offsetMicrovolts"]);
        Number("AdcMicrovoltsACount", adc["microvoltsACount"]);
        Number("LevelChannel", adc["level"]!["channel"]);
        Number("LevelShuntOhms", adc["level"]!["shuntOhms"]);
        Number("LevelMillimetresAtLow", adc["level"]!["millimetresAt4mA"]);
        Number("LevelMillimetresAtHigh", adc["level"]!["millimetresAt20mA"]);
        Number("BatteryChannel", adc["battery"]!["channel"]);
        Number("BatteryUpperOhms", adc["battery"]!["upperOhms"]);
        Number("BatteryLowerOhms", adc["battery"]!["lowerOhms"]);
        Number("BatteryEmptyMillivolts", board["hardware"]!["supply"]!["emptyMillivolts"]);
        Text("SpeechChip", (string)speech["chip"]!);
        Number("SpeechTxPin", speech["txPin"]);
        Number("SpeechRxPin", speech["rxPin"]);
        Number("SpeechBusyPin", speech["busyPin"]);
        Number("ServiceTxPin", service["txPin"]);
        Number("ServiceRxPin", service["rxPin"]);
        Number("ServiceBaud", service["baud"]);
        ((int)i2c["bus"]!, (int)i2c["hertz"]!, (string)board["rtc"]!["chip"]!).ShouldBe((1, 100_000, "DS3231"), "i2c and rtc: what RealTimeClock opens and speaks to");
        Number("I2cDataPin", i2c["sdaPin"]);
        Number("I2cClockPin", i2c["sclPin"]);
        Number("ClockAddress", board["rtc"]!["address"]);
        return text.Append("}\n").ToString();

        void Line(string type, string name, string value) => text.Append("    internal const ").Append(type).Append(' ').Append(name).Append(" = ").Append(value).Append(";\n");
        void Number(string name, JsonNode? value, int times = 1) => Line("int", name, ((int)value! * times).ToString("#,0", CultureInfo.InvariantCulture).Replace(',', '_'));
        void Truth(string name, bool value) => Line("bool", name, value ? "true" : "false");
        void Text(string name, string value) => Line("string", name, $"\"{value}\"");
    }
}
