using System.Text.Json;
using Broadcast.EndToEnd.Fleet;
using Broadcast.Fleet;
using Broadcast.Testing;

namespace Broadcast.EndToEnd.Processes;

/// <summary>A real fleet process. Its journal and its devices' flash lie in the test's folder and outlive it.</summary>
internal sealed class FleetProcess : IAsyncDisposable
{
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(30);

    private readonly RunningProcess _process;
    private readonly string _statusFile;

    private FleetProcess(RunningProcess process, string statusFile)
    {
        _process = process;
        _statusFile = statusFile;
    }

    /// <summary>The counts; zeros before the first are written.</summary>
    public FleetStatus Status
    {
        get
        {
            if (_process.HasExited) throw new InvalidOperationException($"The fleet ended:\n{_process.Output}");
            return File.Exists(_statusFile)
                ? JsonSerializer.Deserialize<FleetStatus>(File.ReadAllText(_statusFile), JsonSerializerOptions.Web)!
                : new FleetStatus(0, 0, 0, 0, 0, 0, 0, 0, null);
        }
    }

    public static FleetProcess Start(string devicesFile, CloudProcess cloud, string journalFile, string stateFolder, string statusFile, params IEnumerable<string> more)
    {
        File.Delete(statusFile);
        var process = RunningProcess.StartDotnet(BuiltProject.Assembly("tests/Broadcast.Fleet"),
        [
            "--devices-file", devicesFile, "--port", $"{cloud.LinkPort}", "--ca", cloud.AuthorityFile,
            "--journal", journalFile, "--state-dir", stateFolder, "--status-file", statusFile, "--back-off-max", "500", .. more,
        ]);
        return new FleetProcess(process, statusFile);
    }

    public Task OnlineAsync(int devices, TimeSpan within) => Eventually.HoldsAsync(() => Status.Online >= devices, within, $"{devices} devices online");

    /// <summary>kill -9: the power goes at every site.</summary>
    public Task KillAsync() => _process.KillAsync();

    public Task StopAsync() => _process.TerminateAsync(StopPatience);

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
