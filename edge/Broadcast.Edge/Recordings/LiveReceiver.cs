using System.Globalization;
using Broadcast.Device;
using Broadcast.Edge.Audio;
using Microsoft.Extensions.Logging;

namespace Broadcast.Edge.Recordings;

/// <summary>
/// Hears a live speech over an HTTPS stream of its own, so that no order ever waits behind a voice. Blocks that come late are left out,
/// not heard late: after a stall of the line the voice is again where the speaker is. Every two seconds the cloud is told the delay.
/// </summary>
internal sealed partial class LiveReceiver(CloudDoor door, ISoundOutput output, TimeProvider time, ILogger<LiveReceiver> logger)
{
    /// <summary>How long silence waits for somebody to begin, or to come back.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>More than this ahead of the loudspeaker, and a block is left out.</summary>
    internal static readonly TimeSpan AheadMax = TimeSpan.FromMilliseconds(400);

    /// <summary>The cloud ends a speech whose speaker's line is silent for 3 s. A stream that has begun and gives nothing for longer is a dead line.</summary>
    private static readonly TimeSpan SilenceMax = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan TellEvery = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan RetryEvery = TimeSpan.FromMilliseconds(500);

    /// <summary>Set by the gateway: the device's wall time in UTC milliseconds.</summary>
    public Func<long> WallMs { get; set; } = () => 0;

    /// <summary>Begins to listen; the speech grows as somebody speaks and completes when they have ended.</summary>
    public Speech Begin(Order order, CancellationToken stop)
    {
        var speech = new Speech();
        _ = Task.Run(() => ListenAsync(order.WarningId, speech, stop), CancellationToken.None);
        return speech;
    }

    private async Task ListenAsync(byte[] warningId, Speech speech, CancellationToken stop)
    {
        try
        {
            // The playback's patience ends it where nobody ever speaks: its end cancels.
            while (!await HearAsync(warningId, speech, stop)) await Task.Delay(RetryEvery, time, stop);
            speech.Complete();
        }
        catch (OperationCanceledException)
        {
            speech.Fail("stopped");
        }
    }

    // True when the speech has ended, false when the line broke.
    private async Task<bool> HearAsync(byte[] warningId, Speech speech, CancellationToken stop)
    {
        var path = $"api/live/{Convert.ToHexStringLower(warningId)}";
        try
        {
            using var request = door.Ask(HttpMethod.Get, path, AudioTicket.LiveName(warningId), WallMs());
            using var response = await door.SendAsync(request, stop);
            if (!response.IsSuccessStatusCode)
            {
                LogRefused((int)response.StatusCode);
                return false;
            }
            LogListening();
            await using var body = await response.Content.ReadAsStreamAsync(stop);
            await TakeAsync(body, speech, path, warningId, stop);
            return true;
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException || (broken is OperationCanceledException && !stop.IsCancellationRequested))
        {
            LogBroken(broken.Message);
            return false;
        }
    }

    private async Task TakeAsync(Stream body, Speech speech, string path, byte[] warningId, CancellationToken stop)
    {
        var blocks = new LiveBlocks(body);
        var (told, late) = (time.GetTimestamp() - time.TimestampFrequency, 0);
        using var silence = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, stop);
        while (await blocks.NextAsync(either.Token))
        {
            silence.CancelAfter(SilenceMax);
            var ahead = speech.Ahead;
            if (ahead > AheadMax) late++;
            else if (!speech.Add(blocks.Sound)) return; // Ten minutes: nobody listens longer.
            var delay = WallMs() - blocks.CapturedMs + (ahead + output.Lead).TotalMilliseconds;
            if (time.GetElapsedTime(told) < TellEvery) continue;
            told = time.GetTimestamp();
            LogDelay(delay, late);
            _ = TellAsync(path, warningId, delay, stop);
        }
    }

    private async Task TellAsync(string path, byte[] warningId, double delayMs, CancellationToken stop)
    {
        try
        {
            using var request = door.Ask(HttpMethod.Post, string.Create(CultureInfo.InvariantCulture, $"{path}/heard?delayMs={delayMs:0}"), AudioTicket.LiveName(warningId), WallMs());
            using var answer = await door.SendAsync(request, stop);
        }
        catch (Exception lost) when (lost is HttpRequestException or OperationCanceledException)
        {
            LogBroken(lost.Message); // The next one tells it.
        }
    }

    [LoggerMessage(1, LogLevel.Information, "live: {Delay:0} ms from the microphone to the loudspeaker, {Late} blocks left out")]
    private partial void LogDelay(double delay, int late);

    [LoggerMessage(4, LogLevel.Information, "live: listening")]
    private partial void LogListening();

    [LoggerMessage(2, LogLevel.Warning, "The live speech broke off: {Why}")]
    private partial void LogBroken(string why);

    [LoggerMessage(3, LogLevel.Warning, "The cloud gives no live speech: {Status}")]
    private partial void LogRefused(int status);
}
