using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Broadcast.Link;

/// <summary>One attempt: TCP, TLS, CONNECT and SUBSCRIBE, all within one timeout.</summary>
internal static class Dialer
{
    internal readonly record struct Attempt(Uplink? Uplink, LinkDown Why);

    public static async Task<Attempt> ConnectAsync(LinkClient client, LinkClientOptions options, ILinkClientHandler handler, CancellationToken ct)
    {
        var path = options.NextPath?.Invoke() ?? new LinkPath(options.Host, options.Port, options.LocalAddress);
        using var timeout = new CancellationTokenSource(path.ConnectTimeout ?? options.ConnectTimeout, options.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, ct);
        Stream? stream = null;
        if (path.KeepAlive is { } keepAlive) options = options with { KeepAlive = keepAlive };
        try
        {
            stream = await DialAsync(path, options, either.Token);
            var uplink = new Uplink(client, options, handler, stream);
            var why = await uplink.SignInAsync(either.Token);
            if (why is null) return new Attempt(uplink, default);
            await stream.DisposeAsync();
            return new Attempt(null, why.Value);
        }
        catch (Exception failed) when (IsOfTheWay(failed))
        {
            if (stream is not null) await stream.DisposeAsync();
            return new Attempt(null, new LinkDown(LinkDownReason.Unreachable, Error: failed));
        }
    }

    /// <summary>Whether a server of this certificate answers on the way: TCP and TLS, no word of MQTT, so that no session is taken over.</summary>
    public static async Task<bool> IsOpenAsync(LinkPath path, LinkClientOptions options, CancellationToken ct)
    {
        using var timeout = new CancellationTokenSource(path.ConnectTimeout ?? options.ConnectTimeout, options.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, ct);
        try
        {
            await using var stream = await DialAsync(path, options, either.Token);
            return true;
        }
        catch (Exception failed) when (IsOfTheWay(failed))
        {
            return false; // Whoever probes wants no more than this.
        }
    }

    // What a machine, a network or a server can make of an attempt; whatever else is thrown ends no link either (LinkClient).
    private static bool IsOfTheWay(Exception failed) =>
        failed is IOException or SocketException or OperationCanceledException or AuthenticationException or InvalidOperationException or NotSupportedException or ArgumentException;

    private static async Task<Stream> DialAsync(LinkPath path, LinkClientOptions options, CancellationToken ct)
    {
        var socket = await path.DialAsync(ct);
        try
        {
            var plain = new NetworkStream(socket, ownsSocket: true);
            return options.Tls is null ? plain : await SecureAsync(plain, options, ct);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task<Stream> SecureAsync(NetworkStream plain, LinkClientOptions options, CancellationToken ct)
    {
        var tls = new SslStream(plain, leaveInnerStreamOpen: false);
        var chain = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        chain.CustomTrustStore.AddRange(options.Tls!.TrustedRoots);
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = options.Tls.ServerName ?? options.Host, CertificateChainPolicy = chain }, ct);
        return tls;
    }
}
