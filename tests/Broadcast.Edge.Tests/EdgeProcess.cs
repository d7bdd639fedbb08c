using System.Globalization;
using Broadcast.Testing;

namespace Broadcast.Edge.Tests;

/// <summary>A real gateway process against a test's cloud, writing WAV.</summary>
internal sealed class EdgeProcess : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _folder;

    private EdgeProcess(RunningProcess process, string folder)
    {
        Process = process;
        _folder = folder;
    }

    public RunningProcess Process { get; }

    public string WavFolder => Path.Combine(_folder, "wav");

    public static async Task<EdgeProcess> StartAsync(TestCloud cloud, string folder, IReadOnlyDictionary<string, string>? environment = null, params string[] more)
    {
        string[] arguments =
        [
            "--device", TestCloud.Device, "--link-secret", TestCloud.Secret, "--order-key", Convert.ToHexStringLower(TestCloud.OrderKey),
            "--host", "127.0.0.1", "--port", $"{cloud.Port}", "--ca", cloud.CaFile, "--data", Path.Combine(folder, "data"), "--wav", Path.Combine(folder, "wav"),
            // At any hour of the day the same volume.
            "--audio", cloud.AudioAddress, "--sound:nightVolumeMax", "100", .. more,
        ];
        // For figures of a published gateway: its program.
        var process = Environment.GetEnvironmentVariable("BROADCAST_EDGE_PROGRAM") is { Length: > 0 } published
            ? RunningProcess.Start(published, arguments, environment) : RunningProcess.StartDotnet(BuiltProject.Assembly("edge/Broadcast.Edge"), arguments, environment);
        var edge = new EdgeProcess(process, folder);
        await process.WaitForLineAsync(line => line.Contains("online", StringComparison.Ordinal), Patience);
        return edge;
    }

    /// <summary>The only WAV file, once its stretch of sound is over.</summary>
    public async Task<string> WavAsync()
    {
        await Process.WaitForLineAsync(line => line.Contains("silent", StringComparison.Ordinal), Patience);
        return Directory.GetFiles(WavFolder).ShouldHaveSingleItem();
    }

    /// <summary>When its first sample sounded: the file is named by it, in UTC.</summary>
    public static long BeganMs(string wav) => DateTimeOffset.ParseExact(
        Path.GetFileNameWithoutExtension(wav), "yyyyMMdd-HHmmss-fff", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal).ToUnixTimeMilliseconds();

    public ValueTask DisposeAsync() => Process.DisposeAsync();
}
