namespace Broadcast.Device.Tests;

/// <summary>R5: class, then level, then issuer, then the newest; the higher one takes over at once.</summary>
public sealed class PriorityTests
{
    public static TheoryData<WarningClass, WarningLevel, RegionLevel, long, WarningClass, WarningLevel, RegionLevel, long> HigherThenLower() => new()
    {
        { WarningClass.Actual, WarningLevel.None, RegionLevel.Village, 1, WarningClass.Exercise, WarningLevel.Red, RegionLevel.Nation, 2 },
        { WarningClass.LocalAlarm, WarningLevel.Blue, RegionLevel.Village, 1, WarningClass.Exercise, WarningLevel.Red, RegionLevel.Nation, 2 },
        { WarningClass.Exercise, WarningLevel.None, RegionLevel.Village, 1, WarningClass.Test, WarningLevel.Red, RegionLevel.Nation, 2 },
        { WarningClass.Exercise, WarningLevel.None, RegionLevel.Village, 1, WarningClass.SirenTest, WarningLevel.Red, RegionLevel.Nation, 2 },
        { WarningClass.SirenTest, WarningLevel.None, RegionLevel.Village, 1, WarningClass.LocalNotice, WarningLevel.Red, RegionLevel.Nation, 2 },
        { WarningClass.SirenTest, WarningLevel.None, RegionLevel.Village, 1, WarningClass.LiveSpeech, WarningLevel.Red, RegionLevel.Nation, 2 },
        { WarningClass.LiveSpeech, WarningLevel.None, RegionLevel.Village, 1, WarningClass.LocalNotice, WarningLevel.Red, RegionLevel.Nation, 2 },
        { WarningClass.LocalNotice, WarningLevel.None, RegionLevel.Village, 1, WarningClass.Programme, WarningLevel.Red, RegionLevel.Nation, 2 },
        { WarningClass.Actual, WarningLevel.Red, RegionLevel.Village, 1, WarningClass.LocalAlarm, WarningLevel.Orange, RegionLevel.Nation, 2 },
        { WarningClass.LocalAlarm, WarningLevel.Orange, RegionLevel.Village, 1, WarningClass.Actual, WarningLevel.Yellow, RegionLevel.Nation, 2 },
        { WarningClass.Actual, WarningLevel.Yellow, RegionLevel.Village, 1, WarningClass.Actual, WarningLevel.Blue, RegionLevel.Nation, 2 },
        { WarningClass.Actual, WarningLevel.Blue, RegionLevel.Village, 1, WarningClass.Actual, WarningLevel.None, RegionLevel.Nation, 2 },
        { WarningClass.Actual, WarningLevel.Red, RegionLevel.Nation, 1, WarningClass.Actual, WarningLevel.Red, RegionLevel.Province, 2 },
        { WarningClass.Actual, WarningLevel.Red, RegionLevel.Province, 1, WarningClass.Actual, WarningLevel.Red, RegionLevel.City, 2 },
        { WarningClass.Actual, WarningLevel.Red, RegionLevel.City, 1, WarningClass.Actual, WarningLevel.Red, RegionLevel.County, 2 },
        { WarningClass.Actual, WarningLevel.Red, RegionLevel.County, 1, WarningClass.Actual, WarningLevel.Red, RegionLevel.Township, 2 },
        { WarningClass.Actual, WarningLevel.Red, RegionLevel.Township, 1, WarningClass.Actual, WarningLevel.Red, RegionLevel.Village, 2 },
        { WarningClass.Test, WarningLevel.Red, RegionLevel.City, 2, WarningClass.SirenTest, WarningLevel.Red, RegionLevel.City, 1 },
        { WarningClass.Actual, WarningLevel.Red, RegionLevel.City, long.MaxValue, WarningClass.Actual, WarningLevel.Red, RegionLevel.City, 1 },
    };

    [Theory]
    [MemberData(nameof(HigherThenLower))]
    public void The_higher_order_goes_first(
        WarningClass classA, WarningLevel levelA, RegionLevel issuerA, long sequenceA, WarningClass classB, WarningLevel levelB, RegionLevel issuerB, long sequenceB)
    {
        Order higher = new() { Class = classA, Level = levelA, Issuer = issuerA, Sequence = sequenceA };
        Order lower = new() { Class = classB, Level = levelB, Issuer = issuerB, Sequence = sequenceB };

        Priority.Compare(higher, lower).ShouldBeGreaterThan(0);
        Priority.Compare(lower, higher).ShouldBeLessThan(0);
        Priority.Compare(higher, higher).ShouldBe(0);
    }

    [Fact]
    public void A_higher_order_takes_over_at_once_and_what_it_broke_off_resumes()
    {
        Bench bench = new();
        Order yellow = bench.Alert(WarningLevel.Yellow);
        Order red = bench.Alert(WarningLevel.Red);
        bench.Send(yellow);

        bench.Send(red);
        bench.Body.Current.ShouldNotBeNull().Order.Level.ShouldBe(WarningLevel.Red);
        bench.StatesOf(yellow).ShouldBe("Received Playing1 Interrupted1");
        bench.EndPlayback();

        bench.Body.Current.ShouldNotBeNull().Attempt.ShouldBe(2);
        bench.EndPlayback();
        bench.StatesOf(yellow).ShouldBe("Received Playing1 Interrupted1 Playing2 Played");
        bench.StatesOf(red).ShouldBe("Received Playing1 Played");
    }

    [Fact]
    public void What_was_broken_off_and_expired_meanwhile_is_stopped_and_silent()
    {
        Bench bench = new();
        Order yellow = bench.Alert(WarningLevel.Yellow, validMs: 10_000);
        bench.Send(yellow);
        bench.Send(bench.Alert(WarningLevel.Red));
        bench.Advance(10_000);

        bench.EndPlayback();

        bench.Body.Current.ShouldBeNull();
        bench.StatesOf(yellow).ShouldBe("Received Playing1 Interrupted1 Stopped(Expired)");
    }

    [Fact]
    public void A_lower_order_waits()
    {
        Bench bench = new();
        bench.Send(bench.Alert(WarningLevel.Red));
        Order programme = bench.Alert(WarningLevel.None, WarningClass.Programme);

        bench.Send(programme);

        bench.StatesOf(programme).ShouldBe("Received");
        bench.Core.WaitingOrders.ShouldBe(1);
        bench.EndPlayback();
        bench.StatesOf(programme).ShouldBe("Received Playing1");
    }

    [Fact]
    public void An_order_waits_for_its_time()
    {
        Bench bench = new();
        Order order = bench.Alert();
        order.NotBeforeMs = bench.WallMs + 30_000;
        bench.Send(order);
        bench.Advance(29_999);
        bench.Body.Played.ShouldBeEmpty();

        bench.Advance(1);

        bench.Body.Played.Count.ShouldBe(1);
    }

    [Fact]
    public void An_order_that_expires_while_it_plays_is_said_to_its_end()
    {
        Bench bench = new();
        Order order = bench.Alert(validMs: 10_000);
        bench.Send(order);
        bench.Advance(60_000);
        bench.EndPlayback();

        bench.StatesOf(order).ShouldBe("Received Playing1 Played");
    }

    [Theory]
    [InlineData(-1, "Refused(Expired)")]
    [InlineData(0, "Refused(Expired)")]
    [InlineData(1, "Received Playing1")]
    public void An_order_is_valid_until_just_before_its_expiry(long leftMs, string states)
    {
        Bench bench = new();
        Order order = bench.Alert(validMs: leftMs);

        bench.Send(order);

        bench.StatesOf(order).ShouldBe(states);
    }

    [Fact]
    public void The_core_asks_to_be_woken_when_an_order_may_begin_and_when_one_that_waits_is_over()
    {
        Bench bench = new();
        bench.Core.LinkDown(bench.NowMs);
        Order later = bench.Alert();
        later.NotBeforeMs = bench.WallMs + 10_000;
        bench.Send(later);
        bench.Core.NextWakeMs.ShouldBe(bench.NowMs + 10_000);
        bench.Send(bench.Alert(WarningLevel.Red));
        bench.Send(bench.Alert(validMs: 5_000));
        bench.Core.NextWakeMs.ShouldBe(bench.NowMs + 5_000);
    }

    [Fact]
    public void With_the_time_unknown_the_core_asks_to_be_woken_for_nothing()
    {
        Bench bench = new();
        bench.Send(bench.Alert());
        bench.Reboot();
        bench.Core.NextWakeMs.ShouldBe(long.MaxValue, "only a welcome can begin what waits");
    }
}
