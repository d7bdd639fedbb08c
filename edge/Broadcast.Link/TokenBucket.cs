namespace Broadcast.Link;

/// <summary>A rate with a burst of twice as much, counted in stopwatch ticks so that it needs no timer. Not safe for two threads.</summary>
internal struct TokenBucket(long frequency, int perSecond, long now)
{
    private const int BurstSeconds = 2;

    private readonly long _ticksPerToken = Math.Max(1, frequency / perSecond);
    private readonly long _burstTicks = frequency * BurstSeconds;
    private long _paidUntil = now - frequency * BurstSeconds;

    /// <summary>Takes one token, if there is one beyond those that it must <paramref name="leave"/>.</summary>
    public bool TryTake(long now, int leave = 0)
    {
        var from = Math.Max(_paidUntil, now - _burstTicks);
        if (from + ((leave + 1) * _ticksPerToken) > now) return false;
        _paidUntil = from + _ticksPerToken;
        return true;
    }
}
