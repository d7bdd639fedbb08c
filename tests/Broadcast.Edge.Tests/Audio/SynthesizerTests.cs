using Broadcast.Edge.Audio;
using Broadcast.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broadcast.Edge.Tests.Audio;

/// <summary>The real synthesizer, and programs that behave as badly as one can.</summary>
public sealed class SynthesizerTests
{
    [Theory]
    [InlineData("请立即转移到安全地带。", "zh-CN")]
    [InlineData("Leave now.", "en")]
    public async Task A_text_becomes_samples(string text, string language)
    {
        var speech = await SpeakAsync(new SpeechSettings { Arguments = ["-v", "{voice}", "-s", "{rate}", "-b", "1", "--stdin", "--stdout"] }, text, language);
        speech.State.ShouldBe(SpeechState.Complete, speech.Fault);
        speech.Look().Count.ShouldBeGreaterThan(Pcm.SamplesPerSecond / 2);
    }

    [Fact]
    public async Task A_text_that_looks_like_an_option_is_spoken() =>
        (await SpeakAsync(new SpeechSettings { Arguments = ["-b", "1", "--stdin", "--stdout"] }, "--version", "en")).State.ShouldBe(SpeechState.Complete);

    [Theory]
    [InlineData("sleep", "1000", "was silent for 1 s and was killed")]
    [InlineData("false", "", "false")]
    [InlineData("echo", "no sound", "echo")]
    [InlineData("yes", "", "yes: not a WAV stream")]
    [InlineData("no-such-synthesizer", "", "no-such-synthesizer")]
    public async Task A_synthesizer_that_fails_is_named(string engine, string argument, string fault)
    {
        var speech = await SpeakAsync(new SpeechSettings { Engine = engine, Arguments = argument.Length == 0 ? [] : [argument], StallSeconds = 1 }, "text", "zh");
        speech.State.ShouldBe(SpeechState.Failed);
        speech.Fault.ShouldContain(fault);
    }

    private static async Task<Speech> SpeakAsync(SpeechSettings settings, string text, string language)
    {
        var speaker = new SynthesizerSpeaker(settings, TimeProvider.System, NullLogger<SynthesizerSpeaker>.Instance);
        var speech = speaker.Begin(text, language, TestContext.Current.CancellationToken);
        await Eventually.HoldsAsync(() => speech.Look().State != SpeechState.Growing, EdgeProcess.Patience);
        return speech;
    }
}
