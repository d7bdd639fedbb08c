using Broadcast.Cli.Api;

namespace Broadcast.Cli.Up;

/// <summary>
/// A few of the demo's devices are the microcontroller's firmware itself, on simulated boards in one process. What their chips are
/// told to say and what their relays do stands in its log.
/// </summary>
internal sealed class DemoBoards(CliContext context, string data, IReadOnlyList<DemoDevice> devices)
{
    /// <summary>The process, in marks and logs.</summary>
    public const string Name = "boards";

    /// <summary>Boards of an ordinary demo: enough to see that each is one of its own.</summary>
    public const int Usual = 3;

    /// <summary>Boards a process runs at most; each has a thread and a link of its own.</summary>
    public const int Most = 16;

    private static readonly TimeSpan ReadyWithin = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);

    public IReadOnlyList<DemoDevice> Devices => devices;

    /// <summary>The first devices that nothing else is, of those that the demo runs at all.</summary>
    public static async Task<IReadOnlyList<DemoDevice>> ChooseAsync(string data, int count, int? devicesRun, CancellationToken ct)
    {
        var all = await DemoDevice.ReadAsync(data, ct);
        return [.. all.Take(devicesRun ?? all.Count).Where(d => !File.Exists(Path.Combine(DemoGateway.LentFolder(data), d.Id))).Take(count)];
    }

    /// <summary>From now on the fleet leaves these devices alone.</summary>
    public void Borrow()
    {
        foreach (var device in devices) new DemoGateway(context, data, device).Borrow();
    }

    public void GiveBack()
    {
        foreach (var device in devices) new DemoGateway(context, data, device).GiveBack();
    }

    public Task<ManagedProcess> StartAsync(CloudFile cloud, bool detached, CancellationToken ct)
    {
        var colon = cloud.Link.LastIndexOf(':');
        return ManagedProcess.StartAsync(
            Name,
            [
                "dotnet", context.House.BoardsProgram, "--devices-file", Path.Combine(data, "devices.csv"), "--host", cloud.Link[..colon], "--port", cloud.Link[(colon + 1)..],
                "--ca", Path.Combine(data, "tls", "ca.pem"), "--data", Path.Combine(data, "boards"), "--device", .. devices.Select(d => d.Id),
            ], data, detached, ct);
    }

    /// <summary>Whether they have power; that they are online shows with the other devices.</summary>
    public async Task<bool> WaitReadyAsync(ManagedProcess process, CancellationToken ct)
    {
        var started = context.Clock.GetTimestamp();
        using var look = new PeriodicTimer(LookEvery, context.Clock);
        do
        {
            if (File.Exists(process.Log) && (await File.ReadAllTextAsync(process.Log, ct)).Contains($"ready {devices.Count} boards", StringComparison.Ordinal)) return true;
            if (process.HasEnded) return false;
        }
        while (context.Clock.GetElapsedTime(started) < ReadyWithin && await look.WaitForNextTickAsync(ct));
        return false;
    }
}
