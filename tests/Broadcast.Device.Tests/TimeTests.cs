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
        bench.AcknowledgeAll();
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
        bench.Core.WallMs(bench.NowMs).ShouldBe(0);
    }

    [Theory]
    [InlineData(Limits.WallMsMin - 1, false)]
    [InlineData(Limits.WallMsMin, true)]
    [InlineData(Limits.WallMsMax, true)]
    [InlineData(Limits.WallMsMax + 1, false)]
    public void A_body_s_clock_is_believed_where_its_time_can_be_one(long wallMs, bool believed)
    {
        Bench bench = new(start: false, welcome: false);

        bench.Core.Start(5_000, wallMs, ClockQuality.Rtc, 0);

        bench.Core.Clock.ShouldBe(believed ? ClockQuality.Rtc : ClockQuality.Unknown);
        bench.Core.WallMs(5_000).ShouldBe(believed ? wallMs : 0);
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
        bench.Core.Faults.ShouldBe(FaultFlags.None, "only the cloud's time can go back");

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

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_a_full_memory_forgot_early_stays_silent_when_the_time_goes_back_a_little(bool rebootAfter)
    {
        Bench bench = new();
        List<Order> brief = [.. Enumerable.Range(0, Limits.RememberedOrdersMax - 2).Select(_ => bench.Alert(validMs: 60_000))];
        Order missed = bench.Alert();
        Order lasting = bench.Alert();
        brief.Reverse(); // The newest comes first.
        foreach (Order order in brief.Append(lasting))
        {
            bench.Send(order);
            bench.EndPlayback();
        }

        bench.Core.Received(DelegationTests.NoticeOfAPi(bench, long.MaxValue, validMs: 60_000), bench.NowMs);
        bench.EndPlayback();
        bench.Advance(60_000);
        bench.Send(bench.Alert());
        bench.EndPlayback();
        bench.Core.RememberedOrders.ShouldBe(2);
        bench.WallOffsetMs -= 30_000;
        bench.Connect();
        if (rebootAfter)
        {
            bench.Reboot();
            bench.Connect();
        }

        int soundings = bench.Body.Played.Count;
        brief.ForEach(bench.Send);
        bench.Body.Played.Count.ShouldBe(soundings);
        bench.Send(missed);
        bench.Body.Played.Count.ShouldBe(soundings + 1, "released after what was forgotten, and never heard");
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
        Order recent = bench.Alert(WarningLevel.Red);
        recent.Sequence = old.Sequence + 1;
        bench.Send(old);
        bench.Send(recent);
        bench.StatesOf(recent).ShouldBe("Received Playing1");
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

        bench.Core.Received(Bench.Frame(bench.Alert()), bench.NowMs - 4_000);
        bench.Tick();

        bench.Receipts().Count.ShouldBe(2);
        bench.Receipts().ShouldAllBe(r => r.AtMs == bench.WallMs);
    }

    [Fact]
    public void The_body_cannot_vouch_for_the_cloud()
    {
        Bench bench = new(start: false, welcome: false);
        bench.Core.Start(0, Bench.Noon, ClockQuality.Cloud, 0);
        bench.Core.Clock.ShouldBe(ClockQuality.Network);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(Limits.RememberGraceMs)]
    public void After_a_small_step_back_an_order_that_a_newer_one_overtook_still_plays(long backMs)
    {
        Bench bench = new();
        Order overtaken = bench.Alert(validMs: 86_400_000);
        overtaken.NotBeforeMs = 0;
        bench.Send(bench.Alert());
        bench.EndPlayback();
        StepBack(bench, backMs);

        bench.Send(overtaken);

        bench.StatesOf(overtaken).ShouldBe("Received Playing1");
    }

    [Fact]
    public void After_a_small_step_back_a_welcome_that_is_held_back_moves_no_clock_either()
    {
        Bench bench = new();
        StepBack(bench, 60_000);
        bench.Core.LinkUp(bench.NowMs);
        Hello hello = bench.LastHello();
        bench.NowMs += 2_000;

        bench.Welcome(hello, bench.WallMs - 60_000 - 1_500);

        bench.Core.WallMs(bench.NowMs).ShouldBe(bench.WallMs - 60_000);
    }

    [Fact]
    public void A_battery_clock_is_not_the_time_when_the_welcome_tells_it()
    {
        Bench bench = new();
        bench.Reboot(offMs: 60_000, ClockQuality.Rtc);
        bench.Core.LinkUp(bench.NowMs);
        long saidMs = bench.WallMs - 1_500;
        bench.NowMs += 2_000;

        bench.Welcome(bench.LastHello(), saidMs);

        bench.Core.WallMs(bench.NowMs).ShouldBe(saidMs, "the time of the welcome at least, and of the battery clock nobody knows");
    }

    [Fact]
    public void What_has_expired_is_remembered_for_the_grace_and_its_repeat_is_a_repeat_when_the_time_goes_back()
    {
        Bench bench = new();
        Order order = bench.Alert(validMs: 60_000);
        bench.Send(order);
        bench.EndPlayback();
        bench.Advance(70_000);
        bench.Send(bench.Alert());
        bench.EndPlayback();
        StepBack(bench, 30_000);

        bench.Send(order);

        bench.Body.Played.Count(p => p.Order.Sequence == order.Sequence).ShouldBe(1);
        bench.Core.Repeats.ShouldBe(1);
    }

    [Fact]
    public void Two_small_steps_back_that_make_a_far_one_let_nothing_sound_again()
    {
        const long Back = Limits.RememberGraceMs * 9 / 10;
        Bench bench = new();
        Order order = bench.Alert(validMs: 60_000);
        order.NotBeforeMs = 0;
        bench.Send(order);
        bench.EndPlayback();
        bench.Advance(60_000 + Limits.RememberGraceMs + Limits.FloorSaveMs);
        bench.Core.RememberedOrders.ShouldBe(0);
        while (bench.Core.WallMs(bench.NowMs) >= order.ExpiresMs)
            StepBack(bench, Back);

        bench.Send(order);

        bench.Body.Played.Count.ShouldBe(1);
    }

    [Fact]
    public void At_the_last_time_that_can_be_told_the_clock_stands_and_the_state_can_be_read()
    {
        Bench bench = new();
        bench.Core.LinkUp(bench.NowMs);
        bench.Welcome(bench.LastHello(), Limits.WallMsMax);
        bench.Advance(2 * Limits.FloorSaveMs);

        bench.Core.WallMs(bench.NowMs).ShouldBe(Limits.WallMsMax);
        bench.Reboot();

        bench.Core.Faults.HasFlag(FaultFlags.StateLost).ShouldBeFalse();
    }

    [Fact]
    public void A_receipt_of_an_earlier_boot_that_never_had_the_time_is_given_none()
    {
        Bench bench = new();
        bench.Reboot();
        Order alarm = Sensing.LocalAlarm.For(Sensing.AlarmStage.Leave, "", siren: false);
        bench.Core.RaiseLocalAlarm(alarm, 60_000, bench.NowMs);
        bench.Reboot();

        bench.Connect();

        Receipt[] earlier = [.. bench.Receipts().Where(r => r.WarningId.SequenceEqual(alarm.WarningId)).Take(2)];
        earlier.Select(r => r.State).ShouldBe([ReceiptState.Received, ReceiptState.Playing]);
        earlier.ShouldAllBe(r => r.AtMs == 0 && r.Clock == ClockQuality.Unknown);
    }

    [Fact]
    public void A_receipt_timed_by_the_battery_clock_says_so_also_after_the_welcome()
    {
        Bench bench = new();
        bench.Reboot(quality: ClockQuality.Rtc);
        long raisedMs = bench.WallMs;
        bench.Core.RaiseLocalAlarm(Sensing.LocalAlarm.For(Sensing.AlarmStage.Leave, "", siren: false), 60_000, bench.NowMs);
        bench.WallOffsetMs += 5_000;
        bench.Connect();

        bench.Receipts().ShouldAllBe(r => r.AtMs == raisedMs && r.Clock == ClockQuality.Rtc);
    }

    [Fact]
    public void A_device_that_remembers_plays_what_was_released_days_ago_and_is_valid_still()
    {
        Bench bench = new();
        Order order = bench.Alert(validMs: 7 * 86_400_000L);
        bench.Core.LinkDown(bench.NowMs);
        bench.Advance(2 * Limits.LostStateHorizonMs);
        bench.Connect();

        bench.Send(order);

        bench.StatesOf(order).ShouldBe("Received Playing1");
    }

    [Fact]
    public void A_battery_clock_does_not_stand_in_for_the_memory_that_was_lost()
    {
        Bench bench = new(start: false, welcome: false);
        bench.Core.Start(bench.NowMs, bench.WallMs, ClockQuality.Rtc, 0);
        Order order = bench.Alert();
        bench.Send(order);
        bench.Connect();

        bench.StatesOf(order).ShouldBe("Refused(NotYetKnownTime)");
        bench.Body.Played.ShouldBeEmpty();
    }

    private static void StepBack(Bench bench, long backMs)
    {
        long wallMs = bench.Core.WallMs(bench.NowMs) - backMs;
        bench.Core.LinkUp(bench.NowMs);
        bench.Welcome(bench.LastHello(), wallMs);
    }

    [Fact]
    public void A_far_step_back_refuses_nothing_that_was_released_after_the_newest_heard()
    {
        Bench bench = new();
        bench.Send(bench.Alert());
        bench.EndPlayback();
        Order missed = bench.Alert(validMs: 7 * 86_400_000L);
        bench.Core.LinkDown(bench.NowMs);
        bench.Advance(3 * 86_400_000L);
        bench.Core.LinkUp(bench.NowMs);
        bench.Welcome(bench.LastHello(), bench.WallMs + 86_400_000);
        bench.Connect();
        bench.Core.Faults.ShouldBe(FaultFlags.Clock);

        bench.Send(missed);

        bench.StatesOf(missed).ShouldBe("Received Playing1");
    }

    [Fact]
    public void The_first_receipt_of_a_boot_gets_its_true_time_too()
    {
        Bench bench = new();
        bench.Reboot();
        long raisedMs = bench.WallMs;
        bench.Core.RaiseLocalAlarm(Sensing.LocalAlarm.For(Sensing.AlarmStage.Leave, "", siren: false), 60_000, bench.NowMs);
        bench.Advance(7_000);
        bench.Connect();
        bench.Receipts().Select(r => (r.AtMs, r.Clock)).ShouldBe([(raisedMs, ClockQuality.Cloud), (raisedMs, ClockQuality.Cloud)]);
    }

    [Fact]
    public void By_a_battery_clock_that_runs_ahead_a_full_memory_forgets_nothing_as_expired()
    {
        Bench bench = new();
        List<Order> orders = [.. Enumerable.Range(0, Limits.RememberedOrdersMax).Select(_ => bench.Alert())];
        foreach (Order order in orders)
        {
            bench.Send(order);
            bench.EndPlayback();
            bench.AcknowledgeAll();
        }

        bench.WallOffsetMs += 7_200_000;
        bench.Reboot(quality: ClockQuality.Rtc);
        bench.WallOffsetMs -= 7_200_000;
        bench.Send(bench.Alert(validMs: 86_400_000));
        bench.EndPlayback();
        bench.Core.RememberedOrders.ShouldBe(Limits.RememberedOrdersMax);
        bench.Connect();
        int soundings = bench.Body.Played.Count;

        orders.ForEach(bench.Send);

        bench.Body.Played.Count.ShouldBe(soundings);
    }
}
