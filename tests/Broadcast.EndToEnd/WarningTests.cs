using System.Text.Json.Nodes;
using Broadcast.EndToEnd.Processes;
using Broadcast.Testing;

namespace Broadcast.EndToEnd;

/// <summary>One warning from one call to every loudspeaker that it is for, and to no other, in real processes over real TLS and MQTT.</summary>
public sealed class WarningTests
{
    [Fact]
    public async Task A_warning_for_one_township_speaks_in_its_nineteen_villages_and_nowhere_else()
    {
        await using var prefecture = await Prefecture.StartAsync();
        var own = prefecture.DevicesOf(Prefecture.Township[..9]);
        var neighbours = prefecture.DevicesOf("421202").Except(own).Take(100).ToList();
        own.Select(d => d.Village).Distinct().Count().ShouldBe(Prefecture.TownshipVillages);
        await using var fleet = prefecture.StartFleet([.. own, .. neighbours]);
        await fleet.OnlineAsync(own.Count + neighbours.Count, Prefecture.Patience);

        var id = await prefecture.ApprovedAsync(Bulletin.For(Bulletin.Region(Prefecture.Township, "township")));
        prefecture.Journal.ShouldBeEmpty(); // Approved is not released.
        var released = (await prefecture.ReleaseAsync(id)).Ensure();
        ((int)released.Json["targets"]!).ShouldBe(own.Count);
        await prefecture.StateAsync(id, "played", own.Count);

        await prefecture.PlayedExactlyOnceAsync(id, own);
        (await prefecture.OrdersAsync(id)).Select(o => o.Village).Distinct().Count().ShouldBe(Prefecture.TownshipVillages);
        prefecture.Journal.Select(l => l.Device).Distinct().Except(own.Select(d => d.Device)).ShouldBeEmpty();
        prefecture.Journal.ShouldAllBe(l => l.What == "play" || l.What == "ended"); // No siren for a warning without one.
    }

    [Fact]
    public async Task Played_never_comes_before_the_text_can_have_been_spoken()
    {
        await using var prefecture = await Prefecture.StartAsync();
        var own = prefecture.DevicesOf(Prefecture.Township[..9]);
        await using var fleet = prefecture.StartFleet(own);
        await fleet.OnlineAsync(own.Count, Prefecture.Patience);
        var id = await prefecture.WarnAsync(Bulletin.For(Bulletin.Region(Prefecture.Township, "township")));
        await prefecture.StateAsync(id, "played", own.Count);

        // 500 ms of tone, then 9 characters at 20 a second, twice.
        const long LeastMs = 500 + (2 * 9 * 1000 / 20);
        foreach (var device in prefecture.Journal.Where(l => l.Warning == id).GroupBy(l => l.Device))
            (device.Single(l => l.What == "ended").Ms - device.Single(l => l.What == "play").Ms).ShouldBeGreaterThanOrEqualTo(LeastMs - 1);
        await using var events = await prefecture.Operator.OpenEventsAsync($"/api/warnings/{id}/progress");
        var progress = await events.NextAsync(e => e.Type == "progress", Prefecture.Patience);
        ((double)progress.Data["times"]!["played"]!["firstMs"]!).ShouldBeGreaterThanOrEqualTo(LeastMs);
    }

    [Fact]
    public async Task A_cancel_silences_what_plays_and_is_told_so()
    {
        await using var prefecture = await Prefecture.StartAsync();
        var own = prefecture.DevicesOf(Prefecture.Township[..9]);
        await using var fleet = prefecture.StartFleet(own);
        await fleet.OnlineAsync(own.Count, Prefecture.Patience);
        var id = await prefecture.WarnAsync(Bulletin.For(Bulletin.Region(Prefecture.Township, "township"), b => b["toneMs"] = 25_000));
        await prefecture.StateAsync(id, "playing", own.Count);

        (await prefecture.CancelAsync(id)).Ensure();
        await prefecture.StateAsync(id, "stopped", own.Count);

        var lines = prefecture.Journal.Where(l => l.Warning == id).ToList();
        lines.Count(l => l.What == "stopped").ShouldBe(own.Count);
        lines.ShouldNotContain(l => l.What == "ended");
        (await prefecture.OrdersAsync(id)).ShouldAllBe(o => o.State == "stopped" && o.Reason == "cancelled");
        await Eventually.HoldsAsync(() => fleet.Status.Playing == 0, Prefecture.Patience); // Its status file follows a moment later.
    }

    [Fact]
    public async Task An_update_takes_the_place_of_what_plays()
    {
        await using var prefecture = await Prefecture.StartAsync();
        var own = prefecture.DevicesOf(Prefecture.Township[..9]);
        await using var fleet = prefecture.StartFleet(own);
        await fleet.OnlineAsync(own.Count, Prefecture.Patience);
        var area = Bulletin.Region(Prefecture.Township, "township");
        var id = await prefecture.WarnAsync(Bulletin.For(area, b => b["toneMs"] = 25_000));
        await prefecture.StateAsync(id, "playing", own.Count);

        await prefecture.WarnAsync(Bulletin.For(Bulletin.Region(Prefecture.Township, "township"), b => b["text"] = "水位继续上涨"), updated: id);
        await prefecture.StateAsync(id, "played", own.Count, revision: 2);

        await prefecture.PlayedExactlyOnceAsync(id, own, revision: 2);
        var first = prefecture.Journal.Where(l => l.Warning == id && l.Revision == 1).ToList();
        first.Count(l => l.What == "stopped").ShouldBe(own.Count);
        first.ShouldNotContain(l => l.What == "ended");
        (await prefecture.OrdersAsync(id, revision: 1)).ShouldAllBe(o => o.State == "stopped" && o.Reason == "superseded");
    }

    [Fact]
    public async Task Devices_that_were_away_play_when_they_come_back_unless_it_was_cancelled_or_has_expired()
    {
        await using var prefecture = await Prefecture.StartAsync();
        var own = prefecture.DevicesOf(Prefecture.Township[..9]);
        var area = () => Bulletin.Region(Prefecture.Township, "township");
        var stays = await prefecture.WarnAsync(Bulletin.For(area()));
        var cancelled = await prefecture.WarnAsync(Bulletin.For(area()));
        (await prefecture.CancelAsync(cancelled)).Ensure();
        var expires = await prefecture.WarnAsync(Bulletin.For(area(), b =>
        {
            b.Remove("validMinutes");
            b["expires"] = TimeProvider.System.GetUtcNow().AddSeconds(12).ToString("O");
        }));
        (await prefecture.CountsAsync(stays)).ShouldBe(new Dictionary<string, int> { ["queued"] = own.Count }); // Queued is not sent (R6).
        await prefecture.StateAsync(expires, "expired", own.Count);

        await using var fleet = prefecture.StartFleet(own);
        await prefecture.StateAsync(stays, "played", own.Count);

        await prefecture.PlayedExactlyOnceAsync(stays, own);
        prefecture.Journal.Select(l => l.Warning).Distinct().ShouldBe([stays]);
        (await prefecture.CountsAsync(cancelled)).ShouldBe(new Dictionary<string, int> { ["cancelled"] = own.Count });
        (await prefecture.CountsAsync(expires)).ShouldBe(new Dictionary<string, int> { ["expired"] = own.Count });
    }

    [Fact]
    public async Task A_power_cut_of_every_site_starts_an_actual_warning_again_and_the_service_says_attempt_two()
    {
        await using var prefecture = await Prefecture.StartAsync();
        var own = prefecture.DevicesOf(Prefecture.Township[..9]);
        string id;
        await using (var before = prefecture.StartFleet(own))
        {
            await before.OnlineAsync(own.Count, Prefecture.Patience);
            id = await prefecture.WarnAsync(Bulletin.For(Bulletin.Region(Prefecture.Township, "township"), b => b["toneMs"] = 15_000));
            await prefecture.StateAsync(id, "playing", own.Count);
            await before.KillAsync();
        }

        await using var after = prefecture.StartFleet(own);
        await prefecture.StateAsync(id, "played", own.Count);

        (await prefecture.OrdersAsync(id)).ShouldAllBe(o => o.Attempt == 2);
        prefecture.Journal.Where(l => l.What == "ended").GroupBy(l => l.Device).ShouldAllBe(d => d.Count() == 1);
    }

    [Fact]
    public async Task A_dry_run_names_the_nineteen_villages_and_changes_nothing()
    {
        await using var prefecture = await Prefecture.StartAsync();
        var targets = (await prefecture.Operator.PostAsync("/api/targets", new JsonObject { ["area"] = Bulletin.Region(Prefecture.Township, "township") })).Ensure().Json;

        var villages = targets["villages"]!.AsArray().Select(v => (string)v!["code"]!).ToList();
        villages.Count.ShouldBe(Prefecture.TownshipVillages);
        villages.Where(v => !v.StartsWith(Prefecture.Township[..9], StringComparison.Ordinal)).ShouldBeEmpty();
        targets["sites"]!.AsArray().Select(s => (string)s!["device"]!).ShouldBe(prefecture.DevicesOf(Prefecture.Township[..9]).Select(d => d.Device), ignoreOrder: true);
        (await prefecture.Operator.GetAsync("/api/warnings")).Ensure().Json["items"]!.AsArray().ShouldBeEmpty();
    }
}
