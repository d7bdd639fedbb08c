using System.Globalization;
using System.Security.Cryptography;
using Broadcast.Cloud.Keys;
using Broadcast.Cloud.Townships;
using Broadcast.Device;
using Broadcast.Ledger;
using Broadcast.Link;
using Broadcast.Rules;
using Broadcast.Simulation.Cloud;
using Broadcast.Simulation.Devices;
using Broadcast.Simulation.Disk;
using Broadcast.Simulation.Plans;
using Broadcast.Simulation.Time;
using Broadcast.Simulation.Witness;

namespace Broadcast.Simulation;

/// <summary>How a world ended.</summary>
internal sealed record Outcome(Plan Plan, BrokenRule? Broken, long Steps, ulong Trace);

/// <summary>One cloud, a few devices, people and bad luck, on one thread and one virtual clock. The same plan gives the same world, to the last byte's length.</summary>
internal sealed partial class World : IDisposable
{
    public const long EpochMs = 1_790_000_000_000; // September 2026; any time after Limits.WallMsMin would do.

    private const long RestartMs = 4_000;

    private const int BurstActsMin = 2; // Two at once are many here.

    private static readonly TimeSpan BurstStep = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan BurstWait = TimeSpan.FromMilliseconds(50); // As the host has it.

    private static readonly KeyRing Keys = OpenKeys();

    private readonly Agenda _agenda = new();
    private readonly Plan _plan;
    private readonly Reached _reached;
    private readonly WorldWitness _witness;
    private readonly SimulatedDisk _disk = new();
    private readonly SimulatedFiles _files;
    private readonly List<SimulatedDevice> _devices = [];
    private readonly List<Asked> _asked = [];
    private readonly Random _luck, _ids;
    private SimulatedCloud? _cloud;
    private SimulatedProcess? _starting;
    private CloudLog _log = new();
    private long _skewMs, _lastInterestMs, _sends;
    private long _crashAtSend = long.MaxValue;
    private bool _isFair, _losesHandOn, _filled;
    private ulong _trace = 14695981039346656037;

    public World(Plan plan, Reached reached)
    {
        (_plan, _reached) = (plan, reached);
        _luck = new Random(plan.Seed ^ 0x5eed);
        _ids = new Random(plan.Seed ^ 0x1d5);
        _files = new SimulatedFiles(_disk);
        _witness = new WorldWitness(_agenda, reached) { WorldEpochMs = EpochMs, WayMsMax = plan.DelayMsMax };
        for (var i = 0; i < plan.Devices; i++) AddDevice(i, Places.Villages[i % Places.Villages.Length]);
        if (plan.Stories.Children > 0) AddTownship(plan.Stories.Children);
        if (plan.Stories.Measures) AddMeters();
    }

    /// <summary>Each line of what happens; null where nobody reads it.</summary>
    public Action<string>? Tell { get; init; }

    /// <summary>Lives the plan to its end, or to the first broken rule.</summary>
    public Outcome Run()
    {
        foreach (var happening in _plan.Happenings) _agenda.At(happening.AtMs, () => Happen(happening));
        foreach (var episode in _plan.Episodes)
        {
            _agenda.At(episode.FromMs, () => _isFair = false);
            _agenda.At(episode.HealAtMs, Heal);
            _agenda.At(episode.CheckAtMs, () => Check(episode));
        }

        foreach (var device in _devices) _agenda.In(_luck.NextInt64(20_000), device.PowerOn);
        StartCloud();
        while (_witness.Broken is null && _agenda.Step(_plan.EndMs))
        {
            RunTownship();
            RunCloud();
        }

        return new Outcome(_plan, _witness.Broken, _agenda.Happened, _trace);
    }

    public void Dispose()
    {
        if (_cloud is { } cloud) Bury(cloud.Process, cloud.Ledger);
        _disk.Dispose();
    }

    private long StrideMs => (_agenda.NowMs - _lastInterestMs) switch { < 30_000 => 1_000, < 300_000 => 5_000, _ => 120_000 };

    private SimulatedDevice AddDevice(int number, Region village)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"d{number}");
        var dice = new Random((_plan.Seed * 31) + number);
        var device = new SimulatedDevice(id, village, KeyOf(id, 1), "secret-" + id, _agenda, dice, _witness)
        {
            TrueWallMs = () => EpochMs + _agenda.NowMs,
        };
        var weather = new Random((_plan.Seed * 37) + number);
        device.Uplink = new SimulatedUplink(device, _agenda, new Random((_plan.Seed * 41) + number), _plan.KeepAlive, uplink => Dial(device, uplink, weather));
        _witness.Watch(device);
        _devices.Add(device);
        return device;
    }

    // Some sites measure the current, some have a microphone, some have nothing; and what is measured is now this, now that.
    private void AddMeters()
    {
        foreach (var device in _devices)
        {
            var dice = new Random((_plan.Seed * 43) + _devices.IndexOf(device));
            var kind = dice.Next(3);
            if (kind == 0) continue;
            var (silent, heard) = kind == 1 ? (SoundCheck.AmplifierSilent, SoundCheck.AmplifierDriven) : (SoundCheck.MicrophoneSilent, SoundCheck.MicrophoneHeard);
            device.Measure = () => dice.Next(4) switch { 0 => SoundCheck.NotMeasured, 1 => silent, _ => heard };
        }
    }

    private static byte[] KeyOf(string device, int keyEpoch) => Keys.OrderKey(new DeviceId(device), keyEpoch);

    private Exchange? Dial(SimulatedDevice device, SimulatedUplink uplink, Random weather)
    {
        if (_cutOff.Contains(device.Id)) return null;
        long DelayMs() => 1 + weather.NextInt64(1 + (long)(_plan.DelayMsMax * _slowness));
        if (device.Through is { } pi) return pi.Township!.Accept(device, uplink, DelayMs);
        if (_cloud is not { } cloud) return null;
        var server = new SimulatedConnection(cloud.Process, device.Id);
        var exchange = new Exchange(_agenda, server, uplink, DelayMs, static () => { });
        cloud.Accept(exchange, device);
        Note($"{device.Id} connects");
        return exchange;
    }

    private void RunCloud()
    {
        if (_cloud is not { } cloud) return;
        do
        {
            cloud.Process.Run();
            if (_disk.IsOff)
            {
                CrashCloud(wholeMachine: true, "the power went inside the disk");
                return;
            }

            if (!Carry(cloud)) return;
            Answer();
        }
        while (!cloud.Process.IsIdle);
        if (_log.Unexplained is { } e) _witness.Fail("R10", $"the cloud logged {e.GetType().Name}: {e.Message}");
        foreach (var loop in cloud.Loops)
        {
            if (loop.IsCompleted) _witness.Fail("R1", $"a background service ended: {loop.Exception?.InnerException?.Message}");
        }
    }

    // Takes what the server has flushed to the wire. False where the process died at it.
    private bool Carry(SimulatedCloud cloud)
    {
        foreach (var (exchange, device) in cloud.Exchanges)
        {
            if (exchange.Server.Take() is not { } bytes) continue;
            if (++_sends >= _crashAtSend)
            {
                _crashAtSend = long.MaxValue;
                Put(exchange, device, bytes, arrives: _luck.Next(2) == 0);
                CrashCloud(_luck.Next(2) == 0, "it died at a send");
                return false;
            }

            Put(exchange, device, bytes, arrives: true);
        }

        cloud.Exchanges.RemoveAll(e => e.Exchange.IsServerOver);
        return true;
    }

    private void Put(Exchange exchange, SimulatedDevice device, byte[] bytes, bool arrives)
    {
        foreach (var frame in Mqtt.Publishes(bytes))
        {
            var to = AddresseeOf(frame, device);
            _witness.LeftCloud(to, frame, isCarried: to != device);
            Remember(to, frame);
        }

        Mix(bytes.Length);
        if (arrives) exchange.Down(bytes);
    }

    // What goes to a Pi may be for a child of its.
    private SimulatedDevice AddresseeOf(byte[] frame, SimulatedDevice session) =>
        session.Township is not null && Envelope.TryPeek(frame, out var id, out _, out _) && _devices.Find(d => d.Id == id) is { } child ? child : session;

    private void StartCloud()
    {
        if (_cloud is not null || _starting is not null) return;
        var process = _starting = new SimulatedProcess();
        var clock = new SimulatedTime(_agenda, process, () => EpochMs + _skewMs, () => StrideMs) { Waits = CountWait };
        _log = new CloudLog();
        var log = _log;
        var task = process.Begin(() => SimulatedCloud.StartAsync(process, clock, Options(), Keys, log, _ids, () => _losesHandOn, FillAsync));
        process.RunUntil(task);
        _starting = null;
        if (task.IsFaulted)
        {
            process.Kill();
            _files.LoseLocks();
            Note($"the cloud does not start: {task.Exception!.InnerException!.Message}");
            if (task.Exception.InnerException is not IOException) _witness.Fail("R1", $"the cloud cannot start again: {task.Exception.InnerException}");
            if (_disk.IsOff) _disk.PowerOn(_luck, wholeMachine: true);
            _agenda.In(RestartMs, StartCloud);
            return;
        }

        _cloud = task.GetAwaiter().GetResult();
        _reached.Count("cloud started");
        Note("the cloud is up");
        Inside(_witness.CheckLedgerAsync(_cloud.Ledger));
    }

    // The ledger's writer waits in steps of five milliseconds for more of a burst, and nobody else does.
    private void CountWait(TimeSpan length)
    {
        if (length == BurstStep) _reached.Count("ledger waited for more of a burst");
    }

    private LedgerOptions Options() => new("sqlite:" + _disk.Root + "/ledger.db", SimulatedCloud.Node, _disk.Root + "/audit.anchors", Keys.AuditKey, ReserveBytes: 1 << 20, FreeBytesMin: 1 << 19)
    {
        Files = _files,
        OnCallersContext = true,
        BurstActsMin = BurstActsMin,
        BurstWaitMax = _plan.Stories.WaitsInBursts ? BurstWait : null,
    };

    private async Task FillAsync(LedgerStore ledger)
    {
        if (_filled) return;
        await ledger.PutRegionsAsync([.. Places.Areas.Select(r => new NamedRegion(r, r.Code))]);
        await ledger.PutSitesAsync([.. _devices.Select(d => new Site(new SiteId("s-" + d.Id), d.Village, d.Id, 114.3, 29.8))]);
        await ledger.PutDevicesAsync([.. _devices.Select(d => new DeviceRecord(
            new DeviceId(d.Id), new SiteId("s-" + d.Id), d.KeyEpoch, Broadcast.Cloud.Link.CloudAuthority.VerifierOf(d.OwnSecret), ServiceState.InService))]);
        if (_pi is not null) await ledger.PutChildrenAsync(new DeviceId(_pi.Id), [.. _children.Select(c => new DeviceId(c.Id))], TownshipDesk.DelegatedFor, Actor.System("simulation"));
        _filled = true;
    }

    /// <summary>The process dies; with the whole machine, what was not flushed is at the medium's mercy.</summary>
    private void CrashCloud(bool wholeMachine, string how)
    {
        if (_cloud is not { } cloud) return;
        Note($"the cloud dies: {how}");
        _reached.Count(wholeMachine ? "cloud lost power" : "cloud process died");
        // What was handed to the sessions and not carried is lost on the way; that it was handed over, the ledger may know.
        foreach (var (exchange, device) in cloud.Exchanges)
        {
            if (exchange.Server.Take() is { } lost) Put(exchange, device, lost, arrives: false);
        }

        _disk.CutPower();
        Bury(cloud.Process, cloud.Ledger);
        _disk.PowerOn(_luck, wholeMachine);
        _files.LoseLocks();
        _crashAtSend = long.MaxValue;
        foreach (var (exchange, _) in cloud.Exchanges)
        {
            // A dead process's sockets are closed by its system; a dead machine says nothing.
            if (wholeMachine) exchange.Die();
            else exchange.ServerEnded();
        }

        _cloud = null;
        foreach (var asked in _asked.ToArray()) asked.Unanswered();
        _asked.Clear();
        _agenda.In(RestartMs + _luck.NextInt64(60_000), StartCloud);
    }

    private static void Bury(SimulatedProcess process, LedgerStore ledger)
    {
        process.Kill();
        var end = ledger.AbandonAsync();
        if (!end.IsCompleted) throw new InvalidOperationException("Closing the connections of a dead process waits for something.");
        end.GetAwaiter().GetResult();
    }

    /// <summary>Runs a look at the ledger to its end, on the cloud's thread.</summary>
    private void Inside(Task task)
    {
        var cloud = _cloud!;
        cloud.Process.RunUntil(task);
        if (task.IsFaulted && task.Exception!.InnerException is not IOException) _witness.Fail("R1", $"the ledger cannot be looked at: {task.Exception.InnerException}");
    }

    private void Check(Episode episode)
    {
        Note("everything must have come right");
        if (_cloud is not { } cloud)
        {
            _witness.Fail("R1", "the cloud does not come up again");
            return;
        }

        Inside(cloud.Process.Begin(async () =>
        {
            await _witness.CheckHealedAsync(cloud.Ledger, episode.HealAtMs);
            return 0;
        }));
    }

    private void Interest() => _lastInterestMs = _agenda.NowMs;

    private void Note(string text)
    {
        Mix(text.Length);
        Tell?.Invoke(string.Create(CultureInfo.InvariantCulture, $"{TimeSpan.FromMilliseconds(_agenda.NowMs):d\\.hh\\:mm\\:ss\\.fff} {text}"));
    }

    private void Mix(long what) => _trace = unchecked((_trace ^ (ulong)what ^ (ulong)(_agenda.NowMs << 20)) * 1099511628211);

    private static KeyRing OpenKeys()
    {
        var folder = Directory.CreateTempSubdirectory("broadcast-simulation-").FullName;
        try
        {
            File.WriteAllBytes(Path.Combine(folder, "master.key"), SHA256.HashData("the simulation's master"u8));
            return KeyRing.OpenOrCreate(folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
