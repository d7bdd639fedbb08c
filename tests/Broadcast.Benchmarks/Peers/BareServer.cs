using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Broadcast.Testing;

namespace Broadcast.Benchmarks.Peers;

/// <summary>
/// The least that .NET can do for a device: accept, shake hands, say yes to CONNECT and SUBSCRIBE, and wait for more with a read that holds no
/// buffer. No Kestrel, no session, no accounts, no clock. It runs in a process of its own: <c>Broadcast.Benchmarks bare-server</c>.
/// </summary>
internal static class BareServer
{
    private const int Connect = 0x10, Publish = 0x30, Subscribe = 0x80, PingRequest = 0xC0;

    public static async Task<RunningProcess> StartAsync(int port, (string Certificate, string Key)? tls)
    {
        var process = RunningProcess.StartDotnet(
            typeof(BareServer).Assembly.Location, ["bare-server", "--port", $"{port}", .. tls is { } t ? (IEnumerable<string>)["--certificate", t.Certificate, "--key", t.Key] : []]);
        await process.WaitForLineAsync(l => l == "ready", TimeSpan.FromSeconds(30));
        return process;
    }

    public static async Task ServeAsync(int port, X509Certificate2? certificate, CancellationToken stop)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
        listener.Listen(4_096);
        var context = certificate is null ? null : SslStreamCertificateContext.Create(certificate, null);
        await Console.Out.WriteLineAsync("ready");
        while (!stop.IsCancellationRequested) _ = TalkAsync(await listener.AcceptAsync(stop), context);
    }

    private static async Task TalkAsync(Socket socket, SslStreamCertificateContext? context)
    {
        try
        {
            socket.NoDelay = true;
            await using Stream stream = context is null ? new NetworkStream(socket, ownsSocket: true) : new SslStream(new NetworkStream(socket, ownsSocket: true));
            if (stream is SslStream tls) await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificateContext = context });
            var header = new byte[2];
            while (true)
            {
                _ = await stream.ReadAsync(Memory<byte>.Empty); // Waits, and holds nothing meanwhile.
                await stream.ReadExactlyAsync(header);
                var body = new byte[await LengthAsync(stream, header[1])];
                await stream.ReadExactlyAsync(body);
                byte[]? answer = (header[0] & 0xF0) switch
                {
                    Connect => [0x20, 2, 0, 0],
                    Subscribe => [0x90, 3, body[0], body[1], 1],
                    Publish => [0x40, 2, body[2 + (body[0] << 8 | body[1])], body[3 + (body[0] << 8 | body[1])]],
                    PingRequest => [0xD0, 0],
                    _ => null,
                };
                if (answer is not null) await stream.WriteAsync(answer);
            }
        }
        catch (Exception e) when (e is IOException or SocketException or System.Security.Authentication.AuthenticationException)
        {
            socket.Dispose(); // The other side is gone, as it always is at the end.
        }
    }

    private static async Task<int> LengthAsync(Stream stream, int first)
    {
        var length = first & 0x7F;
        var one = new byte[1];
        for (var shift = 7; (first & 0x80) != 0; shift += 7)
        {
            await stream.ReadExactlyAsync(one);
            first = one[0];
            length |= (first & 0x7F) << shift;
        }

        return length;
    }
}
