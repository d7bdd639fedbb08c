using System.CommandLine;
using Broadcast.Cli.Api;
using Broadcast.Cli.Areas;

namespace Broadcast.Cli.Runs;

/// <summary>`test`: every test project of the lane that the script has built.</summary>
internal static class TestCommand
{
    public static Command Build(CliContext context)
    {
        var t = context.Texts;
        var filter = new Argument<string?>("FILTER") { Description = t.ArgumentFilter, Arity = ArgumentArity.ZeroOrOne };
        var @long = new Option<bool>("--long") { Description = t.OptionLong };
        var project = new Option<string>("--project-timeout") { Description = t.OptionProjectTimeout, HelpName = "30m", DefaultValueFactory = _ => "30m" };
        var all = new Option<string>("--timeout") { Description = t.OptionTimeout, HelpName = "50m", DefaultValueFactory = _ => "2h" };
        var command = new Command("test", t.VerbTest) { filter, @long, project, all };
        command.SetAction((parsed, ct) =>
        {
            var limits = new TestLimits(Time(parsed.GetValue(project)!, project.Name, t), Time(parsed.GetValue(all)!, all.Name, t));
            var (projects, name) = Choose(TestProject.InSolution(context.House), parsed.GetValue(filter));
            var results = Path.Combine(context.House.Root, "TestResults", context.House.Lane);
            return new TestRun(context, results, limits) { NameHolds = name, Long = parsed.GetValue(@long) }.RunAsync(projects, ct);
        });
        return command;
    }

    /// <summary>A filter names projects where it meets one, else tests in all of them.</summary>
    public static (IReadOnlyList<TestProject> Projects, string? NameHolds) Choose(IReadOnlyList<TestProject> all, string? filter)
    {
        if (filter is null) return (all, null);
        var named = all.Where(p => p.Name.Contains(filter, StringComparison.OrdinalIgnoreCase)).ToList();
        return named.Count > 0 ? (named, null) : (all, filter);
    }

    private static TimeSpan Time(string text, string option, Texts t) =>
        Duration.TryParse(text, out var time) ? time : throw new UsageException(t.BadDuration(option, text));
}
