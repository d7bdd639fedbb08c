using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Broadcast.Testing;

/// <summary>
/// A real process of a test: its output is captured (the last lines only, however much it talks), a line can be waited
/// for, and it dies with the test. <see cref="KillAsync"/> is kill -9: the process gets no chance to write anything more.
/// </summary>
public sealed class RunningProcess : IAsyncDisposable
{
    private const int LinesKeptMax = 400; // What a person reads of a failed run; a service may log for minutes.
    private const int SigTerm = 15;

    private readonly Process _process;
    private readonly Lock _gate = new();
    private readonly Queue<string> _lines = new();
    private readonly List<(Func<string, bool> Wanted, TaskCompletionSource<string> Found)> _waits = [];

    private bool _disposed;

    private RunningProcess(Process process, string name)
    {
        _process = process;
        Name = name;
    }

    public string Name { get; }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>The exit code; 137 after kill -9, as a shell would say it.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>The last lines of both outputs, for a failing test's message.</summary>
    public string Output
    {
        get
        {
            lock (_gate) return string.Join('\n', _lines);
        }
    }

    /// <summary>Starts <c>dotnet assembly arguments…</c>.</summary>
    public static RunningProcess StartDotnet(string assembly, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null) =>
        Start(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [assembly, .. arguments], environment, Path.GetFileNameWithoutExtension(assembly));

    /// <summary>Starts any program found on the path.</summary>
    public static RunningProcess Start(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, string? name = null)
    {
        var info = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, UseShellExecute = false };
        foreach (var argument in arguments) info.ArgumentList.Add(argument);
        foreach (var (key, value) in environment ?? new Dictionary<string, string>()) info.Environment[key] = value;

        var process = new Process { StartInfo = info, EnableRaisingEvents = true };
        var running = new RunningProcess(process, name ?? program);
        process.OutputDataReceived += (_, e) => running.Take(e.Data);
        process.ErrorDataReceived += (_, e) => running.Take(e.Data);
        process.Exited += (_, _) => running.FailWaits();
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return running;
    }

    /// <summary>Runs a program to its end and gives its output; throws where it fails.</summary>
    public static async Task<string> RunAsync(string program, IEnumerable<string> arguments, TimeSpan within)
    {
        await using var process = Start(program, arguments);
        await process.WaitForExitAsync(within);
        return process.ExitCode == 0 ? process.Output : throw new InvalidOperationException($"{program} ended with {process.ExitCode}:\n{process.Output}");
    }

    /// <summary>Waits for a line of output, also one that was already written.</summary>
    /// <exception cref="InvalidOperationException">The process ended, or the time passed, before such a line; the message holds the output.</exception>
    public async Task<string> WaitForLineAsync(Func<string, bool> wanted, TimeSpan within)
    {
        TaskCompletionSource<string> found = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_lines.FirstOrDefault(wanted) is { } line) return line;
            _waits.Add((wanted, found));
        }

        if (_process.HasExited) FailWaits();
        try
        {
            return await found.Task.WaitAsync(within);
        }
        catch (TimeoutException)
        {
            throw new InvalidOperationException($"{Name} did not write the line within {within}:\n{Output}");
        }
    }

    /// <summary>kill -9, and waits until the process is gone.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, and waits for the process to end by itself.</summary>
    public async Task TerminateAsync(TimeSpan within)
    {
        if (!_process.HasExited) Signal(SigTerm);
        await WaitForExitAsync(within);
    }

    /// <summary>Sends a signal by its number; a process that is already gone is no error.</summary>
    public void Signal(int number) => _ = kill(_process.Id, number);

    /// <summary>Waits for the process to end.</summary>
    /// <exception cref="InvalidOperationException">It did not end in time; the message holds its output.</exception>
    public async Task WaitForExitAsync(TimeSpan within)
    {
        using var late = new CancellationTokenSource(within);
        try
        {
            await _process.WaitForExitAsync(late.Token);
        }
        catch (OperationCanceledException)
        {
            throw new InvalidOperationException($"{Name} did not end within {within}:\n{Output}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_disposed) return;
        _disposed = true;
        await KillAsync();
        _process.Dispose();
    }

    private void Take(string? line)
    {
        if (line is null) return;
        lock (_gate)
        {
            _lines.Enqueue(line);
            if (_lines.Count > LinesKeptMax) _lines.Dequeue();
            foreach (var (_, found) in _waits.Where(w => w.Wanted(line))) found.TrySetResult(line);
            _waits.RemoveAll(w => w.Found.Task.IsCompleted);
        }
    }

    private void FailWaits()
    {
        lock (_gate)
        {
            foreach (var (_, found) in _waits) found.TrySetException(new InvalidOperationException($"{Name} ended:\n{string.Join('\n', _lines)}"));
            _waits.Clear();
        }
    }

    [DllImport("libc", SetLastError = true)]
    private static extern int kill(int processId, int signal);
}
