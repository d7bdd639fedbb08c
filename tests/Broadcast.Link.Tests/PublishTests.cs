using System.Text;

namespace Broadcast.Link.Tests;

/// <summary>PUBLISH and its answers, from the device.</summary>
public sealed class PublishTests
{
    [Fact]
    [Trait("clause", "MQTT-3.3.1-4")]
    public async Task Both_QoS_bits_close_the_session() =>
        await ConnectTests.CloseAfterSignIn(Wire.Publish("d/7/up", "x", qos: 3), Violation.InvalidQos);

    [Fact]
    [Trait("clause", "MQTT-3.3.1-2")]
    public async Task DUP_on_QoS_0_closes_the_session() =>
        await ConnectTests.CloseAfterSignIn(Wire.Publish("d/7/up", "x", qos: 0, flags: 8), Violation.DupWithQosZero);

    [Theory]
    [Trait("clause", "MQTT-3.3.2-1")]
    [InlineData("FF", Violation.BadUtf8)]
    [InlineData("64 00", Violation.NulCharacter)]
    [Trait("clause", "MQTT-4.7.3-2")]
    [InlineData("", Violation.EmptyTopic)]
    [Trait("clause", "MQTT-4.7.3-1")]
    public async Task Topic_that_is_no_text_closes_the_session(string topic, Violation violation) =>
        await ConnectTests.CloseAfterSignIn(Wire.Packet(0x30, Wire.Field(Wire.Hex(topic))), violation);

    [Theory]
    [Trait("clause", "MQTT-3.3.2-2")]
    [Trait("clause", "MQTT-4.7.1-1")]
    [InlineData("d/7/+")]
    [InlineData("d/7/#")]
    public async Task Wildcard_in_a_topic_name_closes_the_session(string topic) =>
        await ConnectTests.CloseAfterSignIn(Wire.Publish(topic, "x"), Violation.WildcardInTopic);

    [Theory]
    [Trait("clause", "MQTT-3.3.5-2")]
    [Trait("clause", "MQTT-4.7.3-4")]
    [InlineData("d/8/up")]
    [InlineData("D/7/up")]
    [InlineData("d/7")]
    [InlineData("$SYS/d/7/up")]
    public async Task Message_outside_the_own_prefix_closes_the_session(string topic) =>
        await ConnectTests.CloseAfterSignIn(Wire.Publish(topic, "x"), Violation.OutsidePrefix);

    [Fact]
    [Trait("clause", "MQTT-3.3.4-1")]
    [Trait("clause", "MQTT-2.3.1-5")]
    [Trait("clause", "MQTT-4.3.1-1")]
    public async Task QoS_0_has_no_identifier_and_no_answer()
    {
        await using var server = await TestServer.StartAsync();
        await using var device = await RawDevice.SignInAsync(server);
        await device.SendAsync(Wire.Publish("d/7/up", "reading", qos: 0));
        var message = await server.Authority.UntilAsync<Told.Message>();
        message.Topic.ShouldBe("d/7/up");
        message.Text.ShouldBe("reading");
        await device.ExpectStillOpenAsync();
    }

    [Fact]
    [Trait("clause", "MQTT-3.3.4-1")]
    [Trait("clause", "MQTT-4.3.2-2")]
    [Trait("clause", "MQTT-2.3.1-6")]
    public async Task QoS_1_is_answered_with_its_own_identifier_only_after_the_commit()
    {
        var authority = new TestAuthority { HoldsReceipts = true };
        await using var server = await TestServer.StartAsync(authority);
        await using var device = await RawDevice.SignInAsync(server);
        await device.SendAsync(Wire.Publish("d/7/up", "receipt", id: 0xABCD));
        var message = await authority.UntilAsync<Told.Message>();
        await device.ExpectStillOpenAsync();
        message.Commit.SetResult();
        await device.ExpectAsync("40 02 AB CD");
    }

    [Fact]
    [Trait("clause", "MQTT-4.3.2-2")]
    public async Task Message_with_an_identifier_seen_before_is_a_new_message()
    {
        await using var server = await TestServer.StartAsync();
        await using var device = await RawDevice.SignInAsync(server);
        await device.SendAsync([.. Wire.Publish("d/7/up", "one", id: 3), .. Wire.Publish("d/7/up", "two", id: 3, flags: 8)]);
        await device.ExpectAsync("40 02 00 03");
        await device.ExpectAsync("40 02 00 03");
        (await server.Authority.UntilAsync<Told.Message>()).Text.ShouldBe("one");
        (await server.Authority.UntilAsync<Told.Message>()).Text.ShouldBe("two");
    }

    [Fact]
    [Trait("clause", "MQTT-4.3.3-2")]
    [Trait("clause", "MQTT-3.3.4-1")]
    public async Task QoS_2_is_answered_in_full_and_a_repeat_is_not_handed_on()
    {
        await using var server = await TestServer.StartAsync();
        await using var device = await RawDevice.SignInAsync(server);
        await device.SendAsync(Wire.Publish("d/7/up", "one", qos: 2, id: 9));
        await device.ExpectAsync("50 02 00 09");
        await device.SendAsync(Wire.Publish("d/7/up", "one", qos: 2, id: 9, flags: 8));
        await device.ExpectAsync("50 02 00 09");
        await device.SendAsync(Wire.PubRel(9));
        await device.ExpectAsync("70 02 00 09");
        await device.SendAsync([.. Wire.PubRel(9), .. Wire.Publish("d/7/up", "two", qos: 2, id: 9)]);
        await device.ExpectAsync("70 02 00 09");
        await device.ExpectAsync("50 02 00 09");
        (await server.Authority.UntilAsync<Told.Message>()).Text.ShouldBe("one");
        (await server.Authority.UntilAsync<Told.Message>()).Text.ShouldBe("two");
    }

    [Fact]
    public async Task QoS_2_repeat_of_a_message_in_progress_is_answered_only_after_the_commit()
    {
        var authority = new TestAuthority { HoldsReceipts = true };
        await using var server = await TestServer.StartAsync(authority);
        await using var device = await RawDevice.SignInAsync(server);
        await device.SendAsync([.. Wire.Publish("d/7/up", "x", qos: 2, id: 9), .. Wire.Publish("d/7/up", "x", qos: 2, id: 9, flags: 8)]);
        var message = await authority.UntilAsync<Told.Message>();
        await device.ExpectStillOpenAsync();
        message.Commit.SetResult();
        await device.ExpectAsync("50 02 00 09");
        await device.ExpectStillOpenAsync();
    }

    [Fact]
    public async Task Too_many_QoS_2_messages_without_PUBREL_close_the_session()
    {
        await using var server = await TestServer.StartAsync(limits: new LinkLimits { UnreleasedMax = 3 });
        await using var device = await RawDevice.SignInAsync(server);
        for (var id = 1; id <= 3; id++)
        {
            await device.SendAsync(Wire.Publish("d/7/up", "x", qos: 2, id: id));
            await device.ExpectAsync($"50 02 00 0{id}");
        }
        await device.SendAsync(Wire.Publish("d/7/up", "x", qos: 2, id: 4));
        await device.ExpectClosedAsync();
        (await server.Authority.UntilAsync<Told.Closed>()).Why.Violation.ShouldBe(Violation.TooManyUnreleased);
    }

    [Fact]
    [Trait("clause", "MQTT-4.6.0-2")]
    [Trait("clause", "MQTT-4.6.0-3")]
    public async Task Answers_leave_in_the_order_of_arrival_whatever_is_committed_first()
    {
        var authority = new TestAuthority { HoldsReceipts = true };
        await using var server = await TestServer.StartAsync(authority);
        await using var device = await RawDevice.SignInAsync(server);
        await device.SendAsync([.. Wire.Publish("d/7/up", "a", id: 1), .. Wire.Publish("d/7/up", "b", id: 2, qos: 2), .. Wire.Publish("d/7/up", "c", id: 3)]);
        var first = await authority.UntilAsync<Told.Message>();
        var second = await authority.UntilAsync<Told.Message>();
        var third = await authority.UntilAsync<Told.Message>();
        third.Commit.SetResult();
        second.Commit.SetResult();
        await device.ExpectStillOpenAsync();
        first.Commit.SetResult();
        await device.ExpectAsync("40 02 00 01");
        await device.ExpectAsync("50 02 00 02");
        await device.ExpectAsync("40 02 00 03");
    }

    [Fact]
    public async Task No_more_is_read_while_the_authority_has_its_hands_full()
    {
        var authority = new TestAuthority { HoldsReceipts = true };
        await using var server = await TestServer.StartAsync(authority, new LinkLimits { UnackedInboundMax = 2 });
        await using var device = await RawDevice.SignInAsync(server);
        await device.SendAsync([.. Enumerable.Range(1, 5).SelectMany(id => Wire.Publish("d/7/up", $"{id}", id: id))]);
        var first = await authority.UntilAsync<Told.Message>();
        var second = await authority.UntilAsync<Told.Message>();
        authority.HasTold.ShouldBeFalse();
        second.Commit.SetResult();
        first.Commit.SetResult();
        for (var id = 3; id <= 5; id++) (await authority.UntilAsync<Told.Message>()).Commit.SetResult();
        for (var id = 1; id <= 5; id++) await device.ExpectAsync(Wire.PubAck(id));
    }

    [Fact]
    [Trait("clause", "MQTT-4.8.0-2")]
    public async Task Message_that_the_authority_fails_over_is_not_acknowledged_and_closes_the_session()
    {
        var authority = new TestAuthority { HoldsReceipts = true };
        await using var server = await TestServer.StartAsync(authority);
        await using var device = await RawDevice.SignInAsync(server);
        await device.SendAsync([.. Wire.Publish("d/7/up", "a", id: 1), .. Wire.Publish("d/7/up", "b", id: 2)]);
        var first = await authority.UntilAsync<Told.Message>();
        var second = await authority.UntilAsync<Told.Message>();
        second.Commit.SetResult();
        first.Commit.SetException(new IOException("disk full"));
        await device.ExpectClosedAsync();
        (await authority.UntilAsync<Told.Closed>()).Why.Reason.ShouldBe(LinkCloseReason.AuthorityFailed);
    }

    [Fact]
    [Trait("clause", "MQTT-3.3.1-5")]
    [Trait("clause", "MQTT-3.3.1-6")]
    [Trait("clause", "MQTT-3.3.1-7")]
    [Trait("clause", "MQTT-3.3.1-8")]
    [Trait("clause", "MQTT-3.3.1-10")]
    [Trait("clause", "MQTT-3.3.1-11")]
    [Trait("clause", "MQTT-3.3.1-12")]
    [Trait("clause", "MQTT-3.1.2-7")]
    public async Task Retained_message_is_handed_on_like_any_other_and_kept_nowhere()
    {
        await using var server = await TestServer.StartAsync();
        await using var device = await RawDevice.SignInAsync(server);
        await device.SendAsync([.. Wire.Publish("d/7/down", "kept?", id: 1, flags: 1), .. Wire.Publish("d/7/down", "", id: 2, flags: 1), .. Wire.Publish("d/7/down", "x", qos: 0, flags: 1)]);
        await device.ExpectAsync("40 02 00 01");
        await device.ExpectAsync("40 02 00 02");
        (await server.Authority.UntilAsync<Told.Message>()).Text.ShouldBe("kept?");
        (await server.Authority.UntilAsync<Told.Message>()).Payload.ShouldBeEmpty();
        await device.SendAsync(Wire.Subscribe(3, ("d/7/down", 1)));
        await device.ExpectAsync("90 03 00 03 01");
        await device.ExpectStillOpenAsync();
    }

    [Fact]
    [Trait("clause", "MQTT-4.7.3-3")]
    public async Task Topic_as_long_as_a_packet_allows_is_taken_whole()
    {
        await using var server = await TestServer.StartAsync(limits: new LinkLimits { PacketBytesMax = 1 << 17, WriteBufferBytesMax = 1 << 17 });
        await using var device = await RawDevice.SignInAsync(server);
        var topic = "d/7/" + new string('t', ushort.MaxValue - 4);
        await device.SendAsync(Wire.Publish(topic, "x"));
        await device.ExpectAsync("40 02 00 01");
        (await server.Authority.UntilAsync<Told.Message>()).Topic.ShouldBe(topic);
    }

    [Fact]
    [Trait("clause", "MQTT-3.12.4-1")]
    public async Task PINGREQ_is_answered()
    {
        await using var server = await TestServer.StartAsync();
        await using var device = await RawDevice.SignInAsync(server);
        await device.ExpectStillOpenAsync();
    }
}
