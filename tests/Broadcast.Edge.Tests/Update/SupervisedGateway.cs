using Broadcast.Testing;

namespace Broadcast.Edge.Tests.Update;

/// <summary>A gateway as systemd runs it: started by <c>broadcast-edge-start</c>, and started again whenever it ends.</summary>
internal sealed class SupervisedGateway : IAsyncDisposable
{
    private readonly TempFolder _folder;
    private readonly string[] _arguments;
    private readonly Dictionary<string, string> _environment;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;
    private volatile RunningProcess? _process;
    private int _starts;

    public SupervisedGateway(TempFolder folder, string[] arguments, int trialStarts = 3, int trialSeconds = 60, string? program = null)
    {
        (_folder, _arguments, Program) = (folder, arguments, program ?? folder["program/x"][..^2]);
        Directory.CreateDirectory(Program);
        _environment = new() { ["BROADCAST_TRIAL_STARTS"] = $"{trialStarts}", ["BROADCAST_TRIAL_SECONDS"] = $"{trialSeconds}" };
        _running = RunAsync();
    }

    public static SupervisedGateway Start(TestCloud cloud, TempFolder folder, PackageMaker maker, double trialMinutes = 1, int trialStarts = 3, int trialSeconds = 60, string? program = null, int soakSeconds = 1, string[]? more = null) => new(folder,
    [
        "--device", TestCloud.Device, "--link-secret", TestCloud.Secret, "--order-key", Convert.ToHexStringLower(TestCloud.OrderKey),
        "--host", "127.0.0.1", "--port", $"{cloud.Port}", "--ca", cloud.CaFile, "--data", folder["data"], "--wav", folder["wav"], "--audio", cloud.AudioAddress,
        "--sound:nightVolumeMax", "100", "--update:key", maker.KeyFile, "--update:checkMinutes", "0.05", "--update:trialMinutes", $"{trialMinutes}", "--update:soakSeconds", $"{soakSeconds}", .. more ?? [],
    ], trialStarts, trialSeconds, program);

    public string Program { get; }

    public int Starts => Volatile.Read(ref _starts);

    public string Slot => new FileInfo(Path.Combine(Program, "current")).LinkTarget ?? "factory";

    public string Output => _process?.Output ?? "";

    /// <summary>kill -9; it is started again.</summary>
    public Task KillAsync() => _process?.KillAsync() ?? Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await KillAsync();
        await _running;
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            await using var process = RunningProcess.Start("sh", [Path.Combine(PackageMaker.Built, "Service/broadcast-edge-start"), Program, PackageMaker.Built, .. _arguments], _environment, "gateway");
            _process = process;
            Interlocked.Increment(ref _starts);
            try
            {
                await process.WaitForExitAsync(TimeSpan.FromMinutes(10));
            }
            finally
            {
                await File.AppendAllTextAsync(_folder["gateway.log"], process.Output + "\n--\n");
            }
        }
    }
}
