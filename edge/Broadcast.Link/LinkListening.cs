using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;

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
}
