using System.Net;
using System.Net.Sockets;

namespace Broadcast.Link;

/// <summary>
/// Who may come in: so many at once, so many a second, and first those who knock seldom. One machine that knocks without end has what the others
/// leave, and must not keep a county out; a county behind one address has nearly all of it while nobody else comes. Not safe for two threads.
/// </summary>
internal sealed class Door
{
    /// <summary>Knocks a second of one address, twice as many at once, that count as seldom: a site knocks once in seconds, a few of them share an address.</summary>
    public const int SeldomPerSecond = 10;

    /// <summary>The part of the rate, one in so many, that is left for who knocks seldom.</summary>
    public const int RatePartKept = 10;

    /// <summary>The part of the places, one in so many, that is left for them: who only knocks holds each of the others for as long as a connection may be half-open.</summary>
    public const int PlacesPartKept = 8;

    private const int Slots = 1_024; // Two addresses that share one count as one: of a thousand sites one suffers from the same flood.
    private const int Ipv6NetworkBytes = 8; // Whoever has one address of IPv6 has the 2^64 of its network.

    private readonly LinkLimits _limits;
    private readonly TokenBucket[] _knocks = new TokenBucket[Slots];
    private TokenBucket _rate;

    public Door(LinkLimits limits, long frequency, long now)
    {
        _limits = limits;
        _rate = new TokenBucket(frequency, limits.ConnectionsPerSecond, now);
        Array.Fill(_knocks, new TokenBucket(frequency, SeldomPerSecond, now));
    }

    /// <summary>Whether one more may come in from there now.</summary>
    public bool TryEnter(EndPoint? from, int connections, long now)
    {
        var seldom = _knocks[SlotOf(from)].TryTake(now);
        var placesKept = seldom ? 0 : _limits.ConnectionsMax / PlacesPartKept;
        var rateKept = seldom ? 0 : _limits.ConnectionsPerSecond / RatePartKept;
        return connections < _limits.ConnectionsMax - placesKept && _rate.TryTake(now, rateKept);
    }

    private static int SlotOf(EndPoint? from)
    {
        if (from is not IPEndPoint { Address: var address }) return 0;
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var written);
        var place = address.AddressFamily == AddressFamily.InterNetwork ? bytes[..written] : address.IsIPv4MappedToIPv6 ? bytes[12..] : bytes[..Ipv6NetworkBytes];
        var hash = new HashCode();
        hash.AddBytes(place);
        return (int)((uint)hash.ToHashCode() % Slots); // Another one in every process: nobody outside knows who shares a slot.
    }
}
