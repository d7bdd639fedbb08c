using System.Net;
using System.Net.Sockets;

namespace Broadcast.Cloud;

/// <summary>The silo of one process.</summary>
public static class SiloSetup
{
    public static void Add(WebApplicationBuilder builder)
    {
        // Nobody else talks to this silo; free ports let several installations share a machine.
        var (silo, gateway) = (FreePort(), FreePort());
        builder.UseOrleans(orleans => orleans.UseLocalhostClustering(siloPort: silo, gatewayPort: gateway));
    }

    /// <summary>Below the range that outgoing connections are given ports from, so that none of those can take it before the silo does.</summary>
    private static int FreePort()
    {
        while (true)
        {
            var port = Random.Shared.Next(10_000, 32_000);
            try
            {
                using var probe = new TcpListener(IPAddress.Loopback, port);
                probe.Start();
                return port;
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
            {
                continue; // Somebody's; there are twenty thousand more.
            }
        }
    }
}
