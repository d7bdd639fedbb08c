using System.Buffers.Binary;
using Broadcast.Cloud.Live;
using Broadcast.Rules;
using Broadcast.Testing;

namespace Broadcast.Cloud.Tests;

public sealed class LiveTests
{
    private static readonly DeviceId Listener = new("d1");

    private readonly ManualClock _clock = new();

    [Fact]
    public async Task Every_listener_hears_what_is_said_from_when_it_came_until_the_end()
    {
        var speech = new LiveSpeech(_clock);
        speech.Say(1, [0, 0]).ShouldBeTrue();
        await using var first = speech.ListenAsync(Listener, default).GetAsyncEnumerator();
        var next = first.MoveNextAsync();
        speech.Say(2, [7, 8]);
        (await next).ShouldBeTrue();
        BinaryPrimitives.ReadInt64LittleEndian(first.Current).ShouldBe(2);
        first.Current[8..].ShouldBe([1, 0, 7, 8]);

        speech.End();
        (await first.MoveNextAsync()).ShouldBeFalse();
        speech.Say(3, [0, 0]).ShouldBeFalse();
        await foreach (var _ in speech.ListenAsync(Listener, default)) throw new InvalidOperationException("who comes after the end hears nothing");
    }

    [Fact]
    public async Task A_slow_listener_loses_the_oldest_blocks_and_holds_up_nobody()
    {
        var speech = new LiveSpeech(_clock);
        await using var slow = speech.ListenAsync(Listener, default).GetAsyncEnumerator();
        var next = slow.MoveNextAsync();
        for (var i = 1; i <= 3 * LiveSpeech.BlocksWaitingMax; i++) speech.Say(i, [0, 0]);
        speech.End();
        List<long> heard = [];
        for (var more = await next; more; more = await slow.MoveNextAsync()) heard.Add(BinaryPrimitives.ReadInt64LittleEndian(slow.Current));

        heard.Count.ShouldBeInRange(LiveSpeech.BlocksWaitingMax, LiveSpeech.BlocksWaitingMax + 1);
        heard[^1].ShouldBe(3 * LiveSpeech.BlocksWaitingMax);
        speech.Listeners.ShouldBe(0);
    }

    [Fact]
    public async Task A_speech_whose_speaker_falls_silent_is_over_for_everybody()
    {
        var speech = new LiveSpeech(_clock);
        speech.Say(1, [0, 0]);
        await using var listener = speech.ListenAsync(Listener, default).GetAsyncEnumerator();
        var next = listener.MoveNextAsync();
        _clock.Advance(LiveSpeech.EndsAfter + TimeSpan.FromMilliseconds(1));
        (await next).ShouldBeFalse();
        speech.Say(2, [0, 0]).ShouldBeFalse("nobody is there any more: another order calls them again");
    }

    [Fact]
    public async Task Who_came_late_and_waits_hears_a_speaker_who_begins_later_still()
    {
        var (hall, id) = (new LiveHall(_clock), WarningId.New(_clock));
        hall.Of(id); // Somebody was ordered to listen at once.
        _clock.Advance(TimeSpan.FromMinutes(4));
        await using var late = hall.Of(id).ListenAsync(Listener, default).GetAsyncEnumerator();
        var next = late.MoveNextAsync();
        _clock.Advance(TimeSpan.FromMinutes(2));

        hall.Of(id).Say(1, [0, 0]).ShouldBeTrue();

        (await next.AsTask().WaitAsync(TimeSpan.FromMinutes(1))).ShouldBeTrue("the listener waits at the speech that was begun");
    }

    [Fact]
    public void The_delays_of_listeners_are_in_order()
    {
        var speech = new LiveSpeech(_clock);
        foreach (var (device, delay) in new[] { ("a", 300), ("b", 100), ("c", 200), ("a", 90) }) speech.Heard(new DeviceId(device), delay);
        speech.Delays.ShouldBe([90, 100, 200]);
    }
}
