using Broadcast.Cli.Runs;

namespace Broadcast.Cli.Tests;

public sealed class TestRunTests : IDisposable
{
    private readonly Bench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task Passes_and_failures_of_all_projects_are_summed_in_the_last_line()
    {
        (await RunAsync(Reporting("A.Tests", 3, 0), Reporting("B.Tests", 2, 1, exit: 1))).ShouldBe(ExitCodes.Failed);
        LastLine.ShouldBe("5 passed, 1 failed");
        _bench.Out.ShouldContain("✗ B.Tests.Fails");
        _bench.Out.ShouldContain("expected 1 but was 2");
    }

    [Fact]
    public async Task All_green_ends_with_zero()
    {
        (await RunAsync(Reporting("A.Tests", 3, 0))).ShouldBe(ExitCodes.Done);
        LastLine.ShouldBe("3 passed, 0 failed");
    }

    [Fact]
    public async Task A_project_that_crashes_counts_as_a_failure_and_shows_its_last_words()
    {
        (await RunAsync(Reporting("A.Tests", 3, 0), Script("Crash.Tests", "echo Segmentation in the native part; kill -s SEGV $$"))).ShouldBe(ExitCodes.Failed);
        LastLine.ShouldBe("3 passed, 1 failed");
        _bench.Out.ShouldContain("Segmentation in the native part");
    }

    [Fact]
    public async Task A_project_that_crashes_after_a_green_report_counts_as_a_failure()
    {
        (await RunAsync(Reporting("A.Tests", 3, 0, exit: 134))).ShouldBe(ExitCodes.Failed);
        LastLine.ShouldBe("3 passed, 1 failed");
    }

    [Fact]
    public async Task A_project_that_runs_no_test_counts_as_a_failure()
    {
        (await RunAsync(Reporting("Empty.Tests", 0, 0))).ShouldBe(ExitCodes.Failed);
        LastLine.ShouldBe("0 passed, 1 failed");
    }

    [Fact]
    public async Task A_report_that_breaks_off_counts_as_a_failure()
    {
        (await RunAsync(Script("Cut.Tests", "echo '<assemblies><assembly passed=\"9\"' >\"$report\""))).ShouldBe(ExitCodes.Failed);
        LastLine.ShouldBe("0 passed, 1 failed");
    }

    [Fact]
    public async Task A_project_that_hangs_is_ended_and_counts_as_a_failure()
    {
        var run = new TestRun(_bench.Context, _bench.Folder, new TestLimits(TimeSpan.FromMilliseconds(300), TimeSpan.FromMinutes(1)));
        (await run.RunAsync([Script("Hangs.Tests", "cat /dev/zero >/dev/null")], TestContext.Current.CancellationToken)).ShouldBe(ExitCodes.Failed);
        LastLine.ShouldBe("0 passed, 1 failed");
        _bench.Out.ShouldContain("was ended after");
    }

    [Fact]
    public async Task When_the_time_for_all_is_up_the_rest_count_as_failures()
    {
        var run = new TestRun(_bench.Context, _bench.Folder, new TestLimits(TimeSpan.FromMinutes(1), TimeSpan.Zero));
        (await run.RunAsync([Reporting("A.Tests", 3, 0)], TestContext.Current.CancellationToken)).ShouldBe(ExitCodes.Failed);
        LastLine.ShouldBe("0 passed, 1 failed");
    }

    [Fact]
    public async Task A_fixture_that_throws_counts_as_a_failure()
    {
        (await RunAsync(Reporting("A.Tests", 3, 0, exit: 1, errors: 1))).ShouldBe(ExitCodes.Failed);
        LastLine.ShouldBe("3 passed, 1 failed");
    }

    [Fact]
    public async Task A_filter_that_meets_no_test_is_no_success()
    {
        var run = new TestRun(_bench.Context, _bench.Folder, Plenty) { NameHolds = "Nowhere" };
        (await run.RunAsync([Reporting("A.Tests", 0, 0)], TestContext.Current.CancellationToken)).ShouldBe(ExitCodes.Failed);
        LastLine.ShouldBe("0 passed, 1 failed");
    }

    [Fact]
    public void Test_projects_are_those_of_the_solution_that_end_in_Tests_and_EndToEnd_comes_last()
    {
        _bench.Write("Broadcast.sln", """
            Project("{F}") = "Broadcast.EndToEnd", "tests\Broadcast.EndToEnd\Broadcast.EndToEnd.csproj", "{1}"
            Project("{F}") = "Broadcast.Rules", "cloud\Broadcast.Rules\Broadcast.Rules.csproj", "{2}"
            Project("{F}") = "Broadcast.Rules.Tests", "tests\Broadcast.Rules.Tests\Broadcast.Rules.Tests.csproj", "{3}"
            Project("{F}") = "Broadcast.Testing", "tests\Broadcast.Testing\Broadcast.Testing.csproj", "{4}"
            """);
        TestProject.InSolution(_bench.Context.House).Select(p => p.Name).ShouldBe(["Broadcast.Rules.Tests", "Broadcast.EndToEnd"]);
    }

    private static readonly TestLimits Plenty = new(TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(2));

    private string LastLine => _bench.Out.TrimEnd('\n').Split('\n')[^1];

    private Task<int> RunAsync(params TestProject[] projects) =>
        new TestRun(_bench.Context, _bench.Folder, Plenty).RunAsync(projects, TestContext.Current.CancellationToken);

    /// <summary>A "project" in the shell: the report's path is its last argument, as for the real ones.</summary>
    private static TestProject Script(string name, string script) => new(name, ["/bin/sh", "-c", $"for report; do :; done; {script}", "sh"]);

    private static TestProject Reporting(string name, int passed, int failed, int exit = 0, int errors = 0)
    {
        var tests = failed == 0 ? "" : $"<collection><test name=\"{name}.Fails\" result=\"Fail\"><failure><message>expected 1 but was 2</message></failure></test></collection>";
        var xml = $"<assemblies><assembly passed=\"{passed}\" failed=\"{failed}\" skipped=\"0\" errors=\"{errors}\">{tests}</assembly></assemblies>";
        return Script(name, $"echo '{xml}' >\"$report\"; exit {exit}");
    }
}
