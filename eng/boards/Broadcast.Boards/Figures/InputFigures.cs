using Broadcast.Boards.Files;

namespace Broadcast.Boards.Figures;

/// <summary>What the contacts, the level loop and the dividers give at the pin.</summary>
public static class InputFigures
{
    /// <summary>The converter of a Raspberry Pi runs from 3.3 V and takes no more on an input than its supply (ADS1115 data sheet SBAS444, 7.1).</summary>
    public const int SupplyMillivolts = 3_300;

    /// <summary>±4.096 V over 15 bits (SBAS444, table 3).</summary>
    public const int Ads1115MicrovoltsACount = 125;

    /// <summary>Lowest and highest current that is a value, and one that must still be inside the range (NAMUR NE 43: faults beyond 3.6 and 21 mA).</summary>
    public const int BrokenMicroamps = 3_600;
    public const int ShortMicroamps = 21_000;
    public const int InsideMicroamps = 22_000;

    /// <summary>Current through a contact and its optocoupler, microamperes.</summary>
    public static int ContactMicroamps(ContactStage stage, int busMillivolts) => (int)((busMillivolts - stage.DiodeMillivolts) * 1_000L / stage.SeriesOhms);

    /// <summary>Heat in the series resistor of a contact, milliwatts.</summary>
    public static double ContactMilliwatts(ContactStage stage, int busMillivolts) => Math.Pow(ContactMicroamps(stage, busMillivolts) / 1e6, 2) * stage.SeriesOhms * 1e3;

    /// <summary>How many times more current the aged optocoupler sinks than the pull-up asks for. Ageing and heat take half of the transfer ratio.</summary>
    public static double ContactMargin(ContactStage stage, int busMillivolts)
    {
        var sinks = ContactMicroamps(stage, busMillivolts) * stage.TransferPercentMin / 100.0 / 2;
        return sinks / (SupplyMillivolts * 1_000.0 / stage.PullUpOhms);
    }

    /// <summary>Highest voltage that the converter measures well.</summary>
    public static int RangeMillivolts(BoardFile board) => board.IsEsp32 ? board.Adc.MillivoltsMax!.Value : SupplyMillivolts;

    public static int LevelMillivolts(BoardFile board, int microamps) => microamps * board.Adc.Level.ShuntOhms / 1_000;

    public static int LevelMillimetres(BoardFile board, int microamps)
    {
        var level = board.Adc.Level;
        return (int)(level.MillimetresAtLow + ((microamps - 4_000L) * (level.MillimetresAtHigh - level.MillimetresAtLow) / 16_000));
    }

    /// <summary>What is left for the transmitter when the loop carries 22 mA.</summary>
    public static int TransmitterMillivolts(BoardFile board)
    {
        var level = board.Hardware.Level;
        return level.LoopMillivolts - (InsideMicroamps * (board.Adc.Level.ShuntOhms + level.LimiterOhms + level.CableOhms) / 1_000);
    }

    public static int DividerMillivolts(DividerFile divider, int millivolts) => (int)((long)millivolts * divider.LowerOhms / (divider.UpperOhms + divider.LowerOhms));

    /// <summary>The line of one ESP32's converter through two measured points of the level loop, 4 and 20 mA.</summary>
    /// <returns>Microvolts at count 0, and microvolts a count; null where no chip is so (its reference is 1.0 to 1.2 V, ESP-IDF).</returns>
    public static (int OffsetMicrovolts, int MicrovoltsACount)? Line(BoardFile board, int countAt4Milliamps, int countAt20Milliamps)
    {
        var (low, high) = (LevelMillivolts(board, 4_000) * 1_000.0, LevelMillivolts(board, 20_000) * 1_000.0);
        if (countAt20Milliamps <= countAt4Milliamps) return null;
        var slope = (high - low) / (countAt20Milliamps - countAt4Milliamps);
        var offset = low - (slope * countAt4Milliamps);
        return slope is >= 700 and <= 900 && offset is >= 50_000 and <= 250_000 ? ((int)Math.Round(offset), (int)Math.Round(slope)) : null;
    }

    /// <summary>The converter's count. On an ESP32 a typical one: a device has its own two values (ESP-IDF, line fitting: offset and slope at 1.1 V reference).</summary>
    public static int Count(BoardFile board, int millivolts)
    {
        if (!board.IsEsp32) return millivolts * 1_000 / Ads1115MicrovoltsACount;
        var count = ((millivolts * 1_000) - board.Adc.OffsetMicrovolts!.Value) / board.Adc.MicrovoltsACount!.Value;
        return Math.Clamp(count, 0, (1 << board.Adc.Bits!.Value) - 1);
    }
}
