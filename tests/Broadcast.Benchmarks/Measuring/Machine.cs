using System.Diagnostics;
using System.Runtime.InteropServices;
using Broadcast.Testing;

namespace Broadcast.Benchmarks.Measuring;

/// <summary>What a figure was measured on; without it a figure says nothing.</summary>
internal sealed record Machine(string Commit, string Lane, string Processor, int Cores, string Runtime, string LoadBefore)
{
    public static async Task<Machine> ReadAsync()
    {
        var commit = (await RunningProcess.RunAsync("git", ["-C", BuiltProject.RepositoryRoot, "describe", "--always", "--dirty"], TimeSpan.FromSeconds(10))).Trim();
        var processor = File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString();
        var own = Path.GetRelativePath(BuiltProject.RepositoryRoot, AppContext.BaseDirectory).Split(Path.DirectorySeparatorChar);
        var load = (await File.ReadAllTextAsync("/proc/loadavg")).Split(' ')[0];
        return new Machine(commit, own[Array.IndexOf(own, "bin") + 1], processor, Environment.ProcessorCount, RuntimeInformation.FrameworkDescription, load);
    }

    public override string ToString() => $"commit {Commit} · {Lane} packages · {Processor}, {Cores} cores · {Runtime} · load before {LoadBefore}";
}

/// <summary>What the system knows of a process.</summary>
internal static class ProcessFigures
{
    private const int UserTicks = 13, SystemTicks = 14; // Fields of /proc/PID/stat behind the name, counted from 0 with the state as 2.
    private const double TicksPerSecond = 100; // USER_HZ, which Linux keeps at 100 for /proc.

    /// <summary>Processor time so far, in ms; fine to 10 ms.</summary>
    public static double ProcessorMs(int pid)
    {
        var stat = File.ReadAllText($"/proc/{pid}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (double.Parse(fields[UserTicks - 2]) + double.Parse(fields[SystemTicks - 2])) * 1000 / TicksPerSecond;
    }

    /// <summary>Memory of its own, in bytes: without what it shares with others, such as the runtime's files.</summary>
    public static long PrivateBytes(int pid)
    {
        long kilobytes = 0;
        foreach (var line in File.ReadLines($"/proc/{pid}/smaps_rollup"))
        {
            if (line.StartsWith("Private_Clean:", StringComparison.Ordinal) || line.StartsWith("Private_Dirty:", StringComparison.Ordinal))
                kilobytes += long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]);
        }

        return kilobytes * 1024;
    }

    public static double Ms(long from, long to) => Stopwatch.GetElapsedTime(from, to).TotalMilliseconds;
}
