namespace Broadcast.Device.Sensing;

/// <summary>
/// A site's own watch over its rain and water, with no cloud: takes tips and levels, keeps the rolling windows, and says when
/// a stage is reached. A gauge that is stuck or tells the impossible is a fault and never an alarm.
/// </summary>
public sealed class SiteWatch
{
    /// <summary>
    /// More rain than this in one minute is no rain: 10 mm, in tenths of a millimetre. The heaviest minutes of a Chinese station
    /// are below it; a gauge that is shaken, hosed or shorted is above it.
    /// </summary>
    public const int RainOfAMinuteMax = 100;

    /// <summary>Faster than this a river does not rise or fall between two readings, in millimetres; a float that jumps does.</summary>
    public const int LevelStepMax = 3_000;

    /// <summary>Readings in a row that must agree before a jump is believed: a gauge that was set anew is right again after three.</summary>
    public const int AgreeingReadings = 3;

    private SiteThreshold[] _rain;
    private SiteThreshold[] _level;
    private readonly int _tenthsATip;
    private readonly RainWindows _windows;
    private bool _hasLevel;
    private int _suspectLevel;
    private int _suspectReadings;
    private long _rainImpossibleUntilMs = -1;

    /// <summary>Makes a watch.</summary>
    /// <param name="rain">Thresholds of rain, in tenths of a millimetre.</param>
    /// <param name="level">Thresholds of the level, in millimetres.</param>
    /// <param name="tenthsATip">Rain of one tip in tenths of a millimetre: 2 or 5 with the gauges in use.</param>
    /// <param name="nowMs">Monotonic milliseconds.</param>
    public SiteWatch(SiteThreshold[] rain, SiteThreshold[] level, int tenthsATip, long nowMs)
    {
        _rain = rain;
        _level = level;
        _tenthsATip = tenthsATip;
        _windows = new RainWindows(nowMs);
    }

    /// <summary>The highest stage of all thresholds.</summary>
    public AlarmStage Stage { get; private set; }

    /// <summary>The threshold whose stage is <see cref="Stage"/>, rain before level; null while there is none.</summary>
    public SiteThreshold? Cause
    {
        get
        {
            SiteThreshold? cause = Stage == AlarmStage.None ? null : Of(_rain, Stage);
            return cause == null && Stage != AlarmStage.None ? Of(_level, Stage) : cause;
        }
    }

    /// <summary>What is wrong with the rain gauge.</summary>
    public SensorFault RainFault { get; private set; }

    /// <summary>What is wrong with the level sensor.</summary>
    public SensorFault LevelFault { get; private set; }

    /// <summary>The last good level in millimetres.</summary>
    public int LevelMillimetres { get; private set; }

    /// <summary>Rain of the last minutes, in tenths of a millimetre.</summary>
    public int RainTenths(int minutes, long nowMs) => _windows.Tips(minutes, nowMs) * _tenthsATip;

    /// <summary>The windows, for a body that puts back what fell before a restart.</summary>
    public RainWindows Windows => _windows;

    /// <summary>
    /// Puts other thresholds in the place of these; what fell and how high the water stands stays known, and is judged by them at once.
    /// </summary>
    /// <param name="rain">Thresholds of rain, in tenths of a millimetre.</param>
    /// <param name="level">Thresholds of the level, in millimetres.</param>
    /// <param name="nowMs">Monotonic milliseconds.</param>
    public void Replace(SiteThreshold[] rain, SiteThreshold[] level, long nowMs)
    {
        _rain = rain;
        _level = level;
        Judge(_rain, nowMs);
        if (_hasLevel)
            Judge(_level, nowMs);
    }

    /// <summary>The gauge tipped, or time went by (0 tips). True when a stage rose and people must hear of it.</summary>
    /// <param name="tips">Tips since the last call, 0 or more.</param>
    /// <param name="contactStuck">Whether the gauge's contact has been closed for minutes.</param>
    /// <param name="nowMs">Monotonic milliseconds.</param>
    public bool Rain(int tips, bool contactStuck, long nowMs)
    {
        int thisMinute = (_windows.Tips(1, nowMs) + tips) * _tenthsATip;
        if (thisMinute > RainOfAMinuteMax)
        {
            // These tips are not counted, and no stage rises for as long as what was counted of the burst weighs in the shortest window.
            _rainImpossibleUntilMs = nowMs + (10 * 60_000L);
            tips = 0;
        }

        _windows.Add(tips, nowMs);
        RainFault = contactStuck ? SensorFault.Stuck : nowMs < _rainImpossibleUntilMs ? SensorFault.Impossible : SensorFault.None;
        return RainFault == SensorFault.None && Judge(_rain, nowMs);
    }

    /// <summary>A good reading of the level. True when a stage rose and people must hear of it.</summary>
    /// <param name="millimetres">The level.</param>
    /// <param name="nowMs">Monotonic milliseconds.</param>
    public bool Level(int millimetres, long nowMs)
    {
        if (_hasLevel && Distance(millimetres, LevelMillimetres) > LevelStepMax && !IsBelievedByNow(millimetres))
        {
            LevelFault = SensorFault.Impossible;
            return false;
        }

        _suspectReadings = 0;
        _hasLevel = true;
        LevelMillimetres = millimetres;
        LevelFault = SensorFault.None;
        return Judge(_level, nowMs);
    }

    /// <summary>The level could not be read. The stage stays where it is: a broken wire is no all-clear.</summary>
    public void LevelFailed(SensorFault fault) => LevelFault = fault;

    private bool IsBelievedByNow(int millimetres)
    {
        _suspectReadings = Distance(millimetres, _suspectLevel) <= LevelStepMax ? _suspectReadings + 1 : 1;
        _suspectLevel = millimetres;
        return _suspectReadings >= AgreeingReadings;
    }

    private bool Judge(SiteThreshold[] thresholds, long nowMs)
    {
        foreach (SiteThreshold threshold in thresholds)
            threshold.Judge(threshold.WindowMinutes > 0 ? RainTenths(threshold.WindowMinutes, nowMs) : LevelMillimetres);

        AlarmStage before = Stage;
        Stage = Highest(_rain, Highest(_level, AlarmStage.None));
        return Stage > before;
    }

    private static SiteThreshold? Of(SiteThreshold[] thresholds, AlarmStage stage)
    {
        foreach (SiteThreshold threshold in thresholds)
        {
            if (threshold.Stage == stage)
                return threshold;
        }

        return null;
    }

    private static AlarmStage Highest(SiteThreshold[] thresholds, AlarmStage least)
    {
        foreach (SiteThreshold threshold in thresholds)
        {
            if (threshold.Stage > least)
                least = threshold.Stage;
        }

        return least;
    }

    private static int Distance(int a, int b) => a > b ? a - b : b - a;
}
