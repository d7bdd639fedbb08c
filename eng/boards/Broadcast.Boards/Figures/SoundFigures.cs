using Broadcast.Boards.Files;

namespace Broadcast.Boards.Figures;

/// <summary>How loud it is: free field, on the axis of one loudspeaker.</summary>
public static class SoundFigures
{
    /// <summary>Resistivity of copper at 20 °C.</summary>
    public const double CopperOhmMm2AMetre = 0.0175;

    /// <summary>Resistance of the loudspeaker's cable, both wires.</summary>
    public static double CableOhms(LoudspeakerPlan plan) => 2 * plan.CableMetres * CopperOhmMm2AMetre / (plan.CableMm2Tenths / 10.0);

    /// <summary>What the cable takes, decibels.</summary>
    public static double CableDecibels(LoudspeakerPlan plan) => 20 * Math.Log10((plan.Ohms + CableOhms(plan)) / plan.Ohms);

    /// <summary>
    /// Sound pressure level: sensitivity (1 W, 1 m), power, spherical spreading, air (ISO 9613-2, table 2: 5 dB/km at 1 kHz, 20 °C, 70 %),
    /// cable. No ground, wind, walls or trees: reality is less by some decibels.
    /// </summary>
    public static double Decibels(LoudspeakerPlan plan, double metres) =>
        plan.SensitivityDecibels + (10 * Math.Log10(plan.DrivenWatts)) - (20 * Math.Log10(metres))
        - (plan.AbsorptionDecibelsAKilometre * metres / 1_000) - CableDecibels(plan);

    /// <summary>Where the level has fallen to a wanted one, to the metre.</summary>
    public static int ReachMetres(LoudspeakerPlan plan, double decibels)
    {
        var metres = 1;
        while (metres < 5_000 && Decibels(plan, metres + 1) >= decibels) metres++;
        return metres;
    }

    /// <summary>What a warning should have where people are: the noise there and so much over it.</summary>
    public static int WantedDecibels(LoudspeakerPlan plan) => plan.NoiseDecibels + plan.OverNoiseDecibels;

    /// <summary>Rated voltage at the loudspeaker's terminals when it takes its power.</summary>
    public static double Volts(LoudspeakerPlan plan) => Math.Sqrt((double)plan.DrivenWatts * plan.Ohms);
}
