using Broadcast.Device;

namespace Broadcast.Edge.Gateway;

/// <summary>The best time there is here: the core's, which the cloud told, else the machine's.</summary>
/// <param name="coreWallMs">The core's, UTC milliseconds; null while it has none.</param>
/// <param name="machine">The machine's own, which may stand in 1970.</param>
internal sealed class SiteClock(Func<long?> coreWallMs, TimeProvider machine) : TimeProvider
{
    /// <summary>Whether there is a time that something lasting may be dated with.</summary>
    public bool IsKnown => GetUtcNow().ToUnixTimeMilliseconds() >= Limits.WallMsMin;

    public static SiteClock Of(GatewayLoop loop, TimeProvider machine) =>
        new(() => loop.Core.Clock == ClockQuality.Unknown ? null : loop.Core.WallMs(loop.NowMs), machine);

    public override DateTimeOffset GetUtcNow() => coreWallMs() is { } wallMs ? DateTimeOffset.FromUnixTimeMilliseconds(wallMs) : machine.GetUtcNow();

    public override long GetTimestamp() => machine.GetTimestamp();

    public override long TimestampFrequency => machine.TimestampFrequency;
}
