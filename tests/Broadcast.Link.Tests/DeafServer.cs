using System.Net;
using System.Net.Sockets;

namespace Broadcast.Link.Tests;

/// <summary>A server that accepts a CONNECT and then says only what a test writes.</summary>
internal sealed class DeafServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public DeafServer() => _listener.Start();

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public async Task<TcpClient> AcceptAsync()
    {
        var connection = await _listener.AcceptTcpClientAsync().WaitAsync(TestServer.Patience);
        var start = new byte[2];
        await connection.GetStream().ReadExactlyAsync(start);
        await connection.GetStream().ReadExactlyAsync(new byte[start[1]]);
        await connection.GetStream().WriteAsync(Wire.Hex("20 02 00 00"));
        return connection;
    }

    public void Dispose() => _listener.Dispose();
}
