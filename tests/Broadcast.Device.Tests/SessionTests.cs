namespace Broadcast.Device.Tests;

/// <summary>Hello, welcome, receipts on their way, reports.</summary>
public sealed class SessionTests
{
    [Fact]
    public void A_hello_without_answer_is_said_again_with_another_nonce()
    {
        Bench bench = new(welcome: false);
        bench.Core.LinkUp(bench.NowMs);
        byte[] first = bench.LastHello().Nonce;
        bench.Advance(Limits.HelloRetryMs - 1);
        bench.Body.Outgoing.Count.ShouldBe(1);

        bench.Advance(1);

        bench.Body.Outgoing.Count.ShouldBe(2);
        bench.LastHello().Nonce.ShouldNotBe(first);
        bench.Advance(3_600_000);
        bench.Body.Outgoing.Count.ShouldBeInRange(60, 65);
    }

    [Fact]
    public void No_receipt_leaves_before_the_welcome()
    {
        Bench bench = new();
        bench.Core.LinkDown(bench.NowMs);
        bench.AcknowledgeAll();
        bench.Send(bench.Alert());
        bench.Core.LinkUp(bench.NowMs);
        bench.Advance(5_000);
        bench.Receipts().ShouldBeEmpty();

        bench.Welcome(bench.LastHello(), bench.WallMs);

        bench.Receipts().Count.ShouldBe(2);
    }

    [Fact]
    public void What_was_not_acknowledged_is_offered_again_after_the_link_broke()
    {
        Bench bench = new();
        bench.Send(bench.Alert());
        long[] numbers = [.. bench.Receipts().Select(r => r.Number)];
        bench.Core.LinkDown(bench.NowMs);
        bench.Body.Outgoing.Clear();

        bench.Connect();

        bench.Receipts().Select(r => r.Number).ShouldBe(numbers);
        bench.AcknowledgeAll();
        bench.Core.OutboxReceipts.ShouldBe(0);
    }

    [Fact]
    public void A_link_that_takes_nothing_is_asked_again_each_second_and_no_more()
    {
        Bench bench = new();
        bench.Body.LinkTakes = false;
        bench.Send(bench.Alert());
        bench.Advance(5_000);
        bench.Receipts().ShouldBeEmpty();
        bench.Body.LinkTakes = true;

        bench.Advance(Limits.OutboxRetryMs);

        bench.Receipts().Count.ShouldBe(2);
    }

    [Fact]
    public void Reports_come_in_the_rhythm_of_the_welcome()
    {
        Bench bench = new(welcome: false);
        bench.Connect(reportSeconds: 60);

        bench.Advance(600_000);

        bench.Reports().Count.ShouldBe(10);
        Report report = bench.Reports()[0];
        (report.Firmware, report.Volume, report.BatteryMillivolts, report.SignalDbm, report.Mains).ShouldBe(("sim 1.0", 80, 12_600, -71, true));
    }

    [Fact]
    public void A_ping_gets_a_report_at_once()
    {
        Bench bench = new();
        bench.Core.Received(Bench.Frame(MessageType.Ping, new Ping().Encode()), bench.NowMs);
        bench.Reports().Count.ShouldBe(1);
    }

    [Fact]
    public void Lost_mains_are_told_at_once()
    {
        Bench bench = new();
        bench.Body.Mains = false;
        bench.Core.BodyChanged(bench.NowMs);
        bench.Reports().Single().Mains.ShouldBeFalse();
    }

    [Fact]
    public void A_report_tells_what_plays_and_waits()
    {
        Bench bench = new();
        bench.Send(bench.Alert());
        bench.Send(bench.Alert(WarningLevel.Red));
        bench.Core.Received(Bench.Frame(MessageType.Ping, new Ping().Encode()), bench.NowMs);

        (bench.Reports()[^1].Playing, bench.Reports()[^1].Waiting).ShouldBe((1, 1));
    }

    [Fact]
    public void What_failed_is_said_to_have_failed()
    {
        Bench bench = new();
        Order order = bench.Alert();
        bench.Send(order);
        bench.EndPlayback(Failure.Amplifier);
        bench.StatesOf(order).ShouldBe("Received Playing1 Failed(Amplifier)");
    }

    [Theory]
    [InlineData(SoundCheck.NotMeasured, "Played")]
    [InlineData(SoundCheck.AmplifierSilent, "Played(AmplifierSilent)")]
    [InlineData(SoundCheck.AmplifierDriven, "Played(AmplifierDriven)")]
    [InlineData(SoundCheck.MicrophoneHeard, "Played(MicrophoneHeard)")]
    public void What_measured_the_sound_is_told_with_played_over_a_reboot_and_never_inferred(SoundCheck check, string said)
    {
        Bench bench = new();
        Order order = bench.Alert();
        bench.Send(order);
        bench.Core.PlaybackEnded(bench.Body.EndPlayback(), Failure.None, check, bench.NowMs);
        bench.SoundOf(order).ShouldBe(said);
        bench.Reboot();
        bench.Connect();
        bench.Send(order);
        bench.SoundOf(order).ShouldBe(said, "the repeat is answered with the same receipt");
    }

    [Fact]
    public void A_playback_that_failed_or_was_broken_off_says_nothing_of_its_sound()
    {
        Bench bench = new();
        Order order = bench.Alert();
        bench.Send(order);
        bench.Core.PlaybackEnded(bench.Body.EndPlayback(), Failure.Amplifier, SoundCheck.AmplifierDriven, bench.NowMs);
        bench.StatesOf(order).ShouldBe("Received Playing1 Failed(Amplifier)");
    }

    [Fact]
    public void What_someone_at_the_site_stopped_does_not_come_back()
    {
        Bench bench = new();
        Order order = bench.Alert();
        order.Class = WarningClass.Programme;
        bench.Send(order);
        bench.Core.OperatorStop(bench.NowMs);
        bench.Send(order);
        bench.Body.Played.Count.ShouldBe(1);
        bench.StatesOf(order).ShouldBe("Received Playing1 Stopped(Operator)");
    }

    [Fact]
    public void The_end_of_a_playback_that_was_stopped_changes_nothing()
    {
        Bench bench = new();
        Order yellow = bench.Alert();
        bench.Send(yellow);
        int stopped = bench.Body.Current.ShouldNotBeNull().PlayId;
        bench.Send(bench.Alert(WarningLevel.Red));

        bench.Core.PlaybackEnded(stopped, Failure.None, bench.NowMs);

        bench.StatesOf(yellow).ShouldBe("Received Playing1 Interrupted1");
        bench.Core.PlayingId.ShouldBe(stopped + 1);
    }
}
