using System;
using Broadcast.Device;
using Broadcast.Firmware.Hardware;
using Broadcast.Firmware.Link;
using Broadcast.Firmware.Speech;
using Broadcast.Firmware.Storage;

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
    private readonly TwoSlotStore _store;
    private readonly RestartMark _mark;
    private readonly KeyedRandom _random;
    private readonly DeviceCore _core;
    private readonly LinkKeeper _keeper;
    private FaultFlags _toldFaults;
    private bool _toldMains;
    private long _nowMs;

    /// <summary>Puts a gateway together; nothing happens before <see cref="Start"/>.</summary>
    public Gateway(Settings settings, IClock clock, GatewayParts parts, Mailbox mailbox, IUplink uplink, CertificateTime time, TwoSlotStore store, RestartMark mark, byte[]? saved)
    {
        _settings = settings;
        _clock = clock;
        _parts = parts;
        _mailbox = mailbox;
        _uplink = uplink;
        _time = time;
        _store = store;
        _mark = mark;
        _random = new KeyedRandom(settings.OrderKey, clock);
        _core = new DeviceCore(settings.Device, settings.OrderKey, settings.KeyEpoch, this, saved) { Firmware = Version, Board = Hardware.Board.Name };
        _keeper = new LinkKeeper(uplink, this);
    }

    /// <summary>The core, for tests and the service port.</summary>
    public DeviceCore Core => _core;

    /// <summary>The link's state.</summary>
    public LinkKeeper Link => _keeper;

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
        + " mm; boot " + _core.Boot.ToString() + "; errors " + Errors.ToString() + (Errors > 0 ? " " + LastError : "");

    /// <summary>What the body knows to be wrong.</summary>
    public FaultFlags Faults => When(_parts.Chip.Silent || _parts.Chip.LineStuck, FaultFlags.Speech)
        | When(!_parts.Tamper.IsClosed, FaultFlags.Tamper)
        | When(_parts.Sensors.BatteryMillivolts >= BatteryPresentMillivolts && _parts.Sensors.BatteryMillivolts < Hardware.Board.BatteryEmptyMillivolts, FaultFlags.Battery)
        | When(Errors > 0 || _parts.Sensors.RainFault != Device.Sensing.SensorFault.None || _parts.Sensors.LevelFault != Device.Sensing.SensorFault.None, FaultFlags.Sensor);

    /// <summary>Begins: restores what was saved, asks the chip whether it is there.</summary>
    public void Start(long nowMs)
    {
        _nowMs = nowMs;
        long wallMs = _time.IsGuess ? 0 : _clock.WallMs;
        _core.Start(nowMs, wallMs, ClockQuality.Unknown, (byte)_mark.Reason);
        _random.Boot = _core.Boot;
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
                break;
            case LetterKind.LinkDown:
                _keeper.Down(_nowMs);
                _core.LinkDown(_nowMs);
                break;
            case LetterKind.Frame:
                _core.Received(_mailbox.Frame, _nowMs);
                TakeTime();
                break;
            case LetterKind.Acknowledged:
                _core.Published(_mailbox.Token, _nowMs);
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
        if (_parts.Stop.Step() && _parts.Stop.IsClosed)
            _core.OperatorStop(_nowMs);
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
        Order? alarm = _parts.Sensors.Step(_nowMs);
        if (alarm != null)
            _core.RaiseLocalAlarm(alarm, Device.Sensing.LocalAlarm.ValidMs, _nowMs);
        // Leaves the mark while there is still power to write it.
        bool atEnd = (Faults & FaultFlags.Battery) != 0 && !_parts.Mains.IsClosed;
        _mark.Leave(atEnd ? ResetReason.BrownOut : ResetReason.PowerOn);
    }

    private void StepLink()
    {
        _keeper.Step(_nowMs);
        if (_parts.Status.IsOn != _core.IsSessionUp)
            _parts.Status.Switch(_core.IsSessionUp);
    }

    private static FaultFlags When(bool holds, FaultFlags fault) => holds ? fault : FaultFlags.None;
}
