namespace Broadcast.Device;

/// <summary>
/// The core's wall time: monotonic milliseconds plus an offset. Beside it the floor, the greatest authenticated time the
/// device has seen; it never goes back and is saved, so that turning a clock back opens no door to expired orders. Only
/// authenticated time raises it: a battery clock that runs years ahead must not lock the device out for years.
/// </summary>
internal sealed class DeviceClock
{
    private long _offsetMs;
    private long _floorMs;

    internal ClockQuality Quality { get; private set; }

    internal bool IsKnown => Quality != ClockQuality.Unknown;

    /// <summary>Whether the time was authenticated in this boot: only then is something final decided by it.</summary>
    internal bool IsTrusted => Quality == ClockQuality.Cloud;

    /// <summary>Takes the saved floor and the body's time. A time below the floor, or beyond any plausible one, is no time.</summary>
    internal void Start(long floorMs, long monotonicMs, long wallMs, ClockQuality quality)
    {
        _floorMs = floorMs;
        bool plausible = wallMs >= floorMs && wallMs >= Limits.WallMsMin && wallMs <= Limits.WallMsMax;
        // A body cannot vouch for the cloud: at best it has the network's time.
        ClockQuality atBest = quality == ClockQuality.Cloud ? ClockQuality.Network : quality;
        Quality = plausible ? atBest : ClockQuality.Unknown;
        _offsetMs = wallMs - monotonicMs;
    }

    /// <summary>Takes the time of a welcome. False when it lies below the floor: then the floor is the time.</summary>
    internal bool Set(long monotonicMs, long cloudMs)
    {
        long floorMs = FloorMs(monotonicMs);
        bool ahead = cloudMs >= floorMs;
        _floorMs = ahead ? cloudMs : floorMs;
        _offsetMs = _floorMs - monotonicMs;
        Quality = ClockQuality.Cloud;
        return ahead;
    }

    /// <summary>UTC milliseconds, or 0 when unknown.</summary>
    internal long WallMs(long monotonicMs)
    {
        if (!IsKnown)
            return 0;
        long wallMs = monotonicMs + _offsetMs;
        return wallMs > Limits.WallMsMax ? Limits.WallMsMax : wallMs;
    }

    /// <summary>The floor as of now.</summary>
    internal long FloorMs(long monotonicMs)
    {
        if (IsTrusted && WallMs(monotonicMs) > _floorMs)
            _floorMs = WallMs(monotonicMs);
        return _floorMs;
    }

    /// <summary>The monotonic time at which the wall clock will show <paramref name="wallMs"/>.</summary>
    internal long MonotonicAt(long wallMs) => wallMs - _offsetMs;
}
