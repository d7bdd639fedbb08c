using System.CommandLine;

namespace Broadcast.Cli.Runs;

/// <summary>`bench NAME`: product and peer in one run; a table here, JSON beside it. The benchmarks are a program of their own, and their options are its own.</summary>
internal static class BenchCommand
{
    public static Command Build(CliContext context)
    {
        var name = new Argument<string?>("NAME") { Description = context.Texts.ArgumentBench, Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("bench", context.Texts.VerbBench) { name };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction((parsed, ct) => HouseProgram.RunAsync(
            context.House.BenchProgram, parsed.GetValue(name) is { } chosen ? [chosen, .. parsed.UnmatchedTokens] : ["--help"], ct));
        return command;
    }
}
