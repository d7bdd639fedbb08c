using System.Text.Json.Nodes;
using Broadcast.Testing;

namespace Broadcast.EndToEnd.Processes;

/// <summary>
/// The real cloud process on a data folder. Its ports are chosen once, so that after a kill it comes back where the devices
/// and the clients look for it.
/// </summary>
internal sealed class CloudProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromMinutes(3); // Seeding a prefecture on two busy cores.
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(30);

    private readonly string _data;
    private readonly IReadOnlyDictionary<string, string> _environment;
    private readonly int _httpsPort = FreePort.Find();
    private RunningProcess? _process;

    public CloudProcess(string data, IReadOnlyDictionary<string, string>? environment = null)
    {
        _data = data;
        _environment = environment ?? new Dictionary<string, string>();
    }

    public int LinkPort { get; } = FreePort.Find();

    public string Address => $"https://127.0.0.1:{_httpsPort}";

    public string AuthorityFile => Path.Combine(_data, "tls", "ca.pem");

    public int Id => _process!.Id;

    public bool HasExited => _process is null || _process.HasExited;

    public string Output => _process?.Output ?? "";

    /// <summary>Starts it and waits until it says that it is ready.</summary>
    public async Task StartAsync()
    {
        if (_process is not null) await _process.DisposeAsync();
        _process = RunningProcess.StartDotnet(
            BuiltProject.Assembly("cloud/Broadcast.Cloud"),
            ["serve", "--data", _data, "--demo", "--https", $"{_httpsPort}", "--http", "0", "--link", $"{LinkPort}"],
            _environment);
        await _process.WaitForLineAsync(l => l.StartsWith("ready", StringComparison.Ordinal), StartPatience);
    }

    /// <summary>kill -9.</summary>
    public Task KillAsync() => _process!.KillAsync();

    /// <summary>SIGTERM, and a clean end.</summary>
    public async Task StopAsync()
    {
        await _process!.TerminateAsync(StopPatience);
        _process.ExitCode.ShouldBe(0, "the service did not end by itself: " + _process.Output);
    }

    /// <summary>Runs `restore` on the data folder and gives what it says; the service must not be running.</summary>
    public async Task<string> RestoreAsync(string file)
    {
        await using var restore = RunningProcess.StartDotnet(BuiltProject.Assembly("cloud/Broadcast.Cloud"), ["restore", "--data", _data, file], _environment);
        await restore.WaitForExitAsync(StartPatience);
        restore.ExitCode.ShouldBe(0, restore.Output);
        return restore.Output;
    }

    /// <summary>The demo's people, as the service wrote them down.</summary>
    public IReadOnlyDictionary<string, string> Passwords() => JsonNode.Parse(File.ReadAllText(Path.Combine(_data, "people.json")))!.AsArray()
        .ToDictionary(p => (string)p!["name"]!, p => (string)p!["password"]!);

    public async ValueTask DisposeAsync()
    {
        if (_process is not null) await _process.DisposeAsync();
    }
}
