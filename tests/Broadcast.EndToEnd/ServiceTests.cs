using Broadcast.EndToEnd.Processes;

namespace Broadcast.EndToEnd;

/// <summary>What the service is to its clients and keepers: events that resume, backups, its own description, a clean end.</summary>
public sealed class ServiceTests
{
    private static readonly TimeSpan EventPatience = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task Progress_resumes_after_a_break_with_what_was_missed_and_nothing_twice()
    {
        await using var prefecture = await Prefecture.StartAsync();
        var own = prefecture.DevicesOf(Prefecture.Township[..9]);
        await using var fleet = prefecture.StartFleet(own);
        await fleet.OnlineAsync(own.Count, Prefecture.Patience);
        var id = await prefecture.WarnAsync(Bulletin.For(Bulletin.Region(Prefecture.Township, "township"), b => b["toneMs"] = 10_000));
        var path = $"/api/warnings/{id}/progress";

        string last;
        await using (var first = await prefecture.Operator.OpenEventsAsync(path))
        {
            var playing = await first.NextAsync(e => e.Type == "progress" && Prefecture.CountsOf(e.Data).GetValueOrDefault("playing") == own.Count, EventPatience);
            last = playing.Id!;
        }

        await prefecture.StateAsync(id, "played", own.Count); // The break: everything else happens unseen.
        await using var second = await prefecture.Operator.OpenEventsAsync(path, last);
        var missed = new List<string>();
        await second.NextAsync(e =>
        {
            if (e.Type == "sites") missed.AddRange(e.Data.AsArray().Select(s => (string)s!["device"]! + " " + (string)s["state"]!));
            return e.Type == "progress" && Prefecture.CountsOf(e.Data).GetValueOrDefault("played") == own.Count;
        }, EventPatience);

        missed.ShouldBe(own.Select(d => d.Device + " played"), ignoreOrder: true);
        long.Parse(second.LastEventId, System.Globalization.CultureInfo.InvariantCulture).ShouldBeGreaterThan(long.Parse(last, System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task Progress_resumes_over_a_restart_of_the_service()
    {
        await using var prefecture = await Prefecture.StartAsync();
        var own = prefecture.DevicesOf(Prefecture.Township[..9]);
        await using var fleet = prefecture.StartFleet(own);
        await fleet.OnlineAsync(own.Count, Prefecture.Patience);
        var id = await prefecture.WarnAsync(Bulletin.For(Bulletin.Region(Prefecture.Township, "township")));
        await prefecture.StateAsync(id, "played", own.Count);
        string last;
        await using (var first = await prefecture.Operator.OpenEventsAsync($"/api/warnings/{id}/progress"))
            last = (await first.NextAsync(e => e.Type == "progress", EventPatience)).Id!;

        await prefecture.Cloud.KillAsync();
        await prefecture.Cloud.StartAsync();

        await using var second = await prefecture.Operator.OpenEventsAsync($"/api/warnings/{id}/progress", last);
        var next = await second.NextAsync(EventPatience);
        next!.Type.ShouldBe("progress"); // Nothing changed since: no sites before it.
        Prefecture.CountsOf(next.Data).ShouldBe(new Dictionary<string, int> { ["played"] = own.Count });
    }

    [Fact]
    public async Task After_a_restored_backup_no_device_refuses_its_next_order()
    {
        await using var prefecture = await Prefecture.StartAsync();
        var own = prefecture.DevicesOf(Prefecture.Township[..9]);
        await using var fleet = prefecture.StartFleet(own);
        await fleet.OnlineAsync(own.Count, Prefecture.Patience);
        var area = () => Bulletin.Region(Prefecture.Township, "township");
        var before = await prefecture.WarnAsync(Bulletin.For(area()));
        var admin = await prefecture.SignInAsync("admin");
        await admin.DownloadAsync("/api/backup", prefecture.FileOf("ledger.backup")); // While the warning before still plays.
        await prefecture.StateAsync(before, "played", own.Count);
        var lost = await prefecture.WarnAsync(Bulletin.For(area())); // Moves the devices' high-water marks past what the backup knows.
        await prefecture.StateAsync(lost, "played", own.Count);

        await prefecture.Cloud.StopAsync();
        await prefecture.Cloud.RestoreAsync(prefecture.FileOf("ledger.backup"));
        await prefecture.Cloud.StartAsync();
        await fleet.OnlineAsync(own.Count, Prefecture.Patience);

        (await prefecture.Operator.GetAsync($"/api/warnings/{lost}")).Status.ShouldBe(System.Net.HttpStatusCode.NotFound);
        var refusalsBefore = fleet.Status.Refusals;
        var next = await prefecture.WarnAsync(Bulletin.For(area()));
        await prefecture.StateAsync(next, "played", own.Count);
        await prefecture.PlayedExactlyOnceAsync(next, own);
        fleet.Status.Refusals.ShouldBe(refusalsBefore);
        prefecture.Journal.Count(l => l.Warning == before && l.What == "play").ShouldBe(own.Count); // What the backup still thought was open did not sound again.
    }

    [Fact]
    public async Task A_backup_is_restored_also_after_the_service_was_killed()
    {
        await using var prefecture = await Prefecture.StartAsync();
        var id = await prefecture.WarnAsync(Bulletin.For(Bulletin.Region(Prefecture.Township, "township")));
        var admin = await prefecture.SignInAsync("admin");
        await admin.DownloadAsync("/api/backup", prefecture.FileOf("ledger.backup"));
        var stolen = prefecture.DevicesOf(Prefecture.Township[..9])[0].Device;
        async Task<int> RekeyAsync() => (int)(await admin.PostAsync($"/api/devices/{stolen}/rekey", new System.Text.Json.Nodes.JsonObject { ["reason"] = "stolen" })).Ensure().Json["keyEpoch"]!;
        var epoch = await RekeyAsync();
        await prefecture.Cloud.KillAsync(); // Nobody was there to take the signs of its running away.

        (await prefecture.Cloud.RestoreAsync(prefecture.FileOf("ledger.backup"))).ShouldContain($"kept: {stolen}: key epoch {epoch}");
        await prefecture.Cloud.StartAsync();
        admin = await prefecture.SignInAsync("admin");
        (await RekeyAsync()).ShouldBe(epoch + 1, "the stolen keys are not good again");

        (await prefecture.Operator.GetAsync($"/api/warnings/{id}")).Ensure();
    }

    [Fact]
    public async Task The_description_lists_every_route_and_what_is_not_in_it_is_not_there()
    {
        await using var prefecture = await Prefecture.StartAsync();
        var document = (await prefecture.Stranger().GetAsync("/openapi/v1.json")).Ensure().Json;

        var routes = document["paths"]!.AsObject().SelectMany(p => p.Value!.AsObject().Select(o => $"{o.Key.ToUpperInvariant()} {p.Key.TrimEnd('/')}")).ToList();
        string[] promised =
        [
            "POST /api/sign-in", "GET /api/regions/{code}", "GET /api/sites", "POST /api/targets", "POST /api/warnings", "GET /api/warnings",
            "GET /api/warnings/{id}", "POST /api/warnings/{id}/updates", "POST /api/warnings/{id}/submit", "POST /api/warnings/{id}/approve",
            "POST /api/warnings/{id}/reject", "POST /api/warnings/{id}/withdraw", "POST /api/warnings/{id}/release", "POST /api/warnings/{id}/cancel",
            "GET /api/warnings/{id}/orders", "GET /api/warnings/{id}/counts", "GET /api/warnings/{id}/progress", "GET /api/status", "GET /api/audit",
            "GET /api/audit/verify", "GET /api/backup", "GET /healthz",
        ];
        promised.Except(routes).ShouldBeEmpty();
        routes.ShouldAllBe(r => r.Contains("/api/") || r.EndsWith("/healthz"));
    }

    [Fact]
    public async Task A_terminated_service_ends_cleanly_and_comes_back_with_all_it_knew()
    {
        await using var prefecture = await Prefecture.StartAsync();
        var id = await prefecture.WarnAsync(Bulletin.For(Bulletin.Region(Prefecture.Township, "township")));
        var before = (await prefecture.Operator.GetAsync($"/api/warnings/{id}")).Ensure().Text;

        await prefecture.Cloud.StopAsync();
        File.Exists(Path.Combine(prefecture.DataFolder, "cloud.json")).ShouldBeFalse();
        await prefecture.Cloud.StartAsync();

        (await prefecture.Operator.GetAsync($"/api/warnings/{id}")).Ensure().Text.ShouldBe(before);
        await prefecture.AuditIsIntactAsync();
    }
}
