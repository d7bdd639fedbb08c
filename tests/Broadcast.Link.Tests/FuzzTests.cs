using System.Buffers;

namespace Broadcast.Link.Tests;

/// <summary>Seeded nonsense: no crash, no hang, no memory taken.</summary>
public sealed class FuzzTests
{
    private const int Seed = 20261121;

    [Fact]
    public void Parsers_name_a_fault_or_take_the_packet_whatever_the_bytes()
    {
        var random = new Random(Seed);
        var taken = 0;
        for (var round = 0; round < 200_000; round++)
        {
            var bytes = Nonsense(random);
            if (!Frame.TryPeek(new ReadOnlySequence<byte>(bytes), 4096, out var frame, out _) || frame.Bytes > bytes.Length) continue;
            var body = bytes.AsSpan(frame.HeaderBytes, frame.BodyBytes);
            var violation = frame.Type == PacketType.Connect ? ConnectPacket.Read(body, out _) : PublishPacket.Read(frame.Flags, body, out _);
            if (violation == Violation.None) taken++;
        }
        taken.ShouldBeGreaterThan(1000, $"seed {Seed}: a fuzz that is never taken tests nothing");
    }

    [Fact]
    public async Task Endpoint_survives_a_thousand_broken_devices()
    {
        await using var server = await TestServer.StartAsync(limits: new LinkLimits { ConnectionsPerSecond = 100_000 });
        var random = new Random(Seed);
        await HammerAsync(server, random, 100);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        await HammerAsync(server, random, 1000);
        (GC.GetTotalMemory(forceFullCollection: true) - before).ShouldBeLessThan(16 << 20, $"seed {Seed}");
        await TestServer.UntilAsync(() => server.Endpoint.ConnectionCount == 0);
        server.Endpoint.Count.ShouldBe(0);
        await using var proper = await RawDevice.SignInAsync(server);
        await proper.ExpectStillOpenAsync();
    }

    private static async Task HammerAsync(TestServer server, Random random, int devices)
    {
        for (var round = 0; round < devices; round++)
        {
            await using var device = await RawDevice.DialAsync(server);
            byte[] start = random.Next(2) == 0 ? Wire.SignIn("7") : [];
            await device.SendAsync([.. start, .. Nonsense(random), .. Nonsense(random)]);
            await device.ExpectEndAsync();
        }
    }

    /// <summary>A proper packet with some of it changed, cut or repeated; now and then only noise.</summary>
    private static byte[] Nonsense(Random random)
    {
        byte[][] proper =
        [
            Wire.SignIn("7"), Wire.SignInWithWill("7", "d/7/w", "x"), Wire.Publish("d/7/up", "receipt"), Wire.Publish("d/7/up", "", 0),
            Wire.Publish("d/7/up", "x", 2), Wire.Subscribe(1, ("d/7/down", 1), ("#", 2)), Wire.Unsubscribe(1, "d/7/down"), Wire.Ping, Wire.PubAck(1), Wire.PubRel(1),
        ];
        var bytes = (byte[])proper[random.Next(proper.Length)].Clone();
        switch (random.Next(5))
        {
            case 0:
                random.NextBytes(bytes);
                break;
            case 1:
                bytes = bytes[..random.Next(1, bytes.Length + 1)];
                break;
            case 2:
                bytes = [.. bytes, .. bytes];
                break;
            default:
                for (var change = random.Next(1, 4); change > 0; change--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                break;
        }
        return bytes;
    }
}
