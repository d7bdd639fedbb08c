namespace Broadcast.Simulation.Tests.Planted;

public class PlantedBugTests
{
    private const int SeedsMax = 250; // A few would do for most; the rare ones need the right fault at the right moment.

    [Fact]
    public void Each_rule_has_a_planted_bug()
    {
        PlantedBugs.All.Select(b => b.Rule).Distinct().Order(StringComparer.Ordinal).ShouldBe(["R1", "R2", "R3", "R4", "R5", "R6", "R7", "R8", "R9"]);
        PlantedBugs.All.Select(b => b.Number).ShouldBe(Enumerable.Range(1, PlantedBugs.All.Count));
    }

    [Fact]
    public async Task Every_planted_bug_is_found()
    {
        using var copy = await PlantedCopy.BuildAsync();
        (await copy.LiveAsync(0, SeedsMax)).ShouldSatisfyAllConditions(none => none.Code.ShouldBe(0, "Without a bug the same seeds break no rule:\n" + none.Text));
        var missed = new List<string>();
        foreach (var bug in PlantedBugs.All)
        {
            var (code, text) = await copy.LiveAsync(bug.Number, SeedsMax, bug.Seed);
            var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            var found = Array.Find(lines, l => l.StartsWith("seed ", StringComparison.Ordinal)) ?? "";
            TestContext.Current.TestOutputHelper!.WriteLine($"{bug.Number} {bug.Rule} {bug.What}: {(code == 1 ? found[..Math.Min(found.Length, 120)] : "MISSED")} | {lines[^1]}");
            if (code != 1) missed.Add($"{bug.Number} {bug.Rule} {bug.What}");
        }

        missed.ShouldBeEmpty();
    }
}
