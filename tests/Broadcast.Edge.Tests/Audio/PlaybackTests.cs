using Broadcast.Device;
using Broadcast.Edge.Audio;

namespace Broadcast.Edge.Tests.Audio;

public sealed class PlaybackTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    [Fact]
    public void The_speech_follows_the_tone_in_the_next_sample()
    {
        var samples = Render(Make(Spoken(1_000), repetitions: 1, tone: TimeSpan.FromMilliseconds(100)));
        samples[2_204].ShouldBe(0, 0.01, "the tone's last edge");
        samples[2_205].ShouldBe(0.5f, 0.001, "the speech's first sample");
        samples.Count.ShouldBe(2_205 + 1_000);
    }

    [Theory]
    [InlineData(1, 1_000)]
    [InlineData(2, 2_000 + 2_205)]
    [InlineData(20, 20_000 + (19 * 2_205))]
    public void Repetitions_are_parted_by_pauses(int repetitions, int samples) =>
        Render(Make(Spoken(1_000), repetitions)).Count.ShouldBe(samples);

    [Fact]
    public void A_synthesizer_that_never_speaks_fails_the_playback_after_the_patience_and_the_tone_was_heard()
    {
        var playback = Make(new Speech(), 1, TimeSpan.FromMilliseconds(100));
        var samples = Render(playback);
        playback.Failure.ShouldBe(Failure.NoSpeech);
        samples.Take(2_205).Max().ShouldBeGreaterThan(0.5f);
        samples.Count.ShouldBeInRange(2_205 + 44_100, 2_205 + 44_100 + Pcm.BlockSamples);
    }

    [Fact]
    public void A_playback_that_is_stopped_fades_within_60_ms_without_a_step()
    {
        var playback = Make(Spoken(100_000), 1);
        var block = new float[Pcm.BlockSamples];
        playback.MixInto(block);
        playback.FadeOut();
        var samples = Render(playback);
        samples.Count.ShouldBeInRange(1_300, 1_324);
        for (var i = 1; i < samples.Count; i++) Math.Abs(samples[i] - samples[i - 1]).ShouldBeLessThan(0.01f);
        samples[^1].ShouldBeLessThan(0.02f, "it ends in silence, not in a step");
    }

    [Fact]
    public void The_sum_of_everything_never_clips_and_quiet_sound_is_unchanged()
    {
        Mixer.Limit(0.79f).ShouldBe(0.79f);
        Mixer.Limit(-8f).ShouldBeGreaterThan(-0.97f);
        for (var value = 0.7f; value < 3; value += 0.001f)
            Mixer.Limit(value + 0.001f).ShouldBeGreaterThanOrEqualTo(Mixer.Limit(value));
    }

    [Fact]
    public void A_speech_without_end_is_cut_off()
    {
        var speech = new Speech();
        var second = Enumerable.Repeat((short)9_000, Pcm.SamplesPerSecond).ToArray();
        var seconds = 0;
        while (speech.Add(second)) seconds++;
        seconds.ShouldBe(600);
    }

    [Fact]
    public void Silence_at_the_ends_of_a_speech_is_cut_off()
    {
        var speech = new Speech();
        speech.Add([0, 0, 1, 5_000, 0, -6_000, 2, 0, 0]);
        speech.Complete();
        speech.Look().ShouldBe((3, SpeechState.Complete));
    }

    [Theory]
    [InlineData(WarningClass.Programme, 100, 23, 40)]
    [InlineData(WarningClass.Programme, 30, 23, 30)]
    [InlineData(WarningClass.Programme, 100, 6, 90)]
    [InlineData(WarningClass.Programme, 100, 5, 40)]
    [InlineData(WarningClass.Test, 100, 0, 40)]
    [InlineData(WarningClass.Actual, 100, 23, 90)]
    [InlineData(WarningClass.Actual, 10, 12, 60)]
    [InlineData(WarningClass.LocalAlarm, 0, 3, 60)]
    public void The_night_limits_everything_but_actual_warnings(WarningClass warningClass, int volume, int hour, int percent) =>
        Loudness.Percent(new Order { Class = warningClass, Volume = volume }, new SoundSettings { VolumeMax = 90 }, hour).ShouldBe(percent);

    [Fact]
    public void A_recording_wins_over_the_text_and_what_frames_it_is_said_around_it()
    {
        var recording = new Speech();
        recording.Give([.. Enumerable.Repeat((short)8_192, 500)]);
        var script = new Script(() => Spoken(1_000)) { Recording = recording, Before = Spoken(100), After = Spoken(200) };
        var samples = Render(Make(script, repetitions: 2));
        samples.Count.ShouldBe((2 * (100 + 500 + 200)) + 2_205);
        samples[99].ShouldBe(0.5f, 0.001);
        samples[100].ShouldBe(0.25f, 0.001);
        samples[600].ShouldBe(0.5f, 0.001);
    }

    [Fact]
    public void A_recording_that_comes_late_is_heard_from_the_next_repetition_on()
    {
        var recording = new Speech();
        var script = new Script(() => Spoken(1_000)) { Recording = recording, Patience = TimeSpan.FromMilliseconds(100) };
        var playback = Make(script, repetitions: 2);
        var early = new float[2_205 + 500];
        for (var i = 0; i < early.Length; i++) playback.MixInto(early.AsSpan(i, 1));
        recording.Give([.. Enumerable.Repeat((short)8_192, 500)]);

        var rest = Render(playback);

        early[2_204].ShouldBe(0, "a tenth of a second it was waited for");
        early[^1].ShouldBe(0.5f, 0.001);
        rest[499].ShouldBe(0.5f, 0.001, "no sentence is broken off for it");
        rest.Count.ShouldBe(500 + 2_205 + 500);
        rest[^1].ShouldBe(0.25f, 0.001);
    }

    [Fact]
    public void A_recording_that_fails_costs_no_time_and_the_text_is_said()
    {
        var recording = new Speech();
        recording.Fail("gone");
        var samples = Render(Make(new Script(() => Spoken(1_000)) { Recording = recording, Before = Spoken(100), Patience = Patience }, 1));
        samples.Count.ShouldBe(1_000, "the text has its frame in itself");
    }

    private static Speech Spoken(int samples)
    {
        var speech = new Speech();
        speech.Add(Enumerable.Repeat((short)16_384, samples).ToArray());
        speech.Complete();
        return speech;
    }

    private static Playback Make(Speech speech, int repetitions, TimeSpan tone = default) => Make(new Script(() => speech), repetitions, tone);

    private static Playback Make(Script script, int repetitions, TimeSpan tone = default) =>
        new(new PlaybackPlan(1, new Tone(ToneKind.TwoTone, tone), script, repetitions, TimeSpan.FromMilliseconds(100), 1, 0), Patience);

    // In blocks of one sample the end is exact.
    private static List<float> Render(Playback playback)
    {
        List<float> samples = [];
        var one = new float[1];
        while (true)
        {
            one[0] = 0;
            playback.MixInto(one);
            if (playback.IsOver) return samples;
            samples.Add(one[0]);
        }
    }
}
