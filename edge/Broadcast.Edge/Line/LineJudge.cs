using Broadcast.Device;
using Broadcast.Edge.Hardware;

namespace Broadcast.Edge.Line;

/// <summary>One measurement of the loudspeakers' line while the pilot sounded: means of the rectified values.</summary>
/// <param name="Millivolts">At the amplifier's output.</param>
/// <param name="Milliamps">Into the line.</param>
internal readonly record struct LineReading(double Millivolts, double Milliamps)
{
    /// <summary>Impedance at the pilot's frequency in milliohms; the most that can be told where hardly a current flows.</summary>
    public int Milliohms => Milliamps <= 0 ? MilliohmsMax : (int)Math.Clamp(1_000.0 * Millivolts / Milliamps, 0, MilliohmsMax);

    /// <summary>10 kΩ: more is no loudspeaker.</summary>
    public const int MilliohmsMax = 10_000_000;
}

/// <summary>
/// What a measured line is: a pure rule. Voltage tells of the amplifier, their quotient of the loudspeakers. As is usual for impedance
/// supervision, the nominal value is learned when the site is commissioned, and a tolerance around it is good.
/// </summary>
internal static class LineJudge
{
    /// <summary>Below half of what the pilot should make, -6 dB, the amplifier is broken, muted or turned down.</summary>
    private const double VoltageShareMin = 0.5;

    /// <summary>Below a third of its impedance a line is short-circuited: two of three loudspeakers too many are not that low.</summary>
    private const double ShortShare = 1 / 3.0;

    /// <summary>Above five times its impedance nothing hangs on it; the last of several that are gone is still below.</summary>
    private const double OpenTimes = 5;

    /// <summary>Whether the amplifier makes what the pilot asks of it: said without knowing the line, which is then to be learned.</summary>
    public static bool HasVoltage(LineReading reading, double pilotMillivolts) => reading.Millivolts >= pilotMillivolts * VoltageShareMin;

    /// <param name="reading">Measured while the pilot sounded.</param>
    /// <param name="pilotMillivolts">What the pilot makes at the output of a good amplifier, rectified mean.</param>
    /// <param name="nominalMilliohms">The line as it was at commissioning.</param>
    /// <param name="tolerancePercent">How far it may be from that.</param>
    public static SoundTestResult Judge(LineReading reading, double pilotMillivolts, int nominalMilliohms, int tolerancePercent)
    {
        // A short pulls the voltage down: it is looked for first, or it would be told as a dead amplifier.
        var pilotMilliamps = 1_000.0 * pilotMillivolts / nominalMilliohms;
        if (reading.Milliohms < nominalMilliohms * ShortShare && reading.Milliamps > pilotMilliamps * VoltageShareMin) return SoundTestResult.LineShort;
        if (!HasVoltage(reading, pilotMillivolts)) return SoundTestResult.AmplifierSilent;
        if (reading.Milliohms > nominalMilliohms * OpenTimes) return SoundTestResult.LineOpen;
        return Math.Abs(reading.Milliohms - nominalMilliohms) > nominalMilliohms * (tolerancePercent / 100.0) ? SoundTestResult.LineChanged : SoundTestResult.Passed;
    }

    /// <summary>The fault that a result is; None for what passed, and for what could not be measured.</summary>
    public static FaultFlags FaultOf(SoundTestResult result) => result switch
    {
        SoundTestResult.AmplifierSilent => FaultFlags.Amplifier,
        SoundTestResult.LineOpen => FaultFlags.LineOpen,
        SoundTestResult.LineShort => FaultFlags.LineShort,
        SoundTestResult.LineChanged => FaultFlags.LineChanged,
        _ => FaultFlags.None,
    };
}
