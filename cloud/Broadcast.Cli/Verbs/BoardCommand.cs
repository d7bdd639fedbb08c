using System.CommandLine;
using System.Diagnostics;
using Broadcast.Cli.Api;

namespace Broadcast.Cli.Verbs;

/// <summary>`board [NAME]`: what a board file of hardware/boards comes to. A program of its own computes and draws; this starts it.</summary>
internal static class BoardCommand
{
    public static Command Build(CliContext context)
    {
        var t = context.Texts;
        var name = new Argument<string?>("NAME") { Description = t.ArgumentBoard, Arity = ArgumentArity.ZeroOrOne };
        var write = new Option<bool>("--write") { Description = t.OptionWrite };
        var counts = new Option<int[]>("--counts") { Description = t.OptionCounts, HelpName = "LOW HIGH", Arity = new ArgumentArity(2, 2), AllowMultipleArgumentsPerToken = true };
        var command = new Command("board", t.VerbBoard) { name, write, counts };
        command.SetAction((parsed, ct) => RunAsync(context, parsed.GetValue(name), parsed.GetValue(write), parsed.GetValue(counts) ?? [], ct));
        return command;
    }

    private static async Task<int> RunAsync(CliContext context, string? name, bool write, int[] counts, CancellationToken ct)
    {
        var start = new ProcessStartInfo("dotnet") { UseShellExecute = false, WorkingDirectory = context.House.Root };
        start.ArgumentList.Add(context.House.OutputOf(Path.Combine("eng", "boards", "Broadcast.Boards"), "Broadcast.Boards"));
        if (name is not null) start.ArgumentList.Add(name);
        if (write) start.ArgumentList.Add("--write");
        if (counts.Length > 0) start.ArgumentList.Add("--counts");
        foreach (var count in counts) start.ArgumentList.Add($"{count}");
        start.ArgumentList.Add("--lang");
        start.ArgumentList.Add(context.Texts.Chinese ? "zh" : "en");
        using var process = Process.Start(start) ?? throw new UsageException("dotnet did not start");
        await process.WaitForExitAsync(ct);
        return process.ExitCode;
    }
}
