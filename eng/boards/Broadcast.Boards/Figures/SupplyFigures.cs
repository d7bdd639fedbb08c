using Broadcast.Boards.Files;

namespace Broadcast.Boards.Figures;

/// <summary>Fuses, battery, sun.</summary>
public static class SupplyFigures
{
    /// <summary>A fuse carries its rated current less a quarter for ever (the makers' rule for blade fuses in a warm box).</summary>
    public const double FuseReserve = 1.25;

    /// <summary>
    /// Current that copper of a cross-section carries in a duct of a cabinet at 40 °C (IEC 60204-1, table 6, column B1; 0.5 mm² is the
    /// house's own, lower, figure), in milliamperes.
    /// </summary>
    public static int WireMilliamps(int mm2Tenths) => mm2Tenths switch { >= 40 => 25_000, >= 25 => 18_300, >= 15 => 13_500, >= 10 => 10_300, >= 5 => 3_000, _ => 0 };

    /// <summary>Highest current through a fuse: every load behind it at its peak, on an empty battery.</summary>
    public static int FuseMilliamps(BoardFile board, FusePart fuse)
    {
        var supply = board.Hardware.Supply;
        var main = fuse.Ref == board.Hardware.Fuses[0].Ref;
        return (int)(supply.Loads.Where(l => main || l.Fuse == fuse.Ref).Sum(l => (long)l.PeakMilliwatts) * 1_000 / supply.EmptyMillivolts);
    }

    /// <summary>Everything that charges, at once.</summary>
    public static int ChargingMilliamps(SupplyPlan supply) => supply.ChargerMilliamps + (supply.Solar?.ControllerMilliamps ?? 0);

    public static double AlwaysWatts(SupplyPlan supply) => supply.Loads.Where(l => l.While == "always").Sum(l => l.Milliwatts) / 1e3;

    public static double SpeakingWatts(SupplyPlan supply) => supply.Loads.Where(l => l.While == "speaking").Sum(l => l.Milliwatts) / 1e3;

    /// <summary>Energy of the hours without mains.</summary>
    public static double OutageWattHours(SupplyPlan supply) => (AlwaysWatts(supply) * supply.HoursOnBattery) + (SpeakingWatts(supply) * supply.SpeakingMinutes / 60.0);

    /// <summary>Share of the printed capacity that an old battery gives on a cold night.</summary>
    public static double UsableShare(SupplyPlan supply) => supply.UsablePercent * supply.AgeingPercent * supply.ColdPercent / 1e6;

    public static double AmpereHours(SupplyPlan supply, double wattHours) => wattHours / (supply.NominalMillivolts / 1e3) / UsableShare(supply);

    /// <summary>What the battery must have printed on it for the hours without mains.</summary>
    public static double BatteryAmpereHours(SupplyPlan supply) => AmpereHours(supply, OutageWattHours(supply));

    /// <summary>A site on the sun alone: an ordinary day with its programme.</summary>
    public static double SunDayWattHours(SupplyPlan supply) => (AlwaysWatts(supply) * 24) + (SpeakingWatts(supply) * supply.Solar!.ProgrammeMinutes / 60.0);

    /// <summary>Days without sun, and on the last of them the hour of warnings.</summary>
    public static double SunBatteryAmpereHours(SupplyPlan supply) =>
        AmpereHours(supply, (SunDayWattHours(supply) * supply.Solar!.Days) + (SpeakingWatts(supply) * supply.SpeakingMinutes / 60.0));

    public static double PanelWatts(SupplyPlan supply)
    {
        var solar = supply.Solar!;
        return SunDayWattHours(supply) / (solar.SunHoursTenths / 10.0 * (solar.EfficiencyPercent / 100.0)) * (1 + (solar.ReservePercent / 100.0));
    }

    /// <summary>Open-circuit voltage in the cold: a crystalline cell gains about 0.33 % a kelvin, and -10 °C is 35 K below the printed 25 °C.</summary>
    public static int PanelColdMillivolts(SolarPlan solar) => (int)(solar.PanelMillivoltsOpen * (1 + (0.0033 * 35)));

    /// <summary>Charging current left for the battery while the site idles, milliamperes.</summary>
    public static int ChargeMilliamps(SupplyPlan supply) => (int)(supply.ChargerMilliamps - (AlwaysWatts(supply) * 1e6 / supply.FloatMillivolts));
}
