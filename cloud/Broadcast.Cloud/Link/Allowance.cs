namespace Broadcast.Cloud.Link;

/// <summary>So many at once, and so many more a second: what one device may ask of what all share.</summary>
public sealed class Allowance(int atOnce, double perSecond, TimeProvider clock)
{
    private readonly Lock _gate = new();
    private double _left = atOnce;
    private long _at = clock.GetTimestamp();

    public bool TryTake()
    {
        lock (_gate)
        {
            var now = clock.GetTimestamp();
            _left = Math.Min(atOnce, _left + (clock.GetElapsedTime(_at, now).TotalSeconds * perSecond));
            _at = now;
            if (_left < 1) return false;
            _left--;
            return true;
        }
    }
}
