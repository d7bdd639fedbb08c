using Broadcast.Device.Sensing;

namespace Broadcast.Device.Tests;

/// <summary>Alarms and readings that the body keeps: when the core lets them go, and that an alarm names what was said of it.</summary>
public sealed class JournalTests
{
    [Fact]
    public void Without_a_session_nothing_is_taken_and_with_one_the_frame_is_sealed()
    {
        Bench bench = new(welcome: false);
        bench.Core.Send(MessageType.Reading, Vectors.Reading().Encode(), bench.NowMs).ShouldBe(0);
        bench.Core.LinkUp(bench.NowMs);
        bench.Core.Send(MessageType.Reading, Vectors.Reading().Encode(), bench.NowMs).ShouldBe(0, "the hello is not answered yet");
        bench.Body.Outgoing.Count.ShouldBe(1, "and nothing but the hello was said");
        bench.Welcome(bench.LastHello(), bench.WallMs);

        int token = bench.Core.Send(MessageType.Reading, Vectors.Reading().Encode(), bench.NowMs);

        token.ShouldBePositive();
        FakeBody.Sent sent = bench.Body.Outgoing[^1];
        sent.Token.ShouldBe(token);
        sent.Frame.ShouldBe(Envelope.Seal(Bench.Key, Bench.KeyEpoch, Direction.Up, Bench.Id, MessageType.Reading, Vectors.Reading().Encode()));
    }

    [Fact]
    public void The_site_s_own_alarm_and_an_order_of_the_cloud_with_the_same_sequence_are_both_told_of()
    {
        Bench bench = new();
        bench.Body.LinkTakes = false;
        Order own = LocalAlarm.For(AlarmStage.Leave, "", siren: true);
        bench.Core.RaiseLocalAlarm(own, 60_000, bench.NowMs).ShouldBe(Refusal.None);
        Order clouds = bench.Alert();
        (clouds.Sequence, clouds.Revision) = (own.Sequence, own.Revision);
        bench.Send(clouds);
        bench.Body.LinkTakes = true;
        bench.Advance(Limits.OutboxRetryMs);
        bench.Receipts().Where(r => r.State == ReceiptState.Received).Select(r => Convert.ToHexString(r.WarningId)).ShouldBe([Convert.ToHexString(own.WarningId), Convert.ToHexString(clouds.WarningId)]);
    }

    [Fact]
    public void Receipts_go_first()
    {
        Bench bench = new();
        bench.Body.LinkTakes = false;
        bench.Send(bench.Alert());
        bench.Body.LinkTakes = true;
        bench.Core.Send(MessageType.Alarm, Vectors.Alarm().Encode(), bench.NowMs).ShouldBe(0);

        bench.Advance(Limits.OutboxRetryMs);

        bench.Receipts().ShouldNotBeEmpty();
        bench.Core.Send(MessageType.Alarm, Vectors.Alarm().Encode(), bench.NowMs).ShouldBePositive();
    }

    [Fact]
    public void A_link_that_is_full_takes_nothing_and_is_asked_again_later()
    {
        Bench bench = new();
        bench.Body.LinkTakes = false;
        bench.Core.Send(MessageType.Alarm, Vectors.Alarm().Encode(), bench.NowMs).ShouldBe(0);
        bench.Body.LinkTakes = true;
        bench.Core.Send(MessageType.Alarm, Vectors.Alarm().Encode(), bench.NowMs).ShouldBe(0, "not before the retry is due");
        bench.Advance(Limits.OutboxRetryMs);
        bench.Core.Send(MessageType.Alarm, Vectors.Alarm().Encode(), bench.NowMs).ShouldBePositive();
    }

    [Theory]
    [InlineData(MessageType.Receipt)]
    [InlineData(MessageType.Hello)]
    [InlineData(MessageType.Order)]
    public void Only_what_is_the_bodys_own_can_be_sent(MessageType type)
    {
        Bench bench = new();
        Should.Throw<ArgumentException>(() => bench.Core.Send(type, [], bench.NowMs));
        bench.Tick();
    }

    [Theory]
    [InlineData(MessageType.Alarm)]
    [InlineData(MessageType.Reading)]
    [InlineData(MessageType.SettingsState)]
    [InlineData(MessageType.SoundTest)]
    public void What_is_the_bodys_own_waits_until_every_receipt_is_with_the_link(MessageType type)
    {
        Bench bench = new();
        for (int i = 0; i <= Limits.OutboxInFlightMax; i++)
            bench.Send(bench.Alert(validMs: -1));
        bench.Core.Send(type, [0xA0], bench.NowMs).ShouldBe(0);
        bench.AcknowledgeAll();
        bench.Core.Send(type, [0xA0], bench.NowMs).ShouldBePositive();
    }

    [Fact]
    public void The_receipts_of_a_local_alarm_name_the_id_that_its_record_names()
    {
        Bench bench = new();
        Order order = LocalAlarm.For(AlarmStage.Leave, "", siren: false);
        order.WarningId = Vectors.Alarm().WarningId;
        byte[] id = [.. order.WarningId];
        bench.Core.RaiseLocalAlarm(order, LocalAlarm.ValidMs, bench.NowMs).ShouldBe(Refusal.None);
        bench.Receipts().ShouldAllBe(r => r.WarningId.SequenceEqual(id));

        Order drawn = LocalAlarm.For(AlarmStage.Leave, "", siren: false);
        bench.Core.RaiseLocalAlarm(drawn, LocalAlarm.ValidMs, bench.NowMs).ShouldBe(Refusal.None);
        drawn.WarningId.ShouldContain(b => b != 0);
    }

    [Fact]
    public void The_watch_names_the_threshold_that_its_stage_comes_from()
    {
        SiteThreshold hour = new(60, 300, 500);
        SiteThreshold water = new(0, 4_000, 5_000);
        SiteWatch watch = new([hour], [water], 5, 0);
        watch.Cause.ShouldBeNull();
        watch.Level(4_100, 1).ShouldBeTrue();
        watch.Cause.ShouldBe(water);
        for (int minute = 1; minute <= 30; minute++)
            watch.Rain(4, false, minute * 60_000);
        watch.Cause.ShouldBe(hour, "leave is above prepare");
        hour.LimitOf(watch.Stage).ShouldBe(500);
        hour.LimitOf(AlarmStage.Prepare).ShouldBe(300);
        hour.LimitOf(AlarmStage.None).ShouldBe(0);
    }
}
