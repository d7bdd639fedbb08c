using System.Globalization;
using System.Xml;
using System.Xml.Linq;

namespace Broadcast.Cli.Runs;

internal sealed record FailedTest(string Name, string Message);

/// <summary>What one project's run came to.</summary>
internal sealed record TestOutcome(string Project, int Passed, int Failed, int Skipped, TimeSpan Took, IReadOnlyList<FailedTest> Failures);

/// <summary>
/// Reads xunit's own XML report together with how the process ended. A run that proves nothing is a failure:
/// no report, no test, or an exit that the report does not explain.
/// </summary>
internal static class TestReport
{
    private const int MessageCharsMax = 1_500;

    public static TestOutcome Judge(string project, string reportFile, string ending, bool endedWell, TimeSpan took, bool mayBeEmpty)
    {
        var outcome = Read(project, reportFile, took);
        if (outcome is null) return new TestOutcome(project, 0, 1, 0, took, [new FailedTest(project, $"{ending}, and left no whole report")]);
        if (!endedWell && outcome.Failed == 0) return Worse(outcome, $"{ending}, though its report names no failure");
        if (outcome.Passed + outcome.Failed == 0 && !mayBeEmpty) return Worse(outcome, "ran no test");
        return outcome;
    }

    private static TestOutcome Worse(TestOutcome outcome, string why) =>
        outcome with { Failed = outcome.Failed + 1, Failures = [.. outcome.Failures, new FailedTest(outcome.Project, why)] };

    private static TestOutcome? Read(string project, string file, TimeSpan took)
    {
        try
        {
            var assemblies = XDocument.Load(file).Root!.Elements("assembly").ToList();
            int Sum(string name) => assemblies.Sum(a => int.Parse(a.Attribute(name)?.Value ?? "0", CultureInfo.InvariantCulture));
            // An error is a fixture or a clean-up that threw: no test of its own, and no success either.
            var errors = assemblies.Descendants("error").Select(e => new FailedTest($"{e.Attribute("type")?.Value} {e.Attribute("name")?.Value}", MessageOf(e)));
            var failures = assemblies.Descendants("test").Where(t => t.Attribute("result")?.Value == "Fail").Select(t => new FailedTest(t.Attribute("name")?.Value ?? "?", MessageOf(t)));
            return new TestOutcome(project, Sum("passed"), Sum("failed") + Sum("errors"), Sum("skipped") + Sum("not-run"), took, [.. failures, .. errors]);
        }
        catch (Exception e) when (e is IOException or XmlException or FormatException)
        {
            // Missing or cut off: the caller counts the whole run as failed.
            return null;
        }
    }

    private static string MessageOf(XElement element)
    {
        var failure = element.Element("failure");
        var message = $"{failure?.Element("message")?.Value}\n{failure?.Element("stack-trace")?.Value}".Trim();
        return message.Length <= MessageCharsMax ? message : message[..MessageCharsMax] + "…";
    }
}
