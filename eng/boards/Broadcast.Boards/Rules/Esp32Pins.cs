using Broadcast.Boards.Files;

namespace Broadcast.Boards.Rules;

/// <summary>
/// What the pins of an ESP32 can do. Sources: ESP32 Series Data Sheet, "IO_MUX" and "Strapping Pins"; ESP-IDF "GPIO &amp; RTC GPIO" and
/// "Analog to Digital Converter"; ESP32 errata 3.11.
/// </summary>
internal static class Esp32Pins
{
    private static readonly HashSet<int> Existing = [.. Enumerable.Range(0, 20), 21, 22, 23, 25, 26, 27, .. Enumerable.Range(32, 8)];
    private static readonly HashSet<int> Strapping = [0, 2, 5, 12, 15];
    private static readonly HashSet<int> Flash = [6, 7, 8, 9, 10, 11];
    private static readonly HashSet<int> InputOnly = [34, 35, 36, 37, 38, 39];
    private static readonly HashSet<int> Console = [1, 3];
    private static readonly HashSet<int> Adc2 = [0, 2, 4, 12, 13, 14, 15, 25, 26, 27];

    /// <summary>Channels of ADC1, as nanoFramework numbers them too: the index is the channel.</summary>
    private static readonly int[] Adc1 = [36, 37, 38, 39, 32, 33, 34, 35];

    public static void Check(BoardFile board, IReadOnlyList<PinUse> uses, Action<bool, string, object, string> need)
    {
        var wrover = board.Module?.Contains("WROVER", StringComparison.Ordinal) == true;
        foreach (var use in uses)
        {
            need(Existing.Contains(use.Pin), use.Where, use.Pin, "an ESP32 has no such pin");
            need(!Flash.Contains(use.Pin), use.Where, use.Pin, "pins 6 to 11 are the flash memory's; give another");
            need(!wrover || use.Pin is not (16 or 17), use.Where, use.Pin, "pins 16 and 17 are the memory of a WROVER module; give another");
            need(!Strapping.Contains(use.Pin), use.Where, use.Pin, "pins 0, 2, 5, 12 and 15 decide how the chip starts; what hangs there can keep it from starting; give another");
            need(!Console.Contains(use.Pin), use.Where, use.Pin, "pins 1 and 3 are the interpreter's own console; give another");
            need(!(use.IsDriven && InputOnly.Contains(use.Pin)), use.Where, use.Pin, "pins 34 to 39 are inputs only; give another");
            need(!(use.Pull != "none" && InputOnly.Contains(use.Pin)), use.Where, use.Pin, "pins 34 to 39 have no pull resistors; give another");
            need(!use.NeedsEdges || use.Pin is not (36 or 39), use.Where, use.Pin, "pins 36 and 39 are pulled low for 80 ns when the converter starts (errata 3.11): no contact there; give another");
            need(!(use is { Role: PinRole.Output, ActiveHigh: true, Pin: 14 }), use.Where, use.Pin, "pin 14 moves while the chip starts: a relay would click; give another");
        }

        CheckAnalogue(board, need);
    }

    private static void CheckAnalogue(BoardFile board, Action<bool, string, object, string> need)
    {
        var adc = board.Adc;
        need(adc is { Unit: not null, Bits: not null, MillivoltsMin: not null, MillivoltsMax: not null, OffsetMicrovolts: not null, MicrovoltsACount: not null }, "adc", "incomplete", "give unit, bits, millivoltsMin, millivoltsMax, offsetMicrovolts and microvoltsACount");
        foreach (var (where, pin, channel) in (ReadOnlySpan<(string, int?, int?)>)[("adc.level", adc.Level.Pin, adc.Level.Channel), ("adc.battery", adc.Battery.Pin, adc.Battery.Channel), ("adc.solar", adc.Solar?.Pin, adc.Solar?.Channel)])
        {
            if (where == "adc.solar" && adc.Solar is null) continue;
            need(pin is not null, where + ".pin", "missing", "give the pin");
            if (pin is not { } at) continue;
            var wifi = board.Uplink == "wifi" && Adc2.Contains(at);
            need(!wifi, where, at, "this pin belongs to ADC2, which Wi-Fi uses; give one of 32 to 39");
            need(wifi || Array.IndexOf(Adc1, at) >= 0, where, at, "this pin is none of ADC1; give one of 32 to 39");
            need(Array.IndexOf(Adc1, at) < 0 || Array.IndexOf(Adc1, at) == channel, where + ".channel", channel ?? -1, $"pin {at} is channel {Array.IndexOf(Adc1, at)}");
        }
    }
}
