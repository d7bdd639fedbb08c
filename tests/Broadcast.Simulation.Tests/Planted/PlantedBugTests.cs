using System.Globalization;

namespace Broadcast.Simulation.Tests.Planted;

public class PlantedBugTests
{
    // A few would do for most. The rare ones need the right fault at the right moment, and any change of the product moves those moments: what no part of a day shows has whole days.
    private const int SeedsMax = 250, RareSeedsMax = 900;

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
        await BreaksNothingAsync(copy, new Seeds(1, SeedsMax));
        var missed = new List<string>();
        foreach (var bug in PlantedBugs.All)
        {
            var (code, text) = await copy.LiveAsync(bug.Number, bug.Seed is { } only ? new Seeds(only, 1, Days: 1) : new Seeds(1, SeedsMax));
            if (code == 0 && bug.Seed is null) (code, text) = await copy.LiveAsync(bug.Number, new Seeds(SeedsMax + 1, RareSeedsMax, Days: 1));
            var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            var found = Array.Find(lines, l => l.StartsWith("seed ", StringComparison.Ordinal)) ?? "";
            TestContext.Current.TestOutputHelper!.WriteLine($"{bug.Number} {bug.Rule} {bug.What}: {(code == 1 ? found[..Math.Min(found.Length, 120)] : "MISSED")} | {lines[^1]}");
            if (code != 1) missed.Add($"{bug.Number} {bug.Rule} {bug.What}");
            else if (int.Parse(found.Split(' ', ':')[1], CultureInfo.InvariantCulture) is > SeedsMax and var seed) await BreaksNothingAsync(copy, new Seeds(seed, 1, Days: 1));
        }

        missed.ShouldBeEmpty();
    }

    private static async Task BreaksNothingAsync(PlantedCopy copy, Seeds seeds)
    {
        var (code, text) = await copy.LiveAsync(0, seeds);
        code.ShouldBe(0, "Without a bug the same seeds break no rule:\n" + text);
    }
}
