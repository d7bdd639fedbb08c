namespace Broadcast.Link.Tests;

/// <summary>SUBSCRIBE, UNSUBSCRIBE and what is sent down.</summary>
public sealed class SubscribeTests
{
    [Theory]
    [Trait("clause", "MQTT-3.8.4-1")]
    [Trait("clause", "MQTT-3.8.4-2")]
    [Trait("clause", "MQTT-2.3.1-7")]
    [Trait("clause", "MQTT-3.8.4-6")]
    [InlineData(0, "90 03 12 34 00")]
    [InlineData(1, "90 03 12 34 01")]
    [InlineData(2, "90 03 12 34 01")]
    public async Task Own_command_topic_is_granted_with_QoS_1_at_most(int qos, string answer)
    {
        await using var server = await TestServer.StartAsync();
        await using var device = await RawDevice.SignInAsync(server);
        await device.SendAsync(Wire.Subscribe(0x1234, ("d/7/down", qos)));
        await device.ExpectAsync(answer);
        await server.Authority.UntilAsync<Told.Subscribed>();
    }

    [Theory]
    [Trait("clause", "MQTT-3.8.3-2")]
    [Trait("clause", "MQTT-4.7.1-2")]
    [Trait("clause", "MQTT-4.7.1-3")]
    [Trait("clause", "MQTT-4.7.2-1")]
    [Trait("clause", "MQTT-4.7.3-4")]
    [InlineData("#")]
    [InlineData("+/7/down")]
    [InlineData("d/7/#")]
    [InlineData("d/7/down#")]
    [InlineData("d/7/do+n")]
    [InlineData("d/8/down")]
    [InlineData("D/7/down")]
    [InlineData("$SYS/#")]
    public async Task Anything_else_is_refused_and_the_session_stays(string filter)
    {
        await using var server = await TestServer.StartAsync();
        await using var device = await RawDevice.SignInAsync(server);
        await device.SendAsync(Wire.Subscribe(1, (filter, 1)));
        await device.ExpectAsync("90 03 00 01 80");
        await device.ExpectStillOpenAsync();
        (await server.Authority.NextAsync<Told.Opened>()).Session.TrySend(default, 1).ShouldBe(SendOutcome.NotSubscribed);
    }

    [Fact]
    [Trait("clause", "MQTT-3.8.4-4")]
    [Trait("clause", "MQTT-3.8.4-5")]
    [Trait("clause", "MQTT-3.9.3-1")]
    [Trait("clause", "MQTT-3.9.3-2")]
    public async Task Each_filter_has_its_code_in_their_order()
    {
        await using var server = await TestServer.StartAsync();
        await using var device = await RawDevice.SignInAsync(server);
        await device.SendAsync(Wire.Subscribe(1, ("#", 0), ("d/7/down", 2), ("d/8/down", 1), ("d/7/down", 0)));
        await device.ExpectAsync("90 06 00 01 80 01 80 00");
    }

    [Theory]
    [Trait("clause", "MQTT-3.8.3-3")]
    [Trait("clause", "MQTT-3.10.3-2")]
    [InlineData("82 02 00 01")]
    [InlineData("A2 02 00 01")]
    public async Task Request_without_a_filter_closes_the_session(string packet) =>
        await ConnectTests.CloseAfterSignIn(Wire.Hex(packet), Violation.EmptySubscription);

    [Theory]
    [Trait("clause", "MQTT-3.8.3-1")]
    [Trait("clause", "MQTT-3.10.3-1")]
    [Trait("clause", "MQTT-4.7.3-1")]
    [Trait("clause", "MQTT-4.7.3-2")]
    [InlineData("82 06 00 01 00 01 FF 01", Violation.BadUtf8)]
    [InlineData("82 06 00 01 00 01 00 01", Violation.NulCharacter)]
    [InlineData("82 05 00 01 00 00 01", Violation.EmptyTopic)]
    [InlineData("82 06 00 01 00 01 64 03", Violation.InvalidQos)]
    [InlineData("82 05 00 01 00 01 64", Violation.MalformedPacket)]
    [InlineData("A2 05 00 01 00 01 FF", Violation.BadUtf8)]
    [InlineData("A2 05 00 01 00 01 00", Violation.NulCharacter)]
    [InlineData("A2 04 00 01 00 00", Violation.EmptyTopic)]
    [InlineData("A2 05 00 01 00 09 64", Violation.MalformedPacket)]
    public async Task Malformed_filter_closes_the_session(string packet, Violation violation) =>
        await ConnectTests.CloseAfterSignIn(Wire.Hex(packet), violation);

    [Fact]
    [Trait("clause", "MQTT-3.8.4-3")]
    public async Task Second_subscription_replaces_the_first_and_is_announced_again()
    {
        await using var server = await TestServer.StartAsync();
        var (device, session) = await RawDevice.SubscribeAsync(server);
        await device.SendAsync(Wire.Subscribe(2, ("d/7/down", 0)));
        await device.ExpectAsync("90 03 00 02 00");
        await server.Authority.UntilAsync<Told.Subscribed>();
        session.TrySend("x"u8.ToArray(), 1).ShouldBe(SendOutcome.Accepted);
        await device.ExpectAsync(Wire.Publish("d/7/down", "x", qos: 0));
        await device.DisposeAsync();
    }

    [Fact]
    [Trait("clause", "MQTT-3.3.5-1")]
    [Trait("clause", "MQTT-3.8.4-6")]
    [Trait("clause", "MQTT-4.3.1-1")]
    [Trait("clause", "MQTT-2.3.1-5")]
    public async Task Device_that_asked_for_QoS_0_is_sent_QoS_0()
    {
        await using var server = await TestServer.StartAsync();
        var (device, session) = await RawDevice.SubscribeAsync(server, qos: 0);
        for (var tag = 0; tag < 40; tag++) session.TrySend("x"u8.ToArray(), tag).ShouldBe(SendOutcome.Accepted);
        for (var tag = 0; tag < 40; tag++) await device.ExpectAsync(Wire.Publish("d/7/down", "x", qos: 0));
        await device.DisposeAsync();
    }

    [Fact]
    [Trait("clause", "MQTT-4.3.2-1")]
    [Trait("clause", "MQTT-3.3.2-3")]
    [Trait("clause", "MQTT-3.3.1-1")]
    [Trait("clause", "MQTT-3.3.1-3")]
    [Trait("clause", "MQTT-3.3.1-9")]
    [Trait("clause", "MQTT-2.3.1-4")]
    public async Task Message_goes_to_the_command_topic_with_QoS_1_and_neither_DUP_nor_RETAIN()
    {
        await using var server = await TestServer.StartAsync();
        var (device, session) = await RawDevice.SubscribeAsync(server);
        session.TrySend("one"u8.ToArray(), 11).ShouldBe(SendOutcome.Accepted);
        session.TrySend("two"u8.ToArray(), 12).ShouldBe(SendOutcome.Accepted);
        await device.ExpectAsync(Wire.Publish("d/7/down", "one", id: 1));
        await device.ExpectAsync(Wire.Publish("d/7/down", "two", id: 2));
        await device.SendAsync([.. Wire.PubAck(2), .. Wire.PubAck(2), .. Wire.PubAck(77), .. Wire.PubAck(1)]);
        (await server.Authority.NextAsync<Told.Delivered>()).Tag.ShouldBe(12);
        (await server.Authority.NextAsync<Told.Delivered>()).Tag.ShouldBe(11);
        await device.ExpectStillOpenAsync();
        session.InFlightCount.ShouldBe(0);
        await device.DisposeAsync();
    }

    [Fact]
    [Trait("clause", "MQTT-4.6.0-5")]
    [Trait("clause", "MQTT-4.6.0-6")]
    [Trait("clause", "MQTT-2.3.1-4")]
    public async Task Window_and_queue_are_bounded_and_keep_the_order()
    {
        await using var server = await TestServer.StartAsync(limits: new LinkLimits { WindowMax = 3, QueueMax = 4 });
        var (device, session) = await RawDevice.SubscribeAsync(server);
        for (var tag = 1; tag <= 7; tag++) session.TrySend(new[] { (byte)('0' + tag) }, tag).ShouldBe(SendOutcome.Accepted);
        session.TrySend("8"u8.ToArray(), 8).ShouldBe(SendOutcome.WindowFull);
        session.InFlightCount.ShouldBe(3);
        for (var tag = 1; tag <= 7; tag++)
        {
            await device.ExpectAsync(Wire.Publish("d/7/down", $"{tag}", id: tag));
            await device.SendAsync(Wire.PubAck(tag));
        }
        for (var tag = 1; tag <= 7; tag++) (await server.Authority.NextAsync<Told.Delivered>()).Tag.ShouldBe(tag);
        session.TrySend("8"u8.ToArray(), 8).ShouldBe(SendOutcome.Accepted);
        await device.DisposeAsync();
    }

    [Fact]
    [Trait("clause", "MQTT-3.10.4-1")]
    [Trait("clause", "MQTT-3.10.4-2")]
    [Trait("clause", "MQTT-3.10.4-3")]
    [Trait("clause", "MQTT-3.10.4-4")]
    [Trait("clause", "MQTT-2.3.1-7")]
    public async Task After_UNSUBSCRIBE_what_was_taken_is_delivered_and_nothing_new_is_taken()
    {
        await using var server = await TestServer.StartAsync(limits: new LinkLimits { WindowMax = 1 });
        var (device, session) = await RawDevice.SubscribeAsync(server);
        session.TrySend("1"u8.ToArray(), 1);
        session.TrySend("2"u8.ToArray(), 2);
        await device.ExpectAsync(Wire.Publish("d/7/down", "1", id: 1));
        await device.SendAsync(Wire.Unsubscribe(0x0102, "d/7/down"));
        await device.ExpectAsync("B0 02 01 02");
        session.TrySend("3"u8.ToArray(), 3).ShouldBe(SendOutcome.NotSubscribed);
        await device.SendAsync(Wire.PubAck(1));
        await device.ExpectAsync(Wire.Publish("d/7/down", "2", id: 2));
        await device.SendAsync(Wire.PubAck(2));
        (await server.Authority.NextAsync<Told.Delivered>()).Tag.ShouldBe(1);
        (await server.Authority.NextAsync<Told.Delivered>()).Tag.ShouldBe(2);
        await device.DisposeAsync();
    }

    [Fact]
    [Trait("clause", "MQTT-3.10.4-5")]
    [Trait("clause", "MQTT-3.10.4-6")]
    [Trait("clause", "MQTT-3.10.4-1")]
    public async Task UNSUBSCRIBE_of_what_is_not_subscribed_is_answered_once_and_changes_nothing()
    {
        await using var server = await TestServer.StartAsync();
        var (device, session) = await RawDevice.SubscribeAsync(server);
        await device.SendAsync(Wire.Unsubscribe(5, "d/7/#", "d/8/down", "D/7/down"));
        await device.ExpectAsync("B0 02 00 05");
        await device.ExpectStillOpenAsync();
        session.IsSubscribed.ShouldBeTrue();
        await device.DisposeAsync();
    }

    [Fact]
    public async Task Payload_above_the_packet_bound_is_never_taken()
    {
        await using var server = await TestServer.StartAsync(limits: new LinkLimits { PacketBytesMax = 128 });
        var (device, session) = await RawDevice.SubscribeAsync(server);
        var room = 128 - 2 - 2 - "d/7/down".Length - 2;
        session.TrySend(new byte[room + 1], 1).ShouldBe(SendOutcome.TooLarge);
        session.TrySend(new byte[room], 1).ShouldBe(SendOutcome.Accepted);
        (await device.ReadPacketAsync()).Length.ShouldBe(128);
        await device.DisposeAsync();
    }
}
