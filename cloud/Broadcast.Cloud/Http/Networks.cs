using System.Net;
using System.Net.Sockets;

namespace Broadcast.Cloud.Http;

/// <summary>Whom a bound by address counts as one.</summary>
internal static class Networks
{
    /// <summary>The address; of IPv6 its network: whoever has one address of it has 2⁶⁴.</summary>
    public static IPAddress Of(IPAddress from)
    {
        if (from.IsIPv4MappedToIPv6) return from.MapToIPv4();
        if (from.AddressFamily != AddressFamily.InterNetworkV6) return from;
        var bytes = from.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }
}
