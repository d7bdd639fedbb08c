using System.Diagnostics;

namespace Broadcast.Benchmarks.Measuring;

/// <summary>Waits that disturb nothing.</summary>
internal static class Quiet
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(500);

    /// <summary>Collects this process' garbage and lets what still runs come to rest, so that a round pays for itself alone.</summary>
    public static async Task SettleAsync()
    {
#pragma warning disable RS0030 // Banned for the product; here the collector must not run in the middle of a round because of the round before.
        GC.Collect();
        GC.WaitForPendingFinalizers();
#pragma warning restore RS0030
        await Task.Delay(Settle);
    }

    public static async Task UntilAsync(Func<bool> holds, TimeSpan within, string what)
    {
        var since = Stopwatch.GetTimestamp();
        while (!holds())
        {
            if (Stopwatch.GetElapsedTime(since) > within) throw new TimeoutException($"Not within {within}: {what}.");
            await Task.Delay(Look);
        }
    }
}
