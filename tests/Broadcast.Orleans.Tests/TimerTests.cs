using Broadcast.Orleans.Tests.Grains;

namespace Broadcast.Orleans.Tests;

public sealed class TimerTests(SiloFixture silo)
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(20);

    private static Signals Signals => SiloFixture.Signals;

    private ITimerGrain NewGrain(out string key) => silo.Grains.GetGrain<ITimerGrain>(key = Guid.NewGuid().ToString("N"));

    [Fact]
    public async Task A_timer_ticks_again_and_again()
    {
        var grain = NewGrain(out var key);
        await grain.Start("tick", TimeSpan.Zero, Short, interleave: false, keepAlive: false);
        await Signals.Opened(key + "/tick 3");
        await grain.Stop();
    }

    [Fact]
    public async Task A_timer_without_a_period_ticks_once()
    {
        var grain = NewGrain(out var key);
        await grain.Start("once", TimeSpan.Zero, Timeout.InfiniteTimeSpan, interleave: false, keepAlive: false);
        await Signals.Opened(key + "/tick 1");
        var other = NewGrain(out var otherKey);
        await other.Start("tick", TimeSpan.Zero, Short, interleave: false, keepAlive: false);
        await Signals.Opened(otherKey + "/tick 3");
        await other.Stop();
        Signals.NotesOn(key).ShouldBe(["once"]);
    }

    [Fact]
    public async Task A_tick_waits_for_the_call_that_runs()
    {
        var grain = NewGrain(out var key);
        await grain.Start("tick", Short, Timeout.InfiniteTimeSpan, interleave: false, keepAlive: false);
        var held = grain.Hold("call", key);
        await OtherTicks(3);
        Signals.NotesOn(key).ShouldBe(["call began"]);
        Signals.Open(key);
        await held;
        await Signals.Opened(key + "/tick 1");
        Signals.NotesOn(key).ShouldBe(["call began", "call ended", "tick"]);
    }

    [Fact]
    public async Task A_tick_that_interleaves_does_not_wait_for_the_call_that_runs()
    {
        var grain = NewGrain(out var key);
        await grain.Start("tick", TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan, interleave: true, keepAlive: false);
        var held = grain.Hold("call", key);
        await Signals.Opened(key + "/tick 1");
        Signals.Open(key);
        await held;
        Signals.NotesOn(key).ShouldBe(["call began", "tick", "call ended"]);
    }

    [Fact]
    public async Task A_tick_that_fails_does_not_stop_the_next()
    {
        var grain = NewGrain(out var key);
        await grain.StartFailing("tick", Short);
        await Signals.Opened(key + "/tick 3");
        await grain.Stop();
    }

    [Fact]
    public async Task A_timer_that_is_changed_keeps_to_the_new_times()
    {
        var grain = NewGrain(out var key);
        await grain.Start("tick", Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan, interleave: false, keepAlive: false);
        await grain.Change(TimeSpan.Zero, Short);
        await Signals.Opened(key + "/tick 3");
        await grain.Stop();
    }

    [Fact]
    public async Task A_timer_that_is_disposed_of_ticks_no_more()
    {
        var grain = NewGrain(out var key);
        await grain.StopFromTick("tick", Short);
        await Signals.Opened(key + "/tick 1");
        await OtherTicks(3);
        Signals.NotesOn(key).ShouldBe(["tick"]);
    }

    [Fact]
    public async Task Disposing_of_a_timer_cancels_the_tick_that_runs()
    {
        var grain = NewGrain(out var key);
        await grain.StartHeld("held", key);
        await Signals.Opened($"{key}/held began");
        var stopping = grain.Leave();
        Signals.Open(key);
        await stopping;
        await Signals.Opened($"{key}/held ended");
    }

    [Fact]
    public async Task A_timer_ends_with_its_activation()
    {
        var grain = NewGrain(out var key);
        await grain.Start("tick", TimeSpan.Zero, Short, interleave: false, keepAlive: false);
        await Signals.Opened(key + "/tick 1");
        await grain.Leave();
        await Signals.Opened(key + "/left");
        await OtherTicks(3);
        Signals.NotesOn(key)[^1].ShouldBe("left");
    }

    [Fact]
    public async Task A_negative_period_is_refused() =>
        await Should.ThrowAsync<ArgumentOutOfRangeException>(
            () => NewGrain(out _).Start("tick", TimeSpan.Zero, TimeSpan.FromSeconds(-5), interleave: false, keepAlive: false));

    // Time passes by the ticks of another grain's timer of the same period, not by a sleep.
    private async Task OtherTicks(int count)
    {
        var other = NewGrain(out var key);
        await other.Start("other", TimeSpan.Zero, Short * 2, interleave: false, keepAlive: false);
        await Signals.Opened($"{key}/tick {count}");
        await other.Stop();
    }
}
