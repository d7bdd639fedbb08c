using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Broadcast.Link.Tests;

/// <summary>Those who knock are let in whatever the server is doing, and what they get is a connection.</summary>
public sealed class EagerListeningTests
{
    private const int Backlog = 16;

    private static EagerListening Sockets => new(Options.Create(new SocketTransportOptions { Backlog = Backlog }), NullLoggerFactory.Instance);

    [Fact]
    public async Task All_who_come_find_a_place_while_nobody_serves()
    {
        const int crowd = 1_000;
        await using var listener = await Sockets.BindAsync(new LinkAddress(IPAddress.Loopback, 0));
        var devices = await DialAsync(listener.EndPoint, crowd); // The kernel's own queue has room for the backlog and one more, and the next would knock again and again.

        for (var n = 0; n < crowd; n++) await AcceptAsync(listener);
        foreach (var device in devices) device.Dispose();
    }

    [Fact]
    public async Task Who_waits_is_bounded_and_the_next_is_accepted_when_one_is_taken()
    {
        const int places = 8;
        await using var listener = new EagerListener(Listening(backlog: 64), NullLogger.Instance, places);
        var devices = await DialAsync(listener.EndPoint, 3 * places);
        await TestServer.UntilAsync(() => listener.Waiting == places);

        for (var taken = 1; taken <= 3 * places; taken++)
        {
            await AcceptAsync(listener);
            await TestServer.UntilAsync(() => listener.Waiting == Math.Min(places, (3 * places) - taken));
        }

        foreach (var device in devices) device.Dispose();
    }

    [Fact]
    public async Task Nobody_is_accepted_while_descriptors_are_scarce_and_nobody_is_lost()
    {
        var (isScarce, asked) = (true, 0);
        await using var listener = new EagerListener(Listening(backlog: 64), NullLogger.Instance, isScarce: () => Interlocked.Increment(ref asked) > 0 && Volatile.Read(ref isScarce));
        var devices = await DialAsync(listener.EndPoint, 10); // They have their place in the kernel's queue.
        await TestServer.UntilAsync(() => Volatile.Read(ref asked) > 2);
        listener.Waiting.ShouldBe(0);

        Volatile.Write(ref isScarce, false);
        for (var n = 0; n < devices.Length; n++) await AcceptAsync(listener);
        foreach (var device in devices) device.Dispose();
    }

    [Fact]
    public async Task What_is_accepted_is_a_connection_without_delay()
    {
        await using var listener = await Sockets.BindAsync(new LinkAddress(IPAddress.Loopback, 0));
        using var device = (await DialAsync(listener.EndPoint, 1))[0];
        var connection = await AcceptAsync(listener);
        connection.RemoteEndPoint.ShouldBe(device.LocalEndPoint);
        connection.ShouldBeOfType<LinkConnection>().Socket.NoDelay.ShouldBeTrue();
        await device.SendAsync(new byte[] { 1, 2, 3 });
        (await connection.Transport.Input.ReadAtLeastAsync(3)).Buffer.Length.ShouldBe(3);
    }

    [Fact]
    public async Task Unbound_lets_those_go_who_wait_and_gives_no_more_connections()
    {
        var listener = await Sockets.BindAsync(new LinkAddress(IPAddress.Loopback, 0));
        var devices = await DialAsync(listener.EndPoint, 50);
        await TestServer.UntilAsync(() => ((EagerListener)listener).Waiting == 50);
        await listener.UnbindAsync().AsTask().WaitAsync(TestServer.Patience);

        (await listener.AcceptAsync()).ShouldBeNull();
        foreach (var device in devices)
        {
            await ExpectEndAsync(device);
            device.Dispose();
        }

        using var late = new Socket(SocketType.Stream, ProtocolType.Tcp);
        (await Should.ThrowAsync<SocketException>(async () => await late.ConnectAsync(listener.EndPoint))).SocketErrorCode.ShouldBe(SocketError.ConnectionRefused);
        await listener.DisposeAsync().AsTask().WaitAsync(TestServer.Patience);
    }

    [Fact]
    public async Task Who_waits_for_a_connection_is_told_when_there_will_be_none()
    {
        await using var listener = await Sockets.BindAsync(new LinkAddress(IPAddress.Loopback, 0));
        var accepting = listener.AcceptAsync().AsTask();
        await listener.UnbindAsync();
        (await accepting.WaitAsync(TestServer.Patience)).ShouldBeNull();
    }

    [Fact]
    public async Task An_address_that_is_taken_is_said_as_Kestrel_says_it()
    {
        await using var listener = await Sockets.BindAsync(new LinkAddress(IPAddress.Loopback, 0));
        await Should.ThrowAsync<AddressInUseException>(async () => await Sockets.BindAsync(listener.EndPoint));
    }

    [Fact]
    public async Task Any_address_of_IPv6_takes_IPv4_too()
    {
        if (!Socket.OSSupportsIPv6) return;
        await using var listener = await Sockets.BindAsync(new LinkAddress(IPAddress.IPv6Any, 0));
        var port = ((IPEndPoint)listener.EndPoint).Port;
        foreach (var address in (IPAddress[])[IPAddress.Loopback, IPAddress.IPv6Loopback])
        {
            using var device = (await DialAsync(new IPEndPoint(address, port), 1))[0];
            await AcceptAsync(listener);
        }
    }

    [Fact]
    public async Task Who_has_gone_again_keeps_nobody_waiting()
    {
        await using var listener = await Sockets.BindAsync(new LinkAddress(IPAddress.Loopback, 0));
        foreach (var gone in await DialAsync(listener.EndPoint, 20))
        {
            gone.LingerState = new LingerOption(true, 0); // A reset, not a farewell.
            gone.Dispose();
        }

        using var device = (await DialAsync(listener.EndPoint, 1))[0];
        while (!Equals((await AcceptAsync(listener)).RemoteEndPoint, device.LocalEndPoint))
        {
        }
    }

    [Fact]
    public async Task A_connection_that_broke_is_the_end_for_who_reads_and_a_failure_for_who_writes()
    {
        await using var listener = await Sockets.BindAsync(new LinkAddress(IPAddress.Loopback, 0));
        var device = (await DialAsync(listener.EndPoint, 1))[0];
        await using var connection = await AcceptAsync(listener);
        var reading = connection.Transport.Input.ReadAsync();
        device.LingerState = new LingerOption(true, 0); // A reset, as when a modem is gone.
        device.Dispose();

        (await reading.AsTask().WaitAsync(TestServer.Patience)).IsCompleted.ShouldBeTrue();
        await Should.ThrowAsync<IOException>(async () => await connection.Transport.Output.WriteAsync(new byte[] { 1 })); // Nobody may say that this has left.
    }

    [Fact]
    public async Task A_write_that_waits_for_the_device_fails_with_the_connection()
    {
        await using var listener = await Sockets.BindAsync(new LinkAddress(IPAddress.Loopback, 0));
        using var device = (await DialAsync(listener.EndPoint, 1))[0];
        await using var connection = await AcceptAsync(listener);
        var writing = connection.Transport.Output.WriteAsync(new byte[32 << 20]).AsTask(); // More than both kernels hold, and nobody reads.
        writing.IsCompleted.ShouldBeFalse();

        connection.Abort(new ConnectionAbortedException());
        await Should.ThrowAsync<IOException>(() => writing.WaitAsync(TestServer.Patience));
    }

    private static Socket Listening(int backlog)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new LinkAddress(IPAddress.Loopback, 0));
        socket.Listen(backlog);
        return socket;
    }

    private static async Task<ConnectionContext> AcceptAsync(IConnectionListener listener) =>
        (await listener.AcceptAsync().AsTask().WaitAsync(TestServer.Patience)).ShouldNotBeNull();

    private static async Task<Socket[]> DialAsync(EndPoint to, int count)
    {
        var devices = new Socket[count];
        for (var n = 0; n < count; n++)
        {
            // One after the other: a crowd that fills the kernel's own queue gets cookies, and is not known of before it says something.
            devices[n] = new Socket(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            await devices[n].ConnectAsync(to).WaitAsync(TestServer.Patience);
        }

        return devices;
    }

    private static async Task ExpectEndAsync(Socket device)
    {
        try
        {
            (await device.ReceiveAsync(new byte[1]).WaitAsync(TestServer.Patience)).ShouldBe(0);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            // The kernel's own way to let go.
        }
    }
}
