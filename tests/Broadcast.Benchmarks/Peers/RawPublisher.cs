using System.Buffers.Binary;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Broadcast.Benchmarks.Peers;

/// <summary>The fastest publisher there can be: all PUBLISH packets lie ready in one buffer and leave with one write; acknowledgements are read and dropped.</summary>
internal sealed class RawPublisher : IAsyncDisposable
{
    private readonly TcpClient _tcp;
    private readonly Stream _stream;
    private readonly Task _reading;

    private RawPublisher(TcpClient tcp, Stream stream)
    {
        (_tcp, _stream) = (tcp, stream);
        _reading = DropAsync(stream);
    }

    public static async Task<RawPublisher> ConnectAsync(int port, X509Certificate2? authority)
    {
        var tcp = new TcpClient { NoDelay = true };
        await tcp.ConnectAsync("127.0.0.1", port);
        Stream stream = tcp.GetStream();
        if (authority is not null)
        {
            var tls = new SslStream(stream);
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = "127.0.0.1",
                CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { authority }, RevocationMode = X509RevocationMode.NoCheck },
            });
            stream = tls;
        }

        await stream.WriteAsync(Connect("peer-publisher"));
        var answer = new byte[4];
        await stream.ReadExactlyAsync(answer);
        return answer[3] == 0 ? new RawPublisher(tcp, stream) : throw new InvalidOperationException($"The broker refused the publisher with {answer[3]}.");
    }

    public async Task SendAsync(ReadOnlyMemory<byte> packets) => await _stream.WriteAsync(packets);

    /// <summary>Appends a PUBLISH of QoS 1 (MQTT 3.1.1, 3.3).</summary>
    public static void AppendPublish(MemoryStream to, string topic, byte[] payload, ushort id)
    {
        var name = Encoding.UTF8.GetBytes(topic);
        to.WriteByte(0x32);
        for (var rest = 2 + name.Length + 2 + payload.Length; ;)
        {
            var digit = rest & 0x7F;
            rest >>= 7;
            to.WriteByte((byte)(rest > 0 ? digit | 0x80 : digit));
            if (rest == 0) break;
        }

        Span<byte> number = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(number, (ushort)name.Length);
        to.Write(number);
        to.Write(name);
        BinaryPrimitives.WriteUInt16BigEndian(number, id);
        to.Write(number);
        to.Write(payload);
    }

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        _tcp.Dispose();
        await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static byte[] Connect(string client)
    {
        var id = Encoding.ASCII.GetBytes(client);
        // Protocol MQTT level 4, clean session, no keep-alive.
        return [0x10, (byte)(12 + id.Length), 0, 4, (byte)'M', (byte)'Q', (byte)'T', (byte)'T', 4, 2, 0, 0, 0, (byte)id.Length, .. id];
    }

    private static async Task DropAsync(Stream stream)
    {
        var buffer = new byte[64 * 1024];
        while (await stream.ReadAsync(buffer) > 0)
        {
            // PUBACKs: the broker's word that it has them; who verifies is the subscriber.
        }
    }
}
