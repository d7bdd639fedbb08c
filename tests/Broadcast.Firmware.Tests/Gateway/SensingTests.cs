using Broadcast.Device;
using Broadcast.Firmware.Hardware;

namespace Broadcast.Firmware.Tests.Gateways;

public sealed class SensingTests
{
    [Fact]
    public void Rain_over_the_threshold_raises_the_stored_phrase_with_no_cloud_and_no_time()
    {
        var bench = new BoardBench("rain=60:20:40\nphrase.1=注意降雨\nphrase.2=立即撤离\n") { NetworkUp = false };
        bench.Run(1_000);
        Tip(bench, 10);
        bench.Run(30_000);
        bench.Chip.Said.ShouldContain("注意降雨");
        bench.SirenIsOn.ShouldBeFalse();
        Tip(bench, 10);
        bench.SirenIsOn.ShouldBeTrue();
        bench.Run(120_000);
        bench.Chip.Said.ShouldContain("立即撤离");
    }

    [Fact]
    public void A_bouncing_tip_counts_once()
    {
        var bench = new BoardBench();
        bench.Run(1_000);
        for (var tip = 0; tip < 5; tip++)
        {
            for (var bounce = 0; bounce < 9; bounce++)
            {
                bench.Machine.Pin(Board.RainPin).Drive(bounce % 2 != 0);
                bench.Clock.ExtraUs += 300;
            }

            bench.Run(100);
            bench.Machine.Pin(Board.RainPin).Drive(true);
            bench.Run(1_000);
        }

        bench.Parts.Sensors.Watch.RainTenths(60, bench.Clock.MonotonicMs).ShouldBe(5 * Board.RainTenthsATip);
    }

    [Theory]
    [InlineData(4_000, 0)]
    [InlineData(12_000, 5_000)]
    [InlineData(20_000, 10_000)]
    public void A_level_is_read_through_shunt_and_calibration(int microamps, int millimetres)
    {
        var bench = new BoardBench("level=90000:100000\n");
        bench.SetLevel(microamps);
        bench.Run(12_000);
        bench.Parts.Sensors.Watch.LevelMillimetres.ShouldBeInRange(millimetres - 10, millimetres + 10);
    }

    [Theory]
    [InlineData(3_000, Device.Sensing.SensorFault.WireBroken)]
    [InlineData(22_000, Device.Sensing.SensorFault.ShortCircuit)]
    public void A_loop_outside_its_range_is_a_fault_and_no_level(int microamps, Device.Sensing.SensorFault fault)
    {
        var bench = new BoardBench("level=4000:5000\n");
        bench.SetLevel(microamps);
        bench.Run(12_000);
        bench.Parts.Sensors.LevelFault.ShouldBe(fault);
        bench.Chip.Said.ShouldBeEmpty();
    }

    [Fact]
    public void Mains_and_door_and_battery_are_told_early()
    {
        var bench = new BoardBench();
        bench.Run(70_000);
        bench.Reports[^1].Mains.ShouldBeTrue();
        bench.Reports[^1].BatteryMillivolts.ShouldBeInRange(12_550, 12_650);
        bench.Machine.Pin(Board.MainsPin).Drive(true);
        bench.Machine.Pin(Board.TamperPin).Drive(true);
        bench.SetBattery(10_500);
        bench.Run(25_000);
        bench.Reports[^1].Mains.ShouldBeFalse();
        ((FaultFlags)bench.Reports[^1].Faults & (FaultFlags.Tamper | FaultFlags.Battery)).ShouldBe(FaultFlags.Tamper | FaultFlags.Battery);
    }

    private static void Tip(BoardBench bench, int times)
    {
        // One a minute or slower is rain; faster than ten millimetres a minute is none.
        for (var i = 0; i < times; i++)
        {
            bench.Machine.Pin(Board.RainPin).Drive(false);
            bench.Run(100);
            bench.Machine.Pin(Board.RainPin).Drive(true);
            bench.Run(2_000);
        }
    }
}
