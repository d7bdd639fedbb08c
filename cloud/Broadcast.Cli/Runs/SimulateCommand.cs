using System.CommandLine;
using System.Diagnostics;
using System.Globalization;

namespace Broadcast.Cli.Runs;

/// <summary>`simulate`: the simulated world, for so many minutes or for one seed; what it says goes through untouched.</summary>
internal static class SimulateCommand
{
    public static Command Build(CliContext context)
    {
        var t = context.Texts;
        var minutes = new Option<double?>("--minutes") { Description = t.OptionSimulateMinutes, HelpName = "1" };
        var seed = new Option<int?>("--seed") { Description = t.OptionSimulateSeed, HelpName = "N" };
        var days = new Option<double>("--days") { Description = t.OptionSimulateDays, HelpName = "1", DefaultValueFactory = _ => 1 };
        var command = new Command("simulate", t.VerbSimulate) { minutes, seed, days };
        command.SetAction((parsed, ct) =>
        {
            List<string> arguments = ["--days", Number(parsed.GetValue(days))];
            if (parsed.GetValue(minutes) is { } m) arguments.AddRange(["--minutes", Number(m)]);
            if (parsed.GetValue(seed) is { } s) arguments.AddRange(["--seed", Number(s)]);
            return RunAsync(context, arguments, ct);
        });
        return command;
    }

    private static string Number(double value) => value.ToString(CultureInfo.InvariantCulture);

    private static async Task<int> RunAsync(CliContext context, List<string> arguments, CancellationToken ct)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [context.House.SimulationProgram, .. arguments]))!;
        try
        {
            await process.WaitForExitAsync(ct);
            return process.ExitCode;
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}
