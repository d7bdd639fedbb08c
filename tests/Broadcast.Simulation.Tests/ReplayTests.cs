using Broadcast.Simulation.Plans;
using Broadcast.Simulation.Witness;

namespace Broadcast.Simulation.Tests;

public class ReplayTests
{
    [Fact]
    public void A_seed_lives_the_same_world_each_time()
    {
        for (var seed = 1; seed <= 8; seed++) Live(seed).ShouldBe(Live(seed), $"seed {seed}");
    }

    private static (ulong, long) Live(int seed)
    {
        using var world = new World(Plan.Draw(seed, 0.2), new Reached());
        var outcome = world.Run();
        return (outcome.Trace, outcome.Steps);
    }
}
