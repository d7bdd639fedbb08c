using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Broadcast.Device;
using Broadcast.Hostile.Tests.Live;
using Broadcast.Link;
using Broadcast.Testing;

namespace Broadcast.Hostile.Tests.Attackers;

/// <summary>Those who take places, time and memory: connections that say nothing, half a packet, headers a byte at a time, streams without end. Others are served meanwhile.</summary>
[Collection(CloudCollection.Name)]
public sealed class FloodTests(SharedCloud shared)
{
    /// <summary>Bounds of the product (10 s for a half-open connection or for headers) and a busy machine's slack.</summary>
    private static readonly TimeSpan CutWithin = TimeSpan.FromSeconds(45);

    private readonly RealCloud _cloud = shared.Cloud;

    [Fact]
    public async Task A_thousand_connections_with_half_a_packet_are_cut_and_a_device_is_served_meanwhile()
    {
        var row = _cloud.Devices[20];
        var half = ConnectPacket.Encode(row.Device, 60, null, row.Device, "x"u8.ToArray())[..9];
        var waiting = new List<RawPeer>();
        for (var n = 0; n < 1_000; n++)
        {
            waiting.Add(await RawPeer.DialAsync(_cloud.PlainLink));
            await waiting[^1].SendAsync(n % 2 == 0 ? half : []);
        }

        await using var device = new HonestDevice(row, _cloud.PlainLink);
        var id = await _cloud.WarnAsync(row.Site);
        await _cloud.StateAsync(id, row.Device, "played");

        (await Task.WhenAll(waiting.Select(w => w.EndAsync(CutWithin)))).ShouldAllBe(ended => ended);
        foreach (var peer in waiting) await peer.DisposeAsync();
    }

    [Fact]
    public async Task A_device_that_floods_is_cut_and_so_is_one_whose_frames_do_not_verify()
    {
        var row = _cloud.Devices[21];
        await using (var flood = await RawPeer.SignInAsync(_cloud.PlainLink, row))
        {
            byte[] pings = [.. Enumerable.Repeat<byte[]>([0xC0, 0], 5_000).SelectMany(p => p)];
            await flood.SendAsync(pings);
            (await flood.EndAsync(RealCloud.Patience)).ShouldBeTrue();
        }

        var before = await _cloud.BadFramesAsync();
        await using var forger = await RawPeer.SignInAsync(_cloud.PlainLink, row);
        for (ushort n = 1; n <= 100; n++) await forger.PublishAsync(Topics.Up(row.Device), [1, 2, 3], n);
        (await forger.EndAsync(RealCloud.Patience)).ShouldBeTrue();
        (await _cloud.BadFramesAsync() - before).ShouldBe(Broadcast.Cloud.Link.LiveDevice.BadFramesMax);
    }

    [Fact]
    public async Task A_device_that_connects_a_thousand_times_costs_the_others_nothing()
    {
        var (storm, honest) = (_cloud.Devices[22], _cloud.Devices[23]);
        await using var device = new HonestDevice(honest, _cloud.PlainLink);
        for (var n = 0; n < 1_000; n++)
        {
            await using var again = await RawPeer.SignInAsync(_cloud.PlainLink, storm);
            await again.HearAsync(4, RealCloud.Patience); // A session each time, and its end.
        }

        // Who is there goes on, and who comes now finds a place: none is still held by one of the thousand.
        await using var late = new HonestDevice(_cloud.Devices[25], _cloud.PlainLink);
        var id = await _cloud.WarnAsync(honest.Site, _cloud.Devices[25].Site);
        await _cloud.StateAsync(id, honest.Device, "played");
        await _cloud.StateAsync(id, _cloud.Devices[25].Device, "played");
        device.SoundingsOf(id).ShouldBe(1);
    }

    [Fact]
    public async Task Two_thousand_idle_connections_at_the_https_door_are_let_go_and_people_are_served_meanwhile()
    {
        var idle = new List<RawPeer>();
        for (var n = 0; n < 2_000; n++) idle.Add(await RawPeer.DialAsync(_cloud.HttpsDoor));

        (await _cloud.Stranger().GetAsync("/healthz")).Status.ShouldBe(HttpStatusCode.OK);

        (await Task.WhenAll(idle.Select(i => i.EndAsync(CutWithin)))).ShouldAllBe(ended => ended);
        foreach (var peer in idle) await peer.DisposeAsync();
    }

    [Fact]
    public async Task Headers_that_come_a_byte_at_a_time_are_not_waited_for()
    {
        using var authority = System.Security.Cryptography.X509Certificates.X509CertificateLoader.LoadCertificateFromFile(_cloud.AuthorityFile);
        using var socket = new TcpClient();
        await socket.ConnectAsync(_cloud.HttpsDoor);
        await using var tls = new SslStream(socket.GetStream());
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "127.0.0.1",
            CertificateChainPolicy = new() { TrustMode = System.Security.Cryptography.X509Certificates.X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { authority }, RevocationMode = System.Security.Cryptography.X509Certificates.X509RevocationMode.NoCheck },
        });
        var start = TimeProvider.System.GetTimestamp();
        using var beat = new PeriodicTimer(TimeSpan.FromMilliseconds(500));
        try
        {
            await tls.WriteAsync("GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: "u8.ToArray());
            while (TimeProvider.System.GetElapsedTime(start) < CutWithin && await beat.WaitForNextTickAsync())
            {
                await tls.WriteAsync("a"u8.ToArray());
                await tls.FlushAsync();
            }
        }
        catch (IOException)
        {
            // Cut: what is waited for here.
        }

        TimeProvider.System.GetElapsedTime(start).ShouldBeLessThan(CutWithin);
    }

    [Fact]
    public async Task One_person_holds_so_many_streams_and_the_next_finds_a_place_when_one_is_closed()
    {
        var row = _cloud.Devices[24];
        var id = await _cloud.WarnAsync(row.Site);
        var client = await _cloud.SignInAsync("op-421202");
        var streams = new List<EventReader>();
        for (var n = 0; n < new Cloud.Http.DoorLimits().StreamsOfPersonMax; n++) streams.Add(await client.OpenEventsAsync($"/api/warnings/{id}/progress"));

        (await client.GetAsync($"/api/warnings/{id}/progress")).Status.ShouldBe(HttpStatusCode.TooManyRequests);
        await using (await (await _cloud.SignInAsync("monitor")).OpenEventsAsync($"/api/warnings/{id}/progress"))
        {
        }

        await streams[0].DisposeAsync();
        await Eventually.HoldsAsync(async () =>
        {
            try
            {
                streams[0] = await client.OpenEventsAsync($"/api/warnings/{id}/progress");
                return true;
            }
            catch (HttpRequestException e) when (e.StatusCode == HttpStatusCode.TooManyRequests)
            {
                return false; // The service sees the end of a stream at its next word.
            }
        }, RealCloud.Patience, "a place is free again");
        foreach (var stream in streams) await stream.DisposeAsync();
    }

    [Fact]
    public async Task A_hundred_thousand_wrong_entries_get_a_short_answer()
    {
        var client = await _cloud.SignInAsync("op-421202");
        var answer = await client.PostRawAsync("/api/targets", new StringContent($"{{\"area\":{{\"sites\":[{string.Join(',', Enumerable.Repeat("\"?\"", 200_000))}]}}}}", Encoding.UTF8, "application/json"));
        answer.Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        answer.ProblemFields.Count.ShouldBe(Cloud.Http.Problems.Max);
        answer.Text.Length.ShouldBeLessThan(100_000);
    }
}
