namespace Broadcast.Device.Sensing;

/// <summary>What a site's own sensors say its people should do. The numbers are wire values (wire.cddl).</summary>
public enum AlarmStage : byte
{
    /// <summary>Nothing.</summary>
    None = 0,
    /// <summary>准备转移: make ready to leave.</summary>
    Prepare = 1,
    /// <summary>立即转移: leave now.</summary>
    Leave = 2,
}

/// <summary>
/// One limit of a site with its two stages and hysteresis: a stage is reached at its value, and left only when the value has
/// fallen below the release value, so that a gauge that trembles at a limit does not alarm again and again.
/// </summary>
public sealed class SiteThreshold
{
    /// <summary>A stage is left at this part of its value, in percent.</summary>
    public const int ReleasePercent = 80;

    private readonly int _prepare;
    private readonly int _leave;

    /// <summary>Makes a threshold.</summary>
    /// <param name="windowMinutes">Rolling window for rain, 1 to <see cref="RainWindows.MinutesMax"/>; 0 for a level.</param>
    /// <param name="prepare">Value of 准备转移, more than 0: tenths of a millimetre of rain, or millimetres of level.</param>
    /// <param name="leave">Value of 立即转移, not less than <paramref name="prepare"/>.</param>
    public SiteThreshold(int windowMinutes, int prepare, int leave)
    {
        WindowMinutes = windowMinutes;
        _prepare = prepare;
        _leave = leave;
    }

    /// <summary>Rolling window in minutes; 0 for a level.</summary>
    public int WindowMinutes { get; }

    /// <summary>The stage as of the last value.</summary>
    public AlarmStage Stage { get; private set; }

    /// <summary>The last value judged.</summary>
    public int Value { get; private set; }

    /// <summary>The value at which a stage is reached; 0 for none.</summary>
    public int LimitOf(AlarmStage stage) => stage == AlarmStage.Leave ? _leave : stage == AlarmStage.Prepare ? _prepare : 0;

    /// <summary>Judges a value. True when the stage rose: that is when people must hear of it.</summary>
    public bool Judge(int value)
    {
        AlarmStage before = Stage;
        Value = value;
        AlarmStage reached = value >= _leave ? AlarmStage.Leave : value >= _prepare ? AlarmStage.Prepare : AlarmStage.None;
        AlarmStage held = value >= Release(_leave) ? AlarmStage.Leave : value >= Release(_prepare) ? AlarmStage.Prepare : AlarmStage.None;
        if (reached > Stage)
            Stage = reached;
        else if (held < Stage)
            Stage = held;
        return Stage > before;
    }

    private static int Release(int value) => (int)((long)value * ReleasePercent / 100);
}
