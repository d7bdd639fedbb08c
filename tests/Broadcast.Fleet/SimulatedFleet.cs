using System.Security.Cryptography.X509Certificates;

namespace Broadcast.Fleet;

/// <summary>All simulated devices of a process.</summary>
public sealed class SimulatedFleet : IAsyncDisposable
{
    private readonly FleetShared _shared;
    private static readonly TimeSpan StartInterval = TimeSpan.FromMilliseconds(100); // Short enough that the handshakes come as a stream, not in bursts.

    private readonly SimulatedDevice[] _devices;
    private readonly CancellationTokenSource _powerOff = new();
    private Task _starting = Task.CompletedTask;

    /// <summary>Reads the devices and builds them; nothing connects before <see cref="Start"/>.</summary>
    /// <exception cref="InvalidDataException">The devices file is not one.</exception>
    public SimulatedFleet(FleetOptions options, TimeProvider clock)
    {
        var rows = DevicesFile.Choose(DevicesFile.Read(options.DevicesFile), options.Slice, options.Take);
        IFlash flash = options.StateFolder is { } folder ? new FolderFlash(folder) : new MemoryFlash();
        var authority = options.Plain ? null : X509CertificateLoader.LoadCertificateFromFile(options.AuthorityFile!);
        _shared = new FleetShared(options, clock, new TimerWheel(clock), flash, new Journal(options.JournalFile, clock), new FleetCounts(), authority);
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
        _powerOff.Dispose();
    }

    private async Task StartAllAsync(CancellationToken powerOff)
    {
        using var timer = new PeriodicTimer(StartInterval, _shared.Clock);
        var perInterval = Math.Max(1, (int)(_shared.Options.ConnectsPerSecond * StartInterval.TotalSeconds));
        foreach (var group in _devices.Chunk(perInterval))
        {
            foreach (var device in group) device.PowerOn(powerOff);
            await timer.WaitForNextTickAsync(powerOff);
        }
    }
}
