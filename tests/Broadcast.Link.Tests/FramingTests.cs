namespace Broadcast.Link.Tests;

/// <summary>Fixed headers, lengths and bytes that come as they like.</summary>
public sealed class FramingTests
{
    [Theory]
    [Trait("clause", "MQTT-2.2.2-1")]
    [Trait("clause", "MQTT-2.2.2-2")]
    [Trait("clause", "MQTT-3.6.1-1")]
    [Trait("clause", "MQTT-3.8.1-1")]
    [Trait("clause", "MQTT-3.10.1-1")]
    [Trait("clause", "MQTT-3.14.1-1")]
    [InlineData("41 02 00 01")]
    [InlineData("60 02 00 01")]
    [InlineData("63 02 00 01")]
    [InlineData("80 06 00 01 00 01 64 01")]
    [InlineData("83 06 00 01 00 01 64 01")]
    [InlineData("A0 05 00 01 00 01 64")]
    [InlineData("A6 05 00 01 00 01 64")]
    [InlineData("C1 00")]
    [InlineData("E1 00")]
    [InlineData("E8 00")]
    public async Task Wrong_flags_in_the_fixed_header_close_the_session(string packet) =>
        await ConnectTests.CloseAfterSignIn(Wire.Hex(packet), Violation.ReservedFlags);

    [Theory]
    [Trait("clause", "MQTT-4.8.0-1")]
    [InlineData("00 00", Violation.ReservedType)]
    [InlineData("F0 00", Violation.ReservedType)]
    [InlineData("30 FF FF FF FF", Violation.MalformedLength)]
    [InlineData("30 80 80 80 80", Violation.MalformedLength)]
    [InlineData("30 FF FF FF 7F", Violation.PacketTooLarge)]
    [InlineData("30 FE 1F", Violation.PacketTooLarge)]
    [InlineData("40 01 00", Violation.MalformedPacket)]
    [InlineData("40 03 00 01 00", Violation.MalformedPacket)]
    [InlineData("C0 01 00", Violation.MalformedPacket)]
    [InlineData("E0 01 00", Violation.MalformedPacket)]
    [InlineData("30 01 00", Violation.MalformedPacket)]
    [InlineData("30 04 00 09 64 2F", Violation.MalformedPacket)]
    [InlineData("20 02 00 00", Violation.UnexpectedPacket)]
    [InlineData("90 03 00 01 01", Violation.UnexpectedPacket)]
    [InlineData("B0 02 00 01", Violation.UnexpectedPacket)]
    [InlineData("D0 00", Violation.UnexpectedPacket)]
    [InlineData("50 02 00 01", Violation.UnexpectedPacket)]
    [InlineData("70 02 00 01", Violation.UnexpectedPacket)]
    public async Task Malformed_packet_closes_the_session_by_name(string packet, Violation violation) =>
        await ConnectTests.CloseAfterSignIn(Wire.Hex(packet), violation);

    [Theory]
    [Trait("clause", "MQTT-2.3.1-1")]
    [InlineData("32 08 00 04 64 2F 37 2F 00 00")]
    [InlineData("82 06 00 00 00 01 64 01")]
    [InlineData("A2 05 00 00 00 01 64")]
    [InlineData("40 02 00 00")]
    [InlineData("62 02 00 00")]
    public async Task Packet_identifier_zero_closes_the_session(string packet) =>
        await ConnectTests.CloseAfterSignIn(Wire.Hex(packet), Violation.PacketIdZero);

    [Fact]
    public async Task Length_above_the_bound_is_refused_before_its_body_comes()
    {
        await using var server = await TestServer.StartAsync(limits: new LinkLimits { PacketBytesMax = 256 });
        await using var device = await RawDevice.SignInAsync(server);
        var largest = Wire.Publish("d/7/up", new string('x', 256 - 3 - 2 - 6 - 2));
        largest.Length.ShouldBe(256);
        await device.SendAsync(largest);
        await device.ExpectAsync("40 02 00 01");
        await device.SendAsync(Wire.Publish("d/7/up", new string('x', 256 - 3 - 2 - 6 - 1))[..3]);
        await device.ExpectClosedAsync();
        (await server.Authority.UntilAsync<Told.Closed>()).Why.Violation.ShouldBe(Violation.PacketTooLarge);
    }

    [Fact]
    [Trait("clause", "MQTT-7.1.1-1")]
    [Trait("clause", "MQTT-7.0.0-2")]
    public async Task One_byte_at_a_time_means_the_same_as_all_at_once()
    {
        await using var server = await TestServer.StartAsync();
        await using var device = await RawDevice.DialAsync(server);
        byte[] all = [.. Wire.SignIn("7"), .. Wire.Subscribe(1, ("d/7/down", 1)), .. Wire.Publish("d/7/up", "receipt", id: 5), .. Wire.Ping];
        foreach (var one in all) await device.SendAsync(one);
        await device.ExpectAsync("20 02 00 00");
        await device.ExpectAsync("90 03 00 01 01");
        await device.ExpectAsync("40 02 00 05");
        await device.ExpectAsync("D0 00");
        (await server.Authority.UntilAsync<Told.Message>()).Text.ShouldBe("receipt");
    }

    [Fact]
    public async Task Every_packet_of_one_write_is_answered()
    {
        await using var server = await TestServer.StartAsync();
        await using var device = await RawDevice.SignInAsync(server);
        await device.SendAsync([.. Enumerable.Range(1, 100).SelectMany(id => Wire.Publish("d/7/up", $"{id}", id: id))]);
        for (var id = 1; id <= 100; id++) await device.ExpectAsync(Wire.PubAck(id));
    }
}
