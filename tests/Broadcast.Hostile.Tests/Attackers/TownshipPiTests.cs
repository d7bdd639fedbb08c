using System.Buffers;
using System.Net;
using System.Text.Json.Nodes;
using Broadcast.Device;
using Broadcast.Fleet;
using Broadcast.Hostile.Tests.Live;
using Broadcast.Link;
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
        honest.SoundingsOf(id).ShouldBe(1);
        await session.PublishAsync(Topics.Up(pi.Device), RawPeer.Frame(pi, MessageType.ChildGone, new ChildGone { Child = child.Device, SilenceMs = 5 }.Encode()), ++packet);
        await Eventually.HoldsAsync(() => OnlineAsync(child), RealCloud.Patience);
        honest.IsOnline.ShouldBeTrue();
        (await _cloud.AuditAsync())["intact"]!.GetValue<bool>().ShouldBeTrue();
    }

    [Fact]
    public async Task A_child_whose_line_was_closed_is_heard_and_served_again_at_its_next_true_word()
    {
        var (pi, child) = await TownshipAsync(100);
        var admin = await _cloud.SignInAsync("admin");
        await using var session = await OpenAsync(pi, child);

        // Its service is changed and changed back: nobody behind the Pi hears of it, and the child says no hello again.
        foreach (var service in new[] { "maintenance", "inService" }) (await ServiceAsync(admin, child, service)).Ensure();
        (await OnlineAsync(child)).ShouldBeTrue("for maintenance nobody is cut off");
        foreach (var service in new[] { "decommissioned", "inService" }) (await ServiceAsync(admin, child, service)).Ensure();
        await Eventually.HoldsAsync(async () => !await OnlineAsync(child), RealCloud.Patience);
        await ServedAgainAsync(session, pi, child, 10);

        // What its Pi made up in its name is no reason to be deaf to it either.
        for (var i = 0; i < Cloud.Link.ChildPlace.BadFramesMax; i++) await session.PublishAsync(Topics.ChildUp(pi.Device, child.Device), RawPeer.Frame(pi, MessageType.Report, new Report().Encode(), device: child.Device), (ushort)(20 + i));
        await Eventually.HoldsAsync(async () => !await OnlineAsync(child), RealCloud.Patience, "too many in a row end its line");
        await ServedAgainAsync(session, pi, child, 40);

        // Gone by its Pi's word, it has to say hello: what comes late is no sign of it.
        await session.PublishAsync(Topics.Up(pi.Device), RawPeer.Frame(pi, MessageType.ChildGone, new ChildGone { Child = child.Device, SilenceMs = 5 }.Encode()), 50);
        await Eventually.HoldsAsync(async () => !await OnlineAsync(child), RealCloud.Patience);
        var before = await _cloud.BadFramesAsync();
        await session.PublishAsync(Topics.ChildUp(pi.Device, child.Device), RawPeer.Frame(child, MessageType.Report, new Report().Encode()), 51);
        await session.PublishAsync(Topics.ChildUp(pi.Device, child.Device), [1], 52);
        await Eventually.HoldsAsync(async () => await _cloud.BadFramesAsync() == before + 1, RealCloud.Patience, "both were looked at");
        (await OnlineAsync(child)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_rekeyed_child_comes_in_again_through_its_Pi_which_is_given_a_newer_list()
    {
        var (pi, child) = await TownshipAsync(140);
        await using var session = await OpenAsync(pi, child);
        for (var i = 0; i < 2 * Cloud.Link.ChildPlace.BadFramesMax; i++) await session.PublishAsync(Topics.ChildUp(pi.Device, child.Device), [1], (ushort)(20 + i));

        (await (await _cloud.SignInAsync("admin")).PostAsync($"/api/devices/{child.Device}/rekey", new JsonObject { ["reason"] = "stolen from its pole" })).Ensure();

        await Eventually.HoldsAsync(async () => !await OnlineAsync(child), RealCloud.Patience, "what it was before speaks no more");
        while (!Lists(session, pi).Any(l => l.Children.Any(c => c.Id == child.Device && c.KeyEpoch == child.KeyEpoch + 1))) await session.HearAsync(session.Heard.Count + 1, RealCloud.Patience); // Unasked.
        var renewed = _cloud.Devices.First(d => d.Device == child.Device);
        await session.PublishAsync(Topics.ChildUp(pi.Device, child.Device), RawPeer.Frame(renewed, MessageType.Hello, Greeting()), 60);
        await Eventually.HoldsAsync(() => OnlineAsync(child), RealCloud.Patience);
    }

    [Fact]
    public async Task What_a_child_says_on_an_order_of_somebody_who_cannot_have_given_it_is_not_kept()
    {
        var (pi, child) = await TownshipAsync(180);
        await using var session = await OpenAsync(pi, child);
        byte[] Said(string by, long number) => RawPeer.Frame(child, MessageType.Receipt, new Receipt
        {
            WarningId = System.Security.Cryptography.RandomNumberGenerator.GetBytes(16), Revision = 1, Sequence = 1, State = ReceiptState.Received, AtMs = 1, Number = number, OrderedBy = by, Class = WarningClass.LocalNotice,
        }.Encode());
        var before = await _cloud.BadFramesAsync();

        await session.PublishAsync(Topics.ChildUp(pi.Device, child.Device), Said("somebody", 1), 10);
        await session.PublishAsync(Topics.ChildUp(pi.Device, child.Device), Said(pi.Device, 2), 11);

        var client = await _cloud.SignInAsync("op-city");
        await Eventually.HoldsAsync(async () => (await client.GetAsync($"/api/devices/{pi.Device}/local-orders")).Ensure().Json.AsArray().Count == 1, RealCloud.Patience, "its Pi's counts");
        (await _cloud.BadFramesAsync()).ShouldBe(before + 1);
    }

    // A township with one child, which nobody else here uses.
    private async Task<(DeviceRow Pi, DeviceRow Child)> TownshipAsync(int from)
    {
        var township = _cloud.Devices.Skip(from).GroupBy(d => d.Village[..9]).First(g => g.Count() > 3).ToArray();
        (await (await _cloud.SignInAsync("admin")).PutAsync($"/api/devices/{township[1].Device}/children", new JsonObject { ["children"] = new JsonArray(township[2].Device), ["delegated"] = true })).Ensure();
        return (township[1], township[2]);
    }

    private async Task<RawPeer> OpenAsync(DeviceRow pi, DeviceRow child)
    {
        var session = await RawPeer.SignInAsync(_cloud.PlainLink, pi);
        await session.SubscribeAsync(Topics.Down(pi.Device));
        await session.PublishAsync(Topics.Up(pi.Device), RawPeer.Frame(pi, MessageType.Hello, Greeting()), 1);
        await Eventually.HoldsAsync(() => OnlineAsync(pi), RealCloud.Patience);
        await session.PublishAsync(Topics.ChildUp(pi.Device, child.Device), RawPeer.Frame(child, MessageType.Hello, Greeting()), 2);
        await Eventually.HoldsAsync(() => OnlineAsync(child), RealCloud.Patience);
        return session;
    }

    /// <summary>The lists of children that the Pi has been sent.</summary>
    private static IEnumerable<Township> Lists(RawPeer session, DeviceRow pi)
    {
        var heard = session.Heard.ToArray();
        for (var at = 0; Frame.TryPeek(new ReadOnlySequence<byte>(heard, at, heard.Length - at), 1 << 16, out var frame, out _) && at + frame.Bytes <= heard.Length; at += frame.Bytes)
        {
            if (frame.Type != PacketType.Publish || PublishPacket.Read(frame.Flags, heard.AsSpan(at + frame.HeaderBytes, frame.BodyBytes), out var packet) != Violation.None) continue;
            var opened = Envelope.Open(packet.Payload.ToArray(), pi.OrderKey, Direction.Down, pi.Device);
            if (opened is { Refusal: Refusal.None, Type: MessageType.Township } && Township.Decode(opened.Body) is { } list) yield return list;
        }
    }

    private async Task ServedAgainAsync(RawPeer session, DeviceRow pi, DeviceRow child, ushort packet)
    {
        var owed = await _cloud.WarnAsync(child.Site);
        (await _cloud.StatesAsync(owed))[child.Device].ShouldBe("queued");
        await session.PublishAsync(Topics.ChildUp(pi.Device, child.Device), RawPeer.Frame(child, MessageType.Report, new Report().Encode()), packet);
        await Eventually.HoldsAsync(() => OnlineAsync(child), RealCloud.Patience, "its word opens a session");
        await _cloud.StateAsync(owed, child.Device, "sent");
    }

    private static Task<ApiAnswer> ServiceAsync(ApiClient admin, DeviceRow device, string service) =>
        admin.PostAsync($"/api/devices/{device.Device}/service", new JsonObject { ["service"] = service, ["reason"] = "away for a while" });

    private static byte[] Greeting() => new Hello { HighWater = 1, Nonce = System.Security.Cryptography.RandomNumberGenerator.GetBytes(16) }.Encode();

    private async Task<bool> OnlineAsync(DeviceRow device)
    {
        var answer = await (await _cloud.SignInAsync("op-city")).GetAsync($"/api/devices/{device.Device}");
        return answer.Status == HttpStatusCode.OK && (bool)answer.Json["online"]!;
    }
}
