using Broadcast.Cloud.Link;
using Broadcast.Cloud.Settings;
using Broadcast.Cloud.Townships;
using Broadcast.Cloud.Warnings;
using Broadcast.Device;
using Broadcast.Ledger;
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

    /// <summary>What is expired stays so: a wrong word of a time server must not take from a village what is valid still.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_clock_that_is_ahead_for_a_few_minutes_ends_no_warning_and_a_time_that_stands_does(bool stands)
    {
        await using var bench = await DeskBench.OpenAsync();
        var id = await bench.ReleasedAsync(DeskBench.Here);
        using var progress = new ProgressBatcher(null!, bench.Clock, NullLogger<ProgressBatcher>.Instance);
        using var sweeper = new Sweeper(bench.Ledger, new NodeSessions(), progress, null!, new LinkCounts(), null!, null!, null!, null!, null!, new CloudOptions { DataFolder = "/none", Node = "node-1" }, bench.Clock, NullLogger<Sweeper>.Instance);
        await sweeper.StartAsync(TestContext.Current.CancellationToken);
        await RoundsAsync(bench, 2);

        bench.Clock.StepWallClock(TimeSpan.FromDays(1));
        await RoundsAsync(bench, 300);
        if (stands) await Eventually.HoldsAsync(async () =>
        {
            bench.Clock.Advance(TimeSpan.FromSeconds(30));
            return (await bench.Ledger.GetWarningAsync(id)).Single().State == WarningState.Ended;
        }, TimeSpan.FromMinutes(1));
        bench.Clock.StepWallClock(TimeSpan.FromDays(-1));
        await RoundsAsync(bench, 2);
        await sweeper.StopAsync(TestContext.Current.CancellationToken);

        (await bench.Ledger.OwedOrdersAsync(Id, bench.Clock.GetUtcNow())).Count.ShouldBe(stands ? 0 : 1);
        (await bench.Ledger.GetWarningAsync(id)).ShouldHaveSingleItem().State.ShouldBe(stands ? WarningState.Ended : WarningState.Released);
    }

    /// <summary>So many seconds, each with a round that has ended.</summary>
    private static async Task RoundsAsync(DeskBench bench, int rounds)
    {
        for (var i = 0; i < rounds; i++)
        {
            bench.Clock.Advance(TimeSpan.FromSeconds(1));
            await bench.Ledger.AuditAsync(Actor.System("test"), "look", "", ""); // Behind what the round before has written.
        }
    }

    /// <summary>What was not taken may be a revocation, and nobody else says it in this session.</summary>
    [Fact]
    public async Task What_could_not_be_said_again_is_still_to_be_said_and_keeps_no_order_from_its_retry()
    {
        await using var bench = await DeskBench.OpenAsync();
        var sessions = new NodeSessions();
        var settings = new SettingsDesk(bench.Ledger, bench.Places, sessions, null!, NullLogger<SettingsDesk>.Instance);
        var townships = new TownshipDesk(bench.Ledger, bench.Places, null!, sessions, bench.Clock, NullLogger<TownshipDesk>.Instance);
        using var notes = new SentNotes(bench.Ledger, null!, bench.Clock, NullLogger<SentNotes>.Instance);
        using var sweeper = new Sweeper(bench.Ledger, sessions, null!, null!, new LinkCounts(), null!, notes, null!, townships, settings, new CloudOptions { DataFolder = "/none", Node = "node-1" }, bench.Clock, NullLogger<Sweeper>.Instance);
        var owing = new List<TestLine>();
        foreach (var record in bench.Places.Current.Devices)
        {
            var line = new TestLine { Epoch = 1 };
            var live = new LiveDevice(line, record, new byte[32], bench.Clock);
            sessions.Enter(live).ShouldBeTrue();
            if (record.Id == Id)
            {
                live.Settings = new SettingsState();
                line.IsFull = true;
                live.Say(MessageType.Revocation, [0xa0]).ShouldBeFalse();
            }
            else
            {
                live.Send(new OrderForm(new Order { WarningId = new byte[16], ExpiresMs = bench.Clock.GetUtcNow().AddHours(1).ToUnixTimeMilliseconds() }), 1).ShouldBeTrue();
                owing.Add(line);
            }
        }

        await bench.CloseLedgerAsync();
        await sweeper.StartAsync(TestContext.Current.CancellationToken);
        await Eventually.HoldsAsync(() =>
        {
            bench.Clock.Advance(TimeSpan.FromSeconds(1));
            return owing.TrueForAll(line => line.Sent.Count > 1);
        }, TimeSpan.FromMinutes(1));
        await sweeper.StopAsync(TestContext.Current.CancellationToken);

        sessions.Find(Id).ShouldNotBeNull().TakeMissed().ShouldBeTrue();
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
