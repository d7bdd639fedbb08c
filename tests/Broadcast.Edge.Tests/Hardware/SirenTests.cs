using System.Device.Gpio;
using Broadcast.Edge.Hardware;
using Broadcast.Testing;

namespace Broadcast.Edge.Tests.Hardware;

public sealed class SirenTests
{
    private readonly ManualClock _clock = new();
    private readonly Bcm2711 _chip = new();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_relay_is_off_when_its_pin_is_opened(bool activeHigh)
    {
        using var controller = new GpioController(_chip);
        using var relay = new Relay(controller, new BoardOutput { Pin = 17, ActiveHigh = activeHigh });
        _chip.Level(17).ShouldBe(!activeHigh);
        relay.Switch(true);
        _chip.Level(17).ShouldBe(activeHigh);
    }

    [Fact]
    public void The_siren_goes_off_by_itself_at_its_maximum_time()
    {
        using var siren = Make();
        siren.Switch(true);
        _clock.Advance(TimeSpan.FromSeconds(179.9));
        _chip.Level(17).ShouldBeTrue();
        _clock.Advance(TimeSpan.FromSeconds(0.2));
        _chip.Level(17).ShouldBeFalse();
        siren.WasCut.ShouldBeTrue();
        _clock.Advance(TimeSpan.FromHours(1));
        _chip.Level(17).ShouldBeFalse("the same wish does not open it again");
    }

    /// <summary>A system's timers go by a coarse clock: on Linux one may come as many milliseconds too early as a tick of the kernel has.</summary>
    [Fact]
    public void A_timer_that_comes_too_early_is_no_reason_to_howl_on_nor_to_stay_silent()
    {
        using var siren = Make(new EarlyTimers(_clock));
        siren.Click(TimeSpan.FromSeconds(0.2)).ShouldBeTrue();
        _clock.Advance(TimeSpan.FromSeconds(1));
        _chip.Level(17).ShouldBeFalse("the click is over");
        siren.Switch(true);
        _clock.Advance(TimeSpan.FromSeconds(181));
        _chip.Level(17).ShouldBeFalse("at its maximum");
        siren.Renew();
        _clock.Advance(TimeSpan.FromSeconds(31));
        _chip.Level(17).ShouldBeTrue("rested, and wanted");
    }

    [Fact]
    public void After_a_time_on_the_siren_rests_before_it_goes_on_again()
    {
        using var siren = Make();
        siren.Switch(true);
        _clock.Advance(TimeSpan.FromSeconds(10));
        siren.Switch(false);
        _clock.Advance(TimeSpan.FromSeconds(5));
        siren.Switch(true);
        _chip.Level(17).ShouldBeFalse();
        _clock.Advance(TimeSpan.FromSeconds(24.9));
        _chip.Level(17).ShouldBeFalse();
        _clock.Advance(TimeSpan.FromSeconds(0.2));
        _chip.Level(17).ShouldBeTrue();
    }

    [Fact]
    public void A_siren_that_is_no_longer_wanted_does_not_go_on_after_its_rest()
    {
        using var siren = Make();
        siren.Switch(true);
        siren.Switch(false);
        siren.Switch(true);
        siren.Switch(false);
        _clock.Advance(TimeSpan.FromHours(1));
        _chip.Level(17).ShouldBeFalse();
    }

    private Siren Make(TimeProvider? time = null)
    {
        var limits = new BoardSiren { Pin = 17, MaxOnSeconds = 180, RestSeconds = 30 };
        return new Siren(new Relay(new GpioController(_chip), limits), limits, time ?? _clock);
    }

    /// <summary>Its timers come eight milliseconds before their time.</summary>
    private sealed class EarlyTimers(TimeProvider clock) : TimeProvider
    {
        private static readonly TimeSpan Early = TimeSpan.FromMilliseconds(8);

        public override long TimestampFrequency => clock.TimestampFrequency;

        public override long GetTimestamp() => clock.GetTimestamp();

        public override DateTimeOffset GetUtcNow() => clock.GetUtcNow();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new EarlyTimer(clock.CreateTimer(callback, state, Sooner(dueTime), period));

        private static TimeSpan Sooner(TimeSpan due) => due > Early ? due - Early : due;

        private sealed class EarlyTimer(ITimer timer) : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(Sooner(dueTime), period);

            public void Dispose() => timer.Dispose();

            public ValueTask DisposeAsync() => timer.DisposeAsync();
        }
    }
}
