namespace Broadcast.Device.Tests;

/// <summary>R2: what a power cut broke off. Actual warnings start again while valid; nothing else does.</summary>
public sealed class PowerCutTests
{
    [Fact]
    public void An_actual_warning_starts_again_once_the_time_is_known()
    {
        Bench bench = new();
        Order order = bench.Alert();
        order.NotBeforeMs = 0;
        bench.Send(order);
        bench.Reboot();
        bench.Body.Current.ShouldBeNull("without the time nobody knows whether it is still valid");

        bench.Connect();

        bench.Body.Current.ShouldNotBeNull().Attempt.ShouldBe(2);
        bench.EndPlayback();
        bench.StatesOf(order).ShouldBe("Received Playing1 Interrupted(PowerLost)1 Playing2 Played");
    }

    /// <summary>While the flash takes nothing every boot begins at the same saved number; the cloud drops a number that it has for a repetition.</summary>
    [Fact]
    public void A_receipt_number_is_never_given_twice_though_the_flash_takes_nothing_over_several_boots()
    {
        Bench bench = new();
        bench.Send(bench.Alert());
        bench.EndPlayback();
        bench.Body.StorageWorks = false;
        List<Receipt> said = [.. bench.Receipts()];
        for (int boot = 0; boot < 4; boot++)
        {
            bench.Reboot(offMs: 1_000);
            bench.Body.Outgoing.Clear();
            bench.Send(bench.Alert()); // Refused for want of the time, and numbered before the welcome.
            bench.Connect();
            bench.Send(bench.Alert());
            bench.EndPlayback();
            bench.AcknowledgeAfter(said);
        }

        said.Count.ShouldBeGreaterThan(12);
        said.Max(r => r.Number).ShouldBeLessThan(bench.WallMs + 100_000, "they last longer than any device");
        said.GroupBy(r => r.Number).ShouldAllBe(same => same.Select(Bench.Describe).Distinct().Count() == 1 && same.Select(r => r.Sequence).Distinct().Count() == 1);
    }

    [Fact]
    public void An_actual_warning_starts_again_at_once_when_a_battery_clock_tells_the_time()
    {
        Bench bench = new();
        bench.Send(bench.Alert());

        bench.Reboot(quality: ClockQuality.Rtc);

        bench.Body.Current.ShouldNotBeNull().Attempt.ShouldBe(2);
    }

    [Fact]
    public void An_actual_warning_that_expired_in_the_dark_is_stopped()
    {
        Bench bench = new();
        Order order = bench.Alert(validMs: 60_000);
        bench.Send(order);
        bench.Reboot(offMs: 60_000);

        bench.Connect();

        bench.Body.Played.Count.ShouldBe(1);
        bench.StatesOf(order).ShouldBe("Received Playing1 Interrupted(PowerLost)1 Stopped(Expired)");
    }

    [Theory]
    [InlineData(WarningClass.Exercise)]
    [InlineData(WarningClass.Test)]
    [InlineData(WarningClass.SirenTest)]
    [InlineData(WarningClass.Programme)]
    [InlineData(WarningClass.LocalNotice)]
    public void Anything_else_that_was_broken_off_fails_and_stays_silent(WarningClass warningClass)
    {
        Bench bench = new();
        Order order = bench.Alert(warningClass: warningClass);
        bench.Send(order);
        bench.Reboot();
        bench.Connect();

        bench.Send(order);

        bench.Body.Played.Count.ShouldBe(1);
        bench.StatesOf(order).ShouldBe("Received Playing1 Failed(PowerLost)");
    }

    [Fact]
    public void A_test_that_had_not_begun_keeps_its_place()
    {
        Bench bench = new();
        Order order = bench.Alert(warningClass: WarningClass.Test);
        order.NotBeforeMs = bench.WallMs + 60_000;
        bench.Send(order);
        bench.Reboot();
        bench.Connect();

        bench.Advance(60_000);

        bench.StatesOf(order).ShouldBe("Received Playing1");
    }

    [Fact]
    public void An_acknowledged_receipt_number_is_never_given_again()
    {
        Bench bench = new();
        bench.Send(bench.Alert());
        bench.EndPlayback();
        for (int i = 0; i < 50; i++)
            bench.Send(bench.Alert(validMs: -1));
        long last = bench.Receipts().Max(r => r.Number);
        bench.Reboot();
        bench.Connect();
        bench.AcknowledgeAll();

        bench.Send(bench.Alert());

        bench.Receipts().Min(r => r.Number).ShouldBeGreaterThan(last);
    }

    [Fact]
    public void Storage_that_fails_does_not_silence_a_warning_and_is_reported()
    {
        Bench bench = new();
        bench.Body.StorageWorks = false;
        bench.Send(bench.Alert());

        bench.Advance(Limits.EarlyReportMsMin);

        bench.Body.Played.Count.ShouldBe(1);
        ((FaultFlags)bench.Reports()[^1].Faults).ShouldBe(FaultFlags.Storage);
        bench.Body.StorageWorks = true;
        bench.Advance(Limits.SaveRetryMs + Limits.EarlyReportMsMin);
        bench.Core.Faults.ShouldBe(FaultFlags.None);
    }

    [Fact]
    public void A_quiet_day_writes_the_flash_once_an_hour_at_most()
    {
        Bench bench = new();
        int before = bench.Body.Saves;

        bench.Advance(86_400_000);

        (bench.Body.Saves - before).ShouldBe(24);
    }

    [Fact]
    public void A_day_without_the_time_writes_no_flash()
    {
        Bench bench = new();
        bench.Reboot(quality: ClockQuality.Rtc);
        int before = bench.Body.Saves;

        for (int hour = 0; hour < 24; hour++)
            bench.Advance(3_600_000);

        bench.Body.Saves.ShouldBe(before);
    }

    [Fact]
    public void A_flash_that_takes_nothing_is_tried_each_ten_seconds_and_at_once_for_what_is_new()
    {
        Bench bench = new();
        bench.Core.LinkDown(bench.NowMs);
        bench.Body.StorageWorks = false;
        bench.Send(bench.Alert());
        bench.Core.NextWakeMs.ShouldBe(bench.NowMs + Limits.SaveRetryMs);
        int before = bench.Body.SaveTries;
        for (int i = 0; i < 100; i++)
            bench.Advance(1_000);
        (bench.Body.SaveTries - before).ShouldBe(10);
        bench.Advance(1_000);
        bench.Body.StorageWorks = true;
        int saves = bench.Body.Saves;

        bench.Send(bench.Alert());

        bench.Body.Saves.ShouldBe(saves + 1);
    }

    [Fact]
    public void Each_start_has_its_number_however_short_the_one_before_was()
    {
        Bench bench = new(welcome: false);
        bench.Reboot();
        bench.Reboot();
        bench.Core.LinkUp(bench.NowMs);
        bench.LastHello().Boot.ShouldBe(3);
    }

    /// <summary>Refusals are not saved one by one; and a cloud whose clock goes back lifts no number.</summary>
    [Theory]
    [InlineData(Limits.ReceiptNumbersReserved - 1)]
    [InlineData(3 * Limits.ReceiptNumbersReserved)]
    public void However_many_orders_it_refused_no_receipt_number_is_given_again_though_the_time_goes_back(int refused)
    {
        Bench bench = new();
        int saves = bench.Body.Saves;
        long last = 0;
        for (int i = 0; i < refused; i++)
        {
            bench.Send(bench.Alert(validMs: -1));
            last = bench.Receipts()[^1].Number;
            bench.AcknowledgeAll();
        }

        (bench.Body.Saves - saves).ShouldBeLessThanOrEqualTo(3, "refusals do not wear the flash");
        bench.Reboot();
        bench.WallOffsetMs -= 2 * 86_400_000;
        bench.Connect();
        bench.AcknowledgeAll();
        bench.Send(bench.Alert(validMs: -1));

        bench.Receipts().Single().Number.ShouldBeGreaterThan(last);
    }

    [Fact]
    public void A_battery_clock_that_says_expired_while_an_order_waits_stops_nothing_and_wakes_nobody()
    {
        Bench bench = new();
        Order first = bench.Alert(WarningLevel.Red, validMs: 60_000);
        bench.Send(first);
        Order waiting = bench.Alert(validMs: 60_000);
        bench.Send(waiting);
        bench.Reboot(quality: ClockQuality.Rtc);

        bench.Advance(3_600_000);
        bench.EndPlayback();
        bench.Advance(3_600_000);
        bench.Connect();

        bench.StatesOf(waiting).ShouldBe("Received Stopped(Expired)");
    }
}
