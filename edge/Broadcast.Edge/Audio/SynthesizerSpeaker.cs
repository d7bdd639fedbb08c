using System.ComponentModel;
using System.Diagnostics;
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
        Process? process = null;
        try
        {
            process = Start(settings.VoiceOf(language));
            // Both ways at once: a synthesizer that speaks while it still listens would otherwise wait for us, and we for it.
            var writing = WriteAsync(process, text, either.Token);
            await ReadAsync(process, speech, stalled, either.Token);
            await writing;
            await process.WaitForExitAsync(either.Token);
            Finish(process, speech);
        }
        catch (OperationCanceledException)
        {
            speech.Fail(stop.IsCancellationRequested ? "stopped" : $"{settings.Engine} was silent for {settings.StallMax.TotalSeconds:0.#} s and was killed");
        }
        catch (Exception failed) when (failed is IOException or Win32Exception or InvalidDataException)
        {
            speech.Fail($"{settings.Engine}: {failed.Message}");
        }
        finally
        {
            Kill(process);
        }
        if (speech.State == SpeechState.Failed && !stop.IsCancellationRequested) LogFailed(speech.Fault);
    }

    private Process Start(string voice)
    {
        var info = new ProcessStartInfo(settings.Engine)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false, StandardInputEncoding = new System.Text.UTF8Encoding(false),
        };
        foreach (var argument in settings.Arguments)
            info.ArgumentList.Add(argument.Replace("{voice}", voice, StringComparison.Ordinal).Replace("{rate}", $"{settings.WordsPerMinute}", StringComparison.Ordinal));
        return Process.Start(info) ?? throw new Win32Exception($"{settings.Engine} did not start");
    }

    private static async Task WriteAsync(Process process, string text, CancellationToken ct)
    {
        await process.StandardInput.WriteAsync(text.AsMemory(), ct);
        process.StandardInput.Close();
    }

    private async Task ReadAsync(Process process, Speech speech, CancellationTokenSource stalled, CancellationToken ct)
    {
        var wav = new WavStream(process.StandardOutput.BaseStream);
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

    private void Finish(Process process, Speech speech)
    {
        if (process.ExitCode != 0) speech.Fail($"{settings.Engine} ended with {process.ExitCode}");
        else if (speech.Look().Count == 0) speech.Fail($"{settings.Engine} said nothing");
        else speech.Complete();
    }

    private void Kill(Process? process)
    {
        if (process is null) return;
        try
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
        catch (Exception gone) when (gone is InvalidOperationException or Win32Exception)
        {
            LogGone(gone.Message); // It ended between the question and the kill.
        }
        process.Dispose();
    }

    [LoggerMessage(1, LogLevel.Error, "No speech: {Fault}")]
    private partial void LogFailed(string fault);

    [LoggerMessage(2, LogLevel.Debug, "The synthesizer was gone before it was killed: {Why}")]
    private partial void LogGone(string why);
}
