namespace Broadcast.Rules;

/// <summary>When an order that was handed to a live session and not yet answered is handed over again.</summary>
public static class Dispatch
{
    /// <summary>A verified order is answered within a round trip and a flash write; five seconds is a slow mobile link with both.</summary>
    public static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(5);

    /// <summary>A device that does not answer is ill, not deaf: asking more often than once a minute helps nobody.</summary>
    public static readonly TimeSpan RetryMax = TimeSpan.FromSeconds(60);

    /// <summary>How long to wait after the <paramref name="sends"/>th send (1 the first): 5, 10, 20, 40, 60, 60 … seconds.</summary>
    public static TimeSpan RetryAfter(int sends)
    {
        var wait = FirstRetry * Math.Pow(2, Math.Clamp(sends - 1, 0, 10));
        return wait < RetryMax ? wait : RetryMax;
    }
}
