using System.Buffers.Text;
using Broadcast.Cloud.Audio;
using Broadcast.Cloud.Keys;
using Broadcast.Device;
using Broadcast.Ledger;
using Broadcast.Rules;

namespace Broadcast.Cloud.Tests;

/// <summary>Tickets of devices, the shelf, and drafts that name a recording.</summary>
public sealed class AudioTests : IDisposable
{
    private static readonly byte[] Sound = [1, 2, 3];
    private static readonly AudioHash Hash = AudioHash.Of(Sound);

    private readonly string _folder = Directory.CreateTempSubdirectory("broadcast-keys-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_ticket_lets_its_device_fetch_its_recording_and_nothing_else()
    {
        await using var bench = await DeskBench.OpenAsync();
        var keys = KeyRing.OpenOrCreate(_folder);
        var tickets = new DeviceTickets(bench.Places, keys, bench.Clock);
        var device = bench.Places.Current.Devices.First();
        var key = keys.OrderKey(device.Id, device.KeyEpoch);
        var nowMs = bench.Clock.GetUtcNow().ToUnixTimeMilliseconds();

        tickets.Read(Ticket(device.Id, key, nowMs), Hash).ShouldBe(device);
        tickets.Read(Ticket(device.Id, key, nowMs), AudioHash.Of([9])).ShouldBeNull("another recording");
        tickets.Read(Ticket(device.Id, key, nowMs - Limits.AudioTicketMs - 1), Hash).ShouldBeNull("too old");
        tickets.Read(Ticket(device.Id, new byte[32], nowMs), Hash).ShouldBeNull("forged");
        tickets.Read(Ticket(device.Id, key, nowMs, Direction.Down), Hash).ShouldBeNull("the cloud's own direction");
        tickets.Read(Ticket(device.Id, key, nowMs, type: MessageType.Report), Hash).ShouldBeNull("another message");
        tickets.Read(Ticket(new DeviceId("nobody"), key, nowMs), Hash).ShouldBeNull();
        foreach (var header in new[] { null, "", "Device ", "Device !!!", "Bearer abc", "Device " + new string('A', 5_000) }) tickets.Read(header, Hash).ShouldBeNull();

        await bench.Ledger.PutDevicesAsync([device with { Service = ServiceState.Decommissioned }]);
        await bench.Places.ReloadAsync();
        tickets.Read(Ticket(device.Id, key, nowMs), Hash).ShouldBeNull("decommissioned");
    }

    [Fact]
    public async Task A_draft_names_only_a_recording_that_is_there_and_its_orders_carry_it()
    {
        await using var bench = await DeskBench.OpenAsync();
        var body = DeskBench.Body(DeskBench.Here) with { Audio = Hash.Value };
        (await bench.Desk.DraftAsync(DeskBench.Author, body, null, default)).Problems.ShouldHaveSingleItem().Code.ShouldBe("unknown-recording");
        (await bench.Desk.DraftAsync(DeskBench.Author, body with { Audio = "../../etc/passwd" }, null, default)).Problems.ShouldHaveSingleItem().Code.ShouldBe("bad-hash");

        await BringAsync(bench);
        var draft = (await bench.Desk.DraftAsync(DeskBench.Author, body, null, default)).Warning.ShouldNotBeNull();
        await bench.ReleaseAsync(draft.Id, 1);

        var released = (await bench.Ledger.GetWarningAsync(draft.Id))[0];
        Warnings.OrderSender.OrderOf(released, OrderKind.Alert, 1, released.Expires).Audio.ShouldBe(Hash.ToWire());
        Warnings.OrderSender.OrderOf(released, OrderKind.Cancel, 2, released.Expires).Audio.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_shelf_gives_a_recording_once_it_was_brought()
    {
        await using var bench = await DeskBench.OpenAsync();
        var shelf = new AudioShelf(bench.Ledger);
        (await shelf.TakeAsync(Hash)).ShouldBeNull();
        await BringAsync(bench);
        var first = (await shelf.TakeAsync(Hash)).ShouldNotBeNull();
        first.Content.ShouldBe(Sound);
        (await shelf.TakeAsync(Hash)).ShouldNotBeNull().Content.ShouldBeSameAs(first.Content, "held, not read again");
    }

    /// <summary>Slow readers of one recording after the other would else hold a copy each, until the process has no memory left.</summary>
    [Fact]
    public async Task What_is_still_being_sent_is_not_read_a_second_time_though_the_shelf_is_full()
    {
        await using var bench = await DeskBench.OpenAsync();
        var shelf = new AudioShelf(bench.Ledger);
        var sounds = Enumerable.Range(0, (int)(AudioShelf.BytesMax / AudioLimits.BytesMax) + 1).Select(n =>
        {
            var sound = new byte[AudioLimits.BytesMax];
            sound[0] = (byte)n;
            return sound;
        }).ToArray();
        foreach (var sound in sounds) await BringAsync(bench, sound);
        var sending = new List<byte[]>();
        foreach (var sound in sounds) sending.Add((await shelf.TakeAsync(AudioHash.Of(sound))).ShouldNotBeNull().Content);

        for (var n = 0; n < sounds.Length; n++) (await shelf.TakeAsync(AudioHash.Of(sounds[n]))).ShouldNotBeNull().Content.ShouldBeSameAs(sending[n]);
    }

    private static Task BringAsync(DeskBench bench, byte[]? sound = null) => bench.Ledger.AddAudioAsync(
        new AudioRecord(AudioHash.Of(sound ?? Sound), new AudioFacts(AudioFormat.Wav, TimeSpan.FromSeconds(1)), (sound ?? Sound).Length, "test", DeskBench.Author.Id, bench.Clock.GetUtcNow()), sound ?? Sound, Actor.Of(DeskBench.Author.Id));

    private static string Ticket(DeviceId device, byte[] key, long atMs, Direction direction = Direction.Up, MessageType type = MessageType.AudioTicket) =>
        DeviceTickets.Scheme + Base64Url.EncodeToString(Envelope.Seal(key, 1, direction, device.Value, type, new AudioTicket { Audio = Hash.ToWire(), AtMs = atMs }.Encode()));
}
