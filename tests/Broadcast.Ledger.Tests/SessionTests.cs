using Broadcast.Device;
using Broadcast.Rules;
using Microsoft.Data.Sqlite;

namespace Broadcast.Ledger.Tests;

public sealed class SessionTests
{
    public static TheoryData<Database> Both => TestLedger.Both;

    [Theory, MemberData(nameof(Both))]
    public async Task Epochs_rise_also_when_many_open_at_once_and_only_the_newest_is_open(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        var device = (await ledger.CountyAsync(1))[0].Device;
        var opened = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => ledger.Store.OpenSessionAsync(device, "node-a", ledger.Now).AsTask()));
        opened.Select(o => o.Epoch).Order().ShouldBe(Enumerable.Range(1, 20).Select(e => (long)e));
        var sessions = await ledger.Store.SessionsAsync(device, ledger.Now.AddHours(-1), ledger.Now.AddHours(1));
        sessions.Count(s => s.End == SessionEnd.Open).ShouldBe(1);
        sessions[^1].ShouldBe(new SessionRecord(device, 20, "node-a", ledger.Now, ledger.Now, SessionEnd.Open));
        sessions.SkipLast(1).ShouldAllBe(s => s.End == SessionEnd.TakenOver);
        await ledger.ReopenAsync();
        (await ledger.Store.OpenSessionAsync(device, "node-a", ledger.Now)).Epoch.ShouldBe(21);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Of_a_device_that_never_stops_reconnecting_the_newest_sessions_are_kept_and_of_the_others_everything(Database database)
    {
        const int Beyond = 300;
        await using var ledger = await TestLedger.OpenAsync(database);
        var (restless, calm) = (await ledger.CountyAsync(2)) switch { var sites => (sites[0].Device, sites[1].Device) };
        await ledger.Store.OpenSessionAsync(calm, "node-a", ledger.Now);
        for (var left = (int)LedgerStore.SessionsKept + Beyond; left > 0; left -= 100)
            await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => ledger.Store.OpenSessionAsync(restless, "node-a", ledger.Now).AsTask()));

        (await ledger.Store.PruneSessionsAsync(200)).ShouldBe(200);
        (await ledger.Store.PruneSessionsAsync(200)).ShouldBe(Beyond - 200);
        (await ledger.Store.PruneSessionsAsync(200)).ShouldBe(0);

        var sessions = await ledger.Store.SessionsAsync(restless, ledger.Now.AddHours(-1), ledger.Now.AddHours(1));
        sessions.Select(s => s.Epoch).ShouldBe(Enumerable.Range(Beyond + 1, (int)LedgerStore.SessionsKept).Select(e => (long)e));
        sessions[^1].End.ShouldBe(SessionEnd.Open);
        (await ledger.Store.SessionsAsync(calm, ledger.Now.AddHours(-1), ledger.Now.AddHours(1))).ShouldHaveSingleItem().End.ShouldBe(SessionEnd.Open);
    }

    /// <summary>A node that carries more devices than a transaction takes rows.</summary>
    [Theory, MemberData(nameof(Both))]
    public async Task Last_words_of_more_devices_than_one_transaction_takes_are_noted_all_the_same(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database, options => options with { GroupRowsMax = 3 });
        var devices = (await ledger.CountyAsync(10)).Select(t => t.Device).ToList();
        var heard = new List<(DeviceId, long, DateTimeOffset)>();
        foreach (var device in devices) heard.Add((device, (await ledger.Store.OpenSessionAsync(device, "node-a", ledger.Now)).Epoch, ledger.Now.AddSeconds(40)));

        await ledger.Store.HeardAsync(heard);

        (await ledger.Store.NewestSessionsAsync()).ShouldAllBe(s => s.LastHeard == ledger.Now.AddSeconds(40));
    }

    /// <summary>Presence is asked for every second, and the writer waits for the others: none may walk the sessions of a year.</summary>
    [Theory]
    [InlineData(LedgerStore.NewestSessions)]
    [InlineData(LedgerStore.OldSessions)]
    [InlineData(LedgerStore.LeftOpen)]
    public async Task Sessions_are_found_by_their_device_however_many_each_has_had(string statement)
    {
        await using var ledger = await TestLedger.OpenAsync(Database.Sqlite);
        await ledger.CloseAsync();
        await using var connection = new SqliteConnection($"Data Source={ledger.Options.SqlitePath};Pooling=False");
        await connection.OpenAsync();
        await using var explain = connection.CreateCommand();
        explain.CommandText = "EXPLAIN QUERY PLAN " + statement;
        foreach (var name in (string[])["why", "node", "kept", "max"]) explain.Parameters.AddWithValue(name, 1);
        var plan = new List<string>();
        await using (var reader = await explain.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync()) plan.Add(reader.GetString(3));
        }

        plan.ShouldNotBeEmpty();
        plan.ShouldNotContain(step => step.StartsWith("SCAN s", StringComparison.Ordinal), string.Join("; ", plan));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_stale_disconnect_of_an_older_epoch_changes_nothing(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        var device = (await ledger.CountyAsync(1))[0].Device;
        var old = (await ledger.Store.OpenSessionAsync(device, "node-a", ledger.Now)).Epoch;
        var current = (await ledger.Store.OpenSessionAsync(device, "node-a", ledger.Now)).Epoch;
        (await ledger.Store.CloseSessionAsync(device, old, ledger.Now, SessionEnd.LinkLost)).ShouldBeFalse();
        ledger.Clock.Advance(TimeSpan.FromSeconds(50));
        await ledger.Store.HeardAsync([(device, current, ledger.Now), (device, current, ledger.Now.AddSeconds(-9)), (device, old, ledger.Now)]);
        var newest = (await ledger.Store.NewestSessionsAsync()).ShouldHaveSingleItem();
        (newest.Epoch, newest.End, newest.LastHeard).ShouldBe((current, SessionEnd.Open, ledger.Now));
        (await ledger.Store.CloseSessionAsync(device, current, ledger.Now, SessionEnd.MainsLost)).ShouldBeTrue();
        (await ledger.Store.CloseSessionAsync(device, current, ledger.Now, SessionEnd.LinkLost)).ShouldBeFalse();
        (await ledger.Store.NewestSessionsAsync())[0].End.ShouldBe(SessionEnd.MainsLost);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_session_says_which_node_it_was_taken_from(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        var device = (await ledger.CountyAsync(1))[0].Device;
        (await ledger.Store.OpenSessionAsync(device, "node-b", ledger.Now)).ShouldBe(new OpenedSession(1, null));
        (await ledger.Store.OpenSessionAsync(device, "node-a", ledger.Now)).ShouldBe(new OpenedSession(2, "node-b"));
        (await ledger.Store.CloseSessionAsync(device, 2, ledger.Now, SessionEnd.LinkLost)).ShouldBeTrue();
        (await ledger.Store.OpenSessionAsync(device, "node-b", ledger.Now)).ShouldBe(new OpenedSession(3, null));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_node_that_starts_again_closes_what_it_had_left_open_at_the_last_word_heard(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        var device = (await ledger.CountyAsync(1))[0].Device;
        var epoch = (await ledger.Store.OpenSessionAsync(device, "node-a", ledger.Now)).Epoch;
        ledger.Clock.Advance(TimeSpan.FromSeconds(30));
        await ledger.Store.HeardAsync([(device, epoch, ledger.Now)]);
        var heard = ledger.Now;
        ledger.Clock.Advance(TimeSpan.FromHours(1));
        await ledger.ReopenAsync();
        var session = (await ledger.Store.NewestSessionsAsync()).ShouldHaveSingleItem();
        (session.End, session.LastHeard).ShouldBe((SessionEnd.CloudStopped, heard));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Places_people_and_reports_are_read_as_they_were_put(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        var region = new NamedRegion(Region.Create("421202100000", RegionLevel.Township), "官埠桥镇");
        await ledger.Store.PutRegionsAsync([region with { Name = "旧名" }, region]);
        (await ledger.Store.RegionsAsync()).ShouldHaveSingleItem().ShouldBe(region);
        var targets = await ledger.CountyAsync(2);
        (await ledger.Store.SitesAsync())[1].ShouldBe(new Site(targets[1].Site, targets[1].Village, "村委会 s1", 114.3, 29.8));
        await ledger.Store.PutDevicesAsync([new DeviceRecord(targets[0].Device, targets[1].Site, 2, [7], ServiceState.Maintenance)]);
        var device = (await ledger.Store.DevicesAsync())[0];
        (device.Site, device.KeyEpoch, device.LinkVerifier[0], device.Service).ShouldBe((targets[1].Site, 2, (byte)7, ServiceState.Maintenance));
        var person = new Person(new PersonId("li-wei"), "李伟", Duties.Operator | Duties.Monitor, Region.Create("421202000000", RegionLevel.County));
        await ledger.Store.PutPersonAsync(person, [1, 2, 3], oneTime: true, TestLedger.Operator);
        var read = await ledger.Store.PersonAsync(person.Id);
        (read!.Person, read.OneTime).ShouldBe((person, true));
        (await ledger.Store.PersonAsync(new PersonId("nobody"))).ShouldBeNull();
        await ledger.Store.PutReportsAsync([new DeviceReport(targets[0].Device, ledger.Now, [1]), new DeviceReport(targets[0].Device, ledger.Now, [2])]);
        (await ledger.Store.ReportAsync(targets[0].Device))!.Body.ShouldBe([2]);
        (await ledger.Store.ReportAsync(targets[1].Device)).ShouldBeNull();
    }
}
