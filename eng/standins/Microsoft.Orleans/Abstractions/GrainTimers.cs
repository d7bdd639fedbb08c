using System.Diagnostics.CodeAnalysis;

namespace Orleans.Runtime;

public interface IGrainTimer : IDisposable
{
    void Change(TimeSpan dueTime, TimeSpan period);
}

/// <summary>When a grain's timer ticks, and whether its ticks run beside calls and keep the grain active.</summary>
public readonly struct GrainTimerCreationOptions()
{
    [SetsRequiredMembers]
    public GrainTimerCreationOptions(TimeSpan dueTime, TimeSpan period)
        : this()
    {
        DueTime = dueTime;
        Period = period;
    }

    public required TimeSpan DueTime { get; init; }

    public required TimeSpan Period { get; init; }

    public bool Interleave { get; init; }

    public bool KeepAlive { get; init; }
}
