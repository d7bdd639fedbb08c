using System.Diagnostics;
using Broadcast.Cli.Api;

namespace Broadcast.Cli.Runs;

/// <summary>A program of the house that takes over the terminal: it writes and reads where we would, and Ctrl-C reaches it as it reaches us.</summary>
internal static class HouseProgram
{
    /// <summary>Runs it to its end and gives its exit code.</summary>
    public static async Task<int> RunAsync(string assembly, IEnumerable<string> arguments, CancellationToken ct)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath ?? "dotnet") { UseShellExecute = false };
        start.ArgumentList.Add(assembly);
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        using var process = Process.Start(start) ?? throw new UsageException($"{assembly} did not start");
        try
        {
            await process.WaitForExitAsync(ct);
        }
        catch (OperationCanceledException)
        {
            await process.WaitForExitAsync(CancellationToken.None); // It has heard the same Ctrl-C, and puts its things in order.
        }

        return process.ExitCode;
    }
}
