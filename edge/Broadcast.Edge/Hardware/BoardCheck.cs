namespace Broadcast.Edge.Hardware;

/// <summary>Checks a board file at the start and names every wrong thing in it: where, what, and what to do.</summary>
internal static class BoardCheck
{
    public const string ChipOfOurs = "bcm2711";

    /// <summary>GPIO 0 and 1 are the identification EEPROM's; beyond 27 the connector has none.</summary>
    private const int PinMin = 2;
    private const int PinMax = 27;

    private static readonly int[] I2cPins = [2, 3];
    private static readonly int[] SerialPins = [14, 15];
    private static readonly int[] Bauds = [1_200, 2_400, 4_800, 9_600, 19_200, 38_400, 57_600, 115_200];

    /// <summary>Every pin that the file gives away, with the name of its place.</summary>
    public static IEnumerable<(string Where, int Pin)> Pins(Board board)
    {
        if (board.Outputs.Siren is { } siren) yield return ("outputs.siren", siren.Pin);
        if (board.Outputs.Amplifier is { } amplifier) yield return ("outputs.amplifier", amplifier.Pin);
        if (board.Inputs.Stop is { } stop) yield return ("inputs.stop", stop.Pin);
        if (board.Inputs.Tamper is { } tamper) yield return ("inputs.tamper", tamper.Pin);
        if (board.Inputs.Mains is { } mains) yield return ("inputs.mains", mains.Pin);
        if (board.Inputs.Rain is { } rain) yield return ("inputs.rain", rain.Pin);
        if (board.Inputs.Talk is { } talk) yield return ("inputs.talk", talk.Pin);
    }

    public static IReadOnlyList<string> Problems(Board board)
    {
        var problems = new List<string>();
        void Need(bool holds, string where, object value, string fix)
        {
            if (!holds) problems.Add($"{where} is '{value}': {fix}.");
        }

        Need(board.Name.Length is > 0 and <= 28 && board.Name.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'), "name", board.Name, "give 1 to 28 letters, digits or '-'");
        Need(board.Chip == ChipOfOurs, "chip", board.Chip, $"this is a Raspberry Pi and its boards say {ChipOfOurs}; give the file of this board");
        CheckPins(board, Need);
        CheckOutputs(board.Outputs, Need);
        foreach (var (where, input) in Inputs(board.Inputs)) CheckInput(where, input, Need);
        Need(board.RainGauge.TenthsOfMillimetreATip is >= 1 and <= 10, "rainGauge.tenthsOfMillimetreATip", board.RainGauge.TenthsOfMillimetreATip, "give 2 for 0.2 mm, 5 for 0.5 mm");
        Need(board.RainGauge.StuckSeconds is >= 10 and <= 86_400, "rainGauge.stuckSeconds", board.RainGauge.StuckSeconds, "give 10 to 86400");
        if (board.Adc is { } adc) CheckAdc(adc, Need);
        if (board.Modbus is { } modbus) CheckModbus(modbus, Need);
        Need(board.Adc?.Level is null || board.Modbus is null, "modbus", "there", "a site has one level sensor: give adc.level or modbus");
        return problems;
    }

    private static void CheckPins(Board board, Action<bool, string, object, string> need)
    {
        foreach (var use in Pins(board).GroupBy(p => p.Pin))
        {
            var wheres = string.Join(" and ", use.Select(p => p.Where));
            need(use.Count() == 1, wheres, use.Key, "this pin is used twice; give each its own");
            need(use.Key is >= PinMin and <= PinMax, wheres, use.Key, $"give a GPIO number from {PinMin} to {PinMax}");
            need(board.Adc is null || !I2cPins.Contains(use.Key), wheres, use.Key, "pins 2 and 3 are the I2C bus of the adc; give another");
            need(board.Modbus is null || !SerialPins.Contains(use.Key), wheres, use.Key, "pins 14 and 15 are the serial port of modbus; give another");
        }
    }

    private static void CheckOutputs(BoardOutputs outputs, Action<bool, string, object, string> need)
    {
        if (outputs.Siren is not { } siren) return;
        need(siren.MaxOnSeconds is >= 1 and <= 600, "outputs.siren.maxOnSeconds", siren.MaxOnSeconds, "give 1 to 600");
        need(siren.RestSeconds is >= 1 and <= 600, "outputs.siren.restSeconds", siren.RestSeconds, "give 1 to 600");
    }

    private static IEnumerable<(string Where, BoardInput Input)> Inputs(BoardInputs inputs) =>
        new (string Where, BoardInput? Input)[] { ("inputs.stop", inputs.Stop), ("inputs.tamper", inputs.Tamper), ("inputs.mains", inputs.Mains), ("inputs.rain", inputs.Rain), ("inputs.talk", inputs.Talk) }
            .Where(i => i.Input is not null).Select(i => (i.Where, i.Input!));

    private static void CheckInput(string where, BoardInput input, Action<bool, string, object, string> need)
    {
        need(input.Pull is "up" or "down" or "none", where + ".pull", input.Pull, "give up, down or none");
        need(input.SettleMs is >= 1 and <= 5_000, where + ".settleMs", input.SettleMs, "give 1 to 5000");
    }

    private static void CheckAdc(BoardAdc adc, Action<bool, string, object, string> need)
    {
        need(adc.Bus is >= 0 and <= 10, "adc.bus", adc.Bus, "give 0 to 10");
        need(adc.Address is >= 0x48 and <= 0x4B, "adc.address", adc.Address, "an ADS1115 has 72 to 75 (0x48 to 0x4B)");
        foreach (var use in AdcInputs(adc).GroupBy(i => i.Input).Where(g => g.Count() > 1))
            need(false, string.Join(" and ", use.Select(i => i.Where)), use.Key, "this input is used twice; give each its own");
        if (adc.Loudspeaker is { } loudspeaker) CheckLoudspeaker(loudspeaker, need);
        if (adc.Level is { } level)
        {
            need(level.Input is >= 0 and <= 3, "adc.level.input", level.Input, "give 0 to 3");
            need(level.ShuntOhms is >= 10 and <= 180, "adc.level.shuntOhms", level.ShuntOhms, "give 10 to 180: 22 mA must stay below 4.096 V");
            need(level.MillimetresAtHigh > level.MillimetresAtLow, "adc.level.millimetresAt20mA", level.MillimetresAtHigh, "give more than at 4 mA");
        }
        if (adc.Battery is { } battery)
        {
            need(battery.Input is >= 0 and <= 3, "adc.battery.input", battery.Input, "give 0 to 3");
            need(battery.UpperOhms > 0 && battery.LowerOhms > 0, "adc.battery", $"{battery.UpperOhms}/{battery.LowerOhms}", "give both resistors of the divider");
        }
    }

    private static IEnumerable<(string Where, int Input)> AdcInputs(BoardAdc adc)
    {
        if (adc.Level is { } level) yield return ("adc.level", level.Input);
        if (adc.Battery is { } battery) yield return ("adc.battery", battery.Input);
        if (adc.Loudspeaker is not { } loudspeaker) yield break;
        yield return ("adc.loudspeaker.voltageInput", loudspeaker.VoltageInput);
        yield return ("adc.loudspeaker.currentInput", loudspeaker.CurrentInput);
    }

    private static void CheckLoudspeaker(BoardLoudspeaker line, Action<bool, string, object, string> need)
    {
        need(line.VoltageInput is >= 0 and <= 3, "adc.loudspeaker.voltageInput", line.VoltageInput, "give 0 to 3");
        need(line.CurrentInput is >= 0 and <= 3, "adc.loudspeaker.currentInput", line.CurrentInput, "give 0 to 3");
        need(line.UpperOhms > 0 && line.LowerOhms > 0, "adc.loudspeaker", $"{line.UpperOhms}/{line.LowerOhms}", "give both resistors of the divider");
        need(line.ShuntMilliohms is >= 1 and <= 1_000, "adc.loudspeaker.shuntMilliohms", line.ShuntMilliohms, "give 1 to 1000");
        need(line.Gain is >= 1 and <= 1_000, "adc.loudspeaker.gain", line.Gain, "give 1 to 1000");
        need(line.SmoothingMs is >= 40 and <= 200, "adc.loudspeaker.smoothingMs", line.SmoothingMs, "give 40 to 200: less shows the pilot's waves, more is not settled when it is measured");
        need(line.FullScaleMillivolts is >= 1_000 and <= 200_000, "adc.loudspeaker.fullScaleMillivolts", line.FullScaleMillivolts, "give the peak at the output, 1000 to 200000");
        need(line.NominalMilliohms == 0 || line.NominalMilliohms is >= BoardLoudspeaker.MilliohmsMin and < BoardLoudspeaker.MilliohmsMax, "adc.loudspeaker.nominalMilliohms", line.NominalMilliohms, "give 500 to 9999999, or 0 where it is to be learned");
        need(line.TolerancePercent is >= 5 and <= 50, "adc.loudspeaker.tolerancePercent", line.TolerancePercent, "give 5 to 50");
    }

    private static void CheckModbus(BoardModbus modbus, Action<bool, string, object, string> need)
    {
        need(modbus.Port.StartsWith("/dev/", StringComparison.Ordinal), "modbus.port", modbus.Port, "give a serial port, such as /dev/ttyAMA0");
        need(Bauds.Contains(modbus.Baud), "modbus.baud", modbus.Baud, $"give one of {string.Join(", ", Bauds)}");
        need(modbus.Unit is >= 1 and <= 247, "modbus.unit", modbus.Unit, "give 1 to 247");
        need(modbus.Register is >= 0 and <= ushort.MaxValue, "modbus.register", modbus.Register, "give 0 to 65535");
        need(modbus.MillimetresACount is >= 1 and <= 1_000, "modbus.millimetresACount", modbus.MillimetresACount, "give 1 to 1000");
    }
}
