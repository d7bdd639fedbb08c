using System.Diagnostics;

namespace Broadcast.Hostile.Tests.Fuzzing;

/// <summary>
/// Looks from a thread of its own at how long the present input takes: what hangs cannot look at itself. A hang ends the process, since
/// nothing else ends a thread that computes; the message names the input.
/// </summary>
internal sealed class Watchdog : IDisposable
{
    /// <summary>A reader takes microseconds; a thread at idle priority on a busy machine may wait seconds for its turn.</summary>
    private static readonly TimeSpan OneInputMax = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    private readonly ManualResetEventSlim _over = new();
    private readonly Func<string> _describe;
    private long _began;

    /// <param name="describe">Names the present input.</param>
    public Watchdog(Func<string> describe)
    {
        _describe = describe;
        new Thread(Watch) { IsBackground = true, Name = "fuzz watchdog" }.Start();
    }

    /// <summary>An input begins now; the timestamp.</summary>
    public long Begin()
    {
        var now = Stopwatch.GetTimestamp();
        Volatile.Write(ref _began, now);
        return now;
    }

    /// <summary>It is over; the timestamp.</summary>
    public long End()
    {
        Volatile.Write(ref _began, 0);
        return Stopwatch.GetTimestamp();
    }

    public void Dispose() => _over.Set();

    private void Watch()
    {
        while (!_over.Wait(Look))
        {
            var began = Volatile.Read(ref _began);
            if (began != 0 && Stopwatch.GetElapsedTime(began) > OneInputMax) Environment.FailFast("An input hangs: " + _describe());
        }
    }
}
