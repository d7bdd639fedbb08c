using System.ComponentModel;
using System.Diagnostics;

namespace Broadcast.Edge.Audio;

/// <summary>
/// A program of Debian's that makes samples on its standard output: the synthesizer, a decoder. Disposing ends it and all that it
/// started. Nothing from outside ever becomes an option: texts go to its standard input, files are named by their hash.
/// </summary>
internal sealed class AudioProgram : IDisposable
{
    private readonly Process _process;

    private AudioProgram(Process process) => _process = process;

    public Stream Output => _process.StandardOutput.BaseStream;

    public int ExitCode => _process.ExitCode;

    /// <exception cref="Win32Exception">There is no such program.</exception>
    public static AudioProgram Start(string program, IEnumerable<string> arguments)
    {
        var info = new ProcessStartInfo(program)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false, StandardInputEncoding = new System.Text.UTF8Encoding(false),
        };
        foreach (var argument in arguments) info.ArgumentList.Add(argument);
        return new AudioProgram(Process.Start(info) ?? throw new Win32Exception($"{program} did not start"));
    }

    /// <summary>Writes all of its input and closes it.</summary>
    public async Task WriteAsync(string text, CancellationToken ct)
    {
        await _process.StandardInput.WriteAsync(text.AsMemory(), ct);
        _process.StandardInput.Close();
    }

    public Task WaitForExitAsync(CancellationToken ct) => _process.WaitForExitAsync(ct);

    public void Dispose()
    {
        try
        {
            if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        }
        catch (Exception gone) when (gone is InvalidOperationException or Win32Exception)
        {
            Debug.Assert(_process.HasExited, "It ended between the question and the kill.");
        }
        _process.Dispose();
    }
}
