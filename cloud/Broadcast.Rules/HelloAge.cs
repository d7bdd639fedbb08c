using Broadcast.Device;

namespace Broadcast.Rules;

/// <summary>Which of two hellos of one device was said first, as far as they tell.</summary>
public static class HelloAge
{
    /// <summary>
    /// Whether a hello was said before another, or is the same one. A device counts its starts; within one its high-water mark only rises, and a clock that is known
    /// goes on. One that lost its memory, or whose clock was put back, looks older than it is: what that costs is for the caller to bear.
    /// </summary>
    public static bool IsNotAfter(Hello hello, Hello other)
    {
        if (hello.Nonce.AsSpan().SequenceEqual(other.Nonce)) return true;
        if (hello.Boot != other.Boot) return hello.Boot < other.Boot;
        if (hello.HighWater != other.HighWater) return hello.HighWater < other.HighWater;
        return hello.Clock == ClockQuality.Unknown ? other.Clock != ClockQuality.Unknown : other.Clock != ClockQuality.Unknown && hello.WallMs < other.WallMs;
    }
}
