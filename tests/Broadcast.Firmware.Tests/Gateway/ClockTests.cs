using Broadcast.Device;
using Broadcast.Firmware.Hardware;
using nanoFramework.Machine;

namespace Broadcast.Firmware.Tests.Gateways;

/// <summary>The battery clock, at the registers of its chip.</summary>
public sealed class ClockTests
{
    [Theory]
    [InlineData("2026-11-25T22:48:38Z")]
    [InlineData("2028-02-29T23:59:59Z")]
    [InlineData("2028-03-01T00:00:00Z")]
    [InlineData("2027-01-01T00:00:00Z")]
    [InlineData("2099-12-31T23:59:59Z")]
    public void What_is_set_is_read_again(string time)
    {
        var wanted = DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture).ToUnixTimeMilliseconds();
        var (clock, chip) = Opened();
        clock.Set(wanted).ShouldBeTrue();
        chip.ShowsMs.ShouldBe(wanted, "as the chip's calendar has it");
        clock.Read().ShouldBe(wanted);
        clock.IsFaulty.ShouldBeFalse();
    }

    [Fact]
    public void A_clock_that_stood_still_or_shows_no_time_or_does_not_answer_knows_nothing()
    {
        var (clock, chip) = Opened();
        clock.Read().ShouldBeGreaterThan(0);
        chip.HasStopped = true;
        Unknown();
        chip.HasStopped = false;
        chip.Garbage = 0x7A;
        Unknown();
        chip.Garbage = 0xFF;
        Unknown();
        chip.Garbage = null;
        chip.IsThere = false;
        Unknown();
        clock.Set(BoardBench.Noon).ShouldBeFalse();

        void Unknown()
        {
            clock.Read().ShouldBe(0);
            clock.IsFaulty.ShouldBeTrue();
        }
    }

    [Fact]
    public void The_first_welcome_sets_it_and_later_ones_leave_it_alone_while_it_is_right()
    {
        var bench = new BoardBench();
        bench.Run(12_000);
        bench.Clockwork.Sets.ShouldBe(1);
        Math.Abs(bench.Clockwork.ShowsMs - bench.TrueMs).ShouldBeLessThan(2_000);
        bench.Run(4_000_000);
        bench.Clockwork.Sets.ShouldBe(1);
        ((FaultFlags)bench.Reports[^1].Faults & FaultFlags.MachineClock).ShouldBe(FaultFlags.None);
        bench.Clockwork.ShowsMs = bench.TrueMs - 100_000;
        bench.Run(4_000_000);
        bench.Clockwork.Sets.ShouldBe(2);
    }

    [Fact]
    public void One_that_shows_what_is_before_the_time_floor_is_not_believed()
    {
        var bench = new BoardBench();
        bench.Run(12_000);
        bench.Unplug();
        bench.Clockwork.ShowsMs = bench.TrueMs - 86_400_000;
        bench.PowerOn();
        bench.Gateway.Core.Clock.ShouldBe(ClockQuality.Unknown);
    }

    [Fact]
    public void A_board_without_one_says_so_and_works()
    {
        var bench = new BoardBench(start: false);
        bench.Clockwork.IsThere = false;
        bench.PowerOn();
        bench.Run(90_000);
        ((FaultFlags)bench.Reports[^1].Faults & FaultFlags.MachineClock).ShouldBe(FaultFlags.MachineClock);
        var order = bench.Alert();
        bench.Send(order);
        bench.Run(20_000);
        bench.StatesOf(order).ShouldBe("Received Playing Played");
    }

    private static (RealTimeClock Clock, Ds3231Model Chip) Opened()
    {
        BoardMachine machine = new();
        machine.Enter();
        Ds3231Model chip = new(() => BoardBench.Noon);
        machine.ConnectI2c(Ds3231Model.Address, chip);
        return (new RealTimeClock(), chip);
    }
}
