using System.CommandLine;
using System.Diagnostics;
using System.Text.RegularExpressions;
using Broadcast.Cli.Api;

namespace Broadcast.Cli.Verbs;

/// <summary>`firmware`: builds the microcontroller's image from firmware/Firmware.sln, or says what is missing for it.</summary>
internal static partial class FirmwareCommand
{
    private const int LinesShownMax = 20;

    public static Command Build(CliContext context)
    {
        var command = new Command("firmware", context.Texts.VerbFirmware);
        command.SetAction(async (_, ct) => await BuildImageAsync(context, ct));
        return command;
    }

    private static async Task<int> BuildImageAsync(CliContext context, CancellationToken ct)
    {
        var solution = Path.Combine(context.House.Root, "firmware", "Firmware.sln");
        var info = new ProcessStartInfo(context.Environment("DOTNET_HOST_PATH") ?? "dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var word in new[] { "build", solution, "-c", "Release", "-nologo", "-v", "q", "-nodeReuse:false" }) info.ArgumentList.Add(word);
        using var build = Process.Start(info) ?? throw new UsageException("dotnet did not start");
        var errors = build.StandardError.ReadToEndAsync(ct);
        var output = await build.StandardOutput.ReadToEndAsync(ct) + await errors;
        await build.WaitForExitAsync(ct);
        return Report(context, build.ExitCode, output);
    }

    /// <summary>What a build's words mean: made, or what the feed lacks, or its errors.</summary>
    internal static int Report(CliContext context, int exitCode, string output)
    {
        if (exitCode == 0)
        {
            context.Line(context.Texts.FirmwareBuilt);
            return ExitCodes.Done;
        }

        var missing = MissingPackage().Matches(output).Select(m => m.Value).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        if (missing.Count > 0 && output.Contains("MSB4236", StringComparison.Ordinal) || NoSuchPackage().IsMatch(output))
            context.ErrorLine(context.Texts.FirmwareMissing(string.Join(", ", missing)));
        else
            foreach (var line in output.Split('\n').Where(l => l.Contains("error", StringComparison.Ordinal)).Distinct().Take(LinesShownMax)) context.ErrorLine(line.Trim());
        return ExitCodes.Failed;
    }

    [GeneratedRegex(@"nanoFramework(\.[A-Za-z0-9]+)+", RegexOptions.CultureInvariant, 1_000)]
    private static partial Regex MissingPackage();

    [GeneratedRegex("NU110[123]", RegexOptions.CultureInvariant, 1_000)]
    private static partial Regex NoSuchPackage();
}
