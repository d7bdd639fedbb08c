using System;
using Broadcast.Device;
using Broadcast.Firmware.Hardware;
using Broadcast.Firmware.Link;
using Broadcast.Firmware.Site;
using Broadcast.Firmware.Speech;

namespace Broadcast.Firmware;

/// <summary>
/// The body of the device core on a microcontroller, and its loop: one thread takes everything that happens, in steps that never
/// wait, and calls the core. Time is an argument, so that a test drives an hour in a moment.
/// </summary>
/// <remarks>A part that fails in a step is counted and reported, and the others go on: no broken sensor keeps a valid order from sounding.</remarks>
public sealed partial class Gateway : IDeviceBody
{
    /// <summary>Version that hello and reports tell.</summary>
    public const string Version = "broadcast-fw 0.1.0";

    private const int BatteryPresentMillivolts = 1_000;

    private readonly Settings _settings;
    private readonly IClock _clock;
    private readonly GatewayParts _parts;
    private readonly Mailbox _mailbox;
    private readonly IUplink _uplink;
    private readonly CertificateTime _time;
    private readonly GatewayMemory _memory;
    private readonly KeyedRandom _random;
    private readonly DeviceCore _core;
    private readonly LinkKeeper _keeper;
    private readonly Journal _journal;
    private readonly JournalPost _post;
    private readonly SiteWishes _wishes;
    private readonly Watchman _watchman;
    private bool _wishesUnsaid;
    private bool _heldProgrammes;
    private bool _heldAll;
    private FaultFlags _toldFaults;
    private bool _toldMains;
    private long _presses;
    private long _nowMs;

    /// <summary>Puts a gateway together; nothing happens before <see cref="Start"/>.</summary>
    public Gateway(Settings settings, IClock clock, GatewayParts parts, Mailbox mailbox, IUplink uplink, CertificateTime time, GatewayMemory memory)
    {
        _settings = settings;
        _clock = clock;
        _parts = parts;
        _mailbox = mailbox;
        _uplink = uplink;
        _time = time;
        _memory = memory;
        _random = new KeyedRandom(settings.OrderKey, clock);
        _core = new DeviceCore(settings.Device, settings.OrderKey, settings.KeyEpoch, this, memory.Saved) { Firmware = Version, Board = Hardware.Board.Name };
        _keeper = new LinkKeeper(uplink, this);
        _journal = new Journal(memory.Journal, clock.MonotonicMs);
        _post = new JournalPost(_journal, _core);
        _wishes = new SiteWishes(memory.Wishes);
        _watchman = new Watchman(parts.Sensors, settings, _journal, _core, this);
    }

    /// <summary>The core, for tests and the service port.</summary>
    public DeviceCore Core => _core;

    /// <summary>The link's state.</summary>
    public LinkKeeper Link => _keeper;

    /// <summary>What waits for the cloud.</summary>
    public Journal Journal => _journal;

    /// <summary>What the cloud wants of the site.</summary>
    public SiteWishes Wishes => _wishes;

    /// <summary>Steps of parts that failed with an error nobody expected, since the start; the last one's text is <see cref="LastError"/>.</summary>
    public int Errors { get; private set; }

    /// <summary>The last unexpected error.</summary>
    public string LastError { get; private set; } = "";

    /// <summary>Whether the network driver hangs and only a restart helps; never while something sounds.</summary>
    public bool LinkIsHung => _keeper.HungAttempts >= LinkKeeper.HungAttemptsMax && _core.PlayingId == 0;

    /// <summary>A line for the technician at the service port.</summary>
    public string Describe(string linkError) =>
        "link " + (_core.IsSessionUp ? "session" : _keeper.Phase == LinkPhase.Up ? "up" : "down " + linkError)
        + "; faults " + ((int)(Faults | _core.Faults)).ToString() + "; battery " + _parts.Sensors.BatteryMillivolts.ToString()
        + " mV; rain of an hour " + _parts.Sensors.Watch.RainTenths(60, _nowMs).ToString() + "; level " + _parts.Sensors.Watch.LevelMillimetres.ToString()
        + " mm; waiting " + _journal.Alarms.ToString() + " alarms " + _journal.Readings.ToString() + " readings; settings " + _wishes.State.InForce.ToString()
        + (_parts.Clock.IsFaulty ? "; clock faulty" : "; clock good") + "; boot " + _core.Boot.ToString() + "; errors " + Errors.ToString() + (Errors > 0 ? " " + LastError : "");

    /// <summary>What the body knows to be wrong.</summary>
    public FaultFlags Faults => When(_parts.Chip.Silent || _parts.Chip.LineStuck, FaultFlags.Speech)
        | When(!_parts.Tamper.IsClosed, FaultFlags.Tamper)
        | When(_parts.Sensors.BatteryMillivolts >= BatteryPresentMillivolts && _parts.Sensors.BatteryMillivolts < Hardware.Board.BatteryEmptyMillivolts, FaultFlags.Battery)
        | When(_journal.HasFailed, FaultFlags.Storage)
        | When(_wishes.HasHeardNonsense, FaultFlags.Cloud)
        | When(_parts.Clock.IsFaulty, FaultFlags.MachineClock)
        | When(Errors > 0 || _parts.Sensors.RainFault != Device.Sensing.SensorFault.None || (_parts.Sensors.UsesLevel && _parts.Sensors.LevelFault != Device.Sensing.SensorFault.None), FaultFlags.Sensor);

    /// <summary>Begins: restores what was saved, asks the chip whether it is there.</summary>
    public void Start(long nowMs)
    {
        _nowMs = nowMs;
        // The battery clock is a hint: the core takes it when it is not behind its floor, and the first welcome corrects it.
        long wallMs = _parts.Clock.Read();
        _core.Start(nowMs, wallMs, wallMs > 0 ? ClockQuality.Rtc : ClockQuality.Unknown, (byte)_memory.Mark.Reason);
        _random.Boot = _core.Boot;
        if (_wishes.Current != null)
            _parts.Sensors.Use(_wishes.Rain(), _wishes.Level(), nowMs);
        _watchman.Start(nowMs);
        if (!_parts.Announcer.IsPlaying)
            _parts.Chip.Ask(nowMs);
        _toldFaults = Faults;
        _toldMains = _parts.Mains.IsClosed;
    }

    /// <summary>Works through what happened since the last step. Never waits.</summary>
    public void Step(long nowMs)
    {
        _nowMs = nowMs;
        TakeLetters();
        Guarded(0);
        Guarded(1);
        Guarded(2);
        Guarded(3);
        if (nowMs >= _core.NextWakeMs)
            _core.Tick(nowMs);
    }

    /// <summary>How long the loop may wait for the next letter, in milliseconds.</summary>
    public int WaitMs(long nowMs)
    {
        long wakeMs = _core.NextWakeMs < _keeper.NextWakeMs ? _core.NextWakeMs : _keeper.NextWakeMs;
        long most = _parts.Announcer.IsPlaying || _parts.Chip.State == ChipState.Sent ? FirmwareLimits.SpeakingWaitMs : FirmwareLimits.LoopWaitMsMax;
        long wait = wakeMs - nowMs < most ? wakeMs - nowMs : most;
        return wait < 1 ? 1 : (int)wait;
    }

    private void TakeLetters()
    {
        // Not more than fit at once: a link that never stops talking must not keep the siren's maximum from being looked at.
        for (int i = 0; i < FirmwareLimits.LettersMax; i++)
        {
            LetterKind kind = _mailbox.Take();
            if (kind == LetterKind.None)
                return;
            Take(kind);
        }
    }

    private void Take(LetterKind kind)
    {
        switch (kind)
        {
            case LetterKind.LinkUp:
                _keeper.Up(_nowMs);
                _core.LinkUp(_nowMs);
                // An attempt that was given up may come through after all, and the next one closes it without a word.
                _post.LinkDown();
                // Said in each session: what was lost with the last one is made up for.
                _wishesUnsaid = true;
                break;
            case LetterKind.LinkDown:
                _keeper.Down(_nowMs);
                _core.LinkDown(_nowMs);
                _post.LinkDown();
                break;
            case LetterKind.Frame:
                _core.Received(_mailbox.Frame, _nowMs);
                TakeTime();
                TakeWishes();
                break;
            case LetterKind.Acknowledged:
                _core.Published(_mailbox.Token, _nowMs);
                _post.Acknowledged(_mailbox.Token);
                break;
            default:
                break;
        }
    }

    private void TakeTime()
    {
        if (_core.Clock == ClockQuality.Cloud && _keeper.Phase == LinkPhase.Up)
            _time.Known(_core.WallMs(_nowMs));
    }

    private void TakeWishes()
    {
        byte[]? wishes = _core.TakeSettings();
        if (wishes == null)
            return;
        int before = _wishes.State.InForce;
        _wishesUnsaid |= _wishes.Take(wishes, _parts.Sensors.HasLevelGauge(), _core.WallMs(_nowMs));
        if (_wishes.Current != null && _wishes.State.InForce != before)
            _parts.Sensors.Use(_wishes.Rain(), _wishes.Level(), _nowMs);
    }

    // Quiet hours and the times of programmes, by the local minute; nothing is held while the time is not known.
    private void HoldByTheClock()
    {
        int minute = LocalMinute();
        bool isKnown = _wishes.Current != null && minute >= 0;
        bool programmes = isKnown && !_wishes.Current!.MayBeginProgrammeAt(minute);
        bool all = isKnown && _wishes.Current!.IsQuietAt(minute);
        if (programmes == _heldProgrammes && all == _heldAll)
            return;
        _heldProgrammes = programmes;
        _heldAll = all;
        _core.Hold(programmes, all, _nowMs);
    }

    // -1 while the time is not known.
    private int LocalMinute()
    {
        long wallMs = _core.WallMs(_nowMs);
        return wallMs == 0 ? -1 : (int)(((wallMs / 60_000) + _settings.UtcOffsetMinutes) % SiteSettings.MinutesADay);
    }

    private void Guarded(int part)
    {
        try
        {
            switch (part)
            {
                case 0:
                    StepSound();
                    break;
                case 1:
                    StepContacts();
                    break;
                case 2:
                    StepSensors();
                    break;
                default:
                    StepLink();
                    break;
            }
        }
        catch (Exception unexpected)
        {
            // Counted, reported as a fault of the sensors, and tried again with the next step.
            Errors = Errors < int.MaxValue ? Errors + 1 : Errors;
            LastError = unexpected.Message;
        }
    }

    private void StepSound()
    {
        _parts.Siren.Step(_nowMs);
        _parts.Chip.Step(_nowMs);
        _parts.Announcer.Step(_nowMs);
        int ended = _parts.Announcer.TakeEnded();
        if (ended != 0)
            _core.PlaybackEnded(ended, _parts.Announcer.EndedWith, _nowMs);
    }

    private void StepContacts()
    {
        _parts.Stop.Step();
        // Counted, not looked at: a press may be over before the loop comes round from saving a state.
        if (_parts.Stop.Closings != _presses)
        {
            _presses = _parts.Stop.Closings;
            _core.OperatorStop(_nowMs);
        }

        _parts.Tamper.Step();
        _parts.Mains.Step();
        bool mains = _parts.Mains.IsClosed;
        FaultFlags faults = Faults;
        if (faults != _toldFaults || mains != _toldMains)
        {
            _toldFaults = faults;
            _toldMains = mains;
            _core.BodyChanged(_nowMs);
        }
    }

    private void StepSensors()
    {
        _watchman.Step(_nowMs);
        HoldByTheClock();
        if (_core.Clock == ClockQuality.Cloud)
            _parts.Clock.Keep(_core.WallMs(_nowMs), _nowMs);
        // Leaves the mark while there is still power to write it.
        bool atEnd = (Faults & FaultFlags.Battery) != 0 && !_parts.Mains.IsClosed;
        _memory.Mark.Leave(atEnd ? ResetReason.BrownOut : ResetReason.PowerOn);
    }

    private void StepLink()
    {
        _keeper.Step(_nowMs);
        if (_wishesUnsaid && _core.IsSessionUp)
            _wishesUnsaid = _core.Send(MessageType.SettingsState, _wishes.State.Encode(), _nowMs) == 0;
        _post.Step(_nowMs);
        if (_parts.Status.IsOn != _core.IsSessionUp)
            _parts.Status.Switch(_core.IsSessionUp);
    }

    private static FaultFlags When(bool holds, FaultFlags fault) => holds ? fault : FaultFlags.None;
}
