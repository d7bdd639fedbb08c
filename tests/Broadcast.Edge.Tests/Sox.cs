using System.Globalization;
using System.Text.RegularExpressions;
using Broadcast.Testing;

namespace Broadcast.Edge.Tests;

/// <summary>Measures WAV files with Debian's sox: another program's ear, not our own arithmetic.</summary>
internal static class Sox
{
    public static async Task<double> SecondsAsync(string wav) => double.Parse(await RunAsync("soxi", "-D", wav), CultureInfo.InvariantCulture);

    /// <summary>RMS and peak level in dBFS of a stretch; -120 for digital silence.</summary>
    public static async Task<(double Rms, double Peak)> LevelAsync(string wav, double from, double seconds)
    {
        var stats = await RunAsync("sox", wav, "-n", "trim", Text(from), Text(seconds), "stats");
        return (Value(stats, "RMS lev dB"), Value(stats, "Pk lev dB"));
    }

    /// <summary>RMS level in dBFS of what is left of a stretch within 40 Hz of a frequency.</summary>
    public static async Task<double> LevelNearAsync(string wav, double from, double seconds, int hertz) =>
        Value(await RunAsync("sox", wav, "-n", "trim", Text(from), Text(seconds), "sinc", "-t", "20", $"{hertz - 40}-{hertz + 40}", "stats"), "RMS lev dB");

    /// <summary>RMS level in dBFS of what is left of a stretch above a frequency.</summary>
    public static async Task<double> LevelAboveAsync(string wav, double from, double seconds, int hertz) =>
        Value(await RunAsync("sox", wav, "-n", "trim", Text(from), Text(seconds), "sinc", "-t", "20", $"{hertz}", "stats"), "RMS lev dB");

    /// <summary>The stretches of sound as (start, end) in seconds, where silence below -50 dBFS of at least <paramref name="gap"/> seconds parts them; to 20 ms.</summary>
    public static async Task<List<(double Start, double End)>> StretchesAsync(string wav, double gap)
    {
        const double Step = 0.02;
        var loud = await LoudBlocksAsync(wav);
        List<(double Start, double End)> stretches = [];
        for (var i = 0; i < loud.Count; i++)
        {
            if (!loud[i]) continue;
            if (stretches.Count > 0 && (i * Step) - stretches[^1].End < gap) stretches[^1] = (stretches[^1].Start, (i + 1) * Step);
            else stretches.Add((i * Step, (i + 1) * Step));
        }
        return stretches;
    }

    // sox writes one text line a sample; a block of 20 ms is loud when any of its samples is.
    private static async Task<List<bool>> LoudBlocksAsync(string wav)
    {
        var dat = Path.ChangeExtension(wav, ".dat");
        await RunAsync("sox", wav, "-r", "2000", dat);
        List<bool> loud = [];
        foreach (var line in File.ReadLines(dat).Where(line => !line.StartsWith(';')))
        {
            var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var block = (int)(double.Parse(fields[0], CultureInfo.InvariantCulture) / 0.02 + 0.0001);
            while (loud.Count <= block) loud.Add(false);
            if (Math.Abs(double.Parse(fields[1], CultureInfo.InvariantCulture)) > 0.003) loud[block] = true;
        }
        File.Delete(dat);
        return loud;
    }

    private static string Text(double seconds) => seconds.ToString("0.###", CultureInfo.InvariantCulture);

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        var environment = new Dictionary<string, string> { ["LC_ALL"] = "C" };
        await using var process = RunningProcess.Start(program, arguments, environment);
        await process.WaitForExitAsync(TimeSpan.FromMinutes(1));
        process.ExitCode.ShouldBe(0, process.Output);
        return process.Output;
    }

    private static double Value(string stats, string name)
    {
        var value = Regex.Match(stats, Regex.Escape(name) + @"\s+(\S+)", RegexOptions.None, TimeSpan.FromSeconds(10)).Groups[1].Value;
        return value == "-inf" ? -120 : double.Parse(value, CultureInfo.InvariantCulture);
    }
}
