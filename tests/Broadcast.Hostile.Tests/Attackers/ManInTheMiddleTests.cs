using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Broadcast.Device;
using Broadcast.Hostile.Tests.Live;
using Broadcast.Testing;

namespace Broadcast.Hostile.Tests.Attackers;

/// <summary>Someone between a real device and the real cloud. On the plain link they read and meddle; the authenticators still hold. TLS lets them do nothing but cut.</summary>
[Collection(CloudCollection.Name)]
public sealed class ManInTheMiddleTests(SharedCloud shared)
{
    private readonly RealCloud _cloud = shared.Cloud;

    [Fact]
    public async Task Who_alters_every_message_keeps_the_device_away_and_makes_it_say_nothing()
    {
        var row = _cloud.Devices[0];
        await using var meddler = new Meddler(_cloud.PlainLink);
        meddler.Rule = (_, packet) => [Meddler.IsPublish(packet) ? Altered(packet) : packet];
        await using var device = new HonestDevice(row, meddler.Door);
        await Eventually.HoldsAsync(async () => await _cloud.BadFramesAsync() >= 2, RealCloud.Patience);

        var id = await _cloud.WarnAsync(row.Site);
        device.IsOnline.ShouldBeFalse();
        meddler.Rule = (way, packet) => [way == Way.ToDevice && Meddler.IsPublish(packet) ? Altered(packet) : packet];
        await Eventually.HoldsAsync(() => device.Refused(Refusal.Forged) > 0, RealCloud.Patience);
        device.Soundings.ShouldBe(0);

        meddler.Rule = (_, packet) => [packet];
        await _cloud.StateAsync(id, row.Device, "played");
        device.Soundings.ShouldBe(1);
    }

    [Fact]
    public async Task Who_sends_everything_again_both_ways_makes_nothing_sound_twice_and_no_count_wrong()
    {
        var row = _cloud.Devices[1];
        await using var meddler = new Meddler(_cloud.PlainLink);
        await using var device = new HonestDevice(row, meddler.Door);
        var id = await _cloud.WarnAsync(row.Site);
        await _cloud.StateAsync(id, row.Device, "played");
        var badBefore = await _cloud.BadFramesAsync();
        var recorded = meddler.Seen.Where(s => Meddler.IsPublish(s.Packet)).ToArray();
        recorded.Count(r => r.Way == Way.ToDevice).ShouldBeGreaterThanOrEqualTo(2, "a welcome and an order");

        for (var round = 0; round < 20; round++)
        {
            foreach (var (way, packet) in recorded) await meddler.InjectAsync(way, packet);
        }

        await Eventually.HoldsAsync(() => device.Repeats >= 20, RealCloud.Patience);
        device.Soundings.ShouldBe(1);
        (await _cloud.StatesAsync(id))[row.Device].ShouldBe("played");
        (await _cloud.BadFramesAsync()).ShouldBe(badBefore, "a repeat by the link is no attack");
        (await _cloud.AuditAsync())["intact"]!.GetValue<bool>().ShouldBeTrue();
        var next = await _cloud.WarnAsync(row.Site);
        await _cloud.StateAsync(next, row.Device, "played");
        device.Soundings.ShouldBe(2);
    }

    [Fact]
    public async Task A_recorded_welcome_of_an_earlier_session_opens_none_and_sets_no_time()
    {
        var row = _cloud.Devices[2];
        await using var meddler = new Meddler(_cloud.PlainLink);
        await using var device = new HonestDevice(row, meddler.Door);
        await Eventually.HoldsAsync(() => device.IsOnline, RealCloud.Patience);
        var old = meddler.Seen.First(s => s.Way == Way.ToDevice && Meddler.IsPublish(s.Packet)).Packet;

        // From now on the cloud's own messages are held back, and the device hears the recorded one in their place.
        meddler.Rule = (way, packet) => [way == Way.ToDevice && Meddler.IsPublish(packet) ? old : packet];
        await using var thief = await RawPeer.SignInAsync(_cloud.PlainLink, row); // Throws the device off, so that it begins anew.
        await Eventually.HoldsAsync(() => device.Refused(Refusal.Replayed) > 0, RealCloud.Patience);

        device.IsOnline.ShouldBeFalse();
        Math.Abs(device.WallMs - TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()).ShouldBeLessThan(60_000);
    }

    [Fact]
    public async Task An_order_held_back_until_its_cancel_has_passed_stays_silent()
    {
        var row = _cloud.Devices[3];
        await using var meddler = new Meddler(_cloud.PlainLink);
        await using var device = new HonestDevice(row, meddler.Door);
        await Eventually.HoldsAsync(() => device.IsOnline, RealCloud.Patience);
        var held = new List<byte[]>();
        meddler.Rule = (way, packet) =>
        {
            if (way == Way.ToCloud || !Meddler.IsPublish(packet)) return [packet];
            lock (held) held.Add(packet);
            return [];
        };
        var id = await _cloud.WarnAsync(row.Site);
        await Eventually.HoldsAsync(() => held.Count >= 1, RealCloud.Patience);
        await _cloud.CancelAsync(id);
        await Eventually.HoldsAsync(() => held.Count >= 2, RealCloud.Patience);
        meddler.Rule = (_, packet) => [packet];

        await meddler.InjectAsync(Way.ToDevice, held[^1]);
        await meddler.InjectAsync(Way.ToDevice, held[0]);

        await Eventually.HoldsAsync(() => device.Refused(Refusal.Cancelled) > 0, RealCloud.Patience);
        device.Soundings.ShouldBe(0);
    }

    /// <summary>What the plain link shows is enough to sit in the device's place, never to speak for it: that is why it is an extra with a label.</summary>
    [Fact]
    public async Task Who_took_the_link_secret_off_a_plain_link_displaces_the_device_and_can_say_nothing_for_it()
    {
        var row = _cloud.Devices[4];
        await using var meddler = new Meddler(_cloud.PlainLink);
        await using var device = new HonestDevice(row, meddler.Door);
        await Eventually.HoldsAsync(() => device.IsOnline, RealCloud.Patience);
        meddler.Seen.First(s => s.Packet[0] == 0x10).Packet.AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes(row.LinkSecret)).ShouldBeGreaterThan(0, "it stands there in the open");
        meddler.Rule = (_, _) => []; // And the device is kept away.

        await using var thief = await RawPeer.SignInAsync(_cloud.PlainLink, row);
        await thief.SubscribeAsync(Topics.Down(row.Device));
        var id = await _cloud.WarnAsync(row.Site);
        var forged = new byte[32];
        for (ushort n = 1; n <= 8; n++)
            await thief.PublishAsync(Topics.Up(row.Device), RawPeer.Frame(row, MessageType.Receipt, new Receipt { Sequence = 1, State = ReceiptState.Played, Number = n }.Encode(), key: forged), n);

        (await thief.EndAsync(RealCloud.Patience)).ShouldBeTrue("eight frames that do not verify, and the session is cut");
        (await _cloud.StatesAsync(id))[row.Device].ShouldBeOneOf("queued", "sent");
    }

    [Fact]
    public async Task Over_TLS_a_foreign_certificate_hears_neither_secret_nor_frame()
    {
        var row = _cloud.Devices[5];
        using var authority = X509CertificateLoader.LoadCertificateFromFile(_cloud.AuthorityFile);
        using var impostor = new TcpListener(IPAddress.Loopback, 0);
        impostor.Start();
        await using var device = new HonestDevice(row, (IPEndPoint)impostor.LocalEndpoint, authority);

        for (var attempt = 0; attempt < 3; attempt++)
        {
            using var socket = await impostor.AcceptTcpClientAsync();
            await using var tls = new SslStream(socket.GetStream());
            var heard = 0;
            try
            {
                await tls.AuthenticateAsServerAsync(ForeignCertificate());
                heard = await tls.ReadAsync(new byte[1_024]).AsTask().WaitAsync(RealCloud.Patience);
            }
            catch (Exception refused) when (refused is IOException or AuthenticationException)
            {
                heard = 0; // The device ended the handshake, or the connection right after it.
            }

            heard.ShouldBe(0, "not a byte inside");
        }

        device.IsOnline.ShouldBeFalse();
        await Eventually.HoldsAsync(() => device.Failures >= 2, RealCloud.Patience);
    }

    [Fact]
    public async Task Over_TLS_who_changes_a_byte_breaks_the_connection_and_nothing_else()
    {
        var row = _cloud.Devices[6];
        using var authority = X509CertificateLoader.LoadCertificateFromFile(_cloud.AuthorityFile);
        var spoils = true;
        await using var wire = new ByteMeddler(_cloud.TlsLink, (bytes, piece) =>
        {
            // The first piece of each way is the handshake's; what is spoilt comes behind it.
            if (piece > 0 && Volatile.Read(ref spoils)) bytes[^1] ^= 1;
        });
        await using var device = new HonestDevice(row, wire.Door, authority);
        await Eventually.HoldsAsync(() => wire.Connections >= 3, RealCloud.Patience);
        var id = await _cloud.WarnAsync(row.Site);
        device.Soundings.ShouldBe(0);

        Volatile.Write(ref spoils, false);
        await _cloud.StateAsync(id, row.Device, "played");
        device.Soundings.ShouldBe(1);
        device.Refused(Refusal.Forged).ShouldBe(0, "nothing spoilt came through to the core");
    }

    private static byte[] Altered(byte[] publish)
    {
        byte[] altered = [.. publish];
        altered[^1] ^= 1; // The last byte of the authenticator.
        return altered;
    }

    private static X509Certificate2 ForeignCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var bare = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(bare.Export(X509ContentType.Pfx), null);
    }
}
