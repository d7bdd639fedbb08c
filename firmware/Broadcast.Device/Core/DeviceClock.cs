namespace Broadcast.Device;

/// <summary>
/// The core's wall time: monotonic milliseconds plus an offset. Beside it the floor, the greatest authenticated time the
/// device has seen; it is saved, so that turning the body's clock back opens no door to expired orders. Only authenticated
/// time moves it: forward as it comes, and back only by a fresh welcome that lies so far behind that the cloud itself must
/// have been ahead. Neither a battery clock nor a cloud whose clock once ran years ahead locks the device out for years.
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

    /// <summary>
    /// Takes the time of a welcome. It was <paramref name="cloudMs"/> somewhere between the hello and now, so the time lies
    /// within <paramref name="roundTripMs"/> after it. Where the device's own authenticated time fits, it stays: whoever holds a
    /// welcome back moves no clock. Where it does not, the nearest end is the time.
    /// </summary>
    /// <param name="monotonicMs">Now.</param>
    /// <param name="cloudMs">What the welcome says.</param>
    /// <param name="roundTripMs">Milliseconds since the hello that it answers.</param>
    internal ClockStep Set(long monotonicMs, long cloudMs, long roundTripMs)
    {
        long floorMs = FloorMs(monotonicMs);
        long latestMs = cloudMs + roundTripMs;
        long ownMs = IsTrusted ? WallMs(monotonicMs) : floorMs;
        long nowMs = ownMs < cloudMs ? cloudMs : ownMs > latestMs ? latestMs : ownMs;
        ClockStep step = nowMs >= floorMs ? ClockStep.None : floorMs - nowMs <= Limits.RememberGraceMs ? ClockStep.Back : ClockStep.FarBack;
        // A little behind, the floor stays where it was until time has passed it: what was forgotten had expired by both.
        if (step != ClockStep.Back)
            _floorMs = nowMs;
        _offsetMs = nowMs - monotonicMs;
        Quality = ClockQuality.Cloud;
        return step;
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

/// <summary>What a welcome did to the time.</summary>
internal enum ClockStep : byte
{
    /// <summary>It went on, or forward.</summary>
    None = 0,

    /// <summary>It went back by no more than what the memory of orders bridges (<see cref="Limits.RememberGraceMs"/>).</summary>
    Back = 1,

    /// <summary>It went back farther: orders that were forgotten because they had expired are valid again.</summary>
    FarBack = 2,
}
