using Broadcast.Orleans.Tests.Grains;

namespace Broadcast.Orleans.Tests;

public sealed class TurnTests(SiloFixture silo)
{
    private static Signals Signals => SiloFixture.Signals;

    [Fact]
    public async Task A_call_begins_only_when_the_one_before_has_ended()
    {
        var key = Guid.NewGuid().ToString("N");
        var grain = silo.Grains.GetGrain<ITurnGrain>(key);
        var first = grain.Hold("first", key);
        await Signals.Opened($"{key}/first began");
        var second = grain.Mark("second");
        Signals.Open(key);
        await Task.WhenAll(first, second);
        Signals.NotesOn(key).ShouldBe(["first began", "first ended", "second"]);
    }

    [Fact]
    public async Task Calls_of_one_caller_to_one_grain_run_in_the_order_they_were_made()
    {
        var key = Guid.NewGuid().ToString("N");
        var grain = silo.Grains.GetGrain<ITurnGrain>(key);
        var first = grain.Hold("first", key);
        await Signals.Opened($"{key}/first began");
        var rest = Enumerable.Range(0, 20).Select(i => grain.Mark($"{i}")).ToArray();
        Signals.Open(key);
        await Task.WhenAll([first, .. rest]);
        Signals.NotesOn(key).Skip(2).ShouldBe(Enumerable.Range(0, 20).Select(i => $"{i}"));
    }

    [Fact]
    public async Task A_method_that_always_interleaves_runs_while_another_waits()
    {
        var key = Guid.NewGuid().ToString("N");
        var grain = silo.Grains.GetGrain<ITurnGrain>(key);
        var first = grain.Hold("first", key);
        await Signals.Opened($"{key}/first began");
        await grain.MarkBetween("between");
        Signals.Open(key);
        await first;
        Signals.NotesOn(key).ShouldBe(["first began", "between", "first ended"]);
    }

    [Fact]
    public async Task A_reentrant_grain_begins_a_call_while_another_waits()
    {
        var key = Guid.NewGuid().ToString("N");
        var grain = silo.Grains.GetGrain<IReentrantTurnGrain>(key);
        var first = grain.Hold("first", key);
        await Signals.Opened($"{key}/first began");
        await grain.Mark("second");
        Signals.Open(key);
        await first;
        Signals.NotesOn(key).ShouldBe(["first began", "second", "first ended"]);
    }

    [Fact]
    public async Task Two_read_only_calls_run_beside_one_another()
    {
        var key = Guid.NewGuid().ToString("N");
        var grain = silo.Grains.GetGrain<ITurnGrain>(key);
        var first = grain.HoldReading("first", key);
        await Signals.Opened($"{key}/first began");
        await grain.MarkReading("second");
        Signals.Open(key);
        await first;
        Signals.NotesOn(key).ShouldBe(["first began", "second", "first ended"]);
    }

    [Fact]
    public async Task A_read_only_call_waits_for_one_that_is_not()
    {
        var key = Guid.NewGuid().ToString("N");
        var grain = silo.Grains.GetGrain<ITurnGrain>(key);
        var first = grain.Hold("first", key);
        await Signals.Opened($"{key}/first began");
        var second = grain.MarkReading("second");
        Signals.Open(key);
        await Task.WhenAll(first, second);
        Signals.NotesOn(key).ShouldBe(["first began", "first ended", "second"]);
    }

    [Fact]
    public async Task A_call_that_is_not_read_only_waits_for_one_that_is()
    {
        var key = Guid.NewGuid().ToString("N");
        var grain = silo.Grains.GetGrain<ITurnGrain>(key);
        var first = grain.HoldReading("first", key);
        await Signals.Opened($"{key}/first began");
        var second = grain.Mark("second");
        Signals.Open(key);
        await Task.WhenAll(first, second);
        Signals.NotesOn(key).ShouldBe(["first began", "first ended", "second"]);
    }

    [Fact]
    public async Task An_await_between_read_and_write_loses_no_update()
    {
        var grain = silo.Grains.GetGrain<ITurnGrain>(Guid.NewGuid().ToString("N"));
        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => grain.Count(20)));
        (await grain.Counted()).ShouldBe(1000);
    }

    [Fact]
    public async Task The_continuations_of_a_grain_stay_on_its_own_scheduler()
    {
        var grain = silo.Grains.GetGrain<ITurnGrain>(Guid.NewGuid().ToString("N"));
        (await grain.SchedulerStays()).ShouldBe("stays");
    }

    [Fact]
    public async Task Other_grains_go_on_while_one_waits()
    {
        var key = Guid.NewGuid().ToString("N");
        var first = silo.Grains.GetGrain<ITurnGrain>(key).Hold("first", key);
        await silo.Grains.GetGrain<ITurnGrain>(key + "2").Mark("second");
        first.IsCompleted.ShouldBeFalse();
        Signals.Open(key);
        await first;
    }

    [Fact]
    public async Task Ten_thousand_calls_across_a_thousand_grains_are_all_counted()
    {
        var run = Guid.NewGuid().ToString("N");
        var grains = Enumerable.Range(0, 1000).Select(i => silo.Grains.GetGrain<ITurnGrain>($"{run}/{i}")).ToArray();
        await Task.WhenAll(Enumerable.Range(0, 10_000).Select(i => grains[i % 1000].Count(1)));
        var counts = await Task.WhenAll(grains.Select(g => g.Counted()));
        counts.ShouldAllBe(n => n == 10);
    }
}
