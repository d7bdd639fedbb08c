namespace Broadcast.Cloud.Link;

/// <summary>
/// The time for what cannot be taken back. For a while after this machine's clock was set ahead it goes on as if nobody had set it: a time server that is wrong is
/// put right within minutes, and what had been ended by then would stay so. Who is asked later than need be does no harm: devices judge for themselves.
/// </summary>
public sealed class CautiousClock(TimeProvider clock)
{
    /// <summary>A time that stands for so long is the time.</summary>
    public static readonly TimeSpan Doubt = TimeSpan.FromMinutes(10);

    private DateTimeOffset _wall = clock.GetUtcNow();
    private long _mark = clock.GetTimestamp();
    private long? _aheadSince;

    /// <summary>Called by one at a time, and often: what it has not seen was no step.</summary>
    public DateTimeOffset Now()
    {
        var (now, passed) = (clock.GetUtcNow(), clock.GetElapsedTime(_mark));
        if (ClockWatch.Step(_wall, now, passed) >= ClockWatch.StepMin)
        {
            _aheadSince ??= clock.GetTimestamp();
            if (clock.GetElapsedTime(_aheadSince.Value) < Doubt) return _wall + passed;
        }

        (_wall, _mark, _aheadSince) = (now, clock.GetTimestamp(), null);
        return now;
    }
}
