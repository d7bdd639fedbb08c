using System.Net;
using System.Net.Sockets;

namespace Broadcast.Testing;

/// <summary>
/// Finds a TCP port on the loopback that nothing listens on. A service under test is better told port 0 and asked what it
/// got; this is for what must come back on the same port after a kill, and so lies below the range that Linux and Windows give to outgoing
/// connections: a client of another test cannot take it meanwhile.
/// </summary>
public static class FreePort
{
    private const int First = 10_000;
    private const int Last = 32_000; // Linux hands out 32768 and above by itself, Windows 49152.

    public static int Find()
    {
        while (true)
        {
            var port = Random.Shared.Next(First, Last);
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
