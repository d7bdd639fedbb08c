using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace Broadcast.Edge.Audio;

/// <summary>
/// Speaks with a local synthesizer: a program that takes UTF-8 text on its standard input and writes WAV to its standard
/// output (<c>espeak-ng</c> by default; the engine is a setting). The text never becomes an argument. A synthesizer that
/// hangs is killed: silence for <see cref="SpeechSettings.StallMax"/> ends it.
/// </summary>
internal sealed partial class SynthesizerSpeaker(SpeechSettings settings, TimeProvider time, ILogger<SynthesizerSpeaker> logger) : ISpeaker
{
    public Speech Begin(string text, string language, CancellationToken stop)
    {
        var speech = new Speech();
        _ = Task.Run(() => SpeakAsync(speech, text, language, stop), CancellationToken.None);
        return speech;
    }

    private async Task SpeakAsync(Speech speech, string text, string language, CancellationToken stop)
    {
        using var stalled = new CancellationTokenSource(settings.StallMax, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stalled.Token, stop);
        try
        {
            using var program = Start(settings.VoiceOf(language));
            // Both ways at once: a synthesizer that speaks while it still listens would otherwise wait for us, and we for it.
            var writing = program.WriteAsync(text, either.Token);
            await ReadAsync(program, speech, stalled, either.Token);
            await writing;
            await program.WaitForExitAsync(either.Token);
            Finish(program, speech);
        }
        catch (OperationCanceledException)
        {
            speech.Fail(stop.IsCancellationRequested ? "stopped" : $"{settings.Engine} was silent for {settings.StallMax.TotalSeconds:0.#} s and was killed");
        }
        catch (Exception failed) when (failed is IOException or Win32Exception or InvalidDataException)
        {
            speech.Fail($"{settings.Engine}: {failed.Message}");
        }
        if (speech.State == SpeechState.Failed && !stop.IsCancellationRequested) LogFailed(speech.Fault);
    }

    private AudioProgram Start(string voice) => AudioProgram.Start(settings.Engine, settings.Arguments.Select(argument =>
        argument.Replace("{voice}", voice, StringComparison.Ordinal).Replace("{rate}", $"{settings.WordsPerMinute}", StringComparison.Ordinal)));

    private async Task ReadAsync(AudioProgram program, Speech speech, CancellationTokenSource stalled, CancellationToken ct)
    {
        var wav = new WavStream(program.Output);
        await wav.ReadHeaderAsync(ct);
        var block = new byte[16 * 1024];
        while (true)
        {
            var count = await wav.ReadAsync(block, ct);
            if (count == 0) return;
            // Each word of it is a sign of life.
            stalled.CancelAfter(settings.StallMax);
            if (!speech.Add(MemoryMarshal.Cast<byte, short>(block.AsSpan(0, count)))) throw new InvalidDataException("it speaks without end");
        }
    }

    private void Finish(AudioProgram program, Speech speech)
    {
        if (program.ExitCode != 0) speech.Fail($"{settings.Engine} ended with {program.ExitCode}");
        else if (speech.Look().Count == 0) speech.Fail($"{settings.Engine} said nothing");
        else speech.Complete();
    }

    [LoggerMessage(1, LogLevel.Error, "No speech: {Fault}")]
    private partial void LogFailed(string fault);
}
