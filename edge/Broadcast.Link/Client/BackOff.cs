namespace Broadcast.Link;

/// <summary>Exponential waits with full jitter: anywhere from the shortest to a ceiling that doubles with every failure.</summary>
internal struct BackOff(TimeSpan min, TimeSpan max, Random random)
{
    /// <summary>2 to the 30th times any sensible minimum is above any sensible maximum; beyond it the shift would overflow.</summary>
    private const int DoublingsMax = 30;

    private int _failures;

    public void Reset() => _failures = 0;

    public TimeSpan Next()
    {
        var ceiling = Math.Min(min.TotalMilliseconds * (1L << Math.Min(++_failures, DoublingsMax)), max.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(min.TotalMilliseconds + (random.NextDouble() * (ceiling - min.TotalMilliseconds)));
    }
}
