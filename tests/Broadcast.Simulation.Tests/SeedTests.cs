namespace Broadcast.Simulation.Tests;

public class SeedTests
{
    // What an ordinary run of the tests can spare; `./broadcast simulate --minutes M` goes on where this ends.
    private const int SeedsUsual = 150, SeedsLong = 2_000;

    [Fact]
    public void No_rule_is_broken_in_a_fixed_budget_of_seeds()
    {
        var seeds = Environment.GetEnvironmentVariable("BROADCAST_LONG") is null ? SeedsUsual : SeedsLong;
        var swarm = new Swarm(1, 1, threads: 2);
        swarm.Run(seeds, TimeSpan.FromHours(1), failuresMax: 1);
        TestContext.Current.TestOutputHelper!.WriteLine(swarm.ToString());
        foreach (var failed in swarm.Failed) Assert.Fail($"seed {failed.Plan.Seed}: {failed.Broken}; ./broadcast simulate --seed {failed.Plan.Seed}");
        swarm.Seeds.ShouldBe(seeds);
    }
}
