using System;
using Broadcast.Device;
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
    private readonly Settings _settings;
    private readonly SiteWatch _watch;
    private long _tipsTaken;
    private long _dueMs;

    /// <summary>Sensors of a site; a part that could not be opened is null and a fault.</summary>
    public SiteSensors(Contact rain, Analog? level, Analog? battery, Settings settings, long nowMs)
    {
        _rain = rain;
        _level = level;
        _battery = battery;
        _settings = settings;
        _watch = new SiteWatch(settings.Rain, settings.Level, Board.RainTenthsATip, nowMs);
        _dueMs = nowMs;
    }

    /// <summary>The battery in millivolts; 0 when it is not measured.</summary>
    public int BatteryMillivolts { get; private set; }

    /// <summary>What is wrong with the rain gauge.</summary>
    public SensorFault RainFault => _rain.IsChattering ? SensorFault.Impossible : _watch.RainFault;

    /// <summary>What is wrong with the level.</summary>
    public SensorFault LevelFault => _watch.LevelFault;

    /// <summary>The watch, for the service port.</summary>
    public SiteWatch Watch => _watch;

    /// <summary>Reads what is due. Gives the order of a local alarm when a stage rose, else null.</summary>
    public Order? Step(long nowMs)
    {
        bool rose = TakeRain(nowMs);
        if (nowMs >= _dueMs)
        {
            _dueMs = nowMs + ReadMs;
            rose |= TakeLevel(nowMs);
            if (_battery != null)
                BatteryMillivolts = (int)((long)_battery.Millivolts() * (Board.BatteryUpperOhms + Board.BatteryLowerOhms) / Board.BatteryLowerOhms);
        }

        if (!rose)
            return null;
        bool leave = _watch.Stage == AlarmStage.Leave;
        return LocalAlarm.For(_watch.Stage, _settings.Phrases[leave ? 1 : 0], leave && _settings.SirenOnLeave);
    }

    private bool TakeRain(long nowMs)
    {
        _rain.Step();
        long closings = _rain.Closings;
        int tips = (int)(closings - _tipsTaken);
        _tipsTaken = closings;
        bool stuck = _rain.IsClosed && _rain.QuietMs > Board.RainStuckMs;
        return _watch.Rain(tips, stuck, nowMs);
    }

    private bool TakeLevel(long nowMs)
    {
        if (_level == null || _settings.Level.Length == 0)
            return false;
        // Millivolts over ohms are milliamperes.
        int microamps = (int)(_level.Millivolts() * 1_000L / Board.LevelShuntOhms);
        SensorFault fault = CurrentLoop.Judge(microamps);
        if (fault == SensorFault.None)
            return _watch.Level(CurrentLoop.Value(microamps, Board.LevelMillimetresAtLow, Board.LevelMillimetresAtHigh), nowMs);
        _watch.LevelFailed(fault);
        return false;
    }
}
