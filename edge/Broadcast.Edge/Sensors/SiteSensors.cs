using System.Security.Cryptography;
using Broadcast.Device;
using Broadcast.Device.Sensing;
using Broadcast.Edge.Gateway;
using Broadcast.Edge.Hardware;
using Broadcast.Edge.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Broadcast.Edge.Sensors;

/// <summary>The site's sensors as of the last reading, for reports and the page.</summary>
/// <param name="Level">The last reading of the level; null without a sensor.</param>
/// <param name="BatteryMillivolts">0 when it is not measured.</param>
/// <param name="RainTenths">Rain in the last 1, 3, 6 and 24 hours, in tenths of a millimetre.</param>
/// <param name="RainFault">What is wrong with the rain gauge.</param>
/// <param name="LevelFault">What is wrong with the level.</param>
/// <param name="Stage">What the watch says.</param>
internal sealed record SiteReading(LevelReading? Level, int BatteryMillivolts, int[] RainTenths, SensorFault RainFault, SensorFault LevelFault, AlarmStage Stage)
{
    public static SiteReading None { get; } = new(null, 0, [0, 0, 0, 0], SensorFault.None, SensorFault.None, AlarmStage.None);
}

/// <summary>
/// Reads the sensors, feeds the core's watch (<see cref="SiteWatch"/>), keeps the readings, and raises the local alarm. It needs no
/// cloud. Rain is looked at with each tip, so that an alarm does not wait for the next reading.
/// </summary>
internal sealed partial class SiteSensors : BackgroundService
{
    private static readonly int[] WindowMinutes = [60, 180, 360, 1_440];

    /// <summary>Alarms that wait for a disk that takes them: more than a flood makes.</summary>
    private const int UnkeptMax = 32;

    private readonly Queue<SiteAlarm> _unkept = new();

    private readonly SemaphoreSlim _tipped = new(0, 1);
    private readonly WatchSettings _settings;
    private readonly SiteHardware _hardware;
    private readonly Board _board;
    private readonly GatewayStore _store;
    private readonly GatewayLoop _loop;
    private readonly CloudJournal _journal;
    private readonly Uplink _uplink;
    private readonly int _meteredSendSeconds;
    private readonly TimeProvider _time;
    private readonly ILogger<SiteSensors> _logger;
    private readonly SiteWatch _watch;
    private SiteSettings? _wanted; // Came from the cloud and is not in the watch yet.
    private long _tipsTaken;
    private int _tipsKept;
    private AlarmStage _told;
    private bool _hasLevel;
    private bool _wasSilent;
    private long _summedAt;

    public SiteSensors(EdgeSettings settings, SiteConfig config, SiteHardware hardware, Board board, GatewayStore store, GatewayLoop loop, CloudJournal journal, GatewayBody body, Uplink uplink, TimeProvider time, ILogger<SiteSensors> logger)
    {
        (_settings, _hardware, _board, _store, _loop, _journal, _uplink, _time, _logger) = (settings.Watch, hardware, board, store, loop, journal, uplink, time, logger);
        _meteredSendSeconds = settings.Link.MeteredSendSeconds;
        var (rainLimits, levelLimits) = ThresholdsOf(config.Current);
        _watch = new SiteWatch(rainLimits, levelLimits, board.RainGauge.TenthsOfMillimetreATip, loop.NowMs);
        body.Site = () => Last;
        config.Changed += wanted =>
        {
            Interlocked.Exchange(ref _wanted, wanted);
            Wake();
        };
        if (hardware.Rain is { } rain) rain.Settled += closed => { if (closed) Wake(); };
    }

    /// <summary>As of the last reading.</summary>
    public SiteReading Last { get; private set; } = SiteReading.None;

    /// <summary>Tips of the gauge since the start.</summary>
    public long Tips => _hardware.Rain?.Closings ?? 0;

    public override void Dispose()
    {
        _tipped.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_hardware.Rain is null && _hardware.Level is null && _hardware.Converter is null) return;
        Restore();
        using var ticker = new PeriodicTimer(TimeSpan.FromSeconds(_settings.ReadSeconds), _time);
        var tick = ticker.WaitForNextTickAsync(stoppingToken).AsTask();
        var tip = _tipped.WaitAsync(stoppingToken);
        var readAll = true;
        try
        {
            while (true)
            {
                await ReadAsync(readAll, stoppingToken);
                await Task.WhenAny(tick, tip);
                readAll = tick.IsCompleted;
                if (tip.IsCompleted) { await tip; tip = _tipped.WaitAsync(stoppingToken); }
                if (readAll) { await tick; tick = ticker.WaitForNextTickAsync(stoppingToken).AsTask(); }
            }
        }
        catch (OperationCanceledException)
        {
            Keep(); // The tips since the last reading would be missing from the windows of the next start.
            SumForCloud();
        }
    }

    private void Wake()
    {
        try
        {
            if (_tipped.CurrentCount == 0) _tipped.Release();
        }
        catch (SemaphoreFullException)
        {
            LogTwice(); // Two tips at once wake it once.
        }
    }

    private async Task ReadAsync(bool all, CancellationToken ct)
    {
        if (Interlocked.Exchange(ref _wanted, null) is { } wanted)
        {
            var (rainLimits, levelLimits) = ThresholdsOf(wanted);
            _watch.Replace(rainLimits, levelLimits, _loop.NowMs);
        }
        TakeRain();
        var level = Last.Level;
        if (all && _hardware.Level is { } sensor)
        {
            var reading = await sensor.ReadAsync(ct);
            level = reading;
            if (reading.Fault != SensorFault.None) _watch.LevelFailed(reading.Fault);
            else
            {
                _watch.Level(reading.Millimetres, _loop.NowMs);
                _hasLevel = true;
            }
        }

        var before = Last;
        Last = new SiteReading(
            level, all ? Battery.Millivolts(_hardware.Converter, _board.Adc?.Battery) : before.BatteryMillivolts,
            [.. WindowMinutes.Select(minutes => _watch.RainTenths(minutes, _loop.NowMs))], _watch.RainFault, _watch.LevelFault, _watch.Stage);
        if (all) Keep();
        var isSilent = _hardware.Converter is { IsSilent: true };
        if ((Last.RainFault, Last.LevelFault, isSilent) != (before.RainFault, before.LevelFault, _wasSilent)) _loop.Post(new Letter(LetterKind.BodyChanged));
        _wasSilent = isSilent;
        KeepAlarms(areSaid: true);
        // An alarm goes out with what raised it; otherwise readings gather.
        if (TellOfStage() || (all && _time.GetElapsedTime(_summedAt) >= TimeSpan.FromSeconds(SendSeconds))) SumForCloud();
    }

    // Where bytes are paid for, readings gather for longer; nothing of the rain is lost by it.
    private int SendSeconds => _uplink.IsMetered ? Math.Max(_settings.SendSeconds, _meteredSendSeconds) : _settings.SendSeconds;

    private (SiteThreshold[] Rain, SiteThreshold[] Level) ThresholdsOf(SiteSettings? wanted) => wanted is null
        ? (_settings.RainThresholds(), _settings.LevelThresholds())
        : ([.. wanted.Rain.Chunk(3).Select(r => new SiteThreshold(r[0], r[1], r[2]))], [.. wanted.Level.Chunk(2).Select(l => new SiteThreshold(0, l[0], l[1]))]);

    private void TakeRain()
    {
        if (_hardware.Rain is not { } contact) return;
        var closings = contact.Closings;
        var tips = (int)Math.Min(closings - _tipsTaken, int.MaxValue);
        _tipsTaken = closings;
        _tipsKept += tips;
        var stuck = contact.IsClosed && contact.Quiet > TimeSpan.FromSeconds(_board.RainGauge.StuckSeconds);
        _watch.Rain(tips, stuck, _loop.NowMs);
    }

    // Compared with what people were told last, before a restart too: water that stays high is not said again at each power cut, and
    // a stage that was reached in the moment of one is not forgotten. A stage is over only when every sensor has spoken.
    private bool TellOfStage()
    {
        var stage = _watch.Stage;
        if (stage == _told || (stage < _told && _hardware.Level is not null && !_hasLevel)) return false;
        var rises = stage > _told;
        _told = stage;
        var id = new byte[Limits.WarningIdBytes];
        if (rises) RandomNumberGenerator.Fill(id);
        LogStage(stage, Last.RainTenths[0] / 10.0, Last.Level?.Millimetres);
        // Kept first, then said: what the power cuts off between the two is said after it.
        if (_unkept.Count == UnkeptMax) _unkept.Dequeue();
        _unkept.Enqueue(SiteAlarm.Of(_loop.Stamp(), stage, _watch.Cause, id));
        KeepAlarms(areSaid: false);
        if (rises) Say(stage, id);
        return true;
    }

    // In their order, because the newest says what people were told last; those that the disk does not take wait for the next reading.
    private void KeepAlarms(bool areSaid)
    {
        while (_unkept.TryPeek(out var alarm) && _store.KeepAlarm(alarm, areSaid) is not null)
        {
            _unkept.Dequeue();
            _journal.Nudge();
        }
    }

    private void Say(AlarmStage stage, byte[] id)
    {
        var leave = stage == AlarmStage.Leave;
        var order = LocalAlarm.For(stage, leave ? _settings.LeavePhrase : _settings.PreparePhrase, leave && _settings.SirenOnLeave);
        order.WarningId = id;
        _loop.Post(new Letter(LetterKind.LocalAlarm) { Alarm = order });
    }

    private void SumForCloud()
    {
        _summedAt = _time.GetTimestamp();
        if (_store.SumReadings(_loop.Stamp(), Last with { RainFault = _hardware.Rain is null ? SensorFault.Absent : Last.RainFault }, _board.RainGauge.TenthsOfMillimetreATip, _settings.ReadSeconds))
            _journal.Nudge();
    }

    private void Keep()
    {
        if (_store.KeepReading(_time.GetUtcNow(), _tipsKept, Last)) _tipsKept = 0; // Else they go with the next one that the disk takes.
    }

    // What fell before a restart still weighs on the slope: the windows go on from the kept readings.
    private void Restore()
    {
        var now = _time.GetUtcNow();
        // Without a battery clock the machine goes on from a time before the power cut. Rain does not come from the future: the newest fell just now.
        if (_store.NewestReading() is { } newest && newest > now) now = newest;
        foreach (var (at, tips) in _store.TipsSince(now.AddMinutes(-RainWindows.MinutesMax)))
            _watch.Windows.Restore(tips, (int)(now - at).TotalMinutes);
        _watch.Rain(0, contactStuck: false, _loop.NowMs);
        _told = _store.LastStage();
        _summedAt = _time.GetTimestamp();
        if (_store.Unsaid() is { } unsaid && (unsaid.AtMs == 0 || now.ToUnixTimeMilliseconds() - unsaid.AtMs < LocalAlarm.ValidMs)) Say(unsaid.Stage, unsaid.WarningId);
    }

    [LoggerMessage(1, LogLevel.Critical, "LOCAL ALARM, stage {Stage}: rain {Millimetres} mm in an hour, level {Level} mm")]
    private partial void LogStage(AlarmStage stage, double millimetres, int? level);

    [LoggerMessage(2, LogLevel.Debug, "two tips at once")]
    private partial void LogTwice();
}
