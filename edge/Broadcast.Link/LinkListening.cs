using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Broadcast.Link;

/// <summary>Puts an endpoint on one of Kestrel's addresses.</summary>
public static class LinkListening
{
    /// <summary>
    /// Serves <paramref name="endpoint"/> here. The door (connections at once and a second) stands before TLS, so that a flood costs no
    /// handshakes, and a handshake that does not end within <see cref="LinkLimits.HalfOpenMax"/> is cut by Kestrel.
    /// </summary>
    /// <param name="listen">An address of Kestrel's.</param>
    /// <param name="endpoint">May serve several addresses.</param>
    /// <param name="certificate">The server's certificate with its key; null for plain MQTT, which is for tests and for a wire that is guarded otherwise.</param>
    public static void UseLink(this ListenOptions listen, LinkEndpoint endpoint, X509Certificate2? certificate)
    {
        listen.Use(next => connection => endpoint.AdmitAsync(connection, next));
        if (certificate is not null)
        {
            listen.UseHttps(https =>
            {
                https.ServerCertificate = certificate;
                https.HandshakeTimeout = endpoint.Limits.HalfOpenMax;
            });
        }
        listen.Run(endpoint.ServeAsync);
    }

    /// <summary>As <see cref="UseLink"/>, with a certificate that may change while the endpoint serves.</summary>
    /// <param name="listen">An address of Kestrel's.</param>
    /// <param name="endpoint">May serve several addresses.</param>
    /// <param name="tls">Asked for every connection; gives the same object as long as the certificate is the same, because a context is kept with it.</param>
    public static void UseTlsLink(this ListenOptions listen, LinkEndpoint endpoint, Func<SslServerAuthenticationOptions> tls)
    {
        listen.Use(next => connection => endpoint.AdmitAsync(connection, next));
        listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => ValueTask.FromResult(tls()), HandshakeTimeout = endpoint.Limits.HalfOpenMax });
        listen.Run(endpoint.ServeAsync);
    }
}
