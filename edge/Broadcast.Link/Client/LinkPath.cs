using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Broadcast.Link;

/// <summary>One way to the server: a machine with two uplinks has two.</summary>
/// <param name="Host">The address that is dialled on this way.</param>
/// <param name="Port">1 to 65,535.</param>
/// <param name="LocalAddress">The address to connect from; null lets the system choose.</param>
/// <param name="Interface">The network interface to leave by, such as <c>wwan0</c>; empty lets the system choose.</param>
/// <param name="KeepAlive">How long this way may be silent before a ping; null for that of the options.</param>
/// <param name="ConnectTimeout">From the first packet of TCP to the last SUBACK on this way; null for that of the options.</param>
public readonly record struct LinkPath(string Host, int Port, IPAddress? LocalAddress = null, string Interface = "", TimeSpan? KeepAlive = null, TimeSpan? ConnectTimeout = null)
{
    private const int SocketLevel = 1; // SOL_SOCKET
    private const int BindToDevice = 25; // SO_BINDTODEVICE; since Linux 5.7 everybody may.

    /// <summary>A connected socket that leaves by this way. A name is resolved here: a socket that is bound to an interface takes one address, once.</summary>
    /// <exception cref="SocketException">The address or the interface is not there, or the server does not answer.</exception>
    public async Task<Socket> DialAsync(CancellationToken ct)
    {
        IPAddress[] addresses = IPAddress.TryParse(Host, out var literal) ? [literal] : await Dns.GetHostAddressesAsync(Host, ct);
        SocketException? last = null;
        foreach (var address in addresses)
        {
            try
            {
                return await DialAsync(address, ct);
            }
            catch (SocketException failed)
            {
                last = failed; // A name may have an address that this way does not reach.
            }
        }
        throw last ?? new SocketException((int)SocketError.HostNotFound);
    }

    private async Task<Socket> DialAsync(IPAddress address, CancellationToken ct)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (Interface is { Length: > 0 }) socket.SetRawSocketOption(SocketLevel, BindToDevice, Encoding.ASCII.GetBytes(Interface + '\0'));
            if (LocalAddress is not null) socket.Bind(new IPEndPoint(LocalAddress, 0));
            await socket.ConnectAsync(new IPEndPoint(address, Port), ct);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
