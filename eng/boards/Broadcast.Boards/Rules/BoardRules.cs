using Broadcast.Boards.Files;

namespace Broadcast.Boards.Rules;

/// <summary>Says everything that is wrong with a board: where, what, and what to do.</summary>
public static class BoardRules
{
    private const int ClockAddress = 0x68; // DS3231: fixed (data sheet 19-5170, "Slave Address").

    public static IReadOnlyList<string> Problems(BoardFile board)
    {
        var problems = new List<string>();
        void Need(bool holds, string where, object value, string fix)
        {
            if (!holds) problems.Add($"{where} is '{value}': {fix}.");
        }

        Need(board.Chip is "esp32" or "bcm2711", "chip", board.Chip, "give esp32 or bcm2711");
        var uses = PinUse.Of(board);
        foreach (var twice in uses.GroupBy(u => u.Pin).Where(g => g.Count() > 1))
            Need(false, string.Join(" and ", twice.Select(u => u.Where)), twice.Key, "this pin is used twice; give each its own");
        if (board.IsEsp32) Esp32Pins.Check(board, uses, Need);
        else RaspberryPiPins.Check(board, uses, Need);
        foreach (var use in uses.Where(u => u.NeedsEdges))
            Need(use.Pull is "up" or "down" or "none", use.Where + ".pull", use.Pull, "give up, down or none");
        Need(board.Rtc.Address == ClockAddress, "rtc.address", board.Rtc.Address, $"a DS3231 has {ClockAddress}");
        Need(board.Outputs.Siren.ActiveHigh && board.Outputs.Amplifier.ActiveHigh, "outputs", "active low", "the ULN2003A switches on with a high pin; give activeHigh true");
        Need((board.Service is null) == (board.Hardware.Service is null), "service", "half there", "give both service and hardware.service");
        Need(board.Service is null || board.Service.Uart != board.Speech?.Uart, "service.uart and speech.uart", board.Service?.Uart ?? 0, "two lines cannot share a UART");
        Need(board.Service?.Uart != 0 && board.Speech?.Uart != 0, "service.uart and speech.uart", 0, "UART 0 is the interpreter's own; give 1 or 2");
        CheckReferences(board, Need);
        return problems;
    }

    private static void CheckReferences(BoardFile board, Action<bool, string, object, string> need)
    {
        var hardware = board.Hardware;
        var fuses = hardware.Fuses.Select(f => f.Ref).ToHashSet(StringComparer.Ordinal);
        foreach (var load in hardware.Supply.Loads)
        {
            need(fuses.Contains(load.Fuse), $"hardware.supply.loads {load.Ref}", load.Fuse, "there is no such fuse");
            need(load.While is "always" or "speaking", $"hardware.supply.loads {load.Ref}", load.While, "give always or speaking");
        }

        foreach (var line in hardware.Contacts.Lines) need(line.Input is "rain" or "stop" or "tamper" or "mains" or "talk", "hardware.contacts", line.Input, "give rain, stop, tamper, mains or talk");
        need(hardware.Contacts.Lines.Select(l => l.Input).Distinct(StringComparer.Ordinal).Count() == (board.Inputs.Talk is null ? 4 : 5), "hardware.contacts", hardware.Contacts.Lines.Count, "give each of the inputs once");
        need(hardware.Driver.Relays.SelectMany(r => r.Coils).GroupBy(c => c.Channel).All(g => g.Count() == 1), "hardware.driver", "channel", "a channel drives one coil");
        need(hardware.Driver.Relays.SelectMany(r => r.Coils).All(c => c.Channel is >= 1 and <= 7), "hardware.driver", "channel", "a ULN2003A has channels 1 to 7");
    }
}
