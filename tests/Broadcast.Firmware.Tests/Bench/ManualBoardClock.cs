namespace Broadcast.Firmware.Tests;

/// <summary>The board's time, turned by hand. It starts cold, at 1970, unless it is told otherwise.</summary>
internal sealed class ManualBoardClock : IClock
{
    private long _wallOffsetMs;

    public long MonotonicMs { get; private set; } = 1_000;

    public long MonotonicUs => (MonotonicMs * 1_000) + ExtraUs;

    /// <summary>Microseconds within the millisecond.</summary>
    public long ExtraUs { get; set; }

    public long WallMs => MonotonicMs + _wallOffsetMs;

    /// <summary>What the network would answer; null when nothing answers.</summary>
    public long? NetworkMs { get; set; }

    public int Asked { get; private set; }

    public void Set(long wallMs) => _wallOffsetMs = wallMs - MonotonicMs;

    public void AskNetwork()
    {
        Asked++;
        if (NetworkMs is { } time) Set(time);
    }

    public void Advance(long milliseconds)
    {
        MonotonicMs += milliseconds;
        ExtraUs = 0;
    }
}
