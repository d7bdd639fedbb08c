using Broadcast.Device.Sensing;

namespace Broadcast.Device.Tests;

/// <summary>Somebody at the site holds the talk button, and somebody presses the stop button.</summary>
public sealed class TalkTests
{
    [Fact]
    public void A_talk_plays_as_a_local_notice_and_its_receipts_say_who()
    {
        Bench bench = new();
        Order talk = Raise(bench);
        bench.Body.Current.ShouldNotBeNull().Order.Class.ShouldBe(WarningClass.LocalNotice);
        bench.EndPlayback();
        bench.StatesOf(talk).ShouldBe("Received Playing1 Played");
        bench.Receipts().Where(r => r.Sequence == talk.Sequence).ShouldAllBe(r => r.OrderedBy == Order.TalkButton && r.Class == WarningClass.LocalNotice && r.AtMs == bench.WallMs);
    }

    [Fact]
    public void A_talk_cannot_be_made_to_open_the_siren_or_to_rank_as_a_warning()
    {
        Bench bench = new();
        Order talk = new() { Class = WarningClass.Actual, Level = WarningLevel.Red, Siren = true, Text = "x", Repetitions = 1 };
        bench.Core.RaiseTalk(talk, 60_000, bench.NowMs).ShouldBe(Refusal.None);
        (talk.Class, talk.Level, bench.Body.SirenOpen).ShouldBe((WarningClass.LocalNotice, WarningLevel.None, false));
    }

    [Fact]
    public void An_actual_warning_takes_over_at_once_and_a_button_that_is_still_held_goes_on_after_it()
    {
        Bench bench = new();
        Order talk = Raise(bench);
        Order red = bench.Alert(WarningLevel.Red);
        bench.Send(red);
        bench.Body.Current.ShouldNotBeNull().Order.Sequence.ShouldBe(red.Sequence);
        bench.EndPlayback();
        bench.Body.Current.ShouldNotBeNull().Order.Sequence.ShouldBe(talk.Sequence);
        bench.StatesOf(talk).ShouldBe("Received Playing1 Interrupted1 Playing2");
    }

    [Fact]
    public void Let_go_during_the_warning_it_is_withdrawn()
    {
        Bench bench = new();
        Order talk = Raise(bench);
        bench.Send(bench.Alert(WarningLevel.Red));
        bench.Core.EndTalk(talk.WarningId, bench.NowMs);
        bench.EndPlayback();
        bench.Body.Current.ShouldBeNull();
        bench.StatesOf(talk).ShouldBe("Received Playing1 Interrupted1 Stopped(Operator)");
    }

    [Fact]
    public void Pressed_anew_the_talk_that_still_sounds_is_withdrawn_and_does_not_come_back()
    {
        Bench bench = new();
        Order first = Raise(bench);
        bench.Core.EndTalk(first.WarningId, bench.NowMs);
        Order second = Raise(bench);
        bench.EndPlayback();
        bench.Body.Current.ShouldBeNull();
        bench.StatesOf(first).ShouldBe("Received Playing1 Stopped(Operator)");
        bench.StatesOf(second).ShouldBe("Received Playing1 Played");
    }

    [Fact]
    public void During_an_actual_warning_a_talk_waits_and_is_not_heard()
    {
        Bench bench = new();
        Order blue = bench.Alert(WarningLevel.Blue);
        bench.Send(blue);
        Order talk = Raise(bench);
        bench.Body.Current.ShouldNotBeNull().Order.Sequence.ShouldBe(blue.Sequence, "even the mildest warning goes before");
        bench.Core.EndTalk(talk.WarningId, bench.NowMs);
        bench.StatesOf(talk).ShouldBe("Received Stopped(Operator)");
        bench.StatesOf(blue).ShouldBe("Received Playing1");
    }

    [Fact]
    public void Letting_go_ends_the_talk_that_was_held_and_no_other()
    {
        Bench bench = new();
        Order talk = Raise(bench);
        Order red = bench.Alert(WarningLevel.Red);
        bench.Core.EndTalk(bench.NewId(), bench.NowMs);
        bench.StatesOf(talk).ShouldBe("Received Playing1");
        bench.Send(red);
        bench.Core.EndTalk(red.WarningId, bench.NowMs);
        bench.StatesOf(red).ShouldBe("Received Playing1", "a warning is no talk");
    }

    [Fact]
    public void A_talk_that_was_said_to_its_end_stays_played_over_a_power_cut()
    {
        Bench bench = new();
        Order talk = Raise(bench);
        bench.EndPlayback();
        bench.Reboot();
        bench.Connect();
        bench.StatesOf(talk).ShouldBe("Received Playing1 Played");
    }

    [Fact]
    public void A_talk_or_notice_that_has_nothing_but_a_siren_is_malformed()
    {
        Bench bench = new();
        bench.Core.RaiseTalk(new Order { Siren = true, Repetitions = 1 }, 60_000, bench.NowMs).ShouldBe(Refusal.Malformed);
        bench.Core.RaiseLocalNotice(new Order { Siren = true, Repetitions = 1 }, 60_000, bench.NowMs).ShouldBe(Refusal.Malformed);
        bench.Body.Played.ShouldBeEmpty();
    }

    [Fact]
    public void Quiet_hours_do_not_hold_who_stands_there_and_speaks()
    {
        Bench bench = new();
        bench.Core.Hold(programmes: true, all: true, bench.NowMs);
        Raise(bench);
        bench.Body.Current.ShouldNotBeNull();
    }

    [Fact]
    public void Without_cloud_and_without_time_a_talk_plays()
    {
        Bench bench = new(start: false, welcome: false);
        bench.Core.Start(bench.NowMs, 0, ClockQuality.Unknown, 0);
        Order talk = Raise(bench);
        bench.Body.Current.ShouldNotBeNull().Order.WarningId.ShouldBe(talk.WarningId);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_power_cut_ends_a_talk_and_the_cloud_is_told(bool waits)
    {
        Bench bench = new();
        if (waits) bench.Send(bench.Alert(WarningLevel.Red));
        Order talk = Raise(bench);
        bench.Advance(1);
        bench.Reboot();
        bench.Connect();
        bench.Advance(1_000);
        bench.Body.Played.Count(p => p.Order.Sequence == talk.Sequence).ShouldBe(waits ? 0 : 1, "nobody holds the button any more");
        bench.StatesOf(talk).ShouldEndWith("Failed(PowerLost)");
        bench.Receipts().Last(r => r.Sequence == talk.Sequence).OrderedBy.ShouldBe(Order.TalkButton);
    }

    [Theory]
    [InlineData(WarningClass.Actual, false)] // Who released it can cancel it; nobody at a cabinet silences it.
    [InlineData(WarningClass.Exercise, true)]
    [InlineData(WarningClass.Test, true)]
    [InlineData(WarningClass.SirenTest, true)]
    [InlineData(WarningClass.Programme, true)]
    [InlineData(WarningClass.LocalNotice, true)]
    [InlineData(WarningClass.LiveSpeech, true)]
    public void The_stop_button_stops_everything_but_an_actual_warning_of_the_cloud(WarningClass warningClass, bool stops)
    {
        Bench bench = new();
        Order order = bench.Alert();
        order.Class = warningClass;
        bench.Send(order);
        bench.Core.OperatorStop(bench.NowMs).ShouldBe(stops);
        bench.StatesOf(order).ShouldBe(stops ? "Received Playing1 Stopped(Operator)" : "Received Playing1");
        (bench.Body.Current is null).ShouldBe(stops);
    }

    [Fact]
    public void The_stop_button_stops_the_site_s_own_alarm_and_a_talk()
    {
        Bench bench = new();
        Order alarm = LocalAlarm.For(AlarmStage.Leave, "", siren: true);
        bench.Core.RaiseLocalAlarm(alarm, 60_000, bench.NowMs);
        bench.Body.SirenOpen.ShouldBeTrue();
        bench.Core.OperatorStop(bench.NowMs).ShouldBeTrue();
        bench.Body.SirenOpen.ShouldBeFalse();
        Order talk = Raise(bench);
        bench.Core.OperatorStop(bench.NowMs).ShouldBeTrue();
        bench.StatesOf(talk).ShouldBe("Received Playing1 Stopped(Operator)");
        bench.Core.OperatorStop(bench.NowMs).ShouldBeFalse("nothing plays");
    }

    private static Order Raise(Bench bench)
    {
        Order talk = new() { WarningId = bench.NewId(), Event = "LOCAL-TALK", Text = "现场讲话", Repetitions = 1, ToneMs = 500 };
        bench.Core.RaiseTalk(talk, 3_600_000, bench.NowMs).ShouldBe(Refusal.None);
        return talk;
    }
}
