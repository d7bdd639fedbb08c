using Broadcast.Boards.Figures;
using Broadcast.Boards.Files;

namespace Broadcast.Boards.Rules;

/// <summary>The figures that must hold for a board to work at an empty battery, a full one, and with a sensor's fault.</summary>
public static class ElectricalRules
{
    private const int ResistorMilliwatts = 250; // The smallest leaded resistor; half of it is used.

    public static IReadOnlyList<string> Problems(BoardFile board)
    {
        var problems = new List<string>();
        void Need(bool holds, string said)
        {
            if (!holds) problems.Add(said);
        }

        CheckInputs(board, Need);
        CheckRelays(board, Need);
        CheckSupply(board, Need);
        CheckSiren(board, Need);
        CheckSound(board.Hardware.Loudspeaker, Need);
        if (board.Adc.Loudspeaker is { } line) CheckLine(board, line, Need);
        return problems;
    }

    private static void CheckInputs(BoardFile board, Action<bool, string> need)
    {
        var (range, hardware) = (InputFigures.RangeMillivolts(board), board.Hardware);
        var at22 = InputFigures.LevelMillivolts(board, InputFigures.InsideMicroamps);
        need(at22 <= range, $"adc.level.shuntOhms: 22 mA makes {at22} mV, above the converter's {range} mV; take 100 Ω.");
        var at36 = InputFigures.LevelMillivolts(board, InputFigures.BrokenMicroamps);
        need(at36 >= (board.Adc.MillivoltsMin ?? 0), $"adc.level.shuntOhms: 3.6 mA makes {at36} mV, below the converter's {board.Adc.MillivoltsMin} mV: a broken wire would not show.");
        var left = InputFigures.TransmitterMillivolts(board);
        need(left >= hardware.Level.TransmitterMillivoltsMin, $"hardware.level: {left} mV are left for the transmitter at 22 mA, less than its {hardware.Level.TransmitterMillivoltsMin} mV.");
        var heat = InputFigures.InsideMicroamps / 1e6 * at22;
        need(heat * 2 <= hardware.Level.ShuntMilliwattsMax, $"hardware.level.shuntMilliwattsMax: 22 mA heats the shunt with {heat:0} mW; take twice that.");
        foreach (var stage in hardware.Dividers)
        {
            var pin = InputFigures.DividerMillivolts(board.Divider(stage.Adc), stage.MillivoltsHighest);
            need(pin <= range, $"adc.{stage.Adc}: {stage.MillivoltsHighest} mV make {pin} mV at the pin, above the converter's {range} mV.");
        }

        var margin = InputFigures.ContactMargin(hardware.Contacts, hardware.Supply.EmptyMillivolts);
        need(margin >= 2, $"hardware.contacts.seriesOhms: on an empty battery an aged optocoupler sinks {margin:0.0} times the pull-up's current; it should be 2.");
        var all = InputFigures.ContactMicroamps(hardware.Contacts, hardware.Supply.HighestMillivolts) * hardware.Contacts.Lines.Count / 1_000;
        need(all * 2 <= hardware.Contacts.LimiterMilliamps, $"{hardware.Contacts.Limiter}: {all} mA through a limiter of {hardware.Contacts.LimiterMilliamps} mA; in a hot box it holds half.");
        var warm = InputFigures.ContactMilliwatts(hardware.Contacts, hardware.Supply.HighestMillivolts);
        need(warm <= ResistorMilliwatts / 2.0, $"hardware.contacts.seriesOhms: {warm:0} mW in a resistor of {ResistorMilliwatts} mW.");
    }

    private static void CheckRelays(BoardFile board, Action<bool, string> need)
    {
        var (driver, supply) = (board.Hardware.Driver, board.Hardware.Supply);
        foreach (var coil in driver.Relays.SelectMany(r => r.Coils))
        {
            var has = RelayFigures.CoilMillivolts(driver, supply.EmptyMillivolts);
            var wants = RelayFigures.OperateMillivolts(coil, supply);
            need(has >= wants, $"{coil.Ref}: {has} mV at the coil on an empty battery; it pulls in at {wants} mV.");
            var amps = RelayFigures.CoilMilliamps(driver, coil, supply.HighestMillivolts);
            need(amps <= driver.ChannelMilliampsMax, $"{coil.Ref}: {amps} mA through a channel of {driver.ChannelMilliampsMax} mA.");
        }
    }

    private static void CheckSupply(BoardFile board, Action<bool, string> need)
    {
        var supply = board.Hardware.Supply;
        foreach (var fuse in board.Hardware.Fuses)
        {
            var load = SupplyFigures.FuseMilliamps(board, fuse);
            need(fuse.Milliamps >= load * SupplyFigures.FuseReserve, $"{fuse.Ref}: {load} mA behind a fuse of {fuse.Milliamps} mA; take a quarter more than the load.");
            var wire = SupplyFigures.WireMilliamps(fuse.Mm2Tenths);
            need(fuse.Milliamps <= wire, $"{fuse.Ref}: {fuse.Milliamps} mA on a wire that carries {wire} mA.");
            need(fuse == board.Hardware.Fuses[0] || fuse.Milliamps < board.Hardware.Fuses[0].Milliamps, $"{fuse.Ref}: not smaller than the main fuse; both would blow.");
        }

        var charging = SupplyFigures.ChargingMilliamps(supply);
        need(supply.ChargeFuse.Milliamps >= charging * SupplyFigures.FuseReserve, $"{supply.ChargeFuse.Ref}: {charging} mA of charging behind a fuse of {supply.ChargeFuse.Milliamps} mA.");
        need(supply.ChargeFuse.Milliamps <= SupplyFigures.WireMilliamps(supply.ChargeFuse.Mm2Tenths), $"{supply.ChargeFuse.Ref}: {supply.ChargeFuse.Milliamps} mA on a wire that carries {SupplyFigures.WireMilliamps(supply.ChargeFuse.Mm2Tenths)} mA.");
        var needs = SupplyFigures.BatteryAmpereHours(supply);
        need(supply.BatteryAmpereHours >= needs, $"hardware.supply.batteryAmpereHours: {supply.HoursOnBattery} h take {needs:0.0} Ah, and the battery has {supply.BatteryAmpereHours}.");
        var charge = SupplyFigures.ChargeMilliamps(supply);
        need(charge >= supply.BatteryAmpereHours * 1_000 / 20, $"hardware.supply.chargerMilliamps: {charge} mA are left to charge {supply.BatteryAmpereHours} Ah; a twentieth of its capacity is the least.");
        need(supply.DisconnectMillivolts < supply.EmptyMillivolts, "hardware.supply.disconnectMillivolts: the battery must be reported empty before it is cut off.");
        if (supply.Solar is { } solar) CheckSun(board, solar, need);
    }

    private static void CheckSun(BoardFile board, SolarPlan solar, Action<bool, string> need)
    {
        var supply = board.Hardware.Supply;
        var panel = SupplyFigures.PanelWatts(supply);
        need(solar.PanelWatts >= panel, $"hardware.supply.solar.panelWatts: a winter's day takes {panel:0} W, and the panel has {solar.PanelWatts}.");
        var battery = SupplyFigures.SunBatteryAmpereHours(supply);
        need(solar.BatteryAmpereHours >= battery, $"hardware.supply.solar.batteryAmpereHours: {solar.Days} days without sun take {battery:0.0} Ah, and the battery has {solar.BatteryAmpereHours}.");
        // A panel's short-circuit current is about its power over three quarters of its open-circuit voltage; bright clouds bring half more.
        var bright = solar.PanelWatts / (solar.PanelMillivoltsOpen / 1e3 * 0.75) * 1.5;
        need(solar.BreakerAmps >= bright, $"{solar.Breaker}: {solar.BreakerAmps} A, and the panel gives {bright:0.0} A under bright clouds.");
        need(solar.ControllerMilliamps >= solar.PanelWatts * 1_000_000L / supply.NominalMillivolts * 1.1, $"hardware.supply.solar.controllerMilliamps: {solar.PanelWatts} W are more than the charge controller takes.");
        var cold = SupplyFigures.PanelColdMillivolts(solar);
        var stage = board.Hardware.Dividers.Single(d => d.Adc == "solar");
        need(cold <= stage.MillivoltsHighest, $"hardware.dividers solar: a cold panel gives {cold} mV, more than {stage.MillivoltsHighest} mV.");
    }

    private static void CheckSiren(BoardFile board, Action<bool, string> need)
    {
        var siren = board.Hardware.Siren;
        var (motor, inrush) = (RelayFigures.MotorAmps(siren), RelayFigures.InrushAmps(siren));
        need(siren.ContactorAmps >= motor * 1.25, $"{siren.Contactor}: {motor:0.0} A on a contactor of {siren.ContactorAmps} A.");
        need(motor >= siren.OverloadFromTenths / 10.0 && motor <= siren.OverloadToTenths / 10.0, $"{siren.Overload}: {motor:0.0} A is outside its dial.");
        need(siren.BreakerAmps >= motor * 1.25, $"{siren.Breaker}: {motor:0.0} A on a breaker of {siren.BreakerAmps} A.");
        need(siren.BreakerAmps * siren.BreakerTripTimesMin >= inrush, $"{siren.Breaker}: the motor's start of {inrush:0} A trips it.");
        var coil = board.Hardware.Driver.Relays.Single(r => r.Output == "siren").Coils[0];
        need(coil.ContactAmps >= RelayFigures.CoilInrushAmps(siren) * 5, $"{coil.Ref}: its contact should carry five times the coil's inrush of {RelayFigures.CoilInrushAmps(siren):0.00} A.");
        need(siren.TimerSeconds >= board.Outputs.Siren.MaxOnSeconds + 30, $"{siren.Timer}: cuts off at {siren.TimerSeconds} s, before the program does at {board.Outputs.Siren.MaxOnSeconds} s.");
        need(siren.TimerSeconds <= 600, $"{siren.Timer}: {siren.TimerSeconds} s burn a motor that is made for short duty.");
    }

    // Rectified means at full scale, 2/π of the peaks, have to stay inside the sensor's and the converter's range; the pilot has to be read.
    private static void CheckLine(BoardFile board, LoudspeakerFile line, Action<bool, string> need)
    {
        var (plan, range) = (board.Hardware.Loudspeaker, Math.Min(InputFigures.RangeMillivolts(board), board.Hardware.LineSensor?.MillivoltsMax ?? 0));
        need(board.Hardware.LineSensor is not null, "adc.loudspeaker: there, but hardware.lineSensor names no part that measures it.");
        var peak = SoundFigures.Volts(plan) * Math.Sqrt(2) * 1_000;
        need(Math.Abs(line.FullScaleMillivolts - peak) <= peak / 10, $"adc.loudspeaker.fullScaleMillivolts: {line.FullScaleMillivolts}, and {plan.DrivenWatts} W into {plan.Ohms} Ω have a peak of {peak:0} mV.");
        var volts = line.FullScaleMillivolts * 2 / Math.PI * line.LowerOhms / (line.UpperOhms + line.LowerOhms);
        need(volts <= range, $"adc.loudspeaker: full scale makes {volts:0} mV at the voltage input, above {range} mV.");
        var amps = line.FullScaleMillivolts * 2 / Math.PI * 1_000 / line.NominalMilliohms * line.ShuntMilliohms / 1_000 * line.Gain;
        need(amps <= range, $"adc.loudspeaker: full scale makes {amps:0} mV at the current input, above {range} mV.");
        // The pilot is 30 dB below full scale, and ten counts of it are a percent that can be seen.
        need(amps / 31.6 * 1_000 / InputFigures.Ads1115MicrovoltsACount >= 100, $"adc.loudspeaker: the pilot makes {amps / 31.6:0} mV at the current input: too little to measure.");
        var ohms = plan.Ohms * 1_000.0 / plan.Count;
        need(Math.Abs(line.NominalMilliohms - ohms) <= ohms / 4, $"adc.loudspeaker.nominalMilliohms: {line.NominalMilliohms}, and {plan.Count} × {plan.Ohms} Ω in parallel have {ohms:0}.");
    }

    private static void CheckSound(LoudspeakerPlan plan, Action<bool, string> need)
    {
        need(plan.DrivenWatts <= plan.RatedWatts, $"{plan.Ref}: {plan.DrivenWatts} W into a loudspeaker of {plan.RatedWatts} W.");
        var level = SoundFigures.Decibels(plan, plan.DistanceMetres);
        need(level >= SoundFigures.WantedDecibels(plan), $"{plan.Ref}: {level:0} dB at {plan.DistanceMetres} m, and {SoundFigures.WantedDecibels(plan)} dB are wanted.");
        need(SoundFigures.CableDecibels(plan) <= 1, $"{plan.Ref}: the cable takes {SoundFigures.CableDecibels(plan):0.0} dB; take a thicker or shorter one, or a 100 V line.");
    }
}
