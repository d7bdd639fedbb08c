namespace Broadcast.Cli.Api;

/// <summary>How long, and how often, somebody who is away is asked again. Doubling pauses.</summary>
internal sealed record Patience(TimeSpan FirstPause, TimeSpan PauseMax, TimeSpan GiveUpAfter, TimeProvider Clock)
{
    /// <summary>A cloud that is killed comes back within seconds; five minutes also cover a slow machine's restart.</summary>
    public static Patience Ordinary(TimeProvider clock) => new(TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), clock);

    public TimeSpan Pause(int attempt) => TimeSpan.FromTicks(Math.Min(PauseMax.Ticks, FirstPause.Ticks << Math.Min(attempt, 16)));

    public async Task<T> TryUntilAsync<T>(Func<Task<T>> attempt, CancellationToken ct)
    {
        var started = Clock.GetTimestamp();
        for (var n = 0; ; n++)
        {
            try
            {
                return await attempt();
            }
            catch (CloudUnreachableException) when (Clock.GetElapsedTime(started) < GiveUpAfter)
            {
                // The next attempt is the recovery; the last one's exception is the answer.
                await Task.Delay(Pause(n), Clock, ct);
            }
        }
    }
}
