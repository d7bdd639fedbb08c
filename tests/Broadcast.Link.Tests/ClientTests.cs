using System.Net.Sockets;
using System.Text;

namespace Broadcast.Link.Tests;

/// <summary>Our client with our endpoint, over TLS.</summary>
public sealed class ClientTests
{
    [Fact]
    public async Task Client_and_endpoint_exchange_a_message_each_way_over_TLS()
    {
        await using var server = await TestServer.StartAsync();
        var handler = new TestHandler();
        await using var client = new LinkClient(server.Device("7"), handler);
        using var stop = new CancellationTokenSource();
        var running = client.RunAsync(stop.Token);

        await handler.NextAsync<Heard.Up>();
        (await server.Authority.NextAsync<Told.Opened>()).Session.DeviceId.ShouldBe("7");
        var session = (await server.Authority.NextAsync<Told.Subscribed>()).Session;
        session.TrySend("order"u8.ToArray(), 42).ShouldBe(SendOutcome.Accepted);
        (await handler.NextAsync<Heard.Message>()).ShouldBe(new Heard.Message("d/7/down", "order"));
        (await server.Authority.NextAsync<Told.Delivered>()).Tag.ShouldBe(42);

        client.TryPublish("d/7/up", Encoding.UTF8.GetBytes("receipt"), 9).ShouldBe(SendOutcome.Accepted);
        (await server.Authority.NextAsync<Told.Message>()).Text.ShouldBe("receipt");
        (await handler.NextAsync<Heard.Acknowledged>()).Token.ShouldBe(9);

        await stop.CancelAsync();
        await running.WaitAsync(TestServer.Patience);
        (await handler.NextAsync<Heard.Down>()).Why.Reason.ShouldBe(LinkDownReason.Stopped);
        (await server.Authority.NextAsync<Told.Closed>()).Why.Reason.ShouldBe(LinkCloseReason.Disconnected);
        server.Endpoint.Count.ShouldBe(0);
    }

    /// <summary>A name of several addresses, and a socket that takes one of them, once.</summary>
    [Fact]
    public async Task Client_that_is_bound_to_an_interface_connects_to_a_name()
    {
        using (var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
        {
            try
            {
                socket.SetRawSocketOption(1, 25, "lo\0"u8);
            }
            catch (SocketException refused)
            {
                Assert.Skip($"this machine does not let us bind a socket to an interface: {refused.Message}");
            }
        }
        await using var server = await TestServer.StartAsync();
        var handler = new TestHandler();
        await using var client = new LinkClient(server.Device("7") with { NextPath = () => new LinkPath("localhost", server.TlsPort, Interface: "lo") }, handler);
        _ = client.RunAsync(CancellationToken.None);
        await handler.NextAsync<Heard.Up>();
    }

    [Fact]
    public async Task Client_tries_again_whatever_an_attempt_ends_with()
    {
        await using var server = await TestServer.StartAsync();
        var handler = new TestHandler();
        var asked = 0;
        LinkPath Way() => asked++ == 0 ? throw new PlatformNotSupportedException() : new LinkPath("localhost", server.TlsPort);
        await using var client = new LinkClient(server.Device("7") with { NextPath = Way }, handler);
        _ = client.RunAsync(CancellationToken.None);
        (await handler.NextAsync<Heard.Failed>()).Why.Reason.ShouldBe(LinkDownReason.Unreachable);
        await handler.NextAsync<Heard.Up>();
    }

    [Fact]
    public async Task Client_that_is_taken_over_or_cut_comes_back_and_its_will_is_handed_on()
    {
        await using var server = await TestServer.StartAsync();
        var handler = new TestHandler();
        await using var client = new LinkClient(server.Device("7") with { Will = new LastWill("d/7/gasp", "x"u8.ToArray()) }, handler);
        _ = client.RunAsync(CancellationToken.None);
        var first = (await server.Authority.UntilAsync<Told.Subscribed>()).Session;
        await handler.NextAsync<Heard.Up>();
        first.Close(LinkCloseReason.ClosedByAuthority);
        (await handler.NextAsync<Heard.Down>()).Why.Reason.ShouldBe(LinkDownReason.LinkLost);
        (await server.Authority.UntilAsync<Told.Closed>()).Why.WillApplies.ShouldBeTrue();
        await handler.UntilAsync<Heard.Up>();
        client.Cut();
        (await handler.NextAsync<Heard.Down>()).Why.Reason.ShouldBe(LinkDownReason.LinkLost);
        (await server.Authority.UntilAsync<Told.Closed>()).Why.Reason.ShouldBe(LinkCloseReason.LinkLost);
        await handler.UntilAsync<Heard.Up>();
    }

    [Fact]
    public async Task Client_is_told_why_it_was_refused_and_tries_again()
    {
        await using var server = await TestServer.StartAsync();
        var handler = new TestHandler();
        await using var client = new LinkClient(server.Device("7") with { Password = "wrong"u8.ToArray() }, handler);
        _ = client.RunAsync(CancellationToken.None);
        for (var attempt = 0; attempt < 3; attempt++)
            (await handler.NextAsync<Heard.Failed>()).Why.ShouldBe(new LinkDown(LinkDownReason.Refused, ConnectCode.BadCredentials));
        client.TryPublish("d/7/up", default, 1).ShouldBe(SendOutcome.Closed);
    }

    [Fact]
    public async Task Client_does_not_come_up_without_its_subscription()
    {
        await using var server = await TestServer.StartAsync();
        var handler = new TestHandler();
        await using var client = new LinkClient(server.Device("7") with { Subscribe = ["d/8/down"] }, handler);
        _ = client.RunAsync(CancellationToken.None);
        (await handler.NextAsync<Heard.Failed>()).Why.Reason.ShouldBe(LinkDownReason.SubscriptionRefused);
    }

    [Fact]
    public async Task Client_trusts_no_server_that_its_own_authority_has_not_vouched_for()
    {
        await using var server = await TestServer.StartAsync();
        var handler = new TestHandler();
        await using var wrongName = new LinkClient(server.Device("7") with { Tls = TestCa.Instance.Trust with { ServerName = "cloud.example" } }, handler);
        _ = wrongName.RunAsync(CancellationToken.None);
        (await handler.NextAsync<Heard.Failed>()).Why.Error.ShouldBeOfType<System.Security.Authentication.AuthenticationException>();
        var second = new TestHandler();
        await using var noRoot = new LinkClient(server.Device("7") with { Tls = new LinkClientTls([], "localhost") }, second);
        _ = noRoot.RunAsync(CancellationToken.None);
        (await second.NextAsync<Heard.Failed>()).Why.Error.ShouldBeOfType<System.Security.Authentication.AuthenticationException>();
    }

    [Fact]
    public async Task Client_window_is_bounded_and_opens_with_each_acknowledgement()
    {
        await using var server = await TestServer.StartAsync(new TestAuthority { HoldsReceipts = true });
        var handler = new TestHandler();
        await using var client = new LinkClient(server.Device("7") with { WindowMax = 2 }, handler);
        _ = client.RunAsync(CancellationToken.None);
        await handler.NextAsync<Heard.Up>();
        client.TryPublish("d/7/up", "1"u8.ToArray(), 1).ShouldBe(SendOutcome.Accepted);
        client.TryPublish("d/7/up", "2"u8.ToArray(), 2).ShouldBe(SendOutcome.Accepted);
        client.TryPublish("d/7/up", "3"u8.ToArray(), 3).ShouldBe(SendOutcome.WindowFull);
        client.TryPublish("d/7/up", new byte[5000], 3).ShouldBe(SendOutcome.WindowFull);
        (await server.Authority.UntilAsync<Told.Message>()).Commit.SetResult();
        (await handler.NextAsync<Heard.Acknowledged>()).Token.ShouldBe(1);
        client.TryPublish("d/7/up", new byte[5000], 3).ShouldBe(SendOutcome.TooLarge);
        client.TryPublish("d/7/up", "3"u8.ToArray(), 3).ShouldBe(SendOutcome.Accepted);
    }

    [Fact]
    public async Task Idle_client_pings_before_its_keep_alive_is_over_and_gives_up_a_server_that_does_not_answer()
    {
        using var deaf = new DeafServer();
        var time = new ManualTime();
        var handler = new TestHandler();
        var options = new LinkClientOptions { Host = "127.0.0.1", Port = deaf.Port, ClientId = "7", KeepAlive = TimeSpan.FromSeconds(60), Time = time };
        await using var client = new LinkClient(options, handler);
        _ = client.RunAsync(CancellationToken.None);
        var connection = await deaf.AcceptAsync();
        await handler.NextAsync<Heard.Up>();
        time.Advance(TimeSpan.FromSeconds(57));
        connection.Available.ShouldBe(0);
        time.Advance(TimeSpan.FromSeconds(2));
        var ping = new byte[2];
        await connection.GetStream().ReadExactlyAsync(ping).AsTask().WaitAsync(TestServer.Patience);
        ping.ShouldBe(Wire.Ping);
        time.Advance(TimeSpan.FromSeconds(32));
        (await handler.NextAsync<Heard.Down>()).Why.Reason.ShouldBe(LinkDownReason.KeepAliveExpired);
    }

    [Theory]
    [InlineData("32 07 00 01 74 00 00 68 69", Violation.PacketIdZero)]
    [InlineData("34 07 00 01 74 00 01 68 69", Violation.InvalidQos)]
    [InlineData("10 00", Violation.UnexpectedPacket)]
    [InlineData("30 FF FF FF FF", Violation.MalformedLength)]
    public async Task Server_that_breaks_the_protocol_is_left_by_name(string packet, Violation violation)
    {
        using var server = new DeafServer();
        var handler = new TestHandler();
        await using var client = new LinkClient(new LinkClientOptions { Host = "127.0.0.1", Port = server.Port, ClientId = "7" }, handler);
        _ = client.RunAsync(CancellationToken.None);
        var connection = await server.AcceptAsync();
        await handler.NextAsync<Heard.Up>();
        await connection.GetStream().WriteAsync(Wire.Hex(packet));
        (await handler.NextAsync<Heard.Down>()).Why.ShouldBe(new LinkDown(LinkDownReason.ProtocolViolation, Violation: violation));
    }

    [Fact]
    public void Option_out_of_range_names_itself_its_value_and_the_fix() =>
        Should.Throw<ArgumentException>(() => new LinkClient(new LinkClientOptions { Host = "x", Port = 0, ClientId = "7" }, new TestHandler()))
            .Message.ShouldStartWith("Port is 0: give a port from 1 to 65535.");
}
