using System.Security.Cryptography.X509Certificates;

namespace Broadcast.Fleet;

/// <summary>All simulated devices of a process.</summary>
public sealed class SimulatedFleet : IAsyncDisposable
{
    private readonly FleetShared _shared;
    private static readonly TimeSpan StartInterval = TimeSpan.FromMilliseconds(100); // Short enough that the handshakes come as a stream, not in bursts.

    private static readonly TimeSpan LentEvery = TimeSpan.FromSeconds(1);

    private readonly SimulatedDevice[] _devices;
    private readonly DeviceRow[] _rows;
    private readonly Dictionary<int, CancellationTokenSource> _switches = []; // By place; a device that is lent has none.
    private readonly CancellationTokenSource _powerOff = new();
    private Task _starting = Task.CompletedTask;

    /// <summary>Reads the devices and builds them; nothing connects before <see cref="Start"/>.</summary>
    /// <exception cref="InvalidDataException">The devices file is not one.</exception>
    public SimulatedFleet(FleetOptions options, TimeProvider clock)
    {
        var rows = DevicesFile.Choose(DevicesFile.Read(options.DevicesFile), options.Slice, options.Take, options.Except);
        if (options.Only.Count > 0) rows = [.. rows.Where(row => options.Only.Contains(row.Device))];
        if (options.Parent is { } parent) rows = [.. rows.Select(row => row with { LinkSecret = Broadcast.Device.Delegation.LinkSecret(row.OrderKey, parent) })];
        IFlash flash = options.StateFolder is { } folder ? new FolderFlash(folder) : new MemoryFlash();
        var authority = options.Plain ? null : X509CertificateLoader.LoadCertificateFromFile(options.AuthorityFile!);
        _shared = new FleetShared(options, clock, new TimerWheel(clock), flash, new Journal(options.JournalFile, clock), new FleetCounts(), authority);
        _rows = [.. rows];
        _devices = [.. rows.Select(row => new SimulatedDevice(row, _shared))];
    }

    public FleetStatus Status => _shared.Counts.Read(_devices.Length);

    /// <summary>Powers the devices on, as fast as the options allow; each connects, and connects again, for as long as the fleet lives.</summary>
    public void Start() => _starting = StartAllAsync(_powerOff.Token);

    /// <summary>Cuts the power: connections close, and nothing more is played or written.</summary>
    public async ValueTask DisposeAsync()
    {
        await _powerOff.CancelAsync();
        await _starting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _shared.Wheel.Dispose();
        await Task.WhenAll(_devices.Select(d => d.UnpluggedAsync()));
        _shared.Journal.Dispose();
        _shared.Authority?.Dispose();
        foreach (var device in _switches.Values) device.Dispose();
        _powerOff.Dispose();
    }

    private async Task StartAllAsync(CancellationToken powerOff)
    {
        using var timer = new PeriodicTimer(StartInterval, _shared.Clock);
        var perInterval = Math.Max(1, (int)(_shared.Options.ConnectsPerSecond * StartInterval.TotalSeconds));
        var lent = Lent();
        foreach (var group in Enumerable.Range(0, _devices.Length).Where(i => !lent.Contains(_rows[i].Device)).Chunk(perInterval))
        {
            foreach (var i in group) PowerOn(i, powerOff);
            await timer.WaitForNextTickAsync(powerOff);
        }

        using var look = new PeriodicTimer(LentEvery, _shared.Clock);
        while (_shared.Options.LentFolder is not null && await look.WaitForNextTickAsync(powerOff)) await FollowLentAsync(powerOff);
    }

    // What is lent loses its power; what comes back has its flash, and begins as after a power cut.
    private async Task FollowLentAsync(CancellationToken powerOff)
    {
        var lent = Lent();
        for (var i = 0; i < _devices.Length; i++)
        {
            var isLent = lent.Contains(_rows[i].Device);
            if (isLent && _switches.Remove(i, out var on))
            {
                await on.CancelAsync();
                await _devices[i].UnpluggedAsync();
                on.Dispose();
                _devices[i] = new SimulatedDevice(_rows[i], _shared);
            }
            else if (!isLent && !_switches.ContainsKey(i))
            {
                PowerOn(i, powerOff);
            }
        }
    }

    private void PowerOn(int place, CancellationToken powerOff)
    {
        _switches[place] = CancellationTokenSource.CreateLinkedTokenSource(powerOff);
        _devices[place].PowerOn(_switches[place].Token);
    }

    private HashSet<string> Lent() => _shared.Options.LentFolder is { } folder && Directory.Exists(folder)
        ? [.. Directory.EnumerateFiles(folder).Select(f => Path.GetFileName(f))]
        : [];
}
