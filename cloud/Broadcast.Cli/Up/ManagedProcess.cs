using System.Diagnostics;
using Broadcast.Cli.Api;

namespace Broadcast.Cli.Up;

/// <summary>A program that we start, watch and stop. Its output goes to a log file and needs nobody to read it, so that it outlives us where that is wanted.</summary>
internal sealed class ManagedProcess : IDisposable
{
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(20); // The cloud hands its sessions over and commits what waits.
    private readonly Process _process;
    private readonly RunFolder _marks;

    private ManagedProcess(string name, string log, Process process, RunFolder marks) => (Name, Log, _process, _marks) = (name, log, process, marks);

    public string Name { get; }

    public string Log { get; }

    public int Pid => _process.Id;

    public bool HasEnded => _process.HasExited;

    /// <summary>Starts and leaves a mark. <paramref name="detached"/>: in a session of its own, so that a closed terminal does not end it.</summary>
    public static async Task<ManagedProcess> StartAsync(string name, IReadOnlyList<string> command, string data, bool detached, CancellationToken ct)
    {
        var log = Path.Combine(data, "logs", name + ".log");
        Directory.CreateDirectory(Path.GetDirectoryName(log)!);
        // The last run's log is kept beside the new one; older ones are not.
        if (File.Exists(log)) File.Move(log, log + ".1", overwrite: true);
        // The shell only opens the log and becomes the program: the process id stays.
        var start = new ProcessStartInfo("/bin/sh") { UseShellExecute = false };
        foreach (var part in (string[])["-c", $"log=$1; shift; exec {(detached ? "setsid " : "")}\"$@\" >>\"$log\" 2>&1 </dev/null", name, log, .. command]) start.ArgumentList.Add(part);
        var process = Process.Start(start) ?? throw new UsageException($"{command[0]} did not start");
        var marks = RunFolder.Of(data);
        await marks.WriteAsync(name, ProcessMark.Of(process.Id), ct);
        return new ManagedProcess(name, log, process, marks);
    }

    public Task EndedAsync(CancellationToken ct) => _process.WaitForExitAsync(ct);

    public async Task StopAsync(TimeProvider clock)
    {
        await StopAsync(ProcessMark.Of(Pid), clock);
        _marks.Forget(Name);
    }

    /// <summary>Asks it to end (SIGTERM), waits, and ends it if it does not. Never touches a process that only has its number.</summary>
    public static async Task<bool> StopAsync(ProcessMark mark, TimeProvider clock)
    {
        if (!mark.IsAlive) return false;
        await SignalAsync("TERM", mark.Pid);
        var asked = clock.GetTimestamp();
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(50), clock);
        while (mark.IsAlive && await look.WaitForNextTickAsync())
        {
            if (clock.GetElapsedTime(asked) < StopWithin) continue;
            await SignalAsync("KILL", mark.Pid);
            break;
        }

        return true;
    }

    /// <summary>The end of the log, where a program says why it ended.</summary>
    public async Task<IReadOnlyList<string>> LastLinesAsync(int count, CancellationToken ct)
    {
        if (!File.Exists(Log)) return [];
        var lines = await File.ReadAllLinesAsync(Log, ct);
        return [.. lines.TakeLast(count)];
    }

    public void Dispose() => _process.Dispose();

    private static async Task SignalAsync(string signal, int pid)
    {
        // The shell's own kill: the program of that name is not on every small system. Its complaint about a process that just ended is not wanted.
        using var kill = Process.Start(new ProcessStartInfo("/bin/sh") { ArgumentList = { "-c", "kill -s \"$1\" \"$2\" 2>/dev/null", "kill", signal, $"{pid}" } });
        if (kill is not null) await kill.WaitForExitAsync();
    }
}
