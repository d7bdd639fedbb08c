using System.Net;
using System.Net.Sockets;

namespace Broadcast.Link.Tests;

/// <summary>A socket that says exactly the bytes a test wants said.</summary>
internal sealed class RawDevice : IAsyncDisposable
{
    private readonly TcpClient _socket;
    private readonly NetworkStream _stream;

    private RawDevice(TcpClient socket)
    {
        _socket = socket;
        _stream = socket.GetStream();
    }

    public static async Task<RawDevice> DialAsync(TestServer server, int receiveBufferBytes = 0)
    {
        var socket = new TcpClient { NoDelay = true };
        if (receiveBufferBytes > 0) socket.ReceiveBufferSize = receiveBufferBytes;
        await socket.ConnectAsync(IPAddress.Loopback, server.PlainPort);
        return new RawDevice(socket);
    }

    /// <summary>Dials, and is closed without a word: the end may come before the dialling is over.</summary>
    public static async Task ExpectTurnedAwayAsync(TestServer server)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, server.PlainPort);
            (await socket.ReceiveAsync(new byte[1]).WaitAsync(TestServer.Patience)).ShouldBe(0);
        }
        catch (SocketException reset)
        {
            reset.SocketErrorCode.ShouldBeOneOf(SocketError.ConnectionReset, SocketError.NotConnected);
        }
    }

    /// <summary>Dials, sends a CONNECT and reads its CONNACK.</summary>
    public static async Task<RawDevice> SignInAsync(TestServer server, string device = "7", byte[]? connect = null)
    {
        var raw = await DialAsync(server);
        await raw.SendAsync(connect ?? Wire.SignIn(device));
        await raw.ExpectAsync("20 02 00 00");
        return raw;
    }

    /// <summary>Signs in and subscribes to the device's command topic.</summary>
    public static async Task<(RawDevice Device, LinkSession Session)> SubscribeAsync(TestServer server, string device = "7", int qos = 1)
    {
        var raw = await SignInAsync(server, device);
        await raw.SendAsync(Wire.Subscribe(1, (TestAuthority.Down(device), qos)));
        await raw.ExpectAsync($"90 03 00 01 0{Math.Min(qos, 1)}");
        return (raw, (await server.Authority.UntilAsync<Told.Subscribed>()).Session);
    }

    public Task SendAsync(params byte[] bytes) => _stream.WriteAsync(bytes).AsTask().WaitAsync(TestServer.Patience);

    public async Task<byte[]> ReadPacketAsync()
    {
        List<byte> packet = [await ReadByteAsync()];
        int length = 0, shift = 0;
        do
        {
            packet.Add(await ReadByteAsync());
            length |= (packet[^1] & 0x7F) << shift;
            shift += 7;
        }
        while ((packet[^1] & 0x80) != 0);
        var body = new byte[length];
        await _stream.ReadExactlyAsync(body).AsTask().WaitAsync(TestServer.Patience);
        return [.. packet, .. body];
    }

    public async Task ExpectAsync(string hex) => Convert.ToHexString(await ReadPacketAsync()).ShouldBe(hex.Replace(" ", "", StringComparison.Ordinal));

    public async Task ExpectAsync(byte[] packet) => Convert.ToHexString(await ReadPacketAsync()).ShouldBe(Convert.ToHexString(packet));

    /// <summary>The server closes, and says nothing before it does.</summary>
    public async Task ExpectClosedAsync()
    {
        try
        {
            (await _stream.ReadAsync(new byte[1]).AsTask().WaitAsync(TestServer.Patience)).ShouldBe(0);
        }
        catch (IOException reset)
        {
            reset.InnerException.ShouldBeOfType<SocketException>();
        }
    }

    /// <summary>Says no more, and reads whatever comes until the server closes too.</summary>
    public async Task ExpectEndAsync()
    {
        var some = new byte[256];
        try
        {
            _socket.Client.Shutdown(SocketShutdown.Send);
            while (await _stream.ReadAsync(some).AsTask().WaitAsync(TestServer.Patience) > 0)
            {
            }
        }
        catch (IOException reset)
        {
            reset.InnerException.ShouldBeOfType<SocketException>();
        }
        catch (SocketException reset)
        {
            reset.SocketErrorCode.ShouldBeOneOf(SocketError.NotConnected, SocketError.ConnectionReset);
        }
    }

    /// <summary>The server is still there, and nothing came before its answer.</summary>
    public async Task ExpectStillOpenAsync()
    {
        await SendAsync(Wire.Ping);
        await ExpectAsync("D0 00");
    }

    /// <summary>Ends as a lost network does.</summary>
    public void Break()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Dispose();
    }

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<byte> ReadByteAsync()
    {
        var one = new byte[1];
        await _stream.ReadExactlyAsync(one).AsTask().WaitAsync(TestServer.Patience);
        return one[0];
    }
}
