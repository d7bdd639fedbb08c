using Broadcast.Boards.Figures;
using Broadcast.Boards.Rules;
using Broadcast.Device.Sensing;

namespace Broadcast.Hardware.Tests;

/// <summary>The figures of a board, recomputed here by another way, and boards whose figures do not hold.</summary>
public class ElectricalTests
{
    [Theory]
    [InlineData("\"shuntOhms\": 100", "\"shuntOhms\": 120", "22 mA makes 2640 mV, above the converter's 2450 mV")]
    [InlineData("\"shuntOhms\": 100", "\"shuntOhms\": 40", "a broken wire would not show")]
    [InlineData("\"loopMillivolts\": 24000", "\"loopMillivolts\": 12000", "are left for the transmitter")]
    [InlineData("\"shuntMilliwattsMax\": 600", "\"shuntMilliwattsMax\": 90", "heats the shunt with 48 mW")]
    [InlineData("\"lowerOhms\": 18000", "\"lowerOhms\": 22000", "adc.battery: 14800 mV make 2668 mV at the pin")]
    [InlineData("\"seriesOhms\": 2200", "\"seriesOhms\": 22000", "an aged optocoupler sinks")]
    [InlineData("\"limiterMilliamps\": 100", "\"limiterMilliamps\": 40", "in a hot box it holds half")]
    [InlineData("\"seriesOhms\": 2200", "\"seriesOhms\": 1000", "in a resistor of 250 mW")]
    [InlineData("\"operatePercent\": 75", "\"operatePercent\": 80", "K4: 9500 mV at the coil on an empty battery; it pulls in at 9600 mV")]
    [InlineData("\"coilOhms\": 85", "\"coilOhms\": 24", "through a channel of 500 mA")]
    [InlineData("\"milliamps\": 5000, \"mm2Tenths\": 15", "\"milliamps\": 4000, \"mm2Tenths\": 15", "F2: 3472 mA behind a fuse of 4000 mA")]
    [InlineData("\"milliamps\": 10000, \"mm2Tenths\": 25", "\"milliamps\": 10000, \"mm2Tenths\": 5", "F1: 10000 mA on a wire that carries 3000 mA")]
    [InlineData("\"milliamps\": 5000, \"mm2Tenths\": 15", "\"milliamps\": 10000, \"mm2Tenths\": 15", "both would blow")]
    [InlineData("\"batteryAmpereHours\": 38", "\"batteryAmpereHours\": 20", "24 h take 24.7 Ah")]
    [InlineData("\"chargerMilliamps\": 5000", "\"chargerMilliamps\": 2000", "left to charge")]
    [InlineData("\"milliamps\": 25000", "\"milliamps\": 20000", "F9: 20000 mA of charging behind a fuse of 20000 mA")]
    [InlineData("\"mm2Tenths\": 40", "\"mm2Tenths\": 25", "F9: 25000 mA on a wire that carries 18300 mA")]
    [InlineData("\"panelWatts\": 150", "\"panelWatts\": 100", "a winter's day takes")]
    [InlineData("\"batteryAmpereHours\": 100", "\"batteryAmpereHours\": 65", "3 days without sun take 70.9 Ah")]
    [InlineData("\"panelMillivoltsOpen\": 22500", "\"panelMillivoltsOpen\": 40000", "a cold panel gives")]
    [InlineData("\"motorWatts\": 750", "\"motorWatts\": 1500", "KM1: 10.8 A on a contactor of 9 A")]
    [InlineData("\"overloadToTenths\": 60", "\"overloadToTenths\": 50", "is outside its dial")]
    [InlineData("\"inrushTimes\": 6", "\"inrushTimes\": 12", "the motor's start of 65 A trips it")]
    [InlineData("\"timerSeconds\": 240", "\"timerSeconds\": 180", "before the program does at 180 s")]
    [InlineData("\"drivenWatts\": 15", "\"drivenWatts\": 30", "30 W into a loudspeaker of 25 W")]
    [InlineData("\"sensitivityDecibels\": 105", "\"sensitivityDecibels\": 95", "72 dB at 50 m, and 75 dB are wanted")]
    [InlineData("\"cableMetres\": 30", "\"cableMetres\": 100", "the cable takes")]
    public void A_board_whose_figures_do_not_hold_is_refused(string from, string to, string said) =>
        ElectricalRules.Problems(Boards.Esp32.Spoilt(from, to)).ShouldContain(p => p.Contains(said, StringComparison.Ordinal));

    [Theory]
    [InlineData("\"lowerOhms\": 10000", "\"lowerOhms\": 22000", "at the voltage input, above 3300 mV")]
    [InlineData("\"gain\": 20", "\"gain\": 50", "at the current input, above 3300 mV")]
    [InlineData("\"gain\": 20", "\"gain\": 5", "too little to measure")]
    [InlineData("\"nominalMilliohms\": 4200", "\"nominalMilliohms\": 8400", "2 × 8 Ω in parallel have 4000")]
    [InlineData("\"fullScaleMillivolts\": 21900", "\"fullScaleMillivolts\": 15500", "have a peak of 21909 mV")]
    [InlineData("\"lineSensor\": { \"ref\": \"A9\", \"millivoltsMax\": 3300 },", "", "names no part that measures it")]
    public void A_line_sensor_whose_figures_do_not_hold_is_refused(string from, string to, string said)
    {
        var problems = ElectricalRules.Problems(Boards.RaspberryPi.Spoilt(from, to));
        problems.Any(p => p.Contains(said, StringComparison.Ordinal)).ShouldBeTrue(string.Join('\n', problems));
    }

    [Theory]
    [InlineData(3_600, 360)]
    [InlineData(4_000, 400)]
    [InlineData(20_000, 2_000)]
    [InlineData(22_000, 2_200)]
    public void The_shunt_makes_of_the_loop_what_Ohm_says_and_22_mA_stay_inside_the_range(int microamps, int millivolts)
    {
        foreach (var board in Boards.All)
        {
            InputFigures.LevelMillivolts(board.File, microamps).ShouldBe(millivolts);
            millivolts.ShouldBeLessThan(InputFigures.RangeMillivolts(board.File));
        }
    }

    [Theory]
    [InlineData(4_000)]
    [InlineData(12_345)]
    [InlineData(20_000)]
    public void The_level_of_a_current_is_what_the_device_core_makes_of_it(int microamps)
    {
        foreach (var board in Boards.All)
        {
            var level = board.File.Adc.Level;
            InputFigures.LevelMillimetres(board.File, microamps).ShouldBe(CurrentLoop.Value(microamps, level.MillimetresAtLow, level.MillimetresAtHigh));
        }
    }

    [Fact]
    public void The_faults_of_the_loop_begin_where_the_device_core_says()
    {
        InputFigures.BrokenMicroamps.ShouldBe(CurrentLoop.BrokenBelowMicroamps);
        InputFigures.ShortMicroamps.ShouldBe(CurrentLoop.ShortAboveMicroamps);
    }

    [Fact]
    public void A_broken_wire_reads_as_a_broken_wire_although_the_ESP32_begins_to_count_at_142_mV()
    {
        var board = Boards.Esp32.File;
        InputFigures.Count(board, 0).ShouldBe(0);
        // What the device makes of a count of 0: the offset, and over the shunt a current that no living loop has.
        CurrentLoop.Judge(board.Adc.OffsetMicrovolts!.Value / board.Adc.Level.ShuntOhms).ShouldBe(SensorFault.WireBroken);
    }

    [Fact]
    public void Two_points_of_the_loop_give_the_converter_s_line_back()
    {
        var board = Boards.Esp32.File;
        // A chip whose reference is 3 % high: it counts less.
        int Count(int microvolts) => (microvolts - 142_000) / 830;
        var (offset, slope) = InputFigures.Line(board, Count(400_000), Count(2_000_000))!.Value;
        slope.ShouldBeInRange(829, 831);
        offset.ShouldBeInRange(141_000, 143_000);
        ((Count(1_200_000) * slope) + offset).ShouldBeInRange(1_198_000, 1_202_000);
        InputFigures.Line(board, 2_305, 320).ShouldBeNull("The points are the wrong way round.");
        InputFigures.Line(board, 320, 1_000).ShouldBeNull("No ESP32 is so: the loop or the shunt is wrong.");
    }

    [Theory]
    [InlineData("esp32-gateway-1", 13_800, 2_105, 2_435)]
    [InlineData("raspberrypi-gateway-1", 13_800, 2_488, 19_904)]
    public void The_battery_s_divider_and_count_are_as_worked_by_hand(string name, int battery, int pin, int count)
    {
        var board = Boards.Named(name).File;
        InputFigures.DividerMillivolts(board.Adc.Battery, battery).ShouldBe(pin);
        InputFigures.Count(board, pin).ShouldBe(count);
    }

    [Theory]
    [InlineData("esp32-gateway-1", 151.5, 24.7)]
    [InlineData("raspberrypi-gateway-1", 277.8, 45.2)]
    public void A_day_without_mains_takes_what_is_worked_by_hand(string name, double wattHours, double ampereHours)
    {
        var supply = Boards.Named(name).File.Hardware.Supply;
        SupplyFigures.OutageWattHours(supply).ShouldBe(wattHours, 0.05);
        SupplyFigures.BatteryAmpereHours(supply).ShouldBe(ampereHours, 0.05);
    }

    [Fact]
    public void The_panel_of_a_winter_s_day_is_as_worked_by_hand() =>
        // 4.75 W × 24 h + 37.5 W × 0.5 h = 132.75 Wh; over 2 h × 0.7, and a fifth more.
        SupplyFigures.PanelWatts(Boards.Esp32.File.Hardware.Supply).ShouldBe(132.75 / 1.4 * 1.2, 0.01);

    [Theory]
    [InlineData("esp32-gateway-1", 82)]
    [InlineData("raspberrypi-gateway-1", 85)]
    public void At_50_m_it_is_as_loud_as_worked_by_hand(string name, double decibels)
    {
        var plan = Boards.Named(name).File.Hardware.Loudspeaker;
        // 105 dB + 10 log W − 34.0 dB of distance − 0.25 dB of air − 0.44 dB of cable.
        var byHand = 105 + (10 * Math.Log10(plan.DrivenWatts)) - 33.979 - 0.25 - 0.444;
        SoundFigures.Decibels(plan, 50).ShouldBe(byHand, 0.01);
        Math.Round(SoundFigures.Decibels(plan, 50)).ShouldBe(decibels);
    }

    [Fact]
    public void Doubling_the_distance_costs_six_decibels_and_doubling_the_power_brings_three()
    {
        var plan = Boards.Esp32.File.Hardware.Loudspeaker with { AbsorptionDecibelsAKilometre = 0 };
        (SoundFigures.Decibels(plan, 50) - SoundFigures.Decibels(plan, 100)).ShouldBe(6.02, 0.01);
        (SoundFigures.Decibels(plan with { DrivenWatts = 30 }, 50) - SoundFigures.Decibels(plan, 50)).ShouldBe(3.01, 0.01);
    }

    [Fact]
    public void A_suppressor_over_K1_s_contact_would_leak_a_quarter_of_what_holds_the_contactor()
    {
        var siren = Boards.Esp32.File.Hardware.Siren;
        RelayFigures.SnubberMilliamps(siren).ShouldBe(6.9, 0.05);
        (RelayFigures.SnubberMilliamps(siren) / RelayFigures.CoilHoldMilliamps(siren)).ShouldBeInRange(0.15, 0.25);
    }
}
