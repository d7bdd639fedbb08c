namespace Broadcast.Device.Sensing;

/// <summary>Why a sensor's value is none. The numbers are wire values (wire.cddl).</summary>
public enum SensorFault : byte
{
    /// <summary>The value is good.</summary>
    None = 0,
    /// <summary>No answer, or one that cannot be read.</summary>
    Silent = 1,
    /// <summary>The loop's current is below 3.6 mA: the wire is broken or the sensor says so (NAMUR NE 43).</summary>
    WireBroken = 2,
    /// <summary>The loop's current is above 21 mA: short circuit or overload (NAMUR NE 43).</summary>
    ShortCircuit = 3,
    /// <summary>The value cannot be: outside the sensor's range, or faster than nature.</summary>
    Impossible = 4,
    /// <summary>The contact stays closed.</summary>
    Stuck = 5,
    /// <summary>The site has no such sensor.</summary>
    Absent = 6,
}

/// <summary>4–20 mA: current to value, and the currents that are no value.</summary>
public static class CurrentLoop
{
    /// <summary>Current of the lowest value, in microamperes.</summary>
    public const int LowMicroamps = 4_000;

    /// <summary>Current of the highest value, in microamperes.</summary>
    public const int HighMicroamps = 20_000;

    /// <summary>Below this the sensor or its wire has failed (NAMUR NE 43), in microamperes.</summary>
    public const int BrokenBelowMicroamps = 3_600;

    /// <summary>Above this the loop has failed (NAMUR NE 43), in microamperes.</summary>
    public const int ShortAboveMicroamps = 21_000;

    /// <summary>Judges a current.</summary>
    public static SensorFault Judge(int microamps) =>
        microamps < BrokenBelowMicroamps ? SensorFault.WireBroken
        : microamps > ShortAboveMicroamps ? SensorFault.ShortCircuit : SensorFault.None;

    /// <summary>The value of a good current; currents a little outside 4–20 mA give values a little outside the range, as NE 43 has it.</summary>
    /// <param name="microamps">The current.</param>
    /// <param name="atLow">The value at 4 mA, in the sensor's unit.</param>
    /// <param name="atHigh">The value at 20 mA.</param>
    public static int Value(int microamps, int atLow, int atHigh) =>
        (int)(atLow + (((long)microamps - LowMicroamps) * (atHigh - atLow) / (HighMicroamps - LowMicroamps)));
}
