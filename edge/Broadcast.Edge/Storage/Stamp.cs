using Broadcast.Device;

namespace Broadcast.Edge.Storage;

/// <summary>When something was, as far as it is known then.</summary>
/// <param name="AtMs">UTC milliseconds; 0 while <paramref name="Clock"/> is Unknown.</param>
/// <param name="Clock">How far it can be believed.</param>
/// <param name="MonotonicMs">By the clock of this run: what the true time is found from, once it is known.</param>
internal readonly record struct Stamp(long AtMs, ClockQuality Clock, long MonotonicMs)
{
    /// <summary>The same moment, as it is known now.</summary>
    /// <param name="offsetMs">UTC less monotonic milliseconds.</param>
    public static Stamp At(long monotonicMs, long offsetMs, ClockQuality clock) =>
        clock == ClockQuality.Unknown ? new Stamp(0, ClockQuality.Unknown, monotonicMs) : new Stamp(monotonicMs + offsetMs, clock, monotonicMs);
}
