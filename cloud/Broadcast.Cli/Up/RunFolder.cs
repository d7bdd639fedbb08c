using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Broadcast.Cli.Up;

/// <summary>A process as we left it: its id, and when it started, because ids come round again.</summary>
internal sealed record ProcessMark(int Pid, string Started)
{
    /// <summary>Whether that very process still runs.</summary>
    public bool IsAlive => StartOf(Pid) == Started;

    public static ProcessMark Of(int pid) => new(pid, StartOf(pid) ?? "gone");

    /// <summary>On Linux the boot and the clock tick of the start, which no second process shares; elsewhere the start time. Null when there is no such process.</summary>
    private static string? StartOf(int pid)
    {
        try
        {
            if (!OperatingSystem.IsLinux()) return Process.GetProcessById(pid).StartTime.ToUniversalTime().ToString("O", CultureInfo.InvariantCulture);
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            // The name in brackets may hold anything, so fields count from the last bracket: state is the first after it, the start time the twentieth.
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] == "Z" ? null : $"{File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim()}/{fields[19]}";
        }
        catch (Exception e) when (e is IOException or ArgumentException or InvalidOperationException or UnauthorizedAccessException)
        {
            // It ended before or while we looked.
            return null;
        }
    }
}

/// <summary>The marks of what `up` started, one file a process, in the data folder.</summary>
internal sealed class RunFolder(string folder)
{
    public static RunFolder Of(string data) => new(Path.Combine(data, "run"));

    public async Task<ProcessMark?> ReadAsync(string name, CancellationToken ct)
    {
        try
        {
            return JsonSerializer.Deserialize<ProcessMark>(await File.ReadAllTextAsync(FileOf(name), ct), JsonSerializerOptions.Web);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            // Nothing was started, or the mark was cut off by a crash: nothing that we may end.
            return null;
        }
    }

    /// <summary>The names of marks that begin so.</summary>
    public IReadOnlyList<string> Names(string begin) =>
        Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, begin + "*.json").Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal)] : [];

    public async Task WriteAsync(string name, ProcessMark mark, CancellationToken ct)
    {
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(FileOf(name), JsonSerializer.Serialize(mark, JsonSerializerOptions.Web), ct);
    }

    public void Forget(string name) => File.Delete(FileOf(name));

    private string FileOf(string name) => Path.Combine(folder, name + ".json");
}
