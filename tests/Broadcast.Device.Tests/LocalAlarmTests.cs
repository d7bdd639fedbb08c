using Broadcast.Device.Sensing;

namespace Broadcast.Device.Tests;

/// <summary>R9: what a site says by itself, with or without the time, and what its record says of it afterwards.</summary>
public sealed class LocalAlarmTests
{
    private const long ValidMs = 600_000;

    [Fact]
    public void With_the_time_known_it_is_numbered_and_dated_by_it()
    {
        Bench bench = new();
        Order alarm = Leave();

        bench.Core.RaiseLocalAlarm(alarm, ValidMs, bench.NowMs).ShouldBe(Refusal.None);

        (alarm.Sequence, alarm.NotBeforeMs, alarm.ExpiresMs).ShouldBe((bench.WallMs, bench.WallMs, bench.WallMs + ValidMs));
    }

    [Fact]
    public void Without_the_time_it_is_dated_by_the_floor_and_begins_whatever_the_time_turns_out_to_be()
    {
        Bench bench = new();
        bench.Advance(Limits.FloorSaveMs);
        long floorMs = bench.WallMs;
        bench.Reboot();
        Order alarm = Leave();

        bench.Core.RaiseLocalAlarm(alarm, ValidMs, bench.NowMs).ShouldBe(Refusal.None);

        (alarm.Sequence, alarm.NotBeforeMs, alarm.ExpiresMs).ShouldBe((floorMs, 0, floorMs + ValidMs));
        bench.Body.Current.ShouldNotBeNull();
    }

    [Fact]
    public void By_a_battery_clock_it_is_dated_by_that()
    {
        Bench bench = new();
        bench.Reboot(offMs: 60_000, ClockQuality.Rtc);
        Order alarm = Leave();
        bench.Core.RaiseLocalAlarm(alarm, ValidMs, bench.NowMs).ShouldBe(Refusal.None);
        (alarm.Sequence, alarm.ExpiresMs).ShouldBe((bench.WallMs, bench.WallMs + ValidMs));
    }

    [Fact]
    public void Without_time_and_floor_it_is_dated_by_the_earliest_time_that_can_be()
    {
        Bench bench = new(welcome: false);
        Order alarm = Leave();
        bench.Core.RaiseLocalAlarm(alarm, ValidMs, bench.NowMs).ShouldBe(Refusal.None);
        (alarm.Sequence, alarm.ExpiresMs).ShouldBe((Limits.WallMsMin, Limits.WallMsMin + ValidMs));
        bench.Body.Current.ShouldNotBeNull();
    }

    [Fact]
    public void Raised_again_by_a_body_that_forgot_it_sounds_once()
    {
        Bench bench = new();
        Order alarm = Leave();
        alarm.WarningId = bench.NewId();
        bench.Core.RaiseLocalAlarm(alarm, ValidMs, bench.NowMs).ShouldBe(Refusal.None);
        bench.EndPlayback();
        bench.Reboot();
        Order again = Leave();
        again.WarningId = alarm.WarningId;

        bench.Core.RaiseLocalAlarm(again, ValidMs, bench.NowMs).ShouldBe(Refusal.None);

        bench.Body.Played.Count.ShouldBe(1);
        bench.Core.RefusalCount(Refusal.None).ShouldBe(0);
    }

    [Fact]
    public void It_is_an_alert_whatever_the_body_calls_it()
    {
        Bench bench = new();
        Order alarm = Leave();
        alarm.Kind = OrderKind.Cancel;
        bench.Core.RaiseLocalAlarm(alarm, ValidMs, bench.NowMs).ShouldBe(Refusal.None);
        bench.Body.Current.ShouldNotBeNull();
        bench.Reboot();
        bench.Core.Faults.HasFlag(FaultFlags.StateLost).ShouldBeFalse();
    }

    [Theory]
    [InlineData("水位\u0007超限", Refusal.Malformed)]
    [InlineData("", Refusal.Malformed)]
    [InlineData(null, Refusal.TooLong)]
    public void A_phrase_that_no_state_could_hold_is_refused_counted_and_costs_no_memory(string? phrase, Refusal refusal)
    {
        Bench bench = new();
        Order alarm = Leave();
        (alarm.Text, alarm.ToneMs) = (phrase ?? new string('水', (Limits.TextBytesMax / 3) + 1), 0);

        bench.Core.RaiseLocalAlarm(alarm, ValidMs, bench.NowMs).ShouldBe(refusal);

        bench.Body.Played.ShouldBeEmpty();
        bench.Core.RefusalCount(refusal).ShouldBe(1);
        bench.Reboot();
        bench.Core.Faults.HasFlag(FaultFlags.StateLost).ShouldBeFalse();
    }

    [Fact]
    public void In_a_queue_that_is_full_of_higher_warnings_it_is_refused_and_the_body_is_told()
    {
        Bench bench = new();
        for (int i = 0; i < Limits.QueueOrdersMax; i++)
            bench.Send(bench.Alert(WarningLevel.Red, issuer: RegionLevel.Province));
        bench.Core.RaiseLocalAlarm(LocalAlarm.For(AlarmStage.Prepare, "", siren: false), ValidMs, bench.NowMs).ShouldBe(Refusal.QueueFull);
        bench.Core.RefusalCount(Refusal.QueueFull).ShouldBe(1);
    }

    [Fact]
    public void Leave_takes_over_from_prepare_and_opens_the_siren_where_it_is_to()
    {
        Bench bench = new();
        bench.Core.RaiseLocalAlarm(LocalAlarm.For(AlarmStage.Prepare, "", siren: false), ValidMs, bench.NowMs);
        bench.Body.SirenOpen.ShouldBeFalse();
        bench.Core.RaiseLocalAlarm(LocalAlarm.For(AlarmStage.Leave, "", siren: true), ValidMs, bench.NowMs);

        bench.Body.Played.Select(p => p.Order.Level).ShouldBe([WarningLevel.Orange, WarningLevel.Red]);
        (bench.Body.SirenOpen, bench.Core.WaitingOrders).ShouldBe((true, 1));
    }

    [Theory]
    [InlineData(AlarmStage.Prepare, "", "准备转移", 3)]
    [InlineData(AlarmStage.Leave, "", "立即转移", 5)]
    [InlineData(AlarmStage.Leave, "快走", "快走", 5)]
    public void A_stage_says_what_to_do_or_the_site_s_own_phrase(AlarmStage stage, string phrase, string said, int times)
    {
        Order alarm = LocalAlarm.For(stage, phrase, siren: false);
        alarm.Text.ShouldContain(said);
        (alarm.Text == said).ShouldBe(phrase.Length > 0);
        (alarm.Repetitions, alarm.Issuer, alarm.Check()).ShouldBe((times, RegionLevel.Village, Refusal.Malformed), "whole but for its validity, which the core gives");
    }

    private static Order Leave() => LocalAlarm.For(AlarmStage.Leave, "", siren: false);

    [Fact]
    public void Broken_off_by_a_power_cut_it_sounds_again_at_once_without_the_time()
    {
        Bench bench = new();
        bench.Core.RaiseLocalAlarm(Leave(), ValidMs, bench.NowMs);

        bench.Reboot();

        bench.Body.Current.ShouldNotBeNull().Attempt.ShouldBe(2);
    }

    [Fact]
    public void Its_numbers_go_up_whatever_the_cloud_and_a_Pi_have_said_meanwhile()
    {
        Bench bench = new();
        Order late = bench.Alert();
        Order first = Leave();
        Order second = Leave();
        Order third = Leave();
        bench.Core.RaiseLocalAlarm(first, ValidMs, bench.NowMs).ShouldBe(Refusal.None);
        bench.Core.RaiseLocalAlarm(second, ValidMs, bench.NowMs).ShouldBe(Refusal.None);
        late.Sequence = first.Sequence - 1;
        bench.Send(late);
        bench.Core.Received(DelegationTests.AlarmOfAPi(bench, long.MaxValue), bench.NowMs);

        bench.Core.RaiseLocalAlarm(third, ValidMs, bench.NowMs).ShouldBe(Refusal.None);

        second.Sequence.ShouldBe(first.Sequence + 1);
        third.Sequence.ShouldBe(second.Sequence + 1);
    }
}
