using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Broadcast.Device;
using Broadcast.Edge.Gateway;
using Broadcast.Link;

namespace Broadcast.Edge.Recordings;

/// <summary>The cloud's HTTPS door for sound. Only the authority of the link is believed; the device shows tickets of its order key.</summary>
internal sealed class CloudDoor : IDisposable
{
    private static readonly TimeSpan ConnectMax = TimeSpan.FromSeconds(15);

    private readonly DeviceSettings _device;
    private readonly byte[] _key;
    private readonly EdgeSettings _settings;
    private readonly Uplink _uplink;

    // One for each way: what stays open on one way carries nothing once the link has gone over to another, which may be paid for by the byte.
    private readonly ConcurrentDictionary<LinkPath, HttpClient> _clients = new();

    /// <exception cref="SettingsException">The authority's file holds no certificate.</exception>
    public CloudDoor(EdgeSettings settings, Uplink uplink)
    {
        (_settings, _uplink, _device) = (settings, uplink, settings.Device);
        _key = Convert.FromHexString(settings.Device.OrderKey);
        _clients[uplink.Path] = ClientOf(uplink.Path); // So that an authority that cannot be read is told at the start.
    }

    /// <summary>A request with a ticket.</summary>
    /// <param name="method">GET, or POST.</param>
    /// <param name="path">Below the door, without a slash before it.</param>
    /// <param name="name">What the ticket is for: a recording's hash, or a live speech (<see cref="AudioTicket.LiveName"/>).</param>
    /// <param name="wallMs">The time for the ticket, UTC milliseconds.</param>
    public HttpRequestMessage Ask(HttpMethod method, string path, byte[] name, long wallMs)
    {
        var ticket = new AudioTicket { Audio = name, AtMs = wallMs };
        var frame = Envelope.Seal(_key, _device.KeyEpoch, Direction.Up, _device.Id, MessageType.AudioTicket, ticket.Encode());
        var request = new HttpRequestMessage(method, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Device", Base64Url.EncodeToString(frame));
        return request;
    }

    /// <summary>The answer's head; its body is read by the caller as it comes.</summary>
    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken ct) => _clients.GetOrAdd(_uplink.Path, ClientOf).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);

    public void Dispose()
    {
        foreach (var client in _clients.Values) client.Dispose();
    }

    private HttpClient ClientOf(LinkPath way)
    {
        var handler = new SocketsHttpHandler { ConnectTimeout = ConnectMax, AllowAutoRedirect = false, UseProxy = false, PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1) };
        if (!_settings.Link.Plain) handler.SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = OnlyTheCloud(_settings) };
        // By the way that the link has found to work; where it has its own address of the cloud, the door is dialled there too.
        if (_settings.Link.Uplinks.Length > 0)
            handler.ConnectCallback = async (context, ct) =>
            {
                var host = way.Host == _settings.Link.Host ? context.DnsEndPoint.Host : way.Host;
                return new NetworkStream(await (way with { Host = host, Port = context.DnsEndPoint.Port }).DialAsync(ct), ownsSocket: true);
            };
        return new HttpClient(handler) { BaseAddress = _settings.Recordings.AddressOf(_settings.Link), Timeout = Timeout.InfiniteTimeSpan };
    }

    private static X509ChainPolicy OnlyTheCloud(EdgeSettings settings)
    {
        var chain = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        chain.CustomTrustStore.AddRange(Uplink.Roots(settings.Link.Ca));
        return chain;
    }
}
