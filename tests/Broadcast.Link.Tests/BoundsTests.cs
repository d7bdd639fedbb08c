using System.Net.Sockets;

namespace Broadcast.Link.Tests;

/// <summary>Time, rate and room: what one device, or a crowd of them, cannot take from the others.</summary>
public sealed class BoundsTests
{
    [Fact]
    [Trait("clause", "MQTT-3.1.2-24")]
    public async Task Silence_of_one_and_a_half_keep_alives_ends_the_session_and_not_less()
    {
        var time = new ManualTime();
        await using var server = await TestServer.StartAsync(time: time);
        await using var device = await RawDevice.SignInAsync(server, connect: Wire.SignIn("7", keepAlive: 60));
        var session = (await server.Authority.NextAsync<Told.Opened>()).Session;
        time.Advance(TimeSpan.FromSeconds(90));
        session.IsOpen.ShouldBeTrue();
        session.LastHeard.ShouldBe(time.GetUtcNow() - TimeSpan.FromSeconds(90));
        time.Advance(TimeSpan.FromSeconds(2));
        var why = (await server.Authority.NextAsync<Told.Closed>()).Why;
        why.Reason.ShouldBe(LinkCloseReason.KeepAliveExpired);
        why.LastHeard.ShouldBe(time.GetUtcNow() - TimeSpan.FromSeconds(92));
        await device.ExpectClosedAsync();
    }

    [Fact]
    public async Task Any_whole_packet_keeps_the_session_and_half_a_packet_does_not()
    {
        var time = new ManualTime();
        await using var server = await TestServer.StartAsync(time: time);
        await using var device = await RawDevice.SignInAsync(server);
        var session = (await server.Authority.NextAsync<Told.Opened>()).Session;
        time.Advance(TimeSpan.FromSeconds(80));
        await device.ExpectStillOpenAsync();
        time.Advance(TimeSpan.FromSeconds(80));
        session.IsOpen.ShouldBeTrue();
        await device.SendAsync(0x30, 0x05, 0x00);
        time.Advance(TimeSpan.FromSeconds(12));
        (await server.Authority.NextAsync<Told.Closed>()).Why.Reason.ShouldBe(LinkCloseReason.KeepAliveExpired);
    }

    [Theory]
    [InlineData(0, 60)]
    [InlineData(30, 30)]
    [InlineData(65535, 1200)]
    public async Task Keep_alive_of_none_is_the_default_and_a_long_one_is_cut_to_the_limit(int asked, int kept)
    {
        await using var server = await TestServer.StartAsync();
        await using var device = await RawDevice.SignInAsync(server, connect: Wire.SignIn("7", asked));
        (await server.Authority.NextAsync<Told.Opened>()).Session.KeepAlive.ShouldBe(TimeSpan.FromSeconds(kept));
    }

    [Theory]
    [InlineData("")]
    [InlineData("10")]
    [InlineData("10 20 00 04 4D 51")]
    public async Task Connection_without_a_whole_CONNECT_is_cut_when_its_half_open_time_is_over(string sent)
    {
        var time = new ManualTime();
        await using var server = await TestServer.StartAsync(time: time);
        await using var device = await RawDevice.DialAsync(server);
        if (sent.Length > 0) await device.SendAsync(Wire.Hex(sent));
        await TestServer.UntilAsync(() => server.Endpoint.ConnectionCount > 0);
        // The connection is counted a moment before its deadline is set, so the clock moves on until that has come and gone.
        var closed = device.ExpectClosedAsync();
        await TestServer.UntilAsync(() => closed.IsCompleted, () => time.Advance(TimeSpan.FromSeconds(1)));
        await closed;
        server.Endpoint.Counters.Accepted.ShouldBe(0);
    }

    [Fact]
    public async Task Authority_that_does_not_answer_is_given_up_with_the_half_open_time()
    {
        var time = new ManualTime();
        var asked = new TaskCompletionSource();
        var authority = new TestAuthority
        {
            JudgeAsync = async (_, ct) =>
            {
                asked.SetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, ct);
                return ConnectVerdict.Refuse(ConnectCode.ServerUnavailable);
            },
        };
        await using var server = await TestServer.StartAsync(authority, time: time);
        await using var device = await RawDevice.DialAsync(server);
        await device.SendAsync(Wire.SignIn("7"));
        await asked.Task.WaitAsync(TestServer.Patience);
        time.Advance(TimeSpan.FromSeconds(12));
        await device.ExpectClosedAsync();
    }

    [Fact]
    public async Task TLS_handshake_that_never_ends_is_cut()
    {
        await using var server = await TestServer.StartAsync(limits: new LinkLimits { HalfOpenMax = TimeSpan.FromMilliseconds(300) });
        using var socket = new TcpClient();
        await socket.ConnectAsync(System.Net.IPAddress.Loopback, server.TlsPort);
        await socket.GetStream().WriteAsync(new byte[] { 22, 3, 1 });
        (await socket.GetStream().ReadAsync(new byte[64]).AsTask().WaitAsync(TestServer.Patience)).ShouldBe(0);
    }

    [Fact]
    public async Task Flood_of_messages_ends_the_session()
    {
        await using var server = await TestServer.StartAsync(limits: new LinkLimits { MessagesPerSecond = 10 }, time: new ManualTime());
        await using var device = await RawDevice.SignInAsync(server);
        for (var ping = 0; ping < 20; ping++) await device.ExpectStillOpenAsync();
        await device.SendAsync(Wire.Ping);
        await device.ExpectClosedAsync();
        (await server.Authority.UntilAsync<Told.Closed>()).Why.Reason.ShouldBe(LinkCloseReason.Flooding);
    }

    [Fact]
    public async Task Connections_above_the_limit_are_turned_away_at_the_door()
    {
        await using var server = await TestServer.StartAsync(limits: new LinkLimits { ConnectionsMax = 2 });
        await using var first = await RawDevice.SignInAsync(server, "1");
        var second = await RawDevice.SignInAsync(server, "2");
        await RawDevice.ExpectTurnedAwayAsync(server);
        server.Endpoint.Counters.TurnedAway.ShouldBe(1);
        await server.Authority.NextAsync<Told.Opened>();
        await server.Authority.NextAsync<Told.Opened>();
        second.Break();
        await server.Authority.NextAsync<Told.Closed>();
        await TestServer.UntilAsync(() => server.Endpoint.ConnectionCount == 1);
        await using var fourth = await RawDevice.SignInAsync(server, "4");
    }

    [Fact]
    public async Task Connections_above_the_rate_are_turned_away_at_the_door()
    {
        var time = new ManualTime();
        await using var server = await TestServer.StartAsync(limits: new LinkLimits { ConnectionsPerSecond = 2 }, time: time);
        for (var n = 0; n < 4; n++) await using (await RawDevice.SignInAsync(server, $"{n}"))
        {
        }
        await RawDevice.ExpectTurnedAwayAsync(server);
        time.Advance(TimeSpan.FromSeconds(1));
        await using var sixth = await RawDevice.SignInAsync(server, "6");
    }

    [Fact]
    public async Task Device_that_does_not_read_is_cut_and_the_sender_never_waits()
    {
        var time = new ManualTime();
        // The window is as wide as it goes, so that what stops the sender is the device, not the count of its acknowledgements.
        await using var server = await TestServer.StartAsync(
            limits: new LinkLimits { WindowMax = 256, QueueMax = 4096, PacketBytesMax = 1 << 20, WriteBufferBytesMax = 1 << 20 }, time: time);
        var device = await RawDevice.DialAsync(server, receiveBufferBytes: 4096);
        await device.SendAsync([.. Wire.SignIn("7"), .. Wire.Subscribe(1, ("d/7/down", 1))]);
        var session = (await server.Authority.UntilAsync<Told.Subscribed>()).Session;
        var payload = new byte[1 << 19];
        var tag = 0;
        SendOutcome outcome;
        while ((outcome = session.TrySend(payload, tag++)) == SendOutcome.Accepted)
        {
        }
        outcome.ShouldBe(SendOutcome.WindowFull);
        session.InFlightCount.ShouldBeLessThan(256);
        await TestServer.UntilAsync(() => !session.IsOpen, () => time.Advance(TimeSpan.FromSeconds(1)));
        (await server.Authority.UntilAsync<Told.Closed>()).Why.Reason.ShouldBe(LinkCloseReason.SlowReader);
        session.TrySend(payload, 0).ShouldBe(SendOutcome.Closed);
        await device.DisposeAsync();
    }

    [Fact]
    public async Task Device_without_acknowledgements_is_bounded_by_bytes_however_fast_the_sender_is()
    {
        await using var server = await TestServer.StartAsync(limits: new LinkLimits { WriteBufferBytesMax = 4096, QueueMax = 8 });
        var (device, session) = await RawDevice.SubscribeAsync(server, qos: 0);
        var taken = 0;
        // The device reads nothing yet, so what the kernel, the transport, the buffer and the queue hold is all that can be taken.
        while (session.TrySend(new byte[4000], taken) == SendOutcome.Accepted) taken++;
        for (var number = 0; number < taken; number++) (await device.ReadPacketAsync()).Length.ShouldBe(4000 + 3 + 2 + "d/7/down".Length);
        await device.ExpectStillOpenAsync();
        await device.DisposeAsync();
    }

    [Fact]
    public async Task Stop_closes_every_session_once_and_lets_nobody_in()
    {
        var authority = new TestAuthority();
        var server = await TestServer.StartAsync(authority);
        var device = await RawDevice.SignInAsync(server);
        var halfOpen = await RawDevice.DialAsync(server);
        await TestServer.UntilAsync(() => server.Endpoint.ConnectionCount == 2);
        await server.Endpoint.StopAsync(CancellationToken.None).WaitAsync(TestServer.Patience);
        (await authority.UntilAsync<Told.Closed>()).Why.Reason.ShouldBe(LinkCloseReason.ServerStopping);
        authority.HasTold.ShouldBeFalse();
        await device.ExpectClosedAsync();
        await halfOpen.ExpectClosedAsync();
        await RawDevice.ExpectTurnedAwayAsync(server);
        await server.DisposeAsync();
    }

    [Fact]
    public async Task Host_that_stops_without_stopping_the_endpoint_ends_the_sessions_too()
    {
        var authority = new TestAuthority();
        var server = await TestServer.StartAsync(authority);
        await using var device = await RawDevice.SignInAsync(server);
        await authority.NextAsync<Told.Opened>();
        await server.StopHostAsync().WaitAsync(TestServer.Patience);
        (await authority.NextAsync<Told.Closed>()).Why.Reason.ShouldBe(LinkCloseReason.ServerStopping);
        await server.DisposeAsync();
    }

    [Fact]
    public async Task Session_that_the_authority_closes_hears_of_it_once()
    {
        var authority = new TestAuthority { OnOpened = session => session.Close(LinkCloseReason.ClosedByAuthority) };
        await using var server = await TestServer.StartAsync(authority);
        await using var device = await RawDevice.DialAsync(server);
        await device.SendAsync(Wire.SignIn("7"));
        await device.ExpectEndAsync();
        await authority.NextAsync<Told.Opened>();
        (await authority.NextAsync<Told.Closed>()).Why.Reason.ShouldBe(LinkCloseReason.ClosedByAuthority);
        authority.HasTold.ShouldBeFalse();
    }

    [Fact]
    public async Task Session_that_ends_with_something_unsent_is_no_error_of_the_server()
    {
        await using var server = await TestServer.StartAsync();
        var handler = new TestHandler();
        await using var device = new LinkClient(server.Device("7"), handler);
        _ = device.RunAsync(TestContext.Current.CancellationToken);
        await handler.NextAsync<Heard.Up>();
        var session = (await server.Authority.UntilAsync<Told.Subscribed>()).Session;
        session.TrySend(new byte[100], 1, flush: false).ShouldBe(SendOutcome.Accepted);
        session.Close(LinkCloseReason.ClosedByAuthority);
        (await server.Authority.UntilAsync<Told.Closed>()).Why.Reason.ShouldBe(LinkCloseReason.ClosedByAuthority);

        await server.StopHostAsync().WaitAsync(TestServer.Patience);
        server.Errors.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("PacketBytesMax is 64: give it a value from 128 to 1048576.")]
    public void Limit_out_of_range_names_itself_its_value_and_the_fix(string expected) =>
        Should.Throw<ArgumentOutOfRangeException>(() => new LinkLimits { PacketBytesMax = 64 }).Message.ShouldStartWith(expected);

    [Fact]
    public void Limits_that_contradict_are_refused_when_the_endpoint_is_made()
    {
        var limits = new LinkLimits { KeepAliveDefault = TimeSpan.FromHours(1) };
        Should.Throw<ArgumentException>(() => new LinkEndpoint(
            new TestAuthority(), limits, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger<LinkEndpoint>.Instance))
            .Message.ShouldContain("KeepAliveDefault");
    }
}
