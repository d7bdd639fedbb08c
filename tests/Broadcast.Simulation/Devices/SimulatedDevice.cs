using Broadcast.Device;
using Broadcast.Rules;
using Broadcast.Simulation.Time;

namespace Broadcast.Simulation.Devices;

/// <summary>The power went in the middle of something; the core that it went in is never called again.</summary>
internal sealed class PowerGoneException : Exception
{
    public PowerGoneException() : base("The power is gone.")
    {
    }
}

/// <summary>Who looks at a device from outside.</summary>
internal interface IDeviceWitness
{
    void Began(SimulatedDevice device, Sounding sounding);

    void Opened(SimulatedDevice device, bool siren);

    void Sealed(SimulatedDevice device, byte[] frame);

    void Delivered(SimulatedDevice device, byte[] frame);

    void Acknowledged(SimulatedDevice device, byte[] frame);

    void Settled(SimulatedDevice device);

    void Booted(SimulatedDevice device);
}

/// <summary>A device: the real core in a body of a loudspeaker that takes as long as speech does, a flash that can fail or be lost, and a clock that drifts.</summary>
internal sealed class SimulatedDevice : IDeviceBody
{
    private readonly Agenda _agenda;
    private readonly Random _dice;
    private readonly IDeviceWitness _witness;
    private readonly Dictionary<int, byte[]> _published = [];
    private DeviceCore? _core;
    private Appointment? _wake, _speech;
    private long _bootedMs;
    private int _playId;

    public SimulatedDevice(string id, Region village, byte[] key, string linkSecret, Agenda agenda, Random dice, IDeviceWitness witness)
    {
        (Id, Village, Key, OwnSecret, _agenda, _dice, _witness) = (id, village, key, linkSecret, agenda, dice, witness);
    }

    public string Id { get; }

    public Region Village { get; }

    public byte[] Key { get; private set; }

    public int KeyEpoch { get; private set; } = 1;

    /// <summary>What it signs in with, where it goes now.</summary>
    public string LinkSecret => Through is { } pi ? Delegation.LinkSecret(Key, pi.Id) : OwnSecret;

    /// <summary>What it signs in with at the cloud.</summary>
    public string OwnSecret { get; private set; }

    /// <summary>What makes it a township's Pi; null where it is none.</summary>
    public SimulatedTownship? Township { get; set; }

    /// <summary>The Pi whose address it has; null where it goes to the cloud itself.</summary>
    public SimulatedDevice? Through { get; set; }

    public SimulatedUplink Uplink { get; set; } = null!;

    /// <summary>The core while there is power.</summary>
    public DeviceCore? Core => _core;

    public bool IsOn => _core is not null;

    /// <summary>What the flash holds; null when it was never written, or lost.</summary>
    public byte[]? Flash { get; private set; }

    /// <summary>What the core last asked to save, taken or not: what it holds in its memory.</summary>
    public byte[]? LastState { get; private set; }

    public bool FlashFails { get; set; }

    /// <summary>When a save last failed: what it held, a power cut makes the device forget, and it says so in its reports.</summary>
    public long SaveFailedMs { get; private set; } = -1;

    /// <summary>Whether the last save was taken.</summary>
    public bool IsSaved { get; private set; } = true;

    public Sounding? Current { get; private set; }

    public List<Sounding> Heard { get; } = [];

    /// <summary>Body calls until the power goes; negative for never.</summary>
    public int PowerGoesIn { get; set; } = -1;

    /// <summary>Parts in a million by which its monotonic clock runs fast.</summary>
    public long DriftPpm { get; private set; }

    /// <summary>The drift from its next start on.</summary>
    public long NextDriftPpm { get; set; }

    /// <summary>What its battery clock is wrong by at the next start; null where it has none.</summary>
    public long? RtcErrorMs { get; set; }

    public bool FailsNextPlayback { get; set; }

    /// <summary>What measures its sound, where anything does.</summary>
    public Func<SoundCheck>? Measure { get; set; }

    public int PowerCuts { get; private set; }

    /// <summary>The time of its machine: the battery clock's, or that of a machine which has none and knows nothing.</summary>
    public long MachineWallMs => RtcErrorMs is { } error ? TrueWallMs() + error : MonotonicMs;

    /// <summary>The cloud's wall time as the world has it, for the battery clock.</summary>
    public Func<long> TrueWallMs { get; set; } = static () => 0;

    public long MonotonicMs => 1_000 + _agenda.NowMs - _bootedMs + ((_agenda.NowMs - _bootedMs) * DriftPpm / 1_000_000);

    public void PowerOn()
    {
        if (IsOn) return;
        _bootedMs = _agenda.NowMs;
        DriftPpm = NextDriftPpm;
        Township?.PowerOn();
        _core = new DeviceCore(Id, Key, KeyEpoch, this, Flash) { Firmware = "simulated", Board = "simulated" };
        LastState = Flash;
        _witness.Booted(this);
        Call(core =>
        {
            if (RtcErrorMs is { } error) core.Start(MonotonicMs, TrueWallMs() + error, ClockQuality.Rtc, 0);
            else core.Start(MonotonicMs, 0, ClockQuality.Unknown, 0);
        });
        if (IsOn) Uplink.Start();
    }

    public void PowerOff(bool politely = false)
    {
        if (!IsOn) return;
        _core = null;
        PowerCuts++;
        PowerGoesIn = -1;
        _wake?.Cancel();
        EndSound(SoundEnd.PowerGone);
        _published.Clear();
        Township?.PowerOff();
        Uplink.Stop(politely);
    }

    public void LoseFlash()
    {
        Flash = null;
        Township?.LoseCard();
    }

    /// <summary>A technician puts other keys into it, its power being off.</summary>
    public void Provision(byte[] key, int keyEpoch, string linkSecret) => (Key, KeyEpoch, OwnSecret) = (key, keyEpoch, linkSecret);

    /// <summary>Whoever has this one has the other's keys, its secret, its address and its memory.</summary>
    public void Copy(SimulatedDevice other) => (Key, KeyEpoch, OwnSecret, Flash, Through, RtcErrorMs) = (other.Key, other.KeyEpoch, other.OwnSecret, other.Flash, other.Through, other.RtcErrorMs);

    public void LinkUp() => Call(core => core.LinkUp(MonotonicMs));

    public void LinkDown()
    {
        _published.Clear();
        Call(core => core.LinkDown(MonotonicMs));
    }

    public void Received(byte[] frame)
    {
        if (!IsOn) return;
        _witness.Delivered(this, frame);
        Call(core => core.Received(frame, MonotonicMs));
    }

    public void Published(int token)
    {
        if (_published.Remove(token, out var frame)) _witness.Acknowledged(this, frame);
        Call(core => core.Published(token, MonotonicMs));
    }

    public Refusal RaiseLocalAlarm(Order order, long validMs)
    {
        var refusal = Refusal.None;
        Call(core => refusal = core.RaiseLocalAlarm(order, validMs, MonotonicMs));
        return refusal;
    }

    public Refusal RaiseLocalNotice(Order order, long validMs)
    {
        var refusal = Refusal.None;
        Call(core => refusal = core.RaiseLocalNotice(order, validMs, MonotonicMs));
        return refusal;
    }

    public void OperatorStop()
    {
        // The button does not stop an actual warning of the cloud.
        if (Current is { } current && current.Order.Class != WarningClass.Actual) current.WasStoppedByHand = true;
        Call(core => core.OperatorStop(MonotonicMs));
    }

    void IDeviceBody.Play(int playId, Order order, int attempt)
    {
        _playId = playId;
        Current = new Sounding(order, attempt, _agenda.NowMs) { WasSavedAtStart = IsSaved };
        Heard.Add(Current);
        _witness.Began(this, Current);
        _speech = _agenda.In(Sounding.LengthMs(order), EndSpeech);
        UsePower();
    }

    void IDeviceBody.Stop(int playId)
    {
        if (playId == _playId) EndSound(SoundEnd.Stopped);
        UsePower();
    }

    void IDeviceBody.Siren(bool on)
    {
        if (on) _witness.Opened(this, on);
        UsePower();
    }

    bool IDeviceBody.Publish(int token, byte[] frame)
    {
        UsePower();
        if (!Uplink.TryPublish(token, frame)) return false;
        _published[token] = frame;
        _witness.Sealed(this, frame);
        return true;
    }

    bool IDeviceBody.Save(byte[] state)
    {
        UsePower();
        LastState = state;
        IsSaved = !FlashFails;
        if (!IsSaved)
        {
            SaveFailedMs = _agenda.NowMs;
            return false;
        }

        Flash = state;
        foreach (var sounding in Heard) sounding.IsKept |= sounding.End != SoundEnd.Sounding && sounding.EndedMs >= _bootedMs && sounding.End != SoundEnd.PowerGone;
        UsePower();
        return true;
    }

    void IDeviceBody.FillReport(Report report)
    {
        report.Volume = 100;
        report.Mains = true;
    }

    void IDeviceBody.Random(byte[] buffer) => _dice.NextBytes(buffer);

    private void EndSpeech()
    {
        if (Current is null) return;
        var playId = _playId;
        var failure = FailsNextPlayback ? Failure.Amplifier : Failure.None;
        FailsNextPlayback = false;
        var check = Measure?.Invoke() ?? SoundCheck.NotMeasured;
        Current.Measured = check;
        EndSound(failure == Failure.None ? SoundEnd.Whole : SoundEnd.Failed);
        Call(core => core.PlaybackEnded(playId, failure, check, MonotonicMs));
    }

    private void EndSound(SoundEnd end)
    {
        if (Current is null) return;
        _speech?.Cancel();
        Current.End = end;
        Current.EndedMs = _agenda.NowMs;
        Current = null;
    }

    private void UsePower()
    {
        if (PowerGoesIn >= 0 && PowerGoesIn-- == 0) throw new PowerGoneException();
    }

    private void Call(Action<DeviceCore> act)
    {
        if (_core is not { } core) return;
        try
        {
            act(core);
        }
        catch (PowerGoneException)
        {
            PowerOff();
            return;
        }

        _witness.Settled(this);
        Township?.Look(core);
        _wake?.Cancel();
        if (core.NextWakeMs == long.MaxValue) return;
        var waitMs = Math.Max(1, core.NextWakeMs - MonotonicMs);
        _wake = _agenda.In(waitMs + Math.Abs(waitMs * DriftPpm / 1_000_000) + (DriftPpm < 0 ? 1 : 0), () => Call(c => c.Tick(MonotonicMs)));
    }
}
