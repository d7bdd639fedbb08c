using System.Device.Gpio;
using Broadcast.Edge.Hardware;
using Broadcast.Testing;

namespace Broadcast.Edge.Tests.Hardware;

public sealed class ContactTests
{
    private const int Pin = 25;
    private readonly ManualClock _clock = new();
    private readonly Bcm2711 _chip = new();

    /// <summary>The storm is generated: closings of 40 to 120 ms, bounces of up to 5 ms at both ends, spikes between, by a seed.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(20260721)]
    public void A_hundred_thousand_bouncing_tips_are_counted_exactly(int seed)
    {
        const int Tips = 100_000;
        using var contact = Make();
        var random = new Random(seed);
        for (var tip = 0; tip < Tips; tip++)
        {
            Bounce(random, closed: true);
            _clock.Advance(Milliseconds(random, 40, 120));
            Bounce(random, closed: false);
            _clock.Advance(Milliseconds(random, 40, 400));
            if (random.Next(4) == 0) Spike(random);
        }
        contact.Closings.ShouldBe(Tips, $"seed {seed}");
    }

    [Fact]
    public void A_button_is_told_once_when_it_has_settled()
    {
        using var contact = Make();
        List<bool> told = [];
        contact.Settled += told.Add;
        Bounce(new Random(3), closed: true);
        told.ShouldBeEmpty();
        _clock.Advance(TimeSpan.FromMilliseconds(20));
        told.ShouldBe([true]);
        Bounce(new Random(4), closed: false);
        _clock.Advance(TimeSpan.FromMilliseconds(20));
        told.ShouldBe([true, false]);
    }

    [Fact]
    public void A_press_that_is_over_before_the_timer_comes_is_told_all_the_same()
    {
        var late = new LateTimers();
        using var contact = new Contact(new GpioController(_chip), new BoardInput { Pin = Pin, SettleMs = 10 }, late);
        List<bool> told = [];
        contact.Settled += told.Add;
        _chip.Wire(Pin, high: false);
        late.Now += TimeSpan.FromMilliseconds(50).Ticks;
        _chip.Wire(Pin, high: true);
        told.ShouldBe([true]);
    }

    [Fact]
    public void An_edge_that_the_kernel_dropped_is_made_up_for_by_the_level()
    {
        using var contact = Make();
        List<bool> told = [];
        contact.Settled += told.Add;
        _chip.Wire(Pin, high: false);
        _chip.LosesEdges = true; // More bounces than it keeps, on a machine that is busy.
        _chip.Wire(Pin, high: true);
        _chip.LosesEdges = false;
        _clock.Advance(TimeSpan.FromSeconds(1));
        contact.IsClosed.ShouldBeFalse("a talk button that nobody holds, a bucket that does not hang");
        (told.Count == 0 || !told[^1]).ShouldBeTrue();
    }

    [Fact]
    public void A_contact_that_is_closed_at_the_start_is_no_closing()
    {
        _chip.Wire(Pin, high: false);
        using var contact = Make();
        _clock.Advance(TimeSpan.FromSeconds(1));
        contact.IsClosed.ShouldBeTrue();
        contact.Closings.ShouldBe(0);
    }

    private static TimeSpan Milliseconds(Random random, int least, int most) => TimeSpan.FromMilliseconds(random.Next(least, most));

    private Contact Make() => new(new GpioController(_chip), new BoardInput { Pin = Pin, SettleMs = 10 }, _clock);

    private void Bounce(Random random, bool closed)
    {
        for (var bounces = random.Next(12); bounces > 0; bounces--)
        {
            _chip.Wire(Pin, high: !closed);
            _clock.Advance(TimeSpan.FromMicroseconds(random.Next(20, 400)));
            _chip.Wire(Pin, high: closed);
            _clock.Advance(TimeSpan.FromMicroseconds(random.Next(20, 400)));
        }
        _chip.Wire(Pin, high: !closed);
    }

    // Lightning in the cable: a closing far too short to be one.
    private void Spike(Random random)
    {
        _chip.Wire(Pin, high: false);
        _clock.Advance(TimeSpan.FromMicroseconds(random.Next(1, 900)));
        _chip.Wire(Pin, high: true);
        _clock.Advance(Milliseconds(random, 20, 40));
    }

    /// <summary>A machine so busy that no timer ever comes.</summary>
    private sealed class LateTimers : TimeProvider
    {
        public long Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            new ManualClock().CreateTimer(callback, state, Timeout.InfiniteTimeSpan, period);
    }
}
