using System.Net;
using System.Net.Sockets;

namespace Broadcast.Testing;

/// <summary>
/// Finds a TCP port on the loopback that nothing listens on. A service under test is better told port 0 and asked what it
/// got; this is for what must come back on the same port after a kill.
/// </summary>
public static class FreePort
{
    public static int Find()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
