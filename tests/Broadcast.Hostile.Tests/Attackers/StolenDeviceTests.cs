using Broadcast.Cloud;
using Broadcast.Cloud.Keys;
using Broadcast.Cloud.Link;
using Broadcast.Device;
using Broadcast.Fleet;
using Broadcast.Hostile.Tests.Live;
using Broadcast.Ledger;
using Broadcast.Rules;
using Broadcast.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broadcast.Hostile.Tests.Attackers;

/// <summary>Somebody has a device with its link secret and order key: they are that device, and nobody else. A township's Pi is one device more.</summary>
[Collection(CloudCollection.Name)]
public sealed class StolenDeviceTests(SharedCloud shared)
{
    private readonly RealCloud _cloud = shared.Cloud;

    [Fact]
    public async Task Its_keys_reach_no_other_device_and_no_door_of_people()
    {
        var (stolen, other) = (_cloud.Devices[10], _cloud.Devices[11]);

        await using (var thief = await RawPeer.SignInAsync(_cloud.PlainLink, other, stolen.LinkSecret))
        {
            (await thief.EndAsync(RealCloud.Patience)).ShouldBeTrue();
            thief.Heard.ShouldBe([0x20, 2, 0, 4], "bad credentials");
        }

        await using (var thief = await RawPeer.SignInAsync(_cloud.PlainLink, stolen))
        {
            await thief.SubscribeAsync(Topics.Down(other.Device));
            await thief.HearAsync(9, RealCloud.Patience);
            thief.Heard.TakeLast(1).ShouldBe([0x80], "no subscription to another's orders");
            await thief.PublishAsync(Topics.Up(other.Device), RawPeer.Frame(other, MessageType.Hello, new Hello().Encode()));
            (await thief.EndAsync(RealCloud.Patience)).ShouldBeTrue("a message under another's prefix");
        }

        (await _cloud.Stranger().SignInAsync(stolen.Device, stolen.LinkSecret)).Status.ShouldBe(System.Net.HttpStatusCode.Unauthorized);
        var client = _cloud.Stranger();
        client.UseToken(stolen.LinkSecret);
        (await client.GetAsync("/api/status")).Status.ShouldBe(System.Net.HttpStatusCode.Unauthorized);
    }

    /// <summary>A township's Pi carries its children's frames and has a session of its own; what it makes up for a child has no authenticator, and what it recorded of one is not its own.</summary>
    [Fact]
    public async Task A_township_Pi_that_forges_or_repeats_its_childrens_receipts_moves_nothing()
    {
        var (pi, child) = (_cloud.Devices[12], _cloud.Devices[13]);
        var id = await _cloud.WarnAsync(child.Site);
        var before = await _cloud.BadFramesAsync();
        var receipt = new Receipt { WarningId = Convert.FromHexString(id), Revision = 1, Sequence = await SequenceAsync(id, child), State = ReceiptState.Played, AtMs = 1, Number = 1 };
        byte[][] forged =
        [
            RawPeer.Frame(pi, MessageType.Receipt, receipt.Encode(), device: child.Device),
            RawPeer.Frame(pi, MessageType.Receipt, receipt.Encode(), device: child.Device, key: new byte[32]),
            RawPeer.Frame(child, MessageType.Receipt, receipt.Encode()), // Even the child's own, in the wrong session.
            RawPeer.Frame(pi, MessageType.Receipt, receipt.Encode()), // And in its own name, of an order that was never its own.
        ];

        await using var session = await RawPeer.SignInAsync(_cloud.PlainLink, pi);
        ushort n = 1;
        foreach (var frame in forged) await session.PublishAsync(Topics.Up(pi.Device), frame, n++);
        await Eventually.HoldsAsync(async () => await _cloud.BadFramesAsync() == before + 3, RealCloud.Patience);

        (await _cloud.StatesAsync(id)).ShouldBe(new Dictionary<string, string> { [child.Device] = "queued" });
        (await _cloud.AuditAsync())["intact"]!.GetValue<bool>().ShouldBeTrue();
    }

    [Fact]
    public async Task Numbers_beyond_any_time_that_it_reports_disturb_no_release_to_others()
    {
        var (stolen, other) = (_cloud.Devices[14], _cloud.Devices[15]);
        await using (var thief = await RawPeer.SignInAsync(_cloud.PlainLink, stolen))
        {
            foreach (var mark in new[] { long.MaxValue, Limits.WallMsMax })
                await thief.PublishAsync(Topics.Up(stolen.Device), RawPeer.Frame(stolen, MessageType.Hello, new Hello { HighWater = mark }.Encode()));
            await thief.HearAsync(12, RealCloud.Patience); // CONNACK and two PUBACKs: both are committed.
        }

        await using var honest = new HonestDevice(other, _cloud.PlainLink);
        var id = await _cloud.WarnAsync(stolen.Site, other.Site);
        await _cloud.StateAsync(id, other.Device, "played");
        var again = await _cloud.WarnAsync(stolen.Site, other.Site);
        await _cloud.StateAsync(again, other.Device, "played");
        honest.Soundings.ShouldBe(2);
    }

    /// <summary>Two that are the same device displace one another: the newest epoch wins, each displacement is in the sessions, and the orders reach the honest one when it has its turn.</summary>
    [Fact]
    public async Task A_take_over_ends_the_older_session_and_an_order_reaches_the_device_that_answers()
    {
        var row = _cloud.Devices[16];
        await using var honest = new HonestDevice(row, _cloud.PlainLink);
        await Eventually.HoldsAsync(() => honest.IsOnline, RealCloud.Patience);
        await using (var thief = await RawPeer.SignInAsync(_cloud.PlainLink, row))
        {
            await thief.HearAsync(4, RealCloud.Patience);
            (await thief.EndAsync(RealCloud.Patience)).ShouldBeTrue("the honest one comes back and displaces the thief");
        }

        var id = await _cloud.WarnAsync(row.Site);
        await _cloud.StateAsync(id, row.Device, "played");
        honest.Soundings.ShouldBe(1);
    }

    private async Task<long> SequenceAsync(string id, DeviceRow child)
    {
        // The thief cannot know it; the test reads it, so that only the authenticator is missing.
        var copy = _cloud.FileOf($"look-{id}.db");
        await (await _cloud.SignInAsync("admin")).DownloadAsync("/api/backup", copy);
        await using var ledger = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={copy};Pooling=False;Mode=ReadOnly");
        await ledger.OpenAsync();
        await using var query = ledger.CreateCommand();
        query.CommandText = "SELECT max(sequence) FROM orders JOIN device ON device.num = orders.device WHERE device.id = $id";
        query.Parameters.AddWithValue("$id", child.Device);
        return (long)(await query.ExecuteScalarAsync())!;
    }
}

/// <summary>What helps after a theft, with a cloud of its own: the device is given a new secret and the next key epoch, or is taken out of service.</summary>
public sealed class RevocationTests
{
    [Fact]
    public async Task After_a_rekey_the_stolen_secret_and_the_stolen_key_are_worth_nothing()
    {
        await using var cloud = await RealCloud.StartNewAsync();
        var (stolen, gone) = (cloud.Devices[0], cloud.Devices[1]);
        await cloud.StopAsync();
        var keys = KeyRing.OpenOrCreate(Path.Combine(cloud.Data, "keys"), mayCreate: false);
        var renewed = stolen with { LinkSecret = "a-new-secret", OrderKey = keys.OrderKey(new DeviceId(stolen.Device), stolen.KeyEpoch + 1), KeyEpoch = stolen.KeyEpoch + 1 };
        await using (var ledger = await LedgerStore.OpenAsync(CloudHost.LedgerOptionsOf(new CloudOptions { DataFolder = cloud.Data }, keys), TimeProvider.System, NullLogger.Instance, CancellationToken.None))
        {
            await ledger.PutDevicesAsync(
            [
                new DeviceRecord(new DeviceId(stolen.Device), new SiteId(stolen.Site), renewed.KeyEpoch, CloudAuthority.VerifierOf(renewed.LinkSecret), ServiceState.InService),
                new DeviceRecord(new DeviceId(gone.Device), new SiteId(gone.Site), gone.KeyEpoch, CloudAuthority.VerifierOf(gone.LinkSecret), ServiceState.Decommissioned),
            ]);
        }

        await cloud.StartAsync();
        foreach (var row in new[] { stolen, gone })
        {
            await using var thief = await RawPeer.SignInAsync(cloud.PlainLink, row);
            (await thief.EndAsync(RealCloud.Patience)).ShouldBeTrue();
            thief.Heard.Take(3).ShouldBe([0x20, 2, 0]);
            thief.Heard[3].ShouldBeOneOf<byte>(4, 5);
        }

        // The thief kept the order key and learns even the new link secret: the old epoch opens nothing, either way.
        await using (var half = new HonestDevice(stolen with { LinkSecret = renewed.LinkSecret }, cloud.PlainLink))
        {
            await Eventually.HoldsAsync(async () => await cloud.BadFramesAsync() > 0, RealCloud.Patience);
            half.IsOnline.ShouldBeFalse();
        }

        await using var device = new HonestDevice(renewed, cloud.PlainLink);
        var id = await cloud.WarnAsync(renewed.Site);
        await cloud.StateAsync(id, renewed.Device, "played");
    }
}
