using System.Globalization;
using System.Text.RegularExpressions;
using Broadcast.Boards.Figures;
using Broadcast.Edge.Sensors;
using Gateway = Broadcast.Edge.Hardware;

namespace Broadcast.Hardware.Tests;

/// <summary>The programs take from the board file what the drawing shows.</summary>
public partial class ProgramTests
{
    private static string PathOf(Board board) => Path.Combine(board.Folder, "board.json");

    [Fact]
    public void The_gateway_reads_the_pins_and_scales_that_the_drawing_shows()
    {
        var (file, edge) = (Boards.RaspberryPi.File, Gateway.Board.Read(PathOf(Boards.RaspberryPi)));
        edge.Outputs.Siren!.Pin.ShouldBe(file.Outputs.Siren.Pin);
        edge.Outputs.Siren.MaxOnSeconds.ShouldBe(file.Outputs.Siren.MaxOnSeconds);
        edge.Outputs.Amplifier!.Pin.ShouldBe(file.Outputs.Amplifier.Pin);
        edge.Outputs.Amplifier.ActiveHigh.ShouldBe(file.Outputs.Amplifier.ActiveHigh);
        foreach (var (mine, its) in (ReadOnlySpan<(PinnedInput, Gateway.BoardInput?)>)[(file.Inputs.Rain, edge.Inputs.Rain), (file.Inputs.Stop, edge.Inputs.Stop), (file.Inputs.Tamper, edge.Inputs.Tamper), (file.Inputs.Mains, edge.Inputs.Mains), (file.Inputs.Talk!, edge.Inputs.Talk)])
            new PinnedInput(its!.Pin, its.ClosedIsLow, its.Pull, its.SettleMs).ShouldBe(mine);
        edge.RainGauge.TenthsOfMillimetreATip.ShouldBe(file.RainGauge.TenthsOfMillimetreATip);
        edge.Adc!.Address.ShouldBe(file.Adc.Address!.Value);
        (edge.Adc.Level!.Input, edge.Adc.Level.ShuntOhms, edge.Adc.Level.MillimetresAtHigh).ShouldBe((file.Adc.Level.Input!.Value, file.Adc.Level.ShuntOhms, file.Adc.Level.MillimetresAtHigh));
        (edge.Adc.Battery!.Input, edge.Adc.Battery.UpperOhms, edge.Adc.Battery.LowerOhms).ShouldBe((file.Adc.Battery.Input!.Value, file.Adc.Battery.UpperOhms, file.Adc.Battery.LowerOhms));
        var (line, its2) = (file.Adc.Loudspeaker!, edge.Adc.Loudspeaker!);
        new LoudspeakerFile(its2.VoltageInput, its2.UpperOhms, its2.LowerOhms, its2.CurrentInput, its2.ShuntMilliohms, its2.Gain, its2.SmoothingMs, its2.FullScaleMillivolts, its2.NominalMilliohms, its2.TolerancePercent).ShouldBe(line);
    }

    [Fact]
    public void The_gateway_calls_a_battery_empty_where_the_supply_plan_does_and_before_it_is_cut_off()
    {
        foreach (var board in Boards.All) board.File.Hardware.Supply.EmptyMillivolts.ShouldBe(Battery.EmptyMillivolts);
        Boards.RaspberryPi.File.Hardware.Supply.DisconnectMillivolts.ShouldBeLessThan(Battery.EmptyMillivolts);
    }

    [Fact]
    public void The_gateway_refuses_the_board_of_an_ESP32() =>
        Should.Throw<Exception>(() => Gateway.Board.Read(PathOf(Boards.Esp32))).Message.ShouldContain("cannot be read");

    [Fact]
    public void The_converter_s_count_is_what_the_gateway_s_driver_takes()
    {
        // The driver's own constant is private; its source is the witness.
        var source = File.ReadAllText(Path.Combine(BuiltProject.RepositoryRoot, "edge/Broadcast.Edge/Sensors/Converter.cs"));
        source.ShouldContain(string.Create(CultureInfo.InvariantCulture, $"MicrovoltsACount = {InputFigures.Ads1115MicrovoltsACount};"));
    }

    [Fact]
    public void The_firmware_s_constants_are_the_board_file_s()
    {
        var generated = Path.Combine(BuiltProject.RepositoryRoot, "firmware/Broadcast.Firmware/Hardware/Board.g.cs");
        Assert.SkipUnless(Directory.Exists(Path.GetDirectoryName(generated)), "The firmware is not in this tree.");
        var constants = Constant().Matches(File.ReadAllText(generated)).ToDictionary(m => m.Groups["name"].Value, m => m.Groups["value"].Value.Replace("_", "", StringComparison.Ordinal).Trim('"'), StringComparer.Ordinal);
        var file = Boards.Esp32.File;
        var expected = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["Name"] = file.Name, ["SirenPin"] = file.Outputs.Siren.Pin, ["AmplifierPin"] = file.Outputs.Amplifier.Pin, ["StatusPin"] = file.Outputs.Status!.Pin,
            ["SirenOnMsMax"] = file.Outputs.Siren.MaxOnSeconds * 1_000, ["SirenRestMs"] = file.Outputs.Siren.RestSeconds * 1_000,
            ["StopPin"] = file.Inputs.Stop.Pin, ["TamperPin"] = file.Inputs.Tamper.Pin, ["MainsPin"] = file.Inputs.Mains.Pin, ["RainPin"] = file.Inputs.Rain.Pin,
            ["RainTenthsATip"] = file.RainGauge.TenthsOfMillimetreATip, ["AdcOffsetMicrovolts"] = file.Adc.OffsetMicrovolts!, ["AdcMicrovoltsACount"] = file.Adc.MicrovoltsACount!,
            ["LevelPin"] = file.Adc.Level.Pin!, ["LevelChannel"] = file.Adc.Level.Channel!, ["LevelShuntOhms"] = file.Adc.Level.ShuntOhms,
            ["BatteryPin"] = file.Adc.Battery.Pin!, ["BatteryChannel"] = file.Adc.Battery.Channel!, ["BatteryUpperOhms"] = file.Adc.Battery.UpperOhms, ["BatteryLowerOhms"] = file.Adc.Battery.LowerOhms,
            ["BatteryEmptyMillivolts"] = file.Hardware.Supply.EmptyMillivolts, ["SpeechTxPin"] = file.Speech!.TxPin, ["SpeechRxPin"] = file.Speech.RxPin, ["SpeechBusyPin"] = file.Speech.BusyPin,
            ["ServiceUart"] = file.Service!.Uart, ["ServiceTxPin"] = file.Service.TxPin, ["ServiceRxPin"] = file.Service.RxPin, ["ServiceBaud"] = file.Service.Baud,
        };
        foreach (var (name, value) in expected)
            if (constants.TryGetValue(name, out var its)) its.ShouldBe(Convert.ToString(value, CultureInfo.InvariantCulture), name);
        expected.Keys.Count(constants.ContainsKey).ShouldBeGreaterThan(20, "The generated source does not name its constants as it did.");
    }

    [GeneratedRegex(@"const \w+ (?<name>\w+) = (?<value>[^;]+);", RegexOptions.None, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Constant();
}
