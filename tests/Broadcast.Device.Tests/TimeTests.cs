namespace Broadcast.Device.Tests;

/// <summary>Time: who is believed, and what a clock that jumps can do (R9, R10).</summary>
public sealed class TimeTests
{
    [Fact]
    public void With_the_time_unknown_an_order_waits_outside_and_plays_when_it_is_sent_again_after_the_welcome()
    {
        Bench bench = new();
        bench.Reboot();
        Order order = bench.Alert();
        bench.Send(order);
        bench.Body.Played.ShouldBeEmpty();
        bench.Connect();

        bench.Send(order);

        bench.StatesOf(order).ShouldBe("Refused(NotYetKnownTime) Received Playing1");
    }

    [Fact]
    public void A_receipt_of_unknown_time_gets_its_true_time_from_the_welcome()
    {
        Bench bench = new();
        bench.Send(bench.Alert());
        bench.Reboot();
        long brokenOffMs = bench.WallMs;
        bench.Advance(7_000);
        bench.Connect();

        Receipt receipt = bench.Receipts().Single(r => r.State == ReceiptState.Interrupted);

        (receipt.AtMs, receipt.Clock).ShouldBe((brokenOffMs, ClockQuality.Cloud));
    }

    [Fact]
    public void Receipts_that_come_late_keep_the_time_when_it_was_so()
    {
        Bench bench = new();
        bench.Core.LinkDown(bench.NowMs);
        Order order = bench.Alert();
        bench.Send(order);
        long acceptedMs = bench.WallMs;
        bench.Advance(20_000);
        bench.EndPlayback();
        long playedMs = bench.WallMs;
        bench.Advance(3_600_000);
        bench.Connect();

        List<Receipt> receipts = bench.Receipts();
        receipts.Select(r => r.AtMs).ShouldBe([acceptedMs, acceptedMs, playedMs]);
    }

    [Fact]
    public void A_clock_that_was_turned_back_is_not_believed()
    {
        Bench bench = new();
        bench.Send(bench.Alert());
        bench.WallOffsetMs -= 86_400_000;

        bench.Reboot(quality: ClockQuality.Rtc);

        bench.Core.Clock.ShouldBe(ClockQuality.Unknown);
    }

    [Fact]
    public void A_battery_clock_years_ahead_neither_refuses_for_good_nor_outlives_the_welcome()
    {
        Bench bench = new();
        Order playing = bench.Alert();
        bench.Send(playing);
        bench.WallOffsetMs += 5L * 365 * 86_400_000;
        bench.Reboot(quality: ClockQuality.Rtc);
        bench.WallOffsetMs -= 5L * 365 * 86_400_000;
        Order order = bench.Alert();
        bench.Send(order);
        bench.Connect();
        bench.StatesOf(order).ShouldBe("Refused(NotYetKnownTime)");

        bench.Body.Current.ShouldNotBeNull("the broken-off warning is still valid by the cloud's time").Attempt.ShouldBe(2);
        bench.Send(order);
        bench.StatesOf(order).ShouldEndWith("Received Playing1");
    }

    [Fact]
    public void A_welcome_a_little_behind_is_the_time_and_is_reported()
    {
        Bench bench = new();
        bench.Core.LinkUp(bench.NowMs);

        bench.Welcome(bench.LastHello(), bench.WallMs - 60_000);

        bench.Core.Clock.ShouldBe(ClockQuality.Cloud);
        bench.Core.WallMs(bench.NowMs).ShouldBe(bench.WallMs - 60_000, "orders expire by the cloud's clock and no other");
        bench.Core.Faults.ShouldBe(FaultFlags.Clock);
        bench.Core.SequenceFloor.ShouldBeLessThan(bench.WallMs - Limits.LostStateHorizonMs / 2, "nothing was forgotten that could sound again");
    }

    [Fact]
    public void A_welcome_that_is_held_back_moves_no_clock()
    {
        Bench bench = new();
        bench.Core.LinkUp(bench.NowMs);
        Hello hello = bench.LastHello();
        long saidMs = bench.WallMs;
        bench.NowMs += Limits.HelloRetryMs - 1;

        bench.Welcome(hello, saidMs);

        bench.Core.WallMs(bench.NowMs).ShouldBe(bench.WallMs);
        bench.Core.Faults.ShouldBe(FaultFlags.None);
    }

    [Fact]
    public void At_a_fresh_start_a_held_back_welcome_costs_at_most_the_time_between_two_hellos()
    {
        Bench bench = new(welcome: false);
        bench.Core.LinkUp(bench.NowMs);
        List<long> gapsMs = [];
        for (int i = 0; i < 8; i++)
        {
            Hello hello = bench.LastHello();
            long saidMs = bench.WallMs;
            while (bench.LastHello().Nonce.AsSpan().SequenceEqual(hello.Nonce))
                bench.Advance(1_000);
            gapsMs.Add(bench.WallMs - saidMs);
            bench.Welcome(hello, saidMs);
            bench.Core.IsSessionUp.ShouldBeFalse("the newest hello is not this one");
        }

        gapsMs.Max().ShouldBe(Limits.HelloRetryMsMax);
    }

    [Fact]
    public void A_cloud_that_once_ran_years_ahead_does_not_silence_the_device_until_then()
    {
        Bench bench = new();
        Order before = bench.Alert();
        bench.Send(before);
        bench.EndPlayback();
        const long YearsMs = 9L * 365 * 86_400_000;
        bench.Core.LinkUp(bench.NowMs);
        bench.Welcome(bench.LastHello(), bench.WallMs + YearsMs);
        bench.Advance(Limits.FloorSaveMs * 2);
        bench.Reboot();

        bench.Connect();

        bench.Core.WallMs(bench.NowMs).ShouldBe(bench.WallMs);
        bench.Core.Faults.ShouldBe(FaultFlags.Clock);
        Order order = bench.Alert();
        bench.Send(order);
        bench.StatesOf(order).ShouldBe("Received Playing1");
        bench.Connect();
        bench.Core.Faults.ShouldBe(FaultFlags.None);
    }

    [Fact]
    public void What_a_clock_far_ahead_let_the_device_forget_stays_silent_when_the_time_comes_back()
    {
        Bench bench = new();
        Order played = bench.Alert(validMs: 3 * 86_400_000);
        bench.Send(played);
        bench.EndPlayback();
        bench.Core.LinkUp(bench.NowMs);
        bench.Welcome(bench.LastHello(), bench.WallMs + 30L * 86_400_000);
        bench.Advance(Limits.FloorSaveMs * 2);
        bench.Core.RememberedOrders.ShouldBe(0, "expired, so forgotten");
        bench.Reboot();
        bench.Connect();
        int soundings = bench.Body.Played.Count;

        bench.Send(played);

        bench.Body.Played.Count.ShouldBe(soundings);
        bench.Core.RefusalCount(Refusal.Replayed).ShouldBe(1);
    }

    [Fact]
    public void What_a_full_memory_forgot_early_stays_silent_when_the_time_goes_back_a_little()
    {
        Bench bench = new();
        Order first = bench.Alert(validMs: 60_000);
        for (int i = 0; i < Limits.RememberedOrdersMax; i++)
        {
            bench.Send(i == 0 ? first : bench.Alert(validMs: 60_000));
            bench.EndPlayback();
        }

        bench.Advance(60_000);
        bench.Send(bench.Alert());
        bench.EndPlayback();
        bench.Core.RememberedOrders.ShouldBe(1);
        bench.Core.LinkUp(bench.NowMs);
        bench.Welcome(bench.LastHello(), bench.WallMs - 30_000);
        int soundings = bench.Body.Played.Count;

        bench.Send(first);

        bench.Body.Played.Count.ShouldBe(soundings);
    }

    [Fact]
    public void A_device_without_memory_that_met_a_cloud_far_ahead_takes_orders_again()
    {
        Bench bench = new(welcome: false);
        bench.Core.LinkUp(bench.NowMs);
        bench.Welcome(bench.LastHello(), bench.WallMs + 9L * 365 * 86_400_000);

        bench.Connect();

        Order order = bench.Alert();
        bench.Send(order);
        bench.StatesOf(order).ShouldBe("Received Playing1");
        Order old = bench.Alert();
        old.Sequence = bench.WallMs - Limits.LostStateHorizonMs;
        bench.Send(old);
        bench.StatesOf(old).ShouldBe("Refused(Replayed)");
    }

    [Fact]
    public void A_recorded_welcome_sets_no_time()
    {
        Bench bench = new();
        Hello earlier = bench.LastHello();
        bench.Advance(86_400_000);
        bench.Core.LinkUp(bench.NowMs);

        bench.Welcome(earlier, bench.WallMs - 86_400_000);

        bench.Core.IsSessionUp.ShouldBeFalse();
        bench.Core.WallMs(bench.NowMs).ShouldBe(bench.WallMs);
        bench.Core.RefusalCount(Refusal.Replayed).ShouldBe(1);
    }

    [Fact]
    public void A_welcome_that_the_link_repeats_changes_nothing_and_is_no_attack()
    {
        Bench bench = new();
        Hello hello = bench.LastHello();
        bench.Advance(10_000);

        bench.Welcome(hello, bench.WallMs - 10_000);

        bench.Core.WallMs(bench.NowMs).ShouldBe(bench.WallMs);
        bench.Core.RefusalCount(Refusal.Replayed).ShouldBe(0);
    }

    [Fact]
    public void Monotonic_time_that_runs_backwards_stands_still()
    {
        Bench bench = new();
        long wallMs = bench.Core.WallMs(bench.NowMs);
        bench.Core.Tick(bench.NowMs - 4_000);
        bench.Core.WallMs(bench.NowMs).ShouldBe(wallMs);
    }

    [Fact]
    public void The_body_cannot_vouch_for_the_cloud()
    {
        Bench bench = new(start: false, welcome: false);
        bench.Core.Start(0, Bench.Noon, ClockQuality.Cloud, 0);
        bench.Core.Clock.ShouldBe(ClockQuality.Network);
    }
}
