using Broadcast.Simulation.Plans;
using Broadcast.Simulation.Witness;

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

    /// <summary>Each of these found something in the product (docs/simulation.md); what it was, its planted bug or its words say.</summary>
    [Theory]
    [InlineData(131, "a device that lost its memory was not asked again")]
    [InlineData(1805, "an update that ran out unheard left the longer revision before it sounding")]
    [InlineData(46, "a client that went on publishing into a dead connection never noticed")]
    [InlineData(98, "what was handed on and lost")]
    [InlineData(101902, "a flash that took nothing over two boots gave one number to two receipts")]
    [InlineData(200089, "a disk that failed once more while it was full ended the ledger's writer, and everybody waited")]
    [InlineData(9, "a Pi said its notices to a child before that knew the time, and, after a power cut, alarms that its children took for over")]
    [InlineData(3075, "a device that had lost its memory, and raised an alarm before its first welcome, was not asked again")]
    [InlineData(4035, "a child that came back heard of an old revocation, and fell silent in an alarm under newer keys")]
    [InlineData(5236, "a child forgot what had expired at once, and a small step back of the time made it new")]
    [InlineData(5310, "a site's own alarms counted as heard of the cloud: after a step back of the time an order that had never come was refused")]
    [InlineData(237, "a Pi whose disk did not take its list of children carried nobody for as long as its session lasted", 0.3)]
    [InlineData(500034, "the word to stop ended on the wire with the short update that brought it, and what it had stopped sounded after a backup was put back")]
    [InlineData(812683, "a device whose flash took nothing had said that it has a cancel, lost its power and the cancel with it, and nobody said it again")]
    [InlineData(840285, "a hello that had been held on a Pi's way came late, what was above it was queued again, and what the device said of that once more counted for nothing")]
    [InlineData(870205, "what was queued again for a device that had forgotten it ran out unheard, and the ledger had no word of what it had said before")]
    [InlineData(870528, "a backup was put back while the clock was ahead, and when it was right again an update got a number that a device knew")]
    [InlineData(870033, "a Pi's session was full of orders when a child of its was rekeyed: it was not told, and the child with its new keys found the door shut")]
    [InlineData(4001801, "a hand-on was lost while the clock was ahead, and when it was right again nobody looked for it until it had caught up")]
    [InlineData(5007245, "a device came back just after an update had run out unheard, and was not given the word to stop that was made of it a moment later")]
    [InlineData(5009541, "a list of children, sent again to a Pi that had lost its memory and did not know the time, made it raise alarms that its children took for over")]
    [InlineData(5009672, "the same, with the children at the cloud's address and then at the Pi's")]
    [InlineData(6006118, "an actual warning was updated to a programme, and a village's operator, who may not speak the one, cancelled both")]
    [InlineData(9117, "on a full disk a Pi that had lost its card was not told whom it carries")]
    public void What_a_seed_once_found_stays_mended(int seed, string what, double days = 1)
    {
        using var world = new World(Plan.Draw(seed, days), new Reached());
        world.Run().Broken.ShouldBeNull(what);
    }
}
