using System.Net;
using System.Text.Json.Nodes;
using Broadcast.Device;
using Broadcast.Fleet;
using Broadcast.Hostile.Tests.Live;
using Broadcast.Testing;

namespace Broadcast.Hostile.Tests.Attackers;

/// <summary>A township's Pi in wrong hands, on the very way on which it carries its children: it can keep back and repeat, and make up nothing.</summary>
[Collection(CloudCollection.Name)]
public sealed class TownshipPiTests(SharedCloud shared)
{
    private readonly RealCloud _cloud = shared.Cloud;

    [Fact]
    public async Task What_it_makes_up_for_a_child_or_carries_for_a_stranger_moves_nothing_and_the_childs_own_word_counts()
    {
        var township = _cloud.Devices.Skip(40).GroupBy(d => d.Village[..9]).First(g => g.Count() > 3).ToArray();
        var (pi, child, sister) = (township[0], township[1], township[2]);
        (await (await _cloud.SignInAsync("admin")).PutAsync($"/api/devices/{pi.Device}/children", new JsonObject { ["children"] = new JsonArray(child.Device), ["delegated"] = true })).Ensure();
        var id = await _cloud.WarnAsync(child.Site, sister.Site);
        var before = await _cloud.BadFramesAsync();
        byte[] Said(ReceiptState state, long number) => new Receipt { WarningId = Convert.FromHexString(id), Revision = 1, Sequence = 1, State = state, AtMs = 1, Number = number }.Encode();

        await using var session = await RawPeer.SignInAsync(_cloud.PlainLink, pi);
        await session.SubscribeAsync(Topics.Down(pi.Device));
        await session.PublishAsync(Topics.ChildUp(pi.Device, child.Device), RawPeer.Frame(child, MessageType.Hello, Greeting()), 1); // Before it has said who it is.
        await session.PublishAsync(Topics.Up(pi.Device), RawPeer.Frame(pi, MessageType.Hello, Greeting()), 2);
        await Eventually.HoldsAsync(() => OnlineAsync(pi), RealCloud.Patience);
        var delegated = Delegation.Key(child.OrderKey, pi.Device, 1, 2);
        (string Topic, byte[] Frame)[] forged =
        [
            (Topics.ChildUp(pi.Device, child.Device), RawPeer.Frame(pi, MessageType.Receipt, Said(ReceiptState.Played, 1), device: child.Device)),
            (Topics.ChildUp(pi.Device, child.Device), RawPeer.Frame(child, MessageType.Receipt, Said(ReceiptState.Played, 2), key: delegated)), // A delegated key says nothing upwards.
            (Topics.ChildUp(pi.Device, child.Device), RawPeer.Frame(sister, MessageType.Hello, Greeting())), // A true frame, of another.
            (Topics.ChildUp(pi.Device, sister.Device), RawPeer.Frame(sister, MessageType.Hello, Greeting())), // A true frame of a device that is not its child.
        ];
        ushort packet = 3;
        foreach (var (topic, frame) in forged) await session.PublishAsync(topic, frame, packet++);
        await Eventually.HoldsAsync(async () => await _cloud.BadFramesAsync() == before + 1 + forged.Length, RealCloud.Patience, "each is counted");
        (await _cloud.StatesAsync(id)).Values.ShouldAllBe(s => s == "queued");
        (await OnlineAsync(sister)).ShouldBeFalse();
        (await OnlineAsync(pi)).ShouldBeTrue("its other children go on");

        await session.PublishAsync(Topics.ChildUp(pi.Device, child.Device), RawPeer.Frame(child, MessageType.Hello, Greeting()), packet);
        await Eventually.HoldsAsync(() => OnlineAsync(child), RealCloud.Patience, "the child's own hello counts");
        await Eventually.HoldsAsync(async () => (await _cloud.StatesAsync(id))[child.Device] == "sent", RealCloud.Patience, "and its order is on its way to it");

        // The child comes by itself: the newest epoch wins, and what its Pi still says of it is of no weight.
        await using var honest = new HonestDevice(child, _cloud.PlainLink);
        await _cloud.StateAsync(id, child.Device, "played");
        honest.Soundings.ShouldBe(1);
        await session.PublishAsync(Topics.Up(pi.Device), RawPeer.Frame(pi, MessageType.ChildGone, new ChildGone { Child = child.Device, SilenceMs = 5 }.Encode()), ++packet);
        await Eventually.HoldsAsync(() => OnlineAsync(child), RealCloud.Patience);
        honest.IsOnline.ShouldBeTrue();
        (await _cloud.AuditAsync())["intact"]!.GetValue<bool>().ShouldBeTrue();
    }

    private static byte[] Greeting() => new Hello { HighWater = 1, Nonce = System.Security.Cryptography.RandomNumberGenerator.GetBytes(16) }.Encode();

    private async Task<bool> OnlineAsync(DeviceRow device)
    {
        var answer = await (await _cloud.SignInAsync("op-city")).GetAsync($"/api/devices/{device.Device}");
        return answer.Status == HttpStatusCode.OK && (bool)answer.Json["online"]!;
    }
}
