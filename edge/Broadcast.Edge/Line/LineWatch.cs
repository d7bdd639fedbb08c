using System.Collections.Concurrent;
using System.Globalization;
using Broadcast.Device;
using Broadcast.Edge.Audio;
using Broadcast.Edge.Gateway;
using Broadcast.Edge.Hardware;
using Broadcast.Edge.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Broadcast.Edge.Line;

/// <summary>A measurement of amplifier and loudspeakers.</summary>
internal sealed record LineState(SoundTestResult Result, LineReading Reading, DateTimeOffset At);

/// <summary>
/// Watches amplifier and loudspeakers where the board measures them: ten looks a second while a broadcast sounds, for <i>verified
/// audible</i>; a pilot nobody hears once a minute on mains, for line faults within the 100 s of EN 54-16; the scheduled self-test, on battery
/// too. A broadcast always goes first. A board without the two inputs measures nothing and claims nothing.
/// </summary>
internal sealed partial class LineWatch : BackgroundService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);

    /// <summary>A look later than this after the one before leaves a hole that nobody has measured.</summary>
    private static readonly TimeSpan HoleFrom = TimeSpan.FromMilliseconds(500);

    private readonly ConcurrentQueue<TaskCompletionSource<LineState?>> _asked = new();
    private readonly Lock _amplifierGate = new();
    private bool _sounds;
    private readonly SoundLoop _sound;
    private readonly ISoundOutput _output;
    private readonly SiteHardware _hardware;
    private readonly SiteConfig _config;
    private readonly LineSettings _settings;
    private readonly GatewayStore _store;
    private readonly TimeProvider _time;
    private readonly ILogger<LineWatch> _logger;
    private readonly LineSense? _sense;
    private readonly OutputMeter _meter;
    private readonly long _startedAt;
    private volatile Hearing? _hearing;
    private volatile LineState? _last;
    private volatile FaultBox _faults = new(FaultFlags.None);
    private LineMeasuring? _measuring;
    private long _lookedAt;
    private long? _supervisedAt;
    private long? _testedAt;
    private volatile int _nominal;

    public LineWatch(EdgeSettings settings, Board board, SoundLoop sound, ISoundOutput output, SiteHardware hardware, SiteConfig config, GatewayStore store, TimeProvider time, ILogger<LineWatch> logger)
    {
        (_settings, _sound, _output, _hardware, _config, _store, _time, _logger) = (settings.Line, sound, output, hardware, config, store, time, logger);
        _sense = board.Adc?.Loudspeaker is { } loudspeaker ? new LineSense(hardware.Converter!, loudspeaker) : null;
        _meter = new OutputMeter(TimeSpan.FromMilliseconds(board.Adc?.Loudspeaker?.SmoothingMs ?? 100));
        _nominal = store.LoadNominal() ?? board.Adc?.Loudspeaker?.NominalMilliohms ?? 0;
        _startedAt = time.GetTimestamp();
        if (_sense is null) return;
        sound.Wrote = _meter.Take;
        sound.Began += (playId, _) => { if (playId > 0) _hearing = new Hearing(playId, new SoundTally(), _time.GetTimestamp()); };
        sound.Sounding += on => { if (!on) _meter.Clear(); };
    }

    private sealed record Hearing(int PlayId, SoundTally Tally, long BeganAt);

    private sealed record FaultBox(FaultFlags Flags);

    /// <summary>Set by the loop: whether a broadcast plays.</summary>
    public Func<bool> IsBusy { get; set; } = () => false;

    /// <summary>Set by the loop: now, as it is known now.</summary>
    public Func<Stamp> Stamp { get; set; } = () => default;

    /// <summary>Told when something that reports tell has changed, and when a self-test waits for the cloud. Any thread.</summary>
    public event Action? Changed;

    /// <summary>Told when a self-test was kept for the cloud.</summary>
    public event Action? Kept;

    /// <summary>What is wrong with amplifier and line, as last measured.</summary>
    public FaultFlags Faults => _faults.Flags;

    /// <summary>Whether the board measures.</summary>
    public bool CanMeasure => _sense is not null;

    /// <summary>Supervision on mains keeps the amplifier awake: 1,440 clicks of its relay a day would wear it out in months.</summary>
    public bool KeepsAmplifierOn => _sense is not null && _settings.SuperviseSeconds > 0 && IsOnMains;

    /// <summary>Sound begins, before its first sample, or its tail is over: the amplifier is awake in between, whatever else is going on. From the sound loop's thread.</summary>
    public void Sounds(bool on)
    {
        lock (_amplifierGate)
        {
            _sounds = on;
            _hardware.Amplifier?.Switch(on || KeepsAmplifierOn);
        }
    }

    /// <summary>For the technician: one line.</summary>
    public string Summary => _sense is null ? "本机不测 not measured on this board" : _last is not { } last ? $"尚未测量 not measured yet; nominal {Ohms(_nominal)}" : string.Create(CultureInfo.InvariantCulture,
        $"{last.Result}: {Ohms(last.Reading.Milliohms)}, nominal {Ohms(_nominal)} ±{_sense.Board.TolerancePercent} %, {last.Reading.Millivolts:0} mV at the amplifier, {last.At:yyyy-MM-dd HH:mm:ss} UTC");

    private bool IsOnMains => _hardware.Mains?.IsClosed ?? true;

    private int SelfTestMinutes => _config.Current is { SelfTestMinutes: not SiteSettings.NoWish } wanted ? wanted.SelfTestMinutes : _settings.SelfTestMinutes;

    /// <summary>What was measured of a playback that went to its end. From the sound loop's thread.</summary>
    public SoundCheck Finish(int playId)
    {
        if (_hearing is not { } hearing || hearing.PlayId != playId) return SoundCheck.NotMeasured;
        _hearing = null;
        var check = hearing.Tally.Check;
        LogHeard(playId, check, hearing.Tally.Percent, hearing.Tally.Looks);
        if (check == SoundCheck.AmplifierSilent)
        {
            SetFaults(hearing.Tally.Fault);
            _supervisedAt = null; // The pilot tells more, as soon as it may.
        }
        else if (check == SoundCheck.AmplifierDriven) SetFaults(Faults & ~(FaultFlags.Amplifier | FaultFlags.LineOpen));
        return check;
    }

    /// <summary>Measures now, as soon as nothing plays; null where the board measures nothing, or a broadcast came between.</summary>
    public async Task<LineState?> MeasureAsync(CancellationToken ct)
    {
        if (_sense is null) return null;
        var answer = new TaskCompletionSource<LineState?>(TaskCreationOptions.RunContinuationsAsynchronously);
        _asked.Enqueue(answer);
        return await answer.Task.WaitAsync(ct);
    }

    /// <summary>Makes the line as it is now the nominal one; gives it in milliohms, or null where it cannot be one.</summary>
    public async Task<int?> LearnAsync(CancellationToken ct)
    {
        if (await MeasureAsync(ct) is not { } state || !LineJudge.HasVoltage(state.Reading, _sense!.PilotMillivolts)) return null; // Not by its result: a line never learned has none.
        if (state.Reading.Milliohms is < BoardLoudspeaker.MilliohmsMin or >= BoardLoudspeaker.MilliohmsMax) return null;
        if (!_store.SaveNominal(state.Reading.Milliohms)) return null;
        _nominal = state.Reading.Milliohms;
        _supervisedAt = null; // Judged anew at once.
        return _nominal;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_sense is null) return;
        using var ticker = new PeriodicTimer(LookEvery, _time);
        try
        {
            while (await ticker.WaitForNextTickAsync(stoppingToken)) Turn(_sense);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            _sound.Stop(Pilot.PlayId);
        }
    }

    private void Turn(LineSense sense)
    {
        if (_measuring is { } measuring) Go(sense, measuring);
        else if (_hearing is { } hearing && IsBusy()) Look(sense, hearing);
        else if (!IsBusy() && Wish() is { } wish) Begin(wish);
        else RestAmplifier();
        _lookedAt = _time.GetTimestamp();
    }

    private void Look(LineSense sense, Hearing hearing)
    {
        var tally = hearing.Tally;
        var mean = _meter.Mean(_output.Lead);
        var since = _time.GetElapsedTime(Math.Max(_lookedAt, hearing.BeganAt)); // What nobody looked at before it began is no hole in it.
        if (since > HoleFrom)
            for (var missed = since; missed > LookEvery; missed -= LookEvery) tally.Look(mean, null, sense.FullMillivolts, _nominal);
        tally.Look(mean, mean < SoundTally.HeardFrom ? null : TryRead(sense), sense.FullMillivolts, _nominal);
    }

    private LineReading? TryRead(LineSense sense)
    {
        try
        {
            return sense.Read();
        }
        catch (IOException silent)
        {
            LogSilent(silent.Message); // Not measured; the level's reading names the converter as a fault.
            return null;
        }
    }

    /// <summary>What is due: the technician's wish, the self-test, the minute's supervision.</summary>
    private LineMeasuring? Wish()
    {
        if (_asked.TryDequeue(out var answer)) return new LineMeasuring(answer, IsSelfTest: false);
        if (SelfTestMinutes > 0 && IsDue(_testedAt, TimeSpan.FromMinutes(SelfTestMinutes))) return new LineMeasuring(null, IsSelfTest: true);
        return _settings.SuperviseSeconds > 0 && IsOnMains && IsDue(_supervisedAt, TimeSpan.FromSeconds(_settings.SuperviseSeconds)) ? new LineMeasuring(null, IsSelfTest: false) : null;
    }

    private bool IsDue(long? last, TimeSpan period) => last is { } at ? _time.GetElapsedTime(at) >= period : _time.GetElapsedTime(_startedAt) >= TimeSpan.FromSeconds(_settings.FirstSeconds);

    private void Begin(LineMeasuring wish)
    {
        _measuring = wish;
        wish.BeganAt = _time.GetTimestamp();
        _sound.Play(Pilot.Make(wish.BeganAt));
    }

    // A pilot goes on over several turns; a broadcast that comes between ends it, and it is made up for afterwards.
    private void Go(LineSense sense, LineMeasuring measuring)
    {
        var age = _time.GetElapsedTime(measuring.BeganAt);
        if (IsBusy())
        {
            _sound.Stop(Pilot.PlayId);
            _measuring = null;
            measuring.Answer?.SetResult(null);
        }
        else if (age >= Pilot.Settle && age < Pilot.Length - LookEvery - _output.Lead && TryRead(sense) is { } reading) measuring.Readings.Add(reading);
        else if (age >= Pilot.Length) Judge(sense, measuring);
    }

    private void Judge(LineSense sense, LineMeasuring measuring)
    {
        _measuring = null;
        var reading = measuring.Mean();
        var result = reading is null || _nominal == 0 ? SoundTestResult.NotMeasured : LineJudge.Judge(reading.Value, sense.PilotMillivolts, _nominal, sense.Board.TolerancePercent);
        // Lightning and a loose clamp last a moment: what is bad is measured once more before anybody is told.
        if (result is not (SoundTestResult.Passed or SoundTestResult.NotMeasured) && measuring.Before != result)
        {
            Begin(new LineMeasuring(measuring.Answer, measuring.IsSelfTest) { Before = result });
            return;
        }
        var state = new LineState(result, reading ?? default, _time.GetUtcNow());
        (_last, _supervisedAt) = (state, _time.GetTimestamp());
        if (measuring.IsSelfTest) Keep(state);
        if (result != SoundTestResult.NotMeasured) SetFaults(LineJudge.FaultOf(result));
        measuring.Answer?.SetResult(state);
    }

    private void Keep(LineState state)
    {
        _testedAt = _time.GetTimestamp();
        LogSelfTest(state.Result, state.Reading.Milliohms / 1_000.0, state.Reading.Millivolts);
        if (_store.KeepSoundTest(Stamp(), state.Result, state.Reading.Milliohms, _nominal, (int)state.Reading.Millivolts)) Kept?.Invoke();
    }

    private void SetFaults(FaultFlags faults)
    {
        if (_faults.Flags == faults) return;
        _faults = new FaultBox(faults);
        LogFaults(faults);
        Changed?.Invoke();
    }

    // Mains went while the amplifier was kept awake: the battery is for what is said.
    internal void RestAmplifier()
    {
        lock (_amplifierGate)
        {
            if (_hardware.Amplifier is { IsOn: true } amplifier && !_sounds && !KeepsAmplifierOn) amplifier.Switch(false);
        }
    }

    private static string Ohms(int milliohms) => milliohms >= BoardLoudspeaker.MilliohmsMax ? "no load" : string.Create(CultureInfo.InvariantCulture, $"{milliohms / 1_000.0:0.00} Ω");

    [LoggerMessage(1, LogLevel.Information, "play {PlayId}: {Check}, measured in {Percent} % of {Looks} looks")]
    private partial void LogHeard(int playId, SoundCheck check, int percent, int looks);

    [LoggerMessage(2, LogLevel.Debug, "The line was not measured: {Why}")]
    private partial void LogSilent(string why);

    [LoggerMessage(3, LogLevel.Information, "self-test of the loudspeakers: {Result}, {Ohms:0.00} ohms, {Millivolts:0} mV")]
    private partial void LogSelfTest(SoundTestResult result, double ohms, double millivolts);

    [LoggerMessage(4, LogLevel.Warning, "amplifier and loudspeakers: {Faults}")]
    private partial void LogFaults(FaultFlags faults);
}

/// <summary>One measurement under way.</summary>
internal sealed record LineMeasuring(TaskCompletionSource<LineState?>? Answer, bool IsSelfTest)
{
    /// <summary>Looks without which a mean is none.</summary>
    private const int ReadingsMin = 3;

    public long BeganAt { get; set; }

    /// <summary>What the measurement before said, where this one is to confirm it.</summary>
    public SoundTestResult? Before { get; init; }

    public List<LineReading> Readings { get; } = [];

    /// <summary>The mean of the looks; null of too few.</summary>
    public LineReading? Mean() => Readings.Count < ReadingsMin ? null : new LineReading(Readings.Average(r => r.Millivolts), Readings.Average(r => r.Milliamps));
}
