using Broadcast.Device;
using Broadcast.Device.Sensing;
using Broadcast.Edge.Sensors;
using Broadcast.Edge.Storage;
using Broadcast.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broadcast.Edge.Tests.Storage;

/// <summary>What the gateway keeps for the cloud: once each, bounded, and with its true time.</summary>
public sealed class OutboxTests : IDisposable
{
    private static readonly SiteReading Dry = new(new LevelReading(SensorFault.None, 1_250, ""), 12_600, [0, 0, 0, 0], SensorFault.None, SensorFault.None, AlarmStage.None);

    private readonly TempFolder _folder = new("outbox");
    private GatewayStore _store;

    public OutboxTests() => _store = Open();

    [Fact]
    public void Every_tip_is_in_one_reading_of_the_cloud_also_over_restarts()
    {
        var random = new Random(12);
        long tips = 0, summed = 0;
        for (var i = 0; i < 400; i++)
        {
            var some = random.Next(0, 5);
            tips += some;
            _store.KeepReading(At(i * 10), some, Dry).ShouldBeTrue();
            if (random.Next(10) == 0) _store.SumReadings(Known(i * 10), Dry, 2, 10).ShouldBeTrue();
            if (random.Next(20) == 0) Reopen();
        }

        _store.SumReadings(Known(4_000), Dry, 2, 10).ShouldBeTrue();
        _store.SumReadings(Known(4_001), Dry, 2, 10).ShouldBeTrue("nothing new is no reading");
        var readings = Readings(1_000);
        summed = readings.Sum(r => r.RainTenths);
        summed.ShouldBe(tips * 2);
        readings.Sum(r => r.Seconds).ShouldBe(4_000);
        readings.ShouldAllBe(r => r.LevelMillimetres == 1_250 && r.LevelFault == SensorFault.None && r.BatteryMillivolts == 12_600);
    }

    [Fact]
    public void What_waits_is_thinned_to_hours_and_days_before_anything_is_dropped_and_no_rain_is_lost()
    {
        for (var i = 0; i < 600; i++) Sum(i, 300 * i, tips: 1);
        _store.ThinWaitingTo(100).ShouldBeTrue();
        _store.WaitingReadings().ShouldBeInRange(50, 100, "ten to fifteen readings make an hour");
        Readings(1_000).Sum(r => r.RainTenths).ShouldBe(1_200);
        _store.ThinWaitingTo(10).ShouldBeTrue();
        _store.WaitingReadings().ShouldBeInRange(2, 4, "fifty hours lie in three or four days");
        Readings(1_000).Sum(r => r.RainTenths).ShouldBe(1_200);
        Readings(1_000).Sum(r => r.Seconds).ShouldBe(600 * 10);
        _store.ThinWaitingTo(1).ShouldBeTrue();
        _store.WaitingReadings().ShouldBe(1);
    }

    [Fact]
    public void A_reading_that_the_cloud_may_have_is_not_put_together_with_another()
    {
        for (var i = 0; i < 12; i++) Sum(i, 60 * i, tips: 1);
        var first = _store.NextToSend([], 1).Single();
        _store.MarkOffered(first).ShouldBeTrue();
        _store.ThinWaitingTo(1 + 1);
        var readings = Readings(100);
        readings.Single(r => r.Number == first.Number).RainTenths.ShouldBe(2, "its own rain alone");
        readings.Sum(r => r.RainTenths).ShouldBe(24);
    }

    [Fact]
    public void Alarms_go_first_and_wait_until_the_cloud_has_them_over_restarts()
    {
        Sum(1, 10, tips: 3);
        _store.KeepAlarm(Known(20), AlarmStage.Prepare, new SiteThreshold(60, 20, 60), Id(1)).ShouldNotBeNull();
        _store.KeepAlarm(Known(30), AlarmStage.None, null, new byte[16]).ShouldNotBeNull();
        Reopen();
        var next = _store.NextToSend([], 10);
        next.Select(m => m.Type).ShouldBe([MessageType.Alarm, MessageType.Alarm, MessageType.Reading]);
        next[1].Number.ShouldBe(next[0].Number + 1);
        _store.NextToSend([(MessageType.Alarm, next[0].Number)], 1).Single().Number.ShouldBe(next[1].Number, "the first is under way");
        foreach (var message in next) _store.MarkSent(message.Type, message.Number);
        Reopen();
        _store.NextToSend([], 10).ShouldBeEmpty();
        _store.Alarms().Count.ShouldBe(2, "the technician sees them still");
        _store.KeepAlarm(Known(40), AlarmStage.Leave, null, Id(2)).ShouldBe(next[1].Number + 1, "a number is never given twice");
    }

    [Fact]
    public void A_new_card_gives_other_numbers_than_the_old_one()
    {
        var first = _store.KeepAlarm(Known(1), AlarmStage.Leave, null, Id(1));
        using var folder = new TempFolder("other-card");
        using var other = new GatewayStore(new DataFolder(new EdgeSettings { Data = folder.Path }), NullLogger<GatewayStore>.Instance);
        other.KeepAlarm(Known(1), AlarmStage.Leave, null, Id(1)).ShouldNotBe(first);
    }

    [Fact]
    public void What_was_before_the_time_was_known_gets_its_true_time_but_not_in_the_next_run()
    {
        _store.KeepAlarm(new Stamp(0, ClockQuality.Unknown, 5_000), AlarmStage.Leave, null, Id(1));
        _store.CompleteTimes(1_795_000_000_000, ClockQuality.Cloud);
        _store.KeepAlarm(new Stamp(0, ClockQuality.Unknown, 6_000), AlarmStage.None, null, Id(2));
        Reopen();
        _store.CompleteTimes(1_795_009_000_000, ClockQuality.Cloud);
        var alarms = _store.NextToSend([], 10).Select(m => Alarm.Decode(m.Body)!).ToList();
        alarms.Select(a => (a.AtMs, a.Clock)).ShouldBe([(1_795_000_005_000, ClockQuality.Cloud), (0, ClockQuality.Unknown)]);
    }

    [Fact]
    public void What_was_dated_by_a_machine_s_clock_that_was_behind_gets_its_true_time_when_the_cloud_tells_it()
    {
        // After a power cut without network a Raspberry Pi goes on from a time that it wrote down before it, here 40 minutes too early.
        _store.KeepAlarm(new Stamp(1_795_000_005_000 - 2_400_000, ClockQuality.Network, 5_000), AlarmStage.Leave, null, Id(1));
        _store.CompleteTimes(1_795_000_000_000, ClockQuality.Cloud);
        var alarm = Alarm.Decode(_store.NextToSend([], 10).ShouldHaveSingleItem().Body)!;
        (alarm.AtMs, alarm.Clock).ShouldBe((1_795_000_005_000, ClockQuality.Cloud));
    }

    [Fact]
    public void Alarms_are_bounded_and_those_that_the_cloud_has_go_first()
    {
        var numbers = Enumerable.Range(0, GatewayStore.AlarmsMax).Select(i => _store.KeepAlarm(Known(i), AlarmStage.Leave, null, Id(i + 1))!.Value).ToList();
        _store.MarkSent(MessageType.Alarm, numbers[100]);
        _store.KeepAlarm(Known(9_000), AlarmStage.None, null, Id(9_000));
        _store.Alarms().Count.ShouldBe(GatewayStore.AlarmsMax);
        _store.WaitingAlarms().ShouldBe(GatewayStore.AlarmsMax, "the one that the cloud had is gone, and no other");
    }

    [Fact]
    public void An_alarm_that_was_kept_and_not_yet_said_is_known_after_a_power_cut()
    {
        _store.Unsaid().ShouldBeNull();
        _store.KeepAlarm(Known(1), AlarmStage.Leave, null, Id(7));
        Reopen();
        _store.Unsaid()!.Value.Stage.ShouldBe(AlarmStage.Leave);
        _store.LastStage().ShouldBe(AlarmStage.Leave);
        _store.MarkSaid(Id(7));
        _store.Unsaid().ShouldBeNull();
    }

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }

    private void Sum(int i, int seconds, int tips)
    {
        _store.KeepReading(At(seconds), tips, Dry).ShouldBeTrue($"reading {i}");
        _store.SumReadings(Known(seconds), Dry, 2, 10).ShouldBeTrue();
    }

    private List<Reading> Readings(int most) => [.. _store.NextToSend([], most).Where(m => m.Type == MessageType.Reading).Select(m => Reading.Decode(m.Body)!)];

    private static DateTimeOffset At(int seconds) => DateTimeOffset.FromUnixTimeMilliseconds(1_795_000_000_000).AddSeconds(seconds);

    private static Stamp Known(int seconds) => new(At(seconds).ToUnixTimeMilliseconds(), ClockQuality.Cloud, seconds * 1_000L);

    private static byte[] Id(int from) => [.. BitConverter.GetBytes(from), .. new byte[12]];

    private void Reopen()
    {
        _store.Dispose();
        _store = Open();
    }

    private GatewayStore Open() => new(new DataFolder(new EdgeSettings { Data = _folder.Path }), NullLogger<GatewayStore>.Instance);
}
