using System.Diagnostics;
using System.Threading.Channels;

namespace Broadcast.Link.Tests;

/// <summary>A program of others, started by a test and ended with it. A test that misses one fails and says how to get it.</summary>
internal sealed class ForeignProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();

    private ForeignProcess(ProcessStartInfo start)
    {
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Take(line.Data);
        _process.ErrorDataReceived += (_, line) => Take(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public bool HasExited => _process.HasExited;

    public static ForeignProcess Start(string program, string package, params string[] arguments) => StartIn(null, program, package, arguments);

    public static ForeignProcess StartIn(string? folder, string program, string package, params string[] arguments)
    {
        File.Exists(program).ShouldBeTrue($"{program} is missing: apt-get install -y {package}");
        return new ForeignProcess(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder ?? "",
        });
    }

    public async Task<string> NextLineAsync()
    {
        using var patience = new CancellationTokenSource(TestServer.Patience);
        return await _lines.Reader.ReadAsync(patience.Token);
    }

    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(TestServer.Patience * 3);
        return _process.ExitCode;
    }

    public async Task KillAsync()
    {
        if (_process.HasExited) return;
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
    }

    private void Take(string? line)
    {
        if (line is not null) _lines.Writer.TryWrite(line);
    }
}
