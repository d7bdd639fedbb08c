using System.Diagnostics;
using System.Globalization;

namespace Broadcast.Cli.Runs;

/// <summary>How long a project, and all of them, may take.</summary>
internal sealed record TestLimits(TimeSpan Project, TimeSpan All);

/// <summary>Runs projects one after another, says how each went, and sums. The last line written is the closing line.</summary>
internal sealed class TestRun(CliContext context, string resultsFolder, TestLimits limits)
{
    private const int LogLinesShown = 20;

    /// <summary>Only tests whose full name holds this; a project without one is then no failure.</summary>
    public string? NameHolds { get; init; }

    public bool Long { get; init; }

    public async Task<int> RunAsync(IReadOnlyList<TestProject> projects, CancellationToken ct)
    {
        Directory.CreateDirectory(resultsFolder);
        var started = context.Clock.GetTimestamp();
        var outcomes = new List<TestOutcome>();
        foreach (var project in projects)
        {
            var left = limits.All - context.Clock.GetElapsedTime(started);
            outcomes.Add(left > TimeSpan.Zero ? await RunOneAsync(project, left < limits.Project ? left : limits.Project, ct) : NotRun(project));
            Write(outcomes[^1]);
        }

        return Close(outcomes);
    }

    private int Close(List<TestOutcome> outcomes)
    {
        var (passed, failed, skipped) = (outcomes.Sum(o => o.Passed), outcomes.Sum(o => o.Failed), outcomes.Sum(o => o.Skipped));
        if (passed + failed == 0)
        {
            // A filter that meets nothing must not look like a success.
            context.Line(context.Texts.NoTestMatches(NameHolds ?? ""));
            failed = 1;
        }

        if (skipped > 0) context.Line(context.Texts.Skipped(skipped));
        context.Line(context.Texts.ResultsIn(resultsFolder));
        context.Line(string.Create(CultureInfo.InvariantCulture, $"{passed} passed, {failed} failed"));
        return failed == 0 ? ExitCodes.Done : ExitCodes.Failed;
    }

    private static TestOutcome NotRun(TestProject project) =>
        new(project.Name, 0, 1, 0, TimeSpan.Zero, [new FailedTest(project.Name, "not run: the time for all tests was up")]);

    private async Task<TestOutcome> RunOneAsync(TestProject project, TimeSpan within, CancellationToken ct)
    {
        var report = Path.Combine(resultsFolder, project.Name + ".xml");
        var log = Path.Combine(resultsFolder, project.Name + ".log");
        File.Delete(report);
        var started = context.Clock.GetTimestamp();
        var (ending, well) = await ProcessAsync(project, report, log, within, ct);
        var outcome = TestReport.Judge(project.Name, report, ending, well, context.Clock.GetElapsedTime(started), NameHolds is not null);
        if (!File.Exists(report)) outcome = outcome with { Failures = [.. outcome.Failures, .. await LogEndAsync(project, log, ct)] };
        return outcome;
    }

    private async Task<(string Ending, bool Well)> ProcessAsync(TestProject project, string report, string log, TimeSpan within, CancellationToken ct)
    {
        using var process = Process.Start(StartInfo(project, report, log))!;
        using var patience = new CancellationTokenSource(within, context.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, patience.Token);
        try
        {
            await process.WaitForExitAsync(either.Token);
            return ($"ended with code {process.ExitCode}", process.ExitCode == 0);
        }
        catch (OperationCanceledException)
        {
            // Its children go with it: a test that hangs often hangs on a server it started.
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
            ct.ThrowIfCancellationRequested();
            return ($"was ended after {within.TotalMinutes:F1} minutes", false);
        }
    }

    private ProcessStartInfo StartInfo(TestProject project, string report, string log)
    {
        // The shell only opens the log and becomes the program.
        var start = new ProcessStartInfo("/bin/sh") { WorkingDirectory = resultsFolder };
        foreach (var part in (string[])["-c", "log=$1; shift; exec \"$@\" >\"$log\" 2>&1 </dev/null", "sh", log, .. project.Command, .. Filter(), "-xml", report])
            start.ArgumentList.Add(part);
        start.Environment["BROADCAST_NO_BUILD"] = "1"; // A test that calls ./broadcast uses what was built for it.
        if (Long) start.Environment["BROADCAST_LONG"] = "1";
        return start;
    }

    private string[] Filter() => NameHolds is { } part ? ["-method", $"*{part}*"] : [];

    private static async Task<IReadOnlyList<FailedTest>> LogEndAsync(TestProject project, string log, CancellationToken ct) => File.Exists(log)
        ? [new FailedTest($"{project.Name}: the end of its output", string.Join('\n', (await File.ReadAllLinesAsync(log, ct)).TakeLast(LogLinesShown)))]
        : [];

    private void Write(TestOutcome outcome)
    {
        context.Line(string.Create(CultureInfo.InvariantCulture, $"{outcome.Project,-34} {outcome.Passed,6} passed {outcome.Failed,4} failed {outcome.Skipped,4} skipped {outcome.Took.TotalSeconds,8:F1} s"));
        foreach (var failure in outcome.Failures)
        {
            context.Line($"  ✗ {failure.Name}");
            foreach (var line in failure.Message.Split('\n')) context.Line("      " + line.TrimEnd());
        }
    }
}
