using Broadcast.Device.Sensing;

namespace Broadcast.Firmware.Hardware;

/// <summary>Reads the site's sensors and feeds the core's watch (<see cref="SiteWatch"/>). It needs no cloud and no time of day.</summary>
public sealed class SiteSensors
{
    /// <summary>Time between two readings of level and battery, in milliseconds.</summary>
    public const long ReadMs = 10_000;

    private readonly Contact _rain;
    private readonly Analog? _level;
    private readonly Analog? _battery;
    private readonly SiteWatch _watch;
    private long _tipsTaken;
    private int _tipsNew;
    private long _dueMs;

    /// <summary>Sensors of a site; a part that could not be opened is null and a fault.</summary>
    public SiteSensors(Contact rain, Analog? level, Analog? battery, Settings settings, long nowMs)
    {
        _rain = rain;
        _level = level;
        _battery = battery;
        UsesLevel = level != null && settings.Level.Length > 0;
        _watch = new SiteWatch(settings.Rain, settings.Level, Board.RainTenthsATip, nowMs);
        _dueMs = nowMs;
    }

    /// <summary>The battery in millivolts; 0 when it is not measured.</summary>
    public int BatteryMillivolts { get; private set; }

    /// <summary>What is wrong with the rain gauge.</summary>
    public SensorFault RainFault => _rain.IsChattering ? SensorFault.Impossible : _watch.RainFault;

    /// <summary>What is wrong with the level; Absent where the site has no threshold for it and nobody reads it.</summary>
    public SensorFault LevelFault => UsesLevel ? _watch.LevelFault : SensorFault.Absent;

    /// <summary>Whether the level is read: the site has a threshold for it.</summary>
    public bool UsesLevel { get; private set; }

    /// <summary>Whether the level was read well since the start.</summary>
    public bool HasLevel { get; private set; }

    /// <summary>The watch, for the service port.</summary>
    public SiteWatch Watch => _watch;

    /// <summary>Whether a level gauge is on the loop now: it draws its current, or it was in use and is broken.</summary>
    public bool HasLevelGauge() => UsesLevel || (_level != null && CurrentLoop.Judge(Microamps()) != SensorFault.WireBroken);

    /// <summary>Other thresholds take the place of these; what fell and stands is judged by them at once.</summary>
    public void Use(SiteThreshold[] rain, SiteThreshold[] level, long nowMs)
    {
        UsesLevel = _level != null && level.Length > 0;
        _watch.Replace(rain, level, nowMs);
    }

    /// <summary>Tips since the last call.</summary>
    public int TakeTips()
    {
        int tips = _tipsNew;
        _tipsNew = 0;
        return tips;
    }

    /// <summary>Reads what is due.</summary>
    public void Step(long nowMs)
    {
        TakeRain(nowMs);
        if (nowMs < _dueMs)
            return;
        _dueMs = nowMs + ReadMs;
        if (_battery != null)
            BatteryMillivolts = (int)((long)_battery.Millivolts() * (Board.BatteryUpperOhms + Board.BatteryLowerOhms) / Board.BatteryLowerOhms);
        TakeLevel(nowMs);
    }

    private void TakeRain(long nowMs)
    {
        _rain.Step();
        long closings = _rain.Closings;
        int tips = (int)(closings - _tipsTaken);
        _tipsTaken = closings;
        bool stuck = _rain.IsClosed && _rain.QuietMs > Board.RainStuckMs;
        _watch.Rain(tips, stuck, nowMs);
        // A burst that no rain makes is told with its fault: the cloud judges it.
        _tipsNew += tips;
    }

    private void TakeLevel(long nowMs)
    {
        if (!UsesLevel)
            return;
        int microamps = Microamps();
        SensorFault fault = CurrentLoop.Judge(microamps);
        if (fault != SensorFault.None)
        {
            _watch.LevelFailed(fault);
            return;
        }

        _watch.Level(CurrentLoop.Value(microamps, Board.LevelMillimetresAtLow, Board.LevelMillimetresAtHigh), nowMs);
        HasLevel = true;
    }

    // Millivolts over ohms are milliamperes.
    private int Microamps() => (int)(_level!.Millivolts() * 1_000L / Board.LevelShuntOhms);
}
