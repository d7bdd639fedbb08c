using System.Runtime.CompilerServices;

namespace Broadcast.Testing;

/// <summary>
/// Waits for what another process does, which no clock of ours can advance: asks again at a short interval until it holds.
/// Inside one process wait on an event and advance <see cref="ManualClock"/> instead.
/// </summary>
public static class Eventually
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    /// <exception cref="TimeoutException">It did not hold in time; the message names the condition.</exception>
    public static Task HoldsAsync(Func<bool> holds, TimeSpan within, [CallerArgumentExpression(nameof(holds))] string condition = "") =>
        HoldsAsync(() => Task.FromResult(holds()), within, condition);

    /// <exception cref="TimeoutException">It did not hold in time; the message names the condition.</exception>
    public static async Task HoldsAsync(Func<Task<bool>> holds, TimeSpan within, [CallerArgumentExpression(nameof(holds))] string condition = "")
    {
        var start = TimeProvider.System.GetTimestamp();
        using var timer = new PeriodicTimer(Interval);
        while (!await holds())
        {
            if (TimeProvider.System.GetElapsedTime(start) > within) throw new TimeoutException($"Not within {within}: {condition}");
            await timer.WaitForNextTickAsync();
        }
    }
}
