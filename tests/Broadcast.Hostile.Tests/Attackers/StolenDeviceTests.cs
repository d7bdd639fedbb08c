using Broadcast.Device;
using Broadcast.Fleet;
using Broadcast.Hostile.Tests.Live;
using Broadcast.Testing;

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
            RawPeer.Frame(pi, MessageType.Receipt, receipt.Encode(), key: child.OrderKey), // In its own name under the child's key.
            RawPeer.Frame(pi, MessageType.Receipt, receipt.Encode()), // And in its own name, of an order that was never its own.
        ];

        await using var session = await RawPeer.SignInAsync(_cloud.PlainLink, pi);
        ushort n = 1;
        foreach (var frame in forged) await session.PublishAsync(Topics.Up(pi.Device), frame, n++);
        await Eventually.HoldsAsync(async () => await _cloud.BadFramesAsync() == before + forged.Length - 1, RealCloud.Patience);

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
        (honest.SoundingsOf(id), honest.SoundingsOf(again)).ShouldBe((1, 1));
        honest.HighWater.ShouldBeLessThan(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() + 60_000, "its numbers are the thief's alone");
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
        honest.SoundingsOf(id).ShouldBe(1);
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
