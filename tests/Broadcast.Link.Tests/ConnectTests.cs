using System.Text;

namespace Broadcast.Link.Tests;

/// <summary>CONNECT and CONNACK, clause by clause.</summary>
public sealed class ConnectTests
{
    [Theory]
    [Trait("clause", "MQTT-3.1.0-1")]
    [InlineData("30 05 00 03 64 2F 37")]
    [InlineData("82 06 00 01 00 01 64 01")]
    [InlineData("C0 00")]
    [InlineData("E0 00")]
    [InlineData("40 02 00 01")]
    [InlineData("20 02 00 00")]
    public async Task What_comes_before_a_CONNECT_closes_the_connection(string first)
    {
        await using var server = await TestServer.StartAsync();
        await using var device = await RawDevice.DialAsync(server);
        await device.SendAsync(Wire.Hex(first));
        await device.ExpectClosedAsync();
        server.Endpoint.Counters.Violations(Violation.NotConnectFirst).ShouldBe(1);
        server.Authority.HasTold.ShouldBeFalse();
    }

    [Fact]
    [Trait("clause", "MQTT-3.1.0-2")]
    public async Task Second_CONNECT_closes_the_session() => await CloseAfterSignIn(Wire.SignIn("7"), Violation.SecondConnect);

    [Fact]
    [Trait("clause", "MQTT-3.1.2-1")]
    public async Task Wrong_protocol_name_is_closed_without_CONNACK() =>
        await RefuseConnect(Wire.Packet(0x10, Wire.Text("MQIsdp"), [3, Wire.Clean, 0, 60], Wire.Text("7")), Violation.ProtocolName);

    [Theory]
    [Trait("clause", "MQTT-3.1.2-2")]
    [Trait("clause", "MQTT-3.2.2-4")]
    [Trait("clause", "MQTT-3.2.2-5")]
    [InlineData(3)]
    [InlineData(5)]
    public async Task Other_level_of_the_protocol_is_told_so_and_closed(byte level)
    {
        await using var server = await TestServer.StartAsync();
        await using var device = await RawDevice.DialAsync(server);
        await device.SendAsync(Wire.Packet(0x10, Wire.Text("MQTT"), [level, Wire.Clean, 0, 60, 0], Wire.Text("7")));
        await device.ExpectAsync("20 02 00 01");
        await device.ExpectClosedAsync();
    }

    [Theory]
    [Trait("clause", "MQTT-3.1.2-3")]
    [Trait("clause", "MQTT-3.1.4-1")]
    [InlineData(Wire.Clean | 0x01, Violation.ConnectFlags)]
    public async Task Reserved_connect_flag_is_closed(int flags, Violation violation) =>
        await RefuseConnect(Wire.Connect(flags, 60, Wire.Text("7")), violation);

    [Theory]
    [Trait("clause", "MQTT-3.1.2-13")]
    [Trait("clause", "MQTT-3.1.2-14")]
    [Trait("clause", "MQTT-3.1.2-15")]
    [Trait("clause", "MQTT-3.1.2-11")]
    [InlineData(Wire.Clean | 1 << 3)]
    [InlineData(Wire.Clean | 2 << 3)]
    [InlineData(Wire.Clean | Wire.WillRetain)]
    [InlineData(Wire.Clean | Wire.Will | 3 << 3)]
    public async Task Will_flags_that_contradict_are_closed(int flags) =>
        await RefuseConnect(Wire.Connect(flags, 60, Wire.Text("7"), Wire.Text("d/7/w"), Wire.Text("x")), Violation.WillFlags);

    [Fact]
    [Trait("clause", "MQTT-3.1.2-9")]
    public async Task Will_without_its_fields_is_closed() =>
        await RefuseConnect(Wire.Connect(Wire.Clean | Wire.Will, 60, Wire.Text("7")), Violation.EmptyTopic, Violation.MalformedPacket);

    [Fact]
    [Trait("clause", "MQTT-3.1.2-11")]
    [Trait("clause", "MQTT-3.1.2-18")]
    [Trait("clause", "MQTT-3.1.2-20")]
    [Trait("clause", "MQTT-3.1.3-1")]
    public async Task Field_that_no_flag_announces_is_closed() =>
        await RefuseConnect(Wire.Connect(Wire.Clean, 60, Wire.Text("7"), Wire.Text("7")), Violation.MalformedPacket);

    [Theory]
    [Trait("clause", "MQTT-3.1.2-19")]
    [Trait("clause", "MQTT-3.1.2-21")]
    [InlineData(Wire.Clean | Wire.User)]
    [InlineData(Wire.Clean | Wire.User | Wire.Password)]
    public async Task Announced_credential_that_is_missing_is_closed(int flags) =>
        await RefuseConnect(Wire.Connect(flags, 60, Wire.Text("7")), Violation.MalformedPacket);

    [Fact]
    [Trait("clause", "MQTT-3.1.2-22")]
    public async Task Password_without_user_name_is_closed() =>
        await RefuseConnect(Wire.Connect(Wire.Clean | Wire.Password, 60, Wire.Text("7"), Wire.Text("x")), Violation.CredentialFlags);

    [Fact]
    [Trait("clause", "MQTT-3.1.3-3")]
    public async Task CONNECT_without_client_identifier_is_closed() => await RefuseConnect(Wire.Connect(Wire.Clean, 60), Violation.MalformedPacket);

    [Theory]
    [Trait("clause", "MQTT-3.1.3-4")]
    [Trait("clause", "MQTT-3.1.3-10")]
    [Trait("clause", "MQTT-3.1.3-11")]
    [Trait("clause", "MQTT-1.5.3-1")]
    [InlineData("C3 28", Violation.BadUtf8)]
    [InlineData("ED A0 80", Violation.BadUtf8)]
    [InlineData("ED BF BF", Violation.BadUtf8)]
    [InlineData("C0 80", Violation.BadUtf8)]
    [InlineData("F4 90 80 80", Violation.BadUtf8)]
    [InlineData("61 00", Violation.NulCharacter)]
    [Trait("clause", "MQTT-1.5.3-2")]
    public async Task Ill_formed_text_in_any_field_is_closed(string hex, Violation violation)
    {
        var bad = Wire.Field(Wire.Hex(hex));
        await RefuseConnect(Wire.Connect(Wire.Clean, 60, bad), violation);
        await RefuseConnect(Wire.Connect(Wire.Clean | Wire.Will, 60, Wire.Text("7"), bad, Wire.Text("x")), violation);
        await RefuseConnect(Wire.Connect(Wire.Clean | Wire.User, 60, Wire.Text("7"), bad), violation);
    }

    [Fact]
    [Trait("clause", "MQTT-1.5.3-3")]
    public async Task Byte_order_mark_stays_a_character_of_the_name()
    {
        await using var server = await TestServer.StartAsync();
        await using var device = await RawDevice.SignInAsync(server, "\uFEFF7");
        (await server.Authority.NextAsync<Told.Opened>()).Session.DeviceId.ShouldBe("\uFEFF7");
    }

    [Theory]
    [Trait("clause", "MQTT-3.1.3-5")]
    [InlineData("a")]
    [InlineData("0123456789abcdefghijkLM")]
    [InlineData("ZYXWVUTSRQPONMLKJIHGFED")]
    public async Task Client_identifier_of_1_to_23_letters_and_digits_is_taken(string id)
    {
        await using var server = await TestServer.StartAsync();
        await using var device = await RawDevice.SignInAsync(server, id);
        (await server.Authority.NextAsync<Told.Opened>()).Session.ClientId.ShouldBe(id);
    }

    [Fact]
    [Trait("clause", "MQTT-3.1.3-6")]
    [Trait("clause", "MQTT-3.1.3-2")]
    public async Task Empty_client_identifier_is_named_by_the_authority()
    {
        await using var server = await TestServer.StartAsync();
        await using var device = await RawDevice.SignInAsync(
            server, connect: Wire.Connect(Wire.Clean | Wire.User | Wire.Password, 60, Wire.Text(""), Wire.Text("7"), Wire.Text("secret")));
        (await server.Authority.NextAsync<Told.Opened>()).Session.DeviceId.ShouldBe("7");
        server.Endpoint.TryGet("7", out _).ShouldBeTrue();
    }

    [Fact]
    [Trait("clause", "MQTT-3.1.3-7")]
    [Trait("clause", "MQTT-3.1.3-8")]
    [Trait("clause", "MQTT-3.2.2-4")]
    [Trait("clause", "MQTT-3.2.2-5")]
    public async Task Empty_client_identifier_with_a_session_to_keep_is_rejected()
    {
        await using var server = await TestServer.StartAsync();
        await using var device = await RawDevice.DialAsync(server);
        await device.SendAsync(Wire.Connect(0, 60, Wire.Text("")));
        await device.ExpectAsync("20 02 00 02");
        await device.ExpectClosedAsync();
    }

    [Theory]
    [Trait("clause", "MQTT-3.1.3-9")]
    [Trait("clause", "MQTT-3.1.4-5")]
    [Trait("clause", "MQTT-3.2.2-4")]
    [Trait("clause", "MQTT-3.2.2-5")]
    [Trait("clause", "MQTT-3.2.2-6")]
    [InlineData(ConnectCode.IdentifierRejected)]
    [InlineData(ConnectCode.ServerUnavailable)]
    [InlineData(ConnectCode.BadCredentials)]
    [InlineData(ConnectCode.NotAuthorized)]
    public async Task Refusal_is_said_with_its_code_and_nothing_after_the_CONNECT_is_looked_at(ConnectCode code)
    {
        await using var server = await TestServer.StartAsync(new TestAuthority { Judge = _ => ConnectVerdict.Refuse(code) });
        await using var device = await RawDevice.DialAsync(server);
        await device.SendAsync([.. Wire.SignIn("7"), .. Wire.Publish("d/7/up", "x")]);
        await device.ExpectAsync($"20 02 00 0{(int)code}");
        await device.ExpectClosedAsync();
        server.Endpoint.Counters.Refused(code).ShouldBe(1);
        server.Authority.HasTold.ShouldBeFalse();
    }

    [Fact]
    [Trait("clause", "MQTT-3.1.4-4")]
    [Trait("clause", "MQTT-3.2.0-1")]
    [Trait("clause", "MQTT-3.2.2-1")]
    [Trait("clause", "MQTT-3.1.4-3")]
    public async Task CONNACK_is_the_first_word_even_to_a_device_that_does_not_wait_for_it()
    {
        await using var server = await TestServer.StartAsync();
        await using var device = await RawDevice.DialAsync(server);
        await device.SendAsync([.. Wire.SignIn("7"), .. Wire.Subscribe(1, ("d/7/down", 1)), .. Wire.Publish("d/7/up", "x", id: 2)]);
        await device.ExpectAsync("20 02 00 00");
        await device.ExpectAsync("90 03 00 01 01");
        await device.ExpectAsync("40 02 00 02");
    }

    [Fact]
    [Trait("clause", "MQTT-3.1.2-4")]
    [Trait("clause", "MQTT-3.1.2-5")]
    [Trait("clause", "MQTT-3.1.2-6")]
    [Trait("clause", "MQTT-3.2.2-2")]
    [Trait("clause", "MQTT-3.2.2-3")]
    [Trait("clause", "MQTT-4.4.0-1")]
    [Trait("clause", "MQTT-4.1.0-1")]
    [Trait("clause", "MQTT-4.1.0-2")]
    public async Task Nothing_of_a_session_outlives_its_connection_though_the_client_asked_for_it()
    {
        await using var server = await TestServer.StartAsync();
        var (first, session) = await RawDevice.SubscribeAsync(server);
        session.TrySend("order"u8.ToArray(), 1).ShouldBe(SendOutcome.Accepted);
        await first.ReadPacketAsync();
        first.Break();
        await server.Authority.UntilAsync<Told.Closed>();
        await using var again = await RawDevice.SignInAsync(server, connect: Wire.SignIn("7", flags: 0));
        server.Authority.LastRequest!.AskedClean.ShouldBeFalse();
        await again.ExpectStillOpenAsync();
        var second = (await server.Authority.UntilAsync<Told.Opened>()).Session;
        second.IsSubscribed.ShouldBeFalse();
        second.InFlightCount.ShouldBe(0);
    }

    [Fact]
    [Trait("clause", "MQTT-3.1.4-2")]
    public async Task Higher_epoch_takes_over_and_closes_the_older_session()
    {
        await using var server = await TestServer.StartAsync();
        await using var first = await RawDevice.SignInAsync(server);
        var older = (await server.Authority.NextAsync<Told.Opened>()).Session;
        await using var second = await RawDevice.SignInAsync(server);
        await first.ExpectClosedAsync();
        var closed = await server.Authority.UntilAsync<Told.Closed>();
        closed.Session.ShouldBeSameAs(older);
        closed.Why.Reason.ShouldBe(LinkCloseReason.TakenOver);
        server.Endpoint.TryGet("7", out var present).ShouldBeTrue();
        present!.Epoch.ShouldBe(older.Epoch + 1);
        await second.ExpectStillOpenAsync();
    }

    [Fact]
    public async Task Older_epoch_is_refused_and_the_newer_session_stays()
    {
        long epoch = 9;
        var authority = new TestAuthority { Judge = _ => TestAuthority.Admit("7", epoch--) };
        await using var server = await TestServer.StartAsync(authority);
        await using var newer = await RawDevice.SignInAsync(server);
        await using var older = await RawDevice.DialAsync(server);
        await older.SendAsync(Wire.SignIn("7"));
        await older.ExpectAsync("20 02 00 03");
        await older.ExpectClosedAsync();
        await newer.ExpectStillOpenAsync();
        server.Endpoint.TryGet("7", out var present).ShouldBeTrue();
        present!.Epoch.ShouldBe(9);
    }

    [Fact]
    [Trait("clause", "MQTT-3.1.2-8")]
    [Trait("clause", "MQTT-3.1.2-16")]
    [Trait("clause", "MQTT-3.1.2-17")]
    public async Task Will_is_handed_to_the_authority_when_the_link_is_lost()
    {
        await using var server = await TestServer.StartAsync();
        var device = await RawDevice.SignInAsync(server, connect: Wire.SignInWithWill("7", "d/7/gasp", "mains lost", 1, Wire.WillRetain));
        device.Break();
        var why = (await server.Authority.UntilAsync<Told.Closed>()).Why;
        why.Reason.ShouldBe(LinkCloseReason.LinkLost);
        why.WillApplies.ShouldBeTrue();
        why.Will!.Topic.ShouldBe("d/7/gasp");
        Encoding.UTF8.GetString(why.Will.Payload).ShouldBe("mains lost");
    }

    [Fact]
    [Trait("clause", "MQTT-3.1.2-10")]
    [Trait("clause", "MQTT-3.14.4-3")]
    public async Task Will_is_gone_after_a_DISCONNECT()
    {
        await using var server = await TestServer.StartAsync();
        await using var device = await RawDevice.SignInAsync(server, connect: Wire.SignInWithWill("7", "d/7/gasp", "x"));
        await device.SendAsync(Wire.Disconnect);
        await device.ExpectClosedAsync();
        var why = (await server.Authority.UntilAsync<Told.Closed>()).Why;
        why.Reason.ShouldBe(LinkCloseReason.Disconnected);
        why.WillApplies.ShouldBeFalse();
    }

    [Fact]
    [Trait("clause", "MQTT-3.1.2-12")]
    public async Task Without_a_will_none_applies()
    {
        await using var server = await TestServer.StartAsync();
        var device = await RawDevice.SignInAsync(server);
        device.Break();
        (await server.Authority.UntilAsync<Told.Closed>()).Why.WillApplies.ShouldBeFalse();
    }

    [Fact]
    public async Task Will_outside_the_own_prefix_is_not_authorized()
    {
        await using var server = await TestServer.StartAsync();
        await using var device = await RawDevice.DialAsync(server);
        await device.SendAsync(Wire.SignInWithWill("7", "d/8/up", "x"));
        await device.ExpectAsync("20 02 00 05");
        await device.ExpectClosedAsync();
    }

    [Fact]
    [Trait("clause", "MQTT-4.8.0-2")]
    public async Task Authority_that_fails_over_a_CONNECT_makes_the_server_unavailable()
    {
        await using var server = await TestServer.StartAsync(new TestAuthority { Judge = _ => throw new InvalidOperationException("no database") });
        await using var device = await RawDevice.DialAsync(server);
        await device.SendAsync(Wire.SignIn("7"));
        await device.ExpectAsync("20 02 00 03");
        await device.ExpectClosedAsync();
    }

    internal static async Task CloseAfterSignIn(byte[] packet, Violation violation)
    {
        await using var server = await TestServer.StartAsync();
        await using var device = await RawDevice.SignInAsync(server);
        await device.SendAsync(packet);
        await device.ExpectClosedAsync();
        var why = (await server.Authority.UntilAsync<Told.Closed>()).Why;
        why.Reason.ShouldBe(LinkCloseReason.ProtocolViolation);
        why.Violation.ShouldBe(violation);
    }

    private static async Task RefuseConnect(byte[] connect, params Violation[] oneOf)
    {
        await using var server = await TestServer.StartAsync();
        await using var device = await RawDevice.DialAsync(server);
        await device.SendAsync(connect);
        await device.ExpectClosedAsync();
        oneOf.Sum(server.Endpoint.Counters.Violations).ShouldBe(1);
        server.Authority.HasTold.ShouldBeFalse();
    }
}
