using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Broadcast.Link;

/// <summary>
/// The link's own way in, on Kestrel's rails: a thread that does nothing but accept, and connections without pipes (<see cref="LinkConnection"/>).
/// Kestrel accepts where it serves: in a storm each look at the listening socket stands behind thousands of sessions, the kernel's queue
/// (4,096) overflows, and who finds no place in it knocks again after a second. What refuses or bounds connections comes later and is the same.
/// </summary>
public sealed class EagerListening : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    private readonly SocketTransportOptions _options;
    private readonly ILogger _logger;

    /// <summary>Made by the host: <see cref="EagerListeningHost.UseEagerListening"/>.</summary>
    public EagerListening(IOptions<SocketTransportOptions> options, ILoggerFactory loggers)
    {
        _options = options.Value;
        _logger = loggers.CreateLogger<EagerListening>();
    }

    /// <summary>Addresses of the link; every other one stays Kestrel's own.</summary>
    public bool CanBind(EndPoint endpoint) => endpoint is LinkAddress;

    /// <inheritdoc/>
    /// <exception cref="AddressInUseException">Somebody else listens there.</exception>
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        Socket? socket = null;
        try
        {
            socket = _options.CreateBoundListenSocket(endpoint); // Kestrel's own: both families where it is bound to any address of IPv6.
            socket.Listen(_options.Backlog);
            return new(new EagerListener(socket, _logger));
        }
        catch (SocketException e)
        {
            socket?.Dispose();
            if (e.SocketErrorCode == SocketError.AddressAlreadyInUse) throw new AddressInUseException(e.Message, e);
            throw;
        }
    }
}

/// <summary>Where devices connect: an address that <see cref="EagerListening"/> serves.</summary>
public sealed class LinkAddress(IPAddress address, int port) : IPEndPoint(address, port);

/// <summary>Registration of <see cref="EagerListening"/>.</summary>
public static class EagerListeningHost
{
    /// <summary>Serves every <see cref="LinkAddress"/> eagerly, with the options of Kestrel's sockets.</summary>
    public static IWebHostBuilder UseEagerListening(this IWebHostBuilder host) =>
        host.ConfigureServices(services => services.AddSingleton<IConnectionListenerFactory, EagerListening>()); // The one registered last is asked first.
}
