using System.Net;
using System.Net.Sockets;

namespace Broadcast.Cloud;

/// <summary>The silo of one process. The clustered set-up is its own file, compiled with the real packages alone.</summary>
public static partial class SiloSetup
{
    public static void Add(WebApplicationBuilder builder, CloudOptions options)
    {
        var clustered = false;
        AddCluster(builder, options, ref clustered);
        if (clustered) return;
        // Nobody else talks to this silo; free ports let several installations share a machine.
        var (silo, gateway) = (FreePort(), FreePort());
        builder.UseOrleans(orleans => orleans.UseLocalhostClustering(siloPort: silo, gatewayPort: gateway));
    }

    static partial void AddCluster(WebApplicationBuilder builder, CloudOptions options, ref bool clustered);

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
