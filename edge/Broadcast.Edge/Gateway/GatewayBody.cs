using System.Security.Cryptography;
using Broadcast.Device;
using Broadcast.Device.Sensing;
using Broadcast.Edge.Audio;
using Broadcast.Edge.Hardware;
using Broadcast.Edge.Line;
using Broadcast.Edge.Recordings;
using Broadcast.Edge.Sensors;
using Broadcast.Edge.Service;
using Broadcast.Edge.Storage;
using Broadcast.Edge.Talk;
using Broadcast.Edge.Telemetry;
using Microsoft.Extensions.Logging;

namespace Broadcast.Edge.Gateway;

/// <summary>The body around the core: a loudspeaker, a siren, a disk and a link. Called on the loop only.</summary>
internal sealed partial class GatewayBody : IDeviceBody, IRecordingBody, ILiveBody
{
    private const int RecentMax = 50;

    // A recording that is not here when the tone ends: a warning waits less than anybody notices, a programme can wait a little.
    private static readonly TimeSpan ActualWaitsForRecording = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan OthersWaitForRecording = TimeSpan.FromSeconds(3);

    private readonly EdgeSettings _settings;
    private readonly GatewayStore _store;
    private readonly ISpeaker _speaker;
    private readonly SpeechCheck _speechCheck;
    private readonly SoundLoop _sound;
    private readonly SiteHardware _hardware;
    private readonly SiteConfig _config;
    private readonly Uplink _uplink;
    private readonly SiteDoors _doors;
    private readonly TimeProvider _time;
    private readonly ILogger<GatewayBody> _logger;
    private readonly TimeZoneInfo _zone;
    private readonly Dictionary<int, CancellationTokenSource> _speaking = [];
    private readonly Queue<string> _recent = new();
    private volatile bool _speechFails;
    private volatile int _talkPlayId;

    public GatewayBody(
        EdgeSettings settings, GatewayStore store, ISpeaker speaker, SpeechCheck speechCheck, SoundLoop sound, RecordingShelf recordings, LiveReceiver live, LineWatch line, PushToTalk talk, SiteHardware hardware, SiteConfig config, Uplink uplink, SiteDoors doors,
        TimeProvider time, ILogger<GatewayBody> logger)
    {
        (Recordings, Live, Line, Talk) = (recordings, live, line, talk);
        talk.Post = letter => Post(letter);
        recordings.Changed = () => Post(new Letter(LetterKind.BodyChanged));
        _doors = doors;
        doors.Changed = () => Post(new Letter(LetterKind.BodyChanged));
        store.Moved += () => Post(new Letter(LetterKind.BodyChanged));
        line.Changed += () => Post(new Letter(LetterKind.BodyChanged));
        (_settings, _store, _speaker, _speechCheck, _sound, _hardware, _config, _uplink, _time, _logger) = (settings, store, speaker, speechCheck, sound, hardware, config, uplink, time, logger);
        _zone = TimeZoneInfo.FindSystemTimeZoneById(settings.Sound.TimeZone);
        sound.Ended += TakeEnd;
        // The amplifier is awake before the first sample, and stays so for the tail of silence.
        sound.Sounding += line.Sounds;
        if (hardware.Stop is { } stop) stop.Settled += pressed => { if (pressed) Post(new Letter(LetterKind.OperatorStop)); };
        // Mains gone is a last gasp: it is reported while the battery still carries it. An open cabinet is a fault.
        foreach (var contact in new[] { hardware.Mains, hardware.Tamper })
            if (contact is not null) contact.Settled += _ => Post(new Letter(LetterKind.BodyChanged));
        sound.Began += (playId, after) =>
        {
            if (playId == Pilot.PlayId) return;
            LogBegan(playId, after.TotalMilliseconds);
            OrderTraces.Sounds(playId, after, time.GetUtcNow());
        };
    }

    /// <summary>What was last played, newest last, for the technician: at most <see cref="RecentMax"/>.</summary>
    public IReadOnlyCollection<string> Recent
    {
        get
        {
            lock (_recent) return [.. _recent];
        }
    }

    /// <summary>The recordings that orders name.</summary>
    public RecordingShelf Recordings { get; }

    /// <summary>The bureau's microphone.</summary>
    public LiveReceiver Live { get; }

    /// <summary>The site's own microphone.</summary>
    public PushToTalk Talk { get; }

    /// <summary>What measures amplifier and loudspeakers.</summary>
    public LineWatch Line { get; }

    /// <summary>Set by the loop: takes what happens; never blocks.</summary>
    public Action<Letter> Post { get; set; } = _ => { };

    /// <summary>Set by the sensors: the site as of the last reading.</summary>
    public Func<SiteReading> Site { get; set; } = () => SiteReading.None;

    /// <summary>Timestamp at which the frame came in that the core works on; 0 for none.</summary>
    public long OrderedAt { get; set; }

    void IDeviceBody.Play(int playId, Order order, int attempt)
    {
        var orderedAt = OrderedAt == 0 ? _time.GetTimestamp() : OrderedAt;
        var stop = new CancellationTokenSource();
        _speaking[playId] = stop;
        var percent = Loudness.Percent(order, _settings.Sound, LocalHour(), _config.Current);
        var text = order.SpokenText();
        if (order.OpensSiren) _hardware.Siren?.Renew(); // The core's wish goes on from one broadcast to the next.
        var isTalk = PushToTalk.IsTalk(order);
        if (isTalk) _talkPlayId = playId;
        var isLive = isTalk || order.Class == WarningClass.LiveSpeech;
        var plan = new PlaybackPlan(
            playId, new Tone(ToneNow, TimeSpan.FromMilliseconds(order.ToneMs)), isTalk ? Prepared(new Script(() => Talk.Begin(order, playId, stop.Token))) : ScriptOf(order, stop.Token), isLive ? 1 : order.Repetitions,
            TimeSpan.FromMilliseconds(_settings.Sound.PauseMs), Loudness.Gain(percent), orderedAt);
        _sound.Play(new Playback(plan, isLive ? LiveReceiver.Patience : _settings.Speech.StallMax + TimeSpan.FromSeconds(1)));
        OrderTraces.Plays(playId, order, attempt);
        Note($"play {playId}: {order.Class} {order.Level} {order.Event}, attempt {attempt}: {(order.HasAudio ? "recording, or " : "")}{(text.Length > 40 ? text[..40] + "…" : text)}");
        LogPlay(playId, Convert.ToHexStringLower(order.WarningId), order.Revision, attempt, order.Class, order.Level, percent);
    }

    void IRecordingBody.Fetch(Order order) => Recordings.Fetch(order);

    bool ILiveBody.CanListen => true;

    private Script? ScriptOf(Order order, CancellationToken stop)
    {
        if (order.Class == WarningClass.LiveSpeech) return Prepared(new Script(() => Live.Begin(order, stop)));
        if (order.SpokenText().Length == 0 && !order.HasAudio) return null;
        Speech Say(string text) => _speaker.Begin(text, order.Language, stop);
        var script = new Script(() => Say(order.SpokenText()))
        {
            Recording = order.HasAudio ? Recordings.Begin(order, stop) : null,
            Before = order.HasAudio && order.SpokenBefore().Length > 0 ? Say(order.SpokenBefore()) : null,
            After = order.HasAudio && order.SpokenAfter().Length > 0 ? Say(order.SpokenAfter()) : null,
            Patience = order.IsActual ? ActualWaitsForRecording : OthersWaitForRecording,
        };
        return order.HasAudio && Recordings.Has(order) ? script : Prepared(script);
    }

    private static Script Prepared(Script script)
    {
        script.PrepareText();
        return script;
    }

    void IDeviceBody.Stop(int playId)
    {
        _sound.Stop(playId);
        Forget(playId);
        Note($"play {playId}: stopped");
        LogStopped(playId);
    }

    void IDeviceBody.Siren(bool on)
    {
        _hardware.Siren?.Switch(on);
        LogSiren(on ? "on" : "off", _hardware.Siren is null ? ", but there is none" : "");
    }

    bool IDeviceBody.Publish(int token, byte[] frame) => _uplink.TryPublish(token, frame);

    bool IDeviceBody.Save(byte[] state) => _store.SaveState(state);

    void IDeviceBody.FillReport(Report report)
    {
        report.Volume = _config.Current is { } wanted ? LocalHour() is { } hour ? wanted.VolumeByHour[hour] : wanted.VolumeByHour.Max() : _settings.Sound.VolumeMax;
        report.BatteryMillivolts = Site().BatteryMillivolts;
        report.Mains = _hardware.Mains?.IsClosed ?? true;
        report.Faults = (int)Faults;
        (report.Uplink, report.IsMetered, report.UplinkWhy) = (_uplink.Name, _uplink.IsMetered, _uplink.Why);
    }

    void IDeviceBody.Random(byte[] buffer) => RandomNumberGenerator.Fill(buffer);

    /// <summary>Set by the loop: the machine's clock is far from the cloud's, or stands before there was such a system.</summary>
    public bool ClockIsWrong { get; set; }

    /// <summary>What the body knows to be wrong.</summary>
    public FaultFlags Faults
    {
        get
        {
            var site = Site();
            return When(_sound.HasFailed, FaultFlags.Audio) | When(_speechFails, FaultFlags.Speech) | When(Recordings.Fault.Length > 0, FaultFlags.Recording)
                | When(_hardware.Tamper is { IsClosed: false }, FaultFlags.Tamper)
                | When(site.BatteryMillivolts is > 0 and < Battery.EmptyMillivolts, FaultFlags.Battery)
                | When(_hardware.Faults.Count > 0, FaultFlags.Board) | When(_store.HasFailed, FaultFlags.Storage) | When(_config.HasHeardNonsense, FaultFlags.Cloud)
                | When(ClockIsWrong, FaultFlags.MachineClock) | Line.Faults | When(Talk.HasFailed, FaultFlags.Microphone) | When(_doors.IsAnyShut, FaultFlags.Listening)
                | When(site.RainFault != SensorFault.None || site.LevelFault != SensorFault.None || _hardware.Converter is { IsSilent: true }, FaultFlags.Sensor);
        }
    }

    private static FaultFlags When(bool holds, FaultFlags fault) => holds ? fault : FaultFlags.None;

    /// <summary>The stop button was pressed; it stops no actual warning of the cloud.</summary>
    public void StopPressed(bool stopped)
    {
        var what = stopped ? "what played was stopped" : "nothing that it may stop plays";
        Note($"stop button: {what}");
        LogStopPressed(what);
    }

    /// <summary>Tries the synthesizer; what is wrong with it is a fault in the next report.</summary>
    public async Task<string> CheckSpeechAsync(CancellationToken ct)
    {
        var fault = await _speechCheck.RunAsync(ct);
        _speechFails = fault.Length > 0;
        if (_speechFails) Post(new Letter(LetterKind.BodyChanged));
        return fault;
    }

    // On the sound loop's thread.
    private void TakeEnd(PlaybackEnd end)
    {
        if (end.PlayId == Pilot.PlayId) return; // Nobody's broadcast.
        // Asked here and not later: what sounds next is another broadcast's.
        var check = end.Failure == Failure.None ? Line.Finish(end.PlayId) : SoundCheck.NotMeasured;
        if (end.PlayId == _talkPlayId) Post(new Letter(LetterKind.BodyChanged)); // What fails there is the microphone, and its own fault.
        else _speechFails = end.Failure == Failure.NoSpeech || (_speechFails && end.Failure != Failure.None);
        Note($"play {end.PlayId}: ended, failure {end.Failure}, sound {check}");
        LogEnded(end.PlayId, end.Failure);
        Post(new Letter(LetterKind.PlaybackEnded, Number: end.PlayId, Failure: end.Failure) { Check = check });
    }

    /// <summary>Ends the synthesizer of a playback that is over, if it still works. On the loop.</summary>
    public void Forget(int playId)
    {
        if (!_speaking.Remove(playId, out var stop)) return;
        stop.Cancel();
        stop.Dispose();
    }

    private ToneKind ToneNow => _config.Current is not { } wanted ? _settings.Sound.Tone : wanted.Tone == SiteTone.Single ? ToneKind.Single : ToneKind.TwoTone;

    private void Note(string what)
    {
        lock (_recent)
        {
            _recent.Enqueue($"{_time.GetUtcNow():yyyy-MM-dd HH:mm:ss}Z {what}");
            if (_recent.Count > RecentMax) _recent.Dequeue();
        }
    }

    private int? LocalHour()
    {
        var now = _time.GetUtcNow();
        return now.ToUnixTimeMilliseconds() < Limits.WallMsMin ? null : TimeZoneInfo.ConvertTime(now, _zone).Hour;
    }

    [LoggerMessage(1, LogLevel.Information, "play {PlayId}: warning {Warning} revision {Revision} attempt {Attempt}, {Class} {Level}, volume {Percent} %")]
    private partial void LogPlay(int playId, string warning, int revision, int attempt, WarningClass @class, WarningLevel level, int percent);

    [LoggerMessage(2, LogLevel.Information, "play {PlayId}: first sample {Milliseconds:0.0} ms after its order")]
    private partial void LogBegan(int playId, double milliseconds);

    [LoggerMessage(3, LogLevel.Information, "play {PlayId}: stopped")]
    private partial void LogStopped(int playId);

    [LoggerMessage(4, LogLevel.Information, "play {PlayId}: ended, failure {Failure}")]
    private partial void LogEnded(int playId, Failure failure);

    [LoggerMessage(6, LogLevel.Information, "stop button: {What}")]
    private partial void LogStopPressed(string what);

    [LoggerMessage(5, LogLevel.Information, "siren {State}{None}")]
    private partial void LogSiren(string state, string none);
}
