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
        bench.Advance((2 * Limits.HelloRetryMs) - 1);
        bench.Body.Outgoing.Count.ShouldBe(2, "twice as long each time");
        bench.Advance(1);
        bench.Body.Outgoing.Count.ShouldBe(3);
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
        bench.Core.IsSessionUp.ShouldBeFalse();

        bench.Welcome(bench.LastHello(), bench.WallMs);

        bench.Receipts().Count.ShouldBe(2);
        (bench.Core.IsSessionUp, bench.Core.SessionEpoch).ShouldBe((true, 7));
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
        int before = bench.Body.PublishTries;
        bench.Send(bench.Alert());
        bench.Advance(3_000);
        for (int i = 0; i < 20; i++)
            bench.Advance(100);
        (bench.Body.PublishTries - before).ShouldBe(1 + 5);
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
        bench.Core.RefusalCount(Refusal.Unsupported).ShouldBe(0);
    }

    [Fact]
    public void A_flood_of_pings_gets_a_report_a_second_and_none_after_it()
    {
        Bench bench = new();
        bench.Connect(reportSeconds: Limits.ReportSecondsMax);
        for (int i = 0; i < 100; i++)
        {
            bench.Core.Received(Bench.Frame(MessageType.Ping, new Ping().Encode()), bench.NowMs);
            bench.Advance(100);
        }

        bench.Reports().Count.ShouldBeInRange(10, 11);
        bench.Advance(60_000);
        bench.Reports().Count.ShouldBe(11, "the last one was answered, and nobody asks any more");
    }

    [Fact]
    public void Lost_mains_are_told_at_once()
    {
        Bench bench = new();
        bench.Body.Mains = false;
        bench.Connect(reportSeconds: Limits.ReportSecondsMax);
        bench.Core.BodyChanged(bench.NowMs);
        bench.Reports().Single().Mains.ShouldBeFalse();
        bench.Advance(60_000);
        bench.Reports().Count.ShouldBe(1, "and once");
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
    public void A_report_tells_that_nothing_plays_and_since_when_the_device_runs_and_its_time()
    {
        Bench bench = new();
        bench.Advance(60_000);
        bench.Core.Received(Bench.Frame(MessageType.Ping, new Ping().Encode()), bench.NowMs);

        Report report = bench.Reports()[^1];

        (report.Playing, report.Waiting, report.UptimeMs, report.AtMs, report.Clock).ShouldBe((0, 0, 60_000, bench.WallMs, ClockQuality.Cloud));
    }

    [Theory]
    [InlineData(int.MinValue, 0, 0, -200)]
    [InlineData(int.MaxValue, 100, Limits.BatteryMillivoltsMax, 100)]
    public void Whatever_a_body_measures_the_cloud_can_read_the_report(int measured, int volume, int battery, int signal)
    {
        Bench bench = new();
        bench.Body.Tells = report => report.Volume = report.BatteryMillivolts = report.SignalDbm = report.Faults = measured;
        bench.Core.Received(Bench.Frame(MessageType.Ping, new Ping().Encode()), bench.NowMs);

        Report said = bench.Reports().Single();

        (said.Volume, said.BatteryMillivolts, said.SignalDbm).ShouldBe((volume, battery, signal));
    }

    [Theory]
    [InlineData(0, Limits.ReportSecondsDefault)]
    [InlineData(1, Limits.ReportSecondsMin)]
    [InlineData(Limits.ReportSecondsMin, Limits.ReportSecondsMin)]
    [InlineData(60, 60)]
    public void The_first_report_lies_within_the_first_period_by_chance_and_the_others_follow_in_its_rhythm(int told, int seconds)
    {
        Bench bench = new(welcome: false);
        bench.Connect(told);
        long periodMs = seconds * 1_000L;
        long firstMs = periodMs * (bench.LastHello().Nonce[0] + 1) / 256;

        bench.Advance(firstMs - 1);
        bench.Reports().ShouldBeEmpty();
        bench.Advance(1);
        bench.Reports().Count.ShouldBe(1);
        bench.Core.BodyChanged(bench.NowMs); // Told at the next moment at which it may be: the rhythm stays.
        bench.Advance(periodMs);
        bench.Body.Outgoing.Clear();
        bench.Advance(periodMs - 1);
        bench.Reports().ShouldBeEmpty();
        bench.Advance(1);
        bench.Reports().Count.ShouldBe(1);
    }

    [Fact]
    public void What_the_core_finds_wrong_is_told_early_and_a_dropped_receipt_once()
    {
        Bench bench = new();
        bench.Connect(reportSeconds: Limits.ReportSecondsMax);
        bench.Body.StorageWorks = false;
        bench.Send(bench.Alert());
        bench.Advance(Limits.EarlyReportMsMin);
        ((FaultFlags)bench.Reports().Single().Faults).ShouldBe(FaultFlags.Storage);

        bench.Body.StorageWorks = true;
        bench.Core.LinkDown(bench.NowMs);
        for (int i = 0; i <= Limits.OutboxReceiptsMax; i++)
            bench.Send(bench.Alert(validMs: -1));
        bench.Connect(reportSeconds: Limits.ReportSecondsMax);
        ((FaultFlags)bench.Reports()[^1].Faults).HasFlag(FaultFlags.OutboxFull).ShouldBeTrue();
        bench.Core.Faults.HasFlag(FaultFlags.OutboxFull).ShouldBeFalse();
    }

    [Fact]
    public void A_link_that_is_down_is_handed_nothing_and_one_that_is_up_again_gets_its_hello_at_once()
    {
        Bench bench = new();
        bench.Body.LinkTakes = false;
        bench.Send(bench.Alert()); // Not taken: asked again in a second, if there were a link.
        bench.Core.LinkDown(bench.NowMs);
        bench.Body.LinkTakes = true;
        bench.Body.Outgoing.Clear();
        bench.Advance(500);
        bench.Core.Received(Bench.Frame(MessageType.Ping, new Ping().Encode()), bench.NowMs);
        bench.Body.Outgoing.ShouldBeEmpty();

        bench.Core.LinkUp(bench.NowMs);

        bench.LastHello().Boot.ShouldBe(1);
    }

    [Fact]
    public void What_the_link_did_not_take_is_offered_at_once_when_it_has_room_again()
    {
        Bench bench = new();
        bench.Send(bench.Alert());
        bench.Body.LinkTakes = false;
        bench.EndPlayback();
        bench.Body.LinkTakes = true;

        bench.AcknowledgeAll();

        bench.Core.OutboxReceipts.ShouldBe(0);
    }

    [Fact]
    public void A_welcome_counts_for_the_session_whose_hello_it_answers_and_for_no_other()
    {
        Bench bench = new(welcome: false);
        bench.Core.LinkUp(bench.NowMs);
        Hello hello = bench.LastHello();
        bench.Core.LinkDown(bench.NowMs);

        bench.Welcome(hello, bench.WallMs);

        (bench.Core.IsSessionUp, bench.Core.Clock, bench.Core.RefusalCount(Refusal.Replayed)).ShouldBe((false, ClockQuality.Unknown, 1));
        bench.Connect();
        bench.Welcome(hello, bench.WallMs + 1_000);
        bench.Core.RefusalCount(Refusal.Replayed).ShouldBe(2, "nor while another holds");
    }

    [Fact]
    public void What_was_not_acknowledged_is_offered_after_a_power_cut_under_the_number_it_has()
    {
        Bench bench = new();
        bench.Send(bench.Alert());
        bench.EndPlayback();
        long[] numbers = [.. bench.Receipts().Select(r => r.Number)];
        bench.Reboot();

        bench.Connect();

        bench.Receipts().Select(r => r.Number).ShouldBe(numbers);
    }

    public static TheoryData<string, Action<DeviceCore>> Calls() => new()
    {
        { "LinkUp", core => core.LinkUp(1) },
        { "LinkDown", core => core.LinkDown(1) },
        { "Received", core => core.Received([], 1) },
        { "Published", core => core.Published(1, 1) },
        { "PlaybackEnded", core => core.PlaybackEnded(1, Failure.None, 1) },
        { "BodyChanged", core => core.BodyChanged(1) },
        { "OperatorStop", core => core.OperatorStop(1) },
        { "Tick", core => core.Tick(1) },
        { "Send", core => core.Send(MessageType.Reading, [], 1) },
        { "Hold", core => core.Hold(true, true, 1) },
        { "RaiseLocalAlarm", core => core.RaiseLocalAlarm(new Order { Text = "x", Repetitions = 1 }, 60_000, 1) },
        { "EndTalk", core => core.EndTalk(new byte[16], 1) },
    };

    [Theory]
    [MemberData(nameof(Calls))]
    public void The_core_is_called_after_its_start_and_never_from_within_its_body(string what, Action<DeviceCore> call)
    {
        Bench bench = new(start: false, welcome: false);
        Should.Throw<InvalidOperationException>(() => call(bench.Core), what);

        int refused = 0;
        bench.Body.Within = () =>
        {
            Should.Throw<InvalidOperationException>(() => call(bench.Core), what);
            refused++;
        };
        bench.Core.Start(bench.NowMs, 0, ClockQuality.Unknown, 1);
        bench.Core.LinkUp(bench.NowMs);

        refused.ShouldBe(2, "while it saved, and while it said hello");
        Should.Throw<InvalidOperationException>(() => bench.Core.Start(1, 0, ClockQuality.Unknown, 1));
    }

    [Theory]
    [InlineData("", 32, 0)]
    [InlineData("dev-1", 0, 0)]
    [InlineData("dev-1", 32, -1)]
    public void Without_an_id_a_key_and_an_epoch_there_is_no_core(string id, int keyBytes, int epoch)
    {
        Should.Throw<ArgumentException>(() => new DeviceCore(id, new byte[keyBytes], epoch, new FakeBody(), null));
        Should.NotThrow(() => new DeviceCore("dev-1", new byte[1], 0, new FakeBody(), null));
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
        bench.EndPlayback();
        bench.EndPlayback();
        bench.Core.PlaybackEnded(stopped, Failure.None, bench.NowMs);
        bench.Core.PlayingId.ShouldBe(0, "nothing plays, and nothing ends");
    }

    [Fact]
    public void An_acknowledgement_takes_the_receipt_that_it_names_and_an_unknown_one_none()
    {
        Bench bench = new();
        bench.Send(bench.Alert());
        long[] numbers = [.. bench.Receipts().Select(r => r.Number)];
        bench.Core.Published(bench.Body.Outgoing[^1].Token, bench.NowMs);
        bench.Core.Published(int.MaxValue, bench.NowMs);
        bench.Core.LinkDown(bench.NowMs);
        bench.Core.Published(0, bench.NowMs);
        bench.Body.Outgoing.Clear();

        bench.Connect();

        bench.Receipts().Select(r => r.Number).ShouldBe(numbers[..^1]);
    }

    [Fact]
    public void A_window_that_was_full_when_the_link_broke_is_offered_again_whole()
    {
        Bench bench = new();
        for (int i = 0; i < 2 * Limits.OutboxInFlightMax; i++)
            bench.Send(bench.Alert(validMs: -1));
        bench.Receipts().Count.ShouldBe(Limits.OutboxInFlightMax);
        bench.Core.LinkDown(bench.NowMs);
        bench.Body.Outgoing.Clear();

        bench.Connect();

        bench.Receipts().Count.ShouldBe(Limits.OutboxInFlightMax);
        bench.AcknowledgeAll();
        bench.Core.OutboxReceipts.ShouldBe(0);
    }

    [Fact]
    public void An_order_that_is_refused_again_and_again_is_told_once_for_each_reason()
    {
        Bench bench = new();
        bench.Reboot();
        Order order = bench.Alert(validMs: 5_000);
        for (int i = 0; i < 2 * Limits.OutboxReceiptsMax; i++)
            bench.Send(order);
        bench.Core.OutboxReceipts.ShouldBe(1);
        bench.Core.Faults.ShouldBe(FaultFlags.None, "nothing was dropped");
        bench.Advance(5_000);
        bench.Core.LinkUp(bench.NowMs);
        bench.Welcome(bench.LastHello(), bench.WallMs);

        bench.Send(order);

        bench.StatesOf(order).ShouldBe("Refused(NotYetKnownTime) Refused(Expired)");
    }
}
