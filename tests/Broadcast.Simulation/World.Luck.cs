using Broadcast.Cloud.Http;
using Broadcast.Device;
using Broadcast.Ledger;
using Broadcast.Rules;
using Broadcast.Simulation.Cloud;
using Broadcast.Simulation.Devices;
using Broadcast.Simulation.Plans;

namespace Broadcast.Simulation;

// What happens to people's plans: bad luck, bad weather, bad people.
internal sealed partial class World
{
    private const int RememberedFramesMax = 200;

    private readonly HashSet<string> _cutOff = new(StringComparer.Ordinal);
    private readonly List<(string Device, byte[] Frame)> _frames = [];
    private double _slowness = 1;
    private string? _backup;
    private int _backups;

    private void Happen(Happening h)
    {
        if (_isFair) return;
        _reached.Count($"deed {h.Deed}");
        Note(h.ToString());
        Interest();
        var device = _devices[h.A % _devices.Count];
        switch (h.Deed)
        {
            case Deed.Say: Say(h, null); break;
            case Deed.Update: if (Pick(h.C) is { } spoken) Say(h, spoken.Id); break;
            case Deed.Cancel: Cancel(h); break;
            case Deed.OperatorStop: device.OperatorStop(); break;
            case Deed.LocalAlarm: Alarm(device, h); break;
            case Deed.PowerCut: CutPower(device, 100 + (h.B % 20_000)); break;
            case Deed.PowerCutInside: if (device.IsOn) device.PowerGoesIn = h.B % 12; break;
            case Deed.Outage: CutPower(device, 60_000 + (h.B % 1_200_000)); break;
            case Deed.LoseFlash: LoseFlash(device); break;
            case Deed.FlashFails: device.FlashFails = true; _agenda.In(1_000 + (h.B % 300_000), () => device.FlashFails = false); break;
            case Deed.PlaybackFails: device.FailsNextPlayback = true; break;
            case Deed.BatteryClock: device.RtcErrorMs = (h.B % 3) switch { 0 => h.C % 120_000, 1 => (h.C % 86_400_000) - 43_200_000, _ => -5L * 365 * 86_400_000 }; break;
            case Deed.Drift: device.NextDriftPpm = (h.B % 1_000) - 500; break;
            case Deed.LinkBreaks: device.Uplink.Break(); break;
            case Deed.LinkCut: CutLink(device, 500 + (h.B % 600_000)); break;
            case Deed.LinkDies: device.Uplink.Exchange?.Die(); break;
            case Deed.SlowLink: SlowDown(1 + (h.B % 10)); break;
            case Deed.HandOnLost: _losesHandOn = true; _agenda.In(h.B % 30_000, () => _losesHandOn = false); break;
            case Deed.CloudDies: CrashCloud(wholeMachine: false, "somebody killed it"); break;
            case Deed.CloudPowerCut: CrashCloud(wholeMachine: true, "its power went"); break;
            case Deed.CloudCrashAtOperation: _disk.PowerCutAt = _disk.Operations + 1 + (h.B % 60); break;
            case Deed.CloudCrashAtSend: _crashAtSend = _sends + 1 + (h.B % 20); break;
            case Deed.DiskGlitch: _disk.GlitchAt = _disk.Operations + 1 + (h.B % 40); break;
            case Deed.DiskFull: FillDisk(h); break;
            case Deed.CloudClock: StepCloudClock(h); break;
            case Deed.Backup: Backup(); break;
            case Deed.Restore: Restore(); break;
            case Deed.Replay: Replay(h); break;
            case Deed.Alter: Alter(h); break;
            case Deed.Misaddress: Misaddress(device, h); break;
            case Deed.Forge: Forge(device, h); break;
            case Deed.LostUpdate: LoseUpdate(h); break;
            case Deed.Barrage: Barrage(h); break;
            case Deed.OldOrder: SayOld(device, h); break;
            default: HappenInTownship(h); break;
        }
    }

    /// <summary>From here on everything works again.</summary>
    private void Heal()
    {
        Note("from here on everything works");
        _isFair = true;
        Interest();
        _disk.CapacityBytes = long.MaxValue;
        _disk.PowerCutAt = _disk.GlitchAt = _crashAtSend = long.MaxValue;
        _losesHandOn = false;
        _slowness = 1;
        _skewMs = 0;
        foreach (var device in _devices)
        {
            device.FlashFails = device.FailsNextPlayback = false;
            device.PowerGoesIn = -1;
            if (device.Township is not null) GiveBack(device);
            device.PowerOn();
            if (_cutOff.Remove(device.Id)) device.Uplink.Exchange?.Mend();
        }

        StartCloud();
    }

    private void Alarm(SimulatedDevice device, Happening h)
    {
        if (h.A / 64 % 3 == 0)
        {
            // The night on which it matters: no way to the cloud, and the power just back, so that nobody has told the time.
            CutLink(device, 90_000 + (h.B % 300_000));
            device.PowerOff();
            device.PowerOn();
        }

        var notes = _witness.NotesOf(device);
        notes.IsRaisingAlarm = true;
        var alarm = new Order
        {
            Level = (WarningLevel)(1 + (h.B % 4)), Issuer = RegionLevel.Village, Event = "rain", Text = "本地雨量超限", Repetitions = 1 + (h.C % 3), ToneMs = 1_000, Siren = h.C % 2 == 0,
        };
        device.RaiseLocalAlarm(alarm, 60_000 + (h.C % 600_000));
        notes.IsRaisingAlarm = false;
        if (WarningId.FromWire(alarm.WarningId) is { } id) notes.Alarms.Add(id);
    }

    private void CutPower(SimulatedDevice device, long forMs)
    {
        device.PowerOff();
        _agenda.In(forMs, device.PowerOn);
    }

    private void LoseFlash(SimulatedDevice device)
    {
        device.PowerOff();
        device.LoseFlash();
        _agenda.In(3_000, device.PowerOn);
    }

    private void CutLink(SimulatedDevice device, long forMs)
    {
        _cutOff.Add(device.Id);
        device.Uplink.Exchange?.Cut();
        _agenda.In(forMs, () =>
        {
            if (_cutOff.Remove(device.Id)) device.Uplink.Exchange?.Mend();
        });
    }

    private void SlowDown(int times)
    {
        _slowness = times;
        _witness.WayMsMax = Math.Max(_witness.WayMsMax, _plan.DelayMsMax * times);
    }

    private void FillDisk(Happening h)
    {
        _disk.CapacityBytes = _disk.UsedBytes + (h.B % 3) switch { 0 => 4_096, 1 => 100_000, _ => 600_000 };
        _agenda.In(30_000 + (h.C % 600_000), () => _disk.CapacityBytes = long.MaxValue);
    }

    private void StepCloudClock(Happening h)
    {
        _skewMs = (h.B % 4) switch { 0 => h.C % 2_000, 1 => -(h.C % 2_000), 2 => (h.C % 7_200_000) - 3_600_000, _ => 0 };
        _witness.SkewMs = (Math.Min(_witness.SkewMs.Min, _skewMs), Math.Max(_witness.SkewMs.Max, _skewMs));
    }

    private void Backup()
    {
        if (_cloud is not { } cloud) return;
        var path = $"{_disk.Root}/backup-{++_backups}";
        var task = cloud.Process.Begin(async () =>
        {
            await cloud.Ledger.BackupAsync(path);
            return 0;
        });
        cloud.Process.RunUntil(task);
        if (!task.IsCompletedSuccessfully) return;
        if (_backup is not null) _disk.Delete(_backup);
        _backup = path;
        _witness.BackedUp();
    }

    /// <summary>The newest backup is put back while the process is down.</summary>
    private void Restore()
    {
        if (_backup is null || _cloud is null) return;
        CrashCloud(wholeMachine: false, "a backup is put back");
        var process = new SimulatedProcess();
        var clock = new Time.SimulatedTime(_agenda, process, () => EpochMs + _skewMs, () => StrideMs);
        var task = process.Begin(async () =>
        {
            await LedgerStore.RestoreAsync(_backup, Options(), clock);
            return 0;
        });
        process.RunUntil(task);
        process.Kill();
        _files.LoseLocks();
        if (task.IsCompletedSuccessfully)
        {
            _reached.Count("backup put back");
            _witness.PutBack();
        }
        else if (task.Exception?.InnerException is IOException) _reached.Count("no room for a restore");
        else _witness.Fail("R1", $"the backup cannot be put back: {task.Exception!.InnerException}");
    }

    // More at once than a device's queue has places.
    private void Barrage(Happening h)
    {
        Person[] people = [Places.People[0], Places.People[1], Places.People[0]];
        for (var i = 0; i < 24; i++)
        {
            var body = Write(new Random(h.B ^ i), new Random(h.C ^ i)) with
            {
                Class = "exercise", Level = i % 3 == 0 ? "red" : "yellow", Siren = null, Text = new string('雨', 100), Area = new AreaBody([Body(Places.City)]), NotBefore = null, ValidMinutes = 60 + i,
            };
            Draft(people, body, null, new Random(h.A ^ i), TriesMax);
        }
    }

    // A backup is made, something is updated or cancelled, the backup is put back, and people say again what the ledger has forgotten and devices have not.
    private void LoseUpdate(Happening h)
    {
        if (Pick(h.C) is not { } spoken) return;
        Backup();
        if (h.B % 3 == 0) Cancel(h with { A = h.C });
        else Say(h, spoken.Id);
        _agenda.In(20_000 + (h.A % 60_000), Restore);
        _agenda.In(200_000 + (h.A % 60_000), () =>
        {
            if (h.A % 4 == 0) Cancel(Places.People[0], spoken, $"again{h.B}", TriesMax);
            else Say(h with { A = h.A ^ 1, B = h.B ^ 1 }, spoken.Id);
        });
    }

    // Recorded more than a day ago, of a device whose memory is gone since: genuine, valid still, and it must be silent.
    private void SayOld(SimulatedDevice device, Happening h)
    {
        LoseFlash(device);
        _agenda.In(30_000 + (h.B % 60_000), () =>
        {
            if (device.Core is not { IsSessionUp: true }) return;
            var wallMs = EpochMs + _agenda.NowMs;
            var order = new Order { Sequence = wallMs - 90_000_000 + _skewMs, ExpiresMs = wallMs + 3_600_000, Level = WarningLevel.Red, Text = "昨天的", Repetitions = 1 };
            new Random(h.C).NextBytes(order.WarningId);
            Hostile(device, Envelope.Seal(device.Key, device.KeyEpoch, Direction.Down, device.Id, MessageType.Order, order.Encode()));
        });
    }

    private void Remember(SimulatedDevice device, byte[] frame)
    {
        Interest();
        if (_frames.Count >= RememberedFramesMax) _frames.RemoveAt(0);
        _frames.Add((device.Id, frame));
    }

    // Somebody on the way has recorded and says it again; the core knows it, or has never had it, and then it is as good as new.
    private void Replay(Happening h)
    {
        if (_frames.Count == 0) return;
        for (var i = 0; i <= h.C % 4; i++)
        {
            var (id, frame) = _frames[(h.B + (i * 7)) % _frames.Count];
            _devices.Find(d => d.Id == id)!.Received(frame);
        }
    }

    private void Alter(Happening h)
    {
        if (_frames.Count == 0) return;
        var (id, frame) = _frames[h.B % _frames.Count];
        var altered = (byte[])frame.Clone();
        altered[h.C % altered.Length] ^= (byte)(1 << (h.A % 8));
        Hostile(_devices.Find(d => d.Id == id)!, altered);
    }

    private void Misaddress(SimulatedDevice device, Happening h)
    {
        var others = _frames.Where(f => f.Device != device.Id).ToArray();
        if (others.Length > 0) Hostile(device, others[h.B % others.Length].Frame);
    }

    private void Forge(SimulatedDevice device, Happening h)
    {
        var dice = new Random(h.B);
        var order = new Order { Sequence = EpochMs + _agenda.NowMs, ExpiresMs = EpochMs + _agenda.NowMs + 3_600_000, Level = WarningLevel.Red, Text = "假的", Repetitions = 1 };
        dice.NextBytes(order.WarningId);
        var key = new byte[32];
        dice.NextBytes(key);
        Hostile(device, Envelope.Seal(key, device.KeyEpoch, Direction.Down, device.Id, MessageType.Order, order.Encode()));
    }

    // R3: counted once, and nothing else changes.
    private void Hostile(SimulatedDevice device, byte[] frame)
    {
        if (device.Core is not { } core) return;
        var (heard, state, before) = (device.Heard.Count, device.LastState, Refusals(core));
        device.Received(frame);
        if (device.Core != core) return;
        if (device.Heard.Count != heard) _witness.Fail("R3", $"{device.Id} sounds after a frame of a stranger");
        if (Refusals(core) != before + 1) _witness.Fail("R3", $"{device.Id} counts {Refusals(core) - before} refusals after one frame of a stranger");
        if (!ReferenceEquals(device.LastState, state) && _witness.NotesOf(device).Queue.Count > 0) _reached.Count("saved after a stranger's frame");
    }

    private static int Refusals(DeviceCore core)
    {
        var sum = 0;
        for (var reason = Refusal.None; reason <= Refusal.Unsupported; reason++) sum += core.RefusalCount(reason);
        return sum;
    }
}
