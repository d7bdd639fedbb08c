using Broadcast.Orleans.Tests.Grains;

namespace Broadcast.Orleans.Tests;

public sealed class FailureTests(SiloFixture silo)
{
    // A call that is never given up would hang its test; ten times the silo's time-out is enough on any machine.
    private const int HangMilliseconds = 20_000;

    private static Signals Signals => SiloFixture.Signals;

    private IFailureGrain NewGrain(out string key) => silo.Grains.GetGrain<IFailureGrain>(key = Guid.NewGuid().ToString("N"));

    [Fact]
    public async Task What_a_grain_throws_reaches_its_caller()
    {
        var grain = NewGrain(out _);
        (await Should.ThrowAsync<InvalidDataException>(() => grain.ThrowAtOnce("at once"))).Message.ShouldBe("at once");
        (await Should.ThrowAsync<InvalidDataException>(() => grain.ThrowLater("later"))).Message.ShouldBe("later");
        (await Should.ThrowAsync<InvalidDataException>(() => grain.ThrowFromValueTask("value").AsTask())).Message.ShouldBe("value");
    }

    [Fact]
    public async Task A_grain_that_threw_answers_the_next_call()
    {
        var grain = NewGrain(out _);
        await Should.ThrowAsync<InvalidDataException>(() => grain.ThrowAtOnce("x"));
        (await grain.Answer()).ShouldBe(42);
    }

    [Fact(Timeout = HangMilliseconds)]
    public async Task A_cycle_of_calls_ends_with_a_time_out()
    {
        var grain = NewGrain(out _);
        await Should.ThrowAsync<TimeoutException>(() => grain.CallBack(NewGrain(out _), allow: false));
    }

    [Fact]
    public async Task A_cycle_of_calls_is_answered_where_the_chain_may_come_back()
    {
        var grain = NewGrain(out _);
        (await grain.CallBack(NewGrain(out _), allow: true)).ShouldBe(42);
    }

    [Fact(Timeout = HangMilliseconds)]
    public async Task A_method_with_its_own_time_out_ends_then()
    {
        var grain = NewGrain(out var key);
        await Should.ThrowAsync<TimeoutException>(() => grain.HoldBriefly(key));
        Signals.Open(key);
    }

    [Fact(Timeout = HangMilliseconds)]
    public async Task A_call_that_was_given_up_while_it_waited_never_runs()
    {
        var grain = NewGrain(out var key);
        var held = grain.Hold(key);
        await Signals.Opened(key + " began");
        var waiting = grain.Mark("late");
        await Should.ThrowAsync<TimeoutException>(() => waiting);
        Signals.Open(key);
        await Should.ThrowAsync<TimeoutException>(() => held);
        await grain.Mark("next");
        Signals.NotesOn(key).ShouldBe(["next"]);
    }

    [Fact]
    public async Task A_one_way_call_is_done_when_it_is_sent()
    {
        var grain = NewGrain(out var key);
        await grain.Tell(key);
        Signals.Open(key);
        await Signals.Opened(key + " told");
    }

    [Fact]
    public async Task The_failure_of_a_one_way_call_reaches_nobody()
    {
        var grain = NewGrain(out var key);
        await grain.TellAndFail(key);
        await Signals.Opened(key);
        (await grain.Answer()).ShouldBe(42);
    }

    [Fact]
    public async Task A_token_that_is_cancelled_already_stops_the_call_before_it_is_sent()
    {
        var grain = NewGrain(out var key);
        await Should.ThrowAsync<OperationCanceledException>(async () => await grain.WaitForCancellation("first", new CancellationToken(true)));
        await grain.Answer();
        Signals.NotesOn(key).ShouldBeEmpty();
    }

    [Fact]
    public async Task Cancelling_reaches_the_grain_and_the_caller_does_not_wait_for_it()
    {
        var grain = NewGrain(out var key);
        using var source = new CancellationTokenSource();
        var call = grain.WaitForCancellation("first", source.Token);
        await Signals.Opened($"{key}/first began");
        await source.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => call);
        await Signals.Opened($"{key}/first cancelled");
    }

    [Fact]
    public async Task A_call_that_is_cancelled_while_it_waits_ends_for_its_caller_at_once()
    {
        var grain = NewGrain(out var key);
        var held = grain.Hold(key);
        await Signals.Opened(key + " began");
        using var source = new CancellationTokenSource();
        var call = grain.WaitForCancellation("second", source.Token);
        await source.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => call);
        held.IsCompleted.ShouldBeFalse("the caller was to be told while the grain was still busy");
        Signals.Open(key);
        await held;
        // The grain hears of the cancellation by a message of its own, so the packages let the call begin now and then: its token is cancelled already.
        await grain.Mark("third");
        Signals.NotesOn(key).ShouldContain("third");
    }

    [Fact]
    public async Task The_request_context_travels_with_a_call_and_on_from_there_but_not_back()
    {
        RequestContext.Set("operator", "li");
        (await NewGrain(out _).Context("operator")).ShouldBe("li");
        (await NewGrain(out _).ContextOfOther(NewGrain(out _), "operator")).ShouldBe("li");
        RequestContext.Get("operator").ShouldBe("li");
        RequestContext.Clear();
        (await NewGrain(out _).Context("operator")).ShouldBe("none");
    }
}
