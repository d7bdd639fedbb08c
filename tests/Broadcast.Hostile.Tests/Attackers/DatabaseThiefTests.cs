using System.Net;
using System.Text;
using Broadcast.Cloud;
using Broadcast.Cloud.Accounts;
using Broadcast.Cloud.Keys;
using Broadcast.Device;
using Broadcast.Hostile.Tests.Fuzzing;
using Broadcast.Hostile.Tests.Live;
using Broadcast.Hostile.Tests.Targets;
using Broadcast.Ledger;
using Broadcast.Rules;
using Broadcast.Testing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broadcast.Hostile.Tests.Attackers;

/// <summary>Somebody has ledger.db, a backup and the anchors, and not the keys folder; or may even write them.</summary>
[Collection(CloudCollection.Name)]
public sealed class DatabaseThiefTests(SharedCloud shared)
{
    private readonly RealCloud _cloud = shared.Cloud;

    [Fact]
    public async Task Without_the_keys_folder_a_stolen_ledger_voices_nobody_and_signs_nobody_in()
    {
        var cloud = _cloud;
        var row = cloud.Devices[40];
        await cloud.WarnAsync(row.Site);
        await (await cloud.SignInAsync("admin")).DownloadAsync("/api/backup", cloud.FileOf("stolen.backup"));
        var passwords = System.Text.Json.Nodes.JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(cloud.Data, "people.json")))!.AsArray().Select(p => (string)p!["password"]!).ToArray();
        var doors = (cloud.Https, cloud.AuthorityFile);

        // Nothing secret lies in it: neither as text nor as bytes.
        var loot = await File.ReadAllBytesAsync(cloud.FileOf("stolen.backup"));
        foreach (var device in cloud.Devices.Take(200))
        {
            loot.AsSpan().IndexOf(Encoding.UTF8.GetBytes(device.LinkSecret)).ShouldBe(-1);
            loot.AsSpan().IndexOf(device.OrderKey).ShouldBe(-1);
        }

        foreach (var password in passwords) loot.AsSpan().IndexOf(Encoding.UTF8.GetBytes(password)).ShouldBe(-1);

        // A cloud of the thief's own does not start without a master, and with one of its own it speaks to no device.
        using var lair = new TempFolder("thief");
        File.Copy(cloud.FileOf("stolen.backup"), lair["data/ledger.db"]);
        await using (var run = RealCloud.Run("serve", "--data", lair["data"], "--https", "0", "--http", "0", "--link", "0"))
        {
            await run.WaitForExitAsync(RealCloud.Patience);
            run.ExitCode.ShouldBe(2);
            run.Output.ShouldContain("master.key");
        }

        var own = KeyRing.OpenOrCreate(lair["keys"]);
        var body = new WatchfulBody(new Dice(1, 1));
        var core = new DeviceCore(row.Device, row.OrderKey, row.KeyEpoch, body, null);
        core.Start(0, 1_795_000_000_000, ClockQuality.Network, 0);
        for (var i = 0; i < 100; i++)
            core.Received(Envelope.Seal(own.OrderKey(new DeviceId(row.Device), row.KeyEpoch), row.KeyEpoch, Direction.Down, row.Device, MessageType.Order, Orders.Proper(new Dice(2, i), 1_795_000_000_000).Encode()), 10);
        body.Soundings.ShouldBe(0);
        core.RefusalCount(Refusal.Forged).ShouldBe(100);

        // A token that the thief signs, even with the true verifier in hand, opens nothing.
        var client = new ApiClient(doors.Https, doors.AuthorityFile);
        client.UseToken(new Tokens(own.TokenKey, TimeProvider.System).Issue(new PersonId("admin"), await VerifierAsync(cloud.FileOf("stolen.backup"), "admin")).Token);
        (await client.GetAsync("/api/status")).Status.ShouldBe(HttpStatusCode.Unauthorized);
        client.Dispose();
    }

    [Theory]
    [InlineData("UPDATE audit SET actor = 'somebody-else' WHERE number = 3", AuditFault.Changed)]
    [InlineData("DELETE FROM audit WHERE number = 3", AuditFault.Missing)]
    [InlineData("DELETE FROM audit WHERE number > 3", AuditFault.CutOff)]
    [InlineData("UPDATE audit SET hash = zeroblob(32) WHERE number = (SELECT max(number) FROM audit)", AuditFault.Changed)]
    [InlineData(null, null)]
    public async Task Who_writes_to_the_ledger_is_found_by_the_trail(string? crime, AuditFault? fault)
    {
        await _cloud.WarnAsync(_cloud.Devices[41].Site);
        using var scene = new TempFolder("crime");
        // The anchors first: what is written to the trail between the two must not look cut off.
        File.Copy(Path.Combine(_cloud.Data, "anchors", "audit.anchors"), scene["anchors/audit.anchors"]);
        await (await _cloud.SignInAsync("admin")).DownloadAsync("/api/backup", scene["ledger.db"]);
        if (crime is not null)
        {
            await using var ledger = new SqliteConnection($"Data Source={scene["ledger.db"]};Pooling=False");
            await ledger.OpenAsync();
            await using var act = ledger.CreateCommand();
            act.CommandText = crime;
            (await act.ExecuteNonQueryAsync()).ShouldBeGreaterThan(0);
        }

        var keys = KeyRing.OpenOrCreate(Path.Combine(_cloud.Data, "keys"), mayCreate: false);
        await using var opened = await LedgerStore.OpenAsync(CloudHost.LedgerOptionsOf(new CloudOptions { DataFolder = scene.Path }, keys), TimeProvider.System, NullLogger.Instance, CancellationToken.None);
        var verdict = await opened.VerifyAuditAsync();

        verdict.Intact.ShouldBe(fault is null);
        if (fault is { } found) verdict.Findings.Select(f => f.Fault).ShouldContain(found);
    }

    private static async Task<byte[]> VerifierAsync(string ledger, string person)
    {
        await using var loot = new SqliteConnection($"Data Source={ledger};Pooling=False;Mode=ReadOnly");
        await loot.OpenAsync();
        await using var query = loot.CreateCommand();
        query.CommandText = "SELECT verifier FROM person WHERE id = $id";
        query.Parameters.AddWithValue("$id", person);
        return (byte[])(await query.ExecuteScalarAsync())!;
    }
}
