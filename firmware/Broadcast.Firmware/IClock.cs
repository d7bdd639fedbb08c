namespace Broadcast.Firmware;

/// <summary>The board's time. Monotonic time drives what elapses; the wall clock serves the certificates of TLS and the core's start.</summary>
public interface IClock
{
    /// <summary>Milliseconds since some origin; never goes back.</summary>
    long MonotonicMs { get; }

    /// <summary>Microseconds since the same origin, for contacts that bounce.</summary>
    long MonotonicUs { get; }

    /// <summary>UTC milliseconds as the system clock has them; near 1970 after a cold start.</summary>
    long WallMs { get; }

    /// <summary>Sets the system clock.</summary>
    void Set(long wallMs);

    /// <summary>Asks the network for the time and sets the clock by it, if an answer comes. Not authenticated.</summary>
    void AskNetwork();
}
