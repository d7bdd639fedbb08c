using Broadcast.Device;
using Broadcast.Device.Sensing;

namespace Broadcast.Edge.Tests.Sensing;

/// <summary>The core's entry for local alarms, without a body that sounds.</summary>
public sealed class LocalAlarmCoreTests
{
    private const string Id = "gw";
    private static readonly byte[] Key = new byte[32];

    [Fact]
    public void A_local_alarm_sounds_while_the_time_is_unknown_and_a_restored_one_too()
    {
        var body = new Body();
        var core = Start(body, wallMs: 0, saved: null);
        core.RaiseLocalAlarm(LocalAlarm.For(AlarmStage.Leave, "", siren: true), LocalAlarm.ValidMs, 10).ShouldBe(Refusal.None);
        body.Played.ShouldHaveSingleItem().Text.ShouldContain("立即转移");
        body.IsSirenOn.ShouldBeTrue();

        var again = new Body();
        Start(again, wallMs: 0, saved: body.Saved);
        again.Played.ShouldHaveSingleItem("a power cut broke it off, and it is valid for all anybody knows");
    }

    [Fact]
    public void A_local_alarm_takes_over_from_a_programme_and_leave_from_prepare()
    {
        var body = new Body();
        var core = Start(body, wallMs: 1_795_000_000_000, saved: null);
        core.RaiseLocalAlarm(LocalAlarm.For(AlarmStage.Prepare, "", siren: false), LocalAlarm.ValidMs, 10);
        core.RaiseLocalAlarm(LocalAlarm.For(AlarmStage.Leave, "", siren: true), LocalAlarm.ValidMs, 20);
        body.Played.Select(o => o.Level).ShouldBe([WarningLevel.Orange, WarningLevel.Red]);
        body.Stopped.ShouldBe(1);
        core.WaitingOrders.ShouldBe(1);
    }

    [Fact]
    public void A_phrase_that_is_too_long_is_refused_and_nothing_sounds()
    {
        var body = new Body();
        var core = Start(body, wallMs: 0, saved: null);
        core.RaiseLocalAlarm(LocalAlarm.For(AlarmStage.Leave, new string('水', 501), siren: true), LocalAlarm.ValidMs, 10).ShouldBe(Refusal.TooLong);
        body.Played.ShouldBeEmpty();
        body.IsSirenOn.ShouldBeFalse();
    }

    private static DeviceCore Start(Body body, long wallMs, byte[]? saved)
    {
        var core = new DeviceCore(Id, Key, 1, body, saved);
        core.Start(5, wallMs, wallMs > 0 ? ClockQuality.Rtc : ClockQuality.Unknown, 0);
        return core;
    }

    private sealed class Body : IDeviceBody
    {
        private byte _random;

        public List<Order> Played { get; } = [];

        public int Stopped { get; private set; }

        public bool IsSirenOn { get; private set; }

        public byte[]? Saved { get; private set; }

        public void Play(int playId, Order order, int attempt) => Played.Add(order);

        public void Stop(int playId) => Stopped++;

        public void Siren(bool on) => IsSirenOn = on;

        public bool Publish(int token, byte[] frame) => false;

        public bool Save(byte[] state)
        {
            Saved = state;
            return true;
        }

        public void FillReport(Report report)
        {
        }

        public void Random(byte[] buffer) => Array.Fill(buffer, ++_random);
    }
}
