using Broadcast.Edge.Hardware;

namespace Broadcast.Edge.Sensors;

/// <summary>The battery's voltage over a divider.</summary>
internal static class Battery
{
    /// <summary>Below this a 12 V lead-acid battery is worn or empty: 10.8 V, its end of discharge.</summary>
    public const int EmptyMillivolts = 10_800;

    /// <summary>Millivolts, or 0 when it is not measured or the converter is silent.</summary>
    public static int Millivolts(Converter? converter, BoardVoltageInput? board)
    {
        if (converter is null || board is null) return 0;
        try
        {
            return (int)((long)converter.Microvolts(board.Input) * (board.UpperOhms + board.LowerOhms) / board.LowerOhms / 1_000);
        }
        catch (IOException)
        {
            return 0; // The converter says itself that it is silent; "not measured" is what 0 means in a report.
        }
    }
}
