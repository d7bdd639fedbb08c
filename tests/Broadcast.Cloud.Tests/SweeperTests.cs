using Broadcast.Cloud.Link;
using Broadcast.Rules;
using Broadcast.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broadcast.Cloud.Tests;

/// <summary>What must happen although nobody asks.</summary>
public sealed class SweeperTests
{
    private static readonly DeviceId Id = new("d421202100001");
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1); // At most 3,000 s by the clock of the test, and less than the hour that it is put back.

    [Fact]
    public async Task Last_words_are_noted_also_after_the_clock_was_put_back()
    {
        await using var bench = await DeskBench.OpenAsync();
        var sessions = new NodeSessions();
        using var sweeper = new Sweeper(bench.Ledger, sessions, null!, null!, new LinkCounts(), null!, null!, null!, null!, null!, new CloudOptions { DataFolder = "/none", Node = "node-1" }, bench.Clock, NullLogger<Sweeper>.Instance);
        await EnterAsync(bench, sessions);
        await sweeper.StartAsync(TestContext.Current.CancellationToken);
        await HeardAsync(bench, sessions);

        bench.Clock.StepWallClock(TimeSpan.FromHours(-1));
        await EnterAsync(bench, sessions); // Who sees the step closes the sessions, and the devices come back.
        await HeardAsync(bench, sessions);
        await sweeper.StopAsync(TestContext.Current.CancellationToken);
    }

    private static async Task EnterAsync(DeskBench bench, NodeSessions sessions)
    {
        var opened = await bench.Ledger.OpenSessionAsync(Id, "node-1", bench.Clock.GetUtcNow());
        sessions.Enter(new LiveDevice(new TestLine { Epoch = opened.Epoch }, bench.Places.Current.Find(Id).ShouldNotBeNull(), new byte[32], bench.Clock)).ShouldBeTrue();
    }

    private static Task HeardAsync(DeskBench bench, NodeSessions sessions) => Eventually.HoldsAsync(async () =>
    {
        bench.Clock.Advance(TimeSpan.FromSeconds(1));
        ((TestLine)sessions.Find(Id)!.Session).LastHeard = bench.Clock.GetUtcNow();
        return await bench.Ledger.NewestSessionAsync(Id) is { } newest && newest.LastHeard > newest.Opened;
    }, Patience);
}
