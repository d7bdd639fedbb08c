using System.Text;
using System.Text.Json.Nodes;
using Broadcast.Cloud.Warnings;
using Broadcast.Device;
using Broadcast.Ledger;
using Broadcast.Rules;
using Broadcast.Testing;
using Microsoft.AspNetCore.Http;

namespace Broadcast.Cloud.Tests;

/// <summary>What watchers are told of a revision, and when they are told that this was all.</summary>
public sealed class ProgressTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_device_that_says_no_more_keeps_nobody_watching_for_ever()
    {
        await using var bench = await DeskBench.OpenAsync();
        var id = await bench.ReleasedAsync(DeskBench.Here);
        await SaidAsync(bench, id, ReceiptState.Playing);
        bench.Clock.Advance(TimeSpan.FromHours(1));
        await bench.Ledger.ExpireAsync(bench.Clock.GetUtcNow(), 100);
        await bench.Ledger.EndAsync(bench.Clock.GetUtcNow());

        (await ViewAsync(bench, id)).ShouldSatisfyAllConditions(v => v.State.ShouldBe("ended"), v => v.Final.ShouldBeFalse("it may sound still"));
        var body = await FollowedAsync(bench, id, async n =>
        {
            if (n == 5) bench.Clock.StepWallClock(WarningLife.SoundsOnMax + TimeSpan.FromSeconds(1));
            return await ViewAsync(bench, id);
        });

        var last = body.Last(e => e.Type == "progress").Data;
        ((bool)last["final"]!).ShouldBeTrue();
        ((int)last["counts"]!["playing"]!).ShouldBe(2, "nothing is made up of what was not heard");
    }

    [Fact]
    public async Task A_site_that_moves_while_its_watcher_is_told_of_older_moves_is_told_once()
    {
        await using var bench = await DeskBench.OpenAsync();
        var id = await bench.ReleasedAsync(DeskBench.Here);
        var first = await ViewAsync(bench, id);
        await SaidAsync(bench, id, ReceiptState.Received);
        var second = (await ViewAsync(bench, id)) with { Final = true, State = "ended" };

        var events = await FollowedAsync(bench, id, n => Task.FromResult<ProgressView?>(n == 0 ? first : second));

        var told = events.Where(e => e.Type == "sites").SelectMany(e => e.Data.AsArray()).Select(c => $"{c!["device"]} {c["state"]}").ToArray();
        told.ShouldBe(told.Distinct());
        told.Count(t => t.EndsWith("received", StringComparison.Ordinal)).ShouldBe(2);
        var ids = events.Select(e => e.Id).ToArray();
        ids.ShouldBeInOrder(SortDirection.Ascending, "who resumes after the last id misses nothing and hears nothing twice");
    }

    private static async Task SaidAsync(DeskBench bench, WarningId id, ReceiptState state)
    {
        foreach (var order in (await bench.Ledger.OrdersAsync(id, 1, null, 10)).Items)
            await bench.Ledger.ReceiptAsync(order.Device, new ReceiptRecord(id, 1, order.Sequence, state, 0, 1, bench.Clock.GetUtcNow().ToUnixTimeMilliseconds(), ClockQuality.Cloud, 1));
    }

    private static async Task<ProgressView> ViewAsync(DeskBench bench, WarningId id) => ProgressViews.Of((await bench.Ledger.ProgressAsync(id, 1)).ShouldNotBeNull(), bench.Clock.GetUtcNow());

    /// <summary>All events of a stream, to its end.</summary>
    private static async Task<IReadOnlyList<(string Type, long Id, JsonNode Data)>> FollowedAsync(DeskBench bench, WarningId id, Func<int, Task<ProgressView?>> view)
    {
        var (http, body, asked) = (new DefaultHttpContext(), new MemoryStream(), -1);
        http.Response.Body = body;
        var following = ProgressStream.FollowAsync(http.Response, bench.Ledger, () => view(++asked), (await bench.Ledger.GetWarningAsync(id))[0], last: 0, bench.Clock, default);
        await Eventually.HoldsAsync(() =>
        {
            bench.Clock.Advance(TimeSpan.FromMilliseconds(100));
            return following.IsCompleted;
        }, Patience);
        await following;
        return [.. Encoding.UTF8.GetString(body.ToArray()).Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Where(e => e.StartsWith("event: ", StringComparison.Ordinal)).Select(e => e.Split('\n'))
            .Select(lines => (lines[0]["event: ".Length..], long.Parse(lines[1]["id: ".Length..], System.Globalization.CultureInfo.InvariantCulture), JsonNode.Parse(lines[2]["data: ".Length..])!))];
    }
}
