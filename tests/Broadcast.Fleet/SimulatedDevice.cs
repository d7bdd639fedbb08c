using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Broadcast.Device;

namespace Broadcast.Fleet;

/// <summary>What the devices of one process share.</summary>
internal sealed record FleetShared(
    FleetOptions Options, TimeProvider Clock, TimerWheel Wheel, IFlash Flash, Journal Journal, FleetCounts Counts, X509Certificate2? Authority);

/// <summary>
/// One device: the real core in a body that pretends to speak. Everything that happens to it goes through its mailbox, which
/// one pool thread empties at a time; so the core is never entered twice, and a device that has nothing to do costs no thread.
/// </summary>
internal sealed class SimulatedDevice : IDeviceBody, IThreadPoolWorkItem
{
    private const int LettersMax = 1_024; // A link window and a full queue of playbacks are far below; beyond it frames are dropped, as a full radio drops them.

    private readonly FleetShared _shared;
    private readonly DeviceRow _row;
    private readonly DeviceCore _core;
    private readonly Faults _faults;
    private readonly Lock _gate = new();
    private readonly Queue<Letter> _letters = new();
    private readonly WakeAlarm _wake;
    private readonly SpeechAlarm _speech;
    private readonly SimulatedUplink _link;
    private bool _emptying;
    private bool _wasOnline;
    private int _refusalsSeen;
    private int _playId;
    private int _attempt;
    private Order? _playing;

    public SimulatedDevice(DeviceRow row, FleetShared shared)
    {
        _row = row;
        _shared = shared;
        _faults = new Faults(shared.Options.Faults, row.Device);
        _wake = new WakeAlarm(this);
        _speech = new SpeechAlarm(this);
        _core = new DeviceCore(row.Device, row.OrderKey, row.KeyEpoch, this, shared.Flash.Load(row.Device)) { Firmware = "fleet", Board = "simulated" };
        _link = new SimulatedUplink(row, shared, _faults, this);
    }

    private long NowMs => _shared.Clock.GetTimestamp() / (_shared.Clock.TimestampFrequency / 1000);

    /// <summary>Starts the core, then the link, which connects again for as long as the power is on.</summary>
    public void PowerOn(CancellationToken powerOff)
    {
        Post(new Letter(LetterKind.Start));
        _link.Run(powerOff);
    }

    /// <summary>Waits until the link is closed.</summary>
    public Task UnpluggedAsync() => _link.DisposeAsync().AsTask();

    /// <summary>Hands something that happened to the device. Any thread; never blocks on the core.</summary>
    public void Post(Letter letter)
    {
        lock (_gate)
        {
            if (_letters.Count >= LettersMax && letter.Kind == LetterKind.Frame) return;
            _letters.Enqueue(letter);
            if (_emptying) return;
            _emptying = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    void IThreadPoolWorkItem.Execute()
    {
        while (TakeLetter() is { } letter) Read(letter);
    }

    void IDeviceBody.Play(int playId, Order order, int attempt)
    {
        _playId = playId;
        _playing = order;
        _attempt = attempt;
        _shared.Options.Observer?.SoundBegan(_row.Device, order);
        _shared.Journal.Sound(_row.Device, "play", order, attempt);
        _shared.Counts.PlayBegan();
        _shared.Wheel.Set(_speech, SpeechTime.Of(order, _shared.Options.SpeechRate));
    }

    void IDeviceBody.Stop(int playId)
    {
        if (playId == _playId) EndSound("stopped");
    }

    void IDeviceBody.Siren(bool on) => _shared.Journal.Siren(_row.Device, on);

    bool IDeviceBody.Publish(int token, byte[] frame) => _link.TryPublish(token, frame);

    bool IDeviceBody.Save(byte[] state) => _shared.Flash.Save(_row.Device, state);

    void IDeviceBody.FillReport(Report report)
    {
        report.Volume = 100;
        report.BatteryMillivolts = 12_600; // A full lead-acid battery of 12 V at rest.
        report.SignalDbm = -75;
        report.Mains = true;
    }

    void IDeviceBody.Random(byte[] buffer) => RandomNumberGenerator.Fill(buffer);

    private Letter? TakeLetter()
    {
        lock (_gate)
        {
            if (_letters.TryDequeue(out var letter)) return letter;
            _emptying = false;
            return null;
        }
    }

    private void Read(Letter letter)
    {
        switch (letter.Kind)
        {
            case LetterKind.Start: StartCore(); break;
            case LetterKind.LinkUp: _core.LinkUp(NowMs); break;
            case LetterKind.LinkDown: _core.LinkDown(NowMs); break;
            case LetterKind.Frame: _core.Received(letter.Frame!, NowMs); break;
            case LetterKind.Published: _core.Published(letter.Number, NowMs); break;
            case LetterKind.SpeechEnded: EndSpeech(); break;
            case LetterKind.Wake: _core.Tick(NowMs); break;
        }

        AfterCall();
    }

    private void StartCore()
    {
        if (_faults.ClockError is { } error)
            _core.Start(NowMs, (_shared.Clock.GetUtcNow() + error).ToUnixTimeMilliseconds(), ClockQuality.Rtc, resetReason: 0);
        else
            _core.Start(NowMs, 0, ClockQuality.Unknown, resetReason: 0);
    }

    // The letter may be older than a Stop and another Play: the alarm is set again by each Play, so only a passed one counts.
    private void EndSpeech()
    {
        if (_playing is null || _speech.IsSetAgain) return;
        var playId = _playId;
        var failure = _faults.FailsPlayback() ? Failure.Amplifier : Failure.None;
        EndSound(failure == Failure.None ? "ended" : "failed");
        _core.PlaybackEnded(playId, failure, NowMs);
    }

    private void EndSound(string how)
    {
        if (_playing is null) return;
        _shared.Wheel.Clear(_speech);
        _shared.Journal.Sound(_row.Device, how, _playing, _attempt);
        _shared.Counts.PlayEnded(toTheEnd: string.Equals(how, "ended", StringComparison.Ordinal));
        _playing = null;
    }

    private void AfterCall()
    {
        if (_core.IsSessionUp != _wasOnline)
        {
            _wasOnline = _core.IsSessionUp;
            _shared.Counts.OnlineChanged(_wasOnline);
        }

        var refusals = 0;
        for (var reason = Refusal.None; reason <= Refusal.Unsupported; reason++) refusals += _core.RefusalCount(reason);
        if (refusals != _refusalsSeen) _shared.Counts.Refused(refusals - _refusalsSeen);
        _refusalsSeen = refusals;

        if (_core.NextWakeMs == long.MaxValue) _shared.Wheel.Clear(_wake);
        else _shared.Wheel.Set(_wake, TimeSpan.FromMilliseconds(Math.Max(0, _core.NextWakeMs - NowMs)));
    }

    private sealed class WakeAlarm(SimulatedDevice device) : Alarm
    {
        protected internal override void Ring() => device.Post(new Letter(LetterKind.Wake));
    }

    private sealed class SpeechAlarm(SimulatedDevice device) : Alarm
    {
        public bool IsSetAgain => IsSet;

        protected internal override void Ring() => device.Post(new Letter(LetterKind.SpeechEnded));
    }
}

/// <summary>What can happen to a device.</summary>
internal enum LetterKind : byte
{
    Start,
    LinkUp,
    LinkDown,
    Frame,
    Published,
    SpeechEnded,
    Wake,
}

/// <param name="Number">The token of what was published.</param>
internal readonly record struct Letter(LetterKind Kind, byte[]? Frame = null, int Number = 0);
