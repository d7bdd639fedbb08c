using System.Net;
using System.Text.Json.Nodes;
using Broadcast.Fleet;
using Broadcast.Hostile.Tests.Live;
using Broadcast.Testing;

namespace Broadcast.Hostile.Tests.Attackers;

/// <summary>What helps after a theft: the device is given a new secret and the next key epoch, or is taken out of service, while everything runs.</summary>
[Collection(CloudCollection.Name)]
public sealed class RevocationTests(SharedCloud shared)
{
    private readonly RealCloud _cloud = shared.Cloud;

    [Fact]
    public async Task A_rekey_ends_the_stolen_session_at_once_and_the_stolen_secret_and_key_are_worth_nothing()
    {
        var stolen = _cloud.Devices[20];
        await using var thief = new HonestDevice(stolen, _cloud.PlainLink);
        await Eventually.HoldsAsync(() => thief.IsOnline, RealCloud.Patience);

        var answer = (await RekeyAsync(stolen.Device)).Ensure().Json;

        ((int)answer["keyEpoch"]!).ShouldBe(stolen.KeyEpoch + 1);
        answer["notReached"]!.AsArray().ShouldBeEmpty();
        answer.ToJsonString().ShouldNotContain(_cloud.Devices[20].LinkSecret);
        await Eventually.HoldsAsync(() => !thief.IsOnline && thief.Failures > 0, RealCloud.Patience); // Out, and not in again.
        await RefusedAsync(stolen, 4);

        // The thief kept the order key and learns even the new link secret: the old epoch opens nothing, either way.
        var (renewed, before) = (_cloud.Devices[20], await _cloud.BadFramesAsync());
        renewed.LinkSecret.ShouldNotBe(stolen.LinkSecret);
        await using (var half = new HonestDevice(stolen with { LinkSecret = renewed.LinkSecret }, _cloud.PlainLink))
        {
            await Eventually.HoldsAsync(async () => await _cloud.BadFramesAsync() > before, RealCloud.Patience);
            half.IsOnline.ShouldBeFalse();
        }

        // What was handed over is what the new board needs.
        await using var device = new HonestDevice(renewed, _cloud.PlainLink);
        var id = await _cloud.WarnAsync(renewed.Site);
        await _cloud.StateAsync(id, renewed.Device, "played");
        thief.Soundings.ShouldBe(0);
        (await ActsAsync(stolen.Device)).ShouldContain("rekey-device");
    }

    [Fact]
    public async Task A_device_taken_out_of_service_is_cut_off_at_once_and_comes_in_when_it_is_back()
    {
        var (gone, silent) = (_cloud.Devices[21], _cloud.Devices[22]);
        await using var thief = new HonestDevice(gone, _cloud.PlainLink);
        await using var mute = await RawPeer.SignInAsync(_cloud.PlainLink, silent); // Says no hello: a session all the same.
        await mute.HearAsync(4, RealCloud.Patience);
        await Eventually.HoldsAsync(() => thief.IsOnline, RealCloud.Patience);

        (await ServiceAsync(gone.Device, "decommissioned")).Ensure();
        (await ServiceAsync(silent.Device, "decommissioned")).Ensure();

        await Eventually.HoldsAsync(() => !thief.IsOnline && thief.Failures > 0, RealCloud.Patience);
        (await mute.EndAsync(RealCloud.Patience)).ShouldBeTrue();
        await RefusedAsync(gone, 5);
        (await ActsAsync(gone.Device)).ShouldContain("set-service");

        (await ServiceAsync(gone.Device, "inService")).Ensure();
        await Eventually.HoldsAsync(() => thief.IsOnline, RealCloud.Patience);
    }

    /// <summary>A township's Pi holds keys for its children: rekeyed, it has them no more, and the children are told.</summary>
    [Fact]
    public async Task A_stolen_Pi_loses_its_childrens_keys_with_its_own()
    {
        var admin = await _cloud.SignInAsync("admin");
        var (pi, child) = _cloud.Devices.Skip(60).GroupBy(d => d.Village[..9]).Where(g => g.Count() > 1).Select(g => (g.First(), g.Last())).First();
        (await admin.PutAsync($"/api/devices/{pi.Device}/children", new JsonObject { ["children"] = new JsonArray(child.Device), ["delegated"] = true })).Ensure().Json["delegatedUntil"].ShouldNotBeNull();

        (await RekeyAsync(pi.Device)).Ensure();

        var township = (await admin.GetAsync($"/api/devices/{pi.Device}/children")).Ensure().Json;
        township["delegatedUntil"].ShouldBeNull();
        township["children"]![0]!["revokedUpTo"].ShouldNotBeNull();
    }

    [Fact]
    public async Task Only_who_has_the_duty_and_gives_a_reason_takes_a_device_away()
    {
        var row = _cloud.Devices[23];
        var (admin, author) = (await _cloud.SignInAsync("admin"), await _cloud.SignInAsync("op-city"));

        (await author.PostAsync($"/api/devices/{row.Device}/rekey", Reason("x"))).Status.ShouldBe(HttpStatusCode.Forbidden);
        (await author.PostAsync($"/api/devices/{row.Device}/service", new JsonObject { ["service"] = "decommissioned", ["reason"] = "x" })).Status.ShouldBe(HttpStatusCode.Forbidden);
        (await _cloud.Stranger().PostAsync($"/api/devices/{row.Device}/rekey", Reason("x"))).Status.ShouldBe(HttpStatusCode.Unauthorized);
        foreach (var reason in new[] { "", "a\u0000b", new string('x', 201) })
            (await admin.PostAsync($"/api/devices/{row.Device}/rekey", Reason(reason))).Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await admin.PostAsync("/api/devices/none/rekey", Reason("x"))).Status.ShouldBe(HttpStatusCode.NotFound);
        (await admin.PostAsync($"/api/devices/{row.Device}/service", new JsonObject { ["service"] = "unclaimed", ["reason"] = "x" })).Status.ShouldBe(HttpStatusCode.UnprocessableEntity);

        (_cloud.Devices[23].LinkSecret, _cloud.Devices[23].KeyEpoch).ShouldBe((row.LinkSecret, row.KeyEpoch));
        await using var device = new HonestDevice(row, _cloud.PlainLink);
        await Eventually.HoldsAsync(() => device.IsOnline, RealCloud.Patience);
    }

    private async Task<ApiAnswer> RekeyAsync(string device) => await (await _cloud.SignInAsync("admin")).PostAsync($"/api/devices/{device}/rekey", Reason("stolen from its pole"));

    private async Task<ApiAnswer> ServiceAsync(string device, string service) =>
        await (await _cloud.SignInAsync("admin")).PostAsync($"/api/devices/{device}/service", new JsonObject { ["service"] = service, ["reason"] = "stolen from its pole" });

    private async Task RefusedAsync(DeviceRow row, byte code)
    {
        await using var thief = await RawPeer.SignInAsync(_cloud.PlainLink, row);
        (await thief.EndAsync(RealCloud.Patience)).ShouldBeTrue();
        thief.Heard.ShouldBe([0x20, 2, 0, code]);
    }

    private async Task<IReadOnlyList<string>> ActsAsync(string device)
    {
        var copy = _cloud.FileOf($"acts-{device}.db");
        await (await _cloud.SignInAsync("admin")).DownloadAsync("/api/backup", copy);
        await using var ledger = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={copy};Pooling=False;Mode=ReadOnly");
        await ledger.OpenAsync();
        await using var query = ledger.CreateCommand();
        query.CommandText = "SELECT act FROM audit WHERE subject = $id AND actor = 'person:admin' AND detail LIKE '%stolen from its pole%'";
        query.Parameters.AddWithValue("$id", device);
        await using var rows = await query.ExecuteReaderAsync();
        var acts = new List<string>();
        while (await rows.ReadAsync()) acts.Add(rows.GetString(0));
        return acts;
    }

    private static JsonObject Reason(string reason) => new() { ["reason"] = reason };
}
