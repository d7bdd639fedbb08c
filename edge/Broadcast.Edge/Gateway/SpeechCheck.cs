using Broadcast.Edge.Audio;
using Microsoft.Extensions.Logging;

namespace Broadcast.Edge.Gateway;

/// <summary>
/// Speaks a word to nobody: at the start, so that a missing synthesizer is known before a warning needs it and its files are in the
/// page cache, and in the self-test.
/// </summary>
internal sealed partial class SpeechCheck(ISpeaker speaker, SpeechSettings settings, TimeProvider time, ILogger<SpeechCheck> logger)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    /// <summary>What is wrong with speech; empty when it works.</summary>
    public async Task<string> RunAsync(CancellationToken ct)
    {
        var speech = speaker.Begin("测试", "zh-CN", ct);
        using var timer = new PeriodicTimer(Look, time);
        while (speech.Look().State == SpeechState.Growing) await timer.WaitForNextTickAsync(ct);
        var fault = speech.State == SpeechState.Failed ? speech.Fault : "";
        if (fault.Length > 0) LogFault(settings.Engine, fault);
        return fault;
    }

    [LoggerMessage(1, LogLevel.Error, "{Engine} cannot speak: {Fault}; install it, or warnings will be a tone alone")]
    private partial void LogFault(string engine, string fault);
}
