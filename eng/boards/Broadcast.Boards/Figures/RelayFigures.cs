using Broadcast.Boards.Files;

namespace Broadcast.Boards.Figures;

/// <summary>Coils, and the siren's mains side.</summary>
public static class RelayFigures
{
    public static int CoilMillivolts(DriverStage driver, int busMillivolts) => busMillivolts - driver.SaturationMillivolts;

    public static int CoilMilliamps(DriverStage driver, RelayCoil coil, int busMillivolts) => CoilMillivolts(driver, busMillivolts) / coil.CoilOhms;

    /// <summary>What the coil needs to pull in.</summary>
    public static int OperateMillivolts(RelayCoil coil, SupplyPlan supply) => supply.NominalMillivolts * coil.OperatePercent / 100;

    public static double MotorAmps(SirenCircuit siren) => siren.MotorWatts / (siren.Volts * (siren.EfficiencyPercent / 100.0) * (siren.PowerFactorPercent / 100.0));

    public static double InrushAmps(SirenCircuit siren) => MotorAmps(siren) * siren.InrushTimes;

    /// <summary>What the cable takes of the mains while the motor starts: copper, both wires.</summary>
    public static double StartDropVolts(SirenCircuit siren, int metres, int mm2Tenths) => InrushAmps(siren) * 2 * metres * SoundFigures.CopperOhmMm2AMetre / (mm2Tenths / 10.0);

    public static double CoilInrushAmps(SirenCircuit siren) => siren.CoilInrushVoltamperes / (double)siren.Volts;

    public static double CoilHoldMilliamps(SirenCircuit siren) => siren.CoilHoldVoltamperes * 1_000.0 / siren.Volts;

    /// <summary>What a snubber would leak at 50 Hz if it were laid over a contact instead of the coil, milliamperes.</summary>
    public static double SnubberMilliamps(SirenCircuit siren) => siren.Volts * 2 * Math.PI * 50 * siren.SnubberNanofarads * 1e-9 * 1e3;
}
