using Broadcast.Edge.Audio;
using Broadcast.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broadcast.Edge.Tests.Audio;

[Collection(InQuiet.Name)]
public sealed class SoundLoopTests
{
    [Fact]
    public async Task After_a_machine_has_stood_still_the_sound_goes_on_at_its_pace_and_nothing_is_pushed_ahead_of_a_cancel()
    {
        var time = new StumblingClock();
        var output = new CountingOutput();
        using var sound = new SoundLoop(output, NullLogger<SoundLoop>.Instance, time);
        await sound.StartAsync(TestContext.Current.CancellationToken);
        sound.Play(new Playback(new PlaybackPlan(1, new Tone(ToneKind.TwoTone, TimeSpan.FromSeconds(60)), null, 1, TimeSpan.Zero, 1, 0), TimeSpan.Zero));
        await Eventually.HoldsAsync(() => output.Blocks > 10, EdgeProcess.Patience);

        time.StandStill(TimeSpan.FromSeconds(5));
        var (began, before) = (TimeProvider.System.GetTimestamp(), output.Blocks);
        await Eventually.HoldsAsync(() => output.Blocks - before > 40, EdgeProcess.Patience);
        TimeProvider.System.GetElapsedTime(began).ShouldBeGreaterThan(TimeSpan.FromMilliseconds(400), "forty blocks are 0.8 s of sound");
        await sound.StopAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>A machine that is out of memory, or asleep: its threads find that time has gone.</summary>
    private sealed class StumblingClock : TimeProvider
    {
        private long _ahead;

        public override long GetTimestamp() => System.GetTimestamp() + Interlocked.Read(ref _ahead);

        public void StandStill(TimeSpan time) => Interlocked.Add(ref _ahead, (long)(time.TotalSeconds * TimestampFrequency));
    }

    private sealed class CountingOutput : ISoundOutput
    {
        private int _blocks;

        public int Blocks => Volatile.Read(ref _blocks);

        public TimeSpan Lead => TimeSpan.FromMilliseconds(80);

        public void Open()
        {
        }

        public void Write(ReadOnlySpan<short> block) => Interlocked.Increment(ref _blocks);

        public void Close()
        {
        }
    }
}
