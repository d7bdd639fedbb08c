using System.Net;
using Broadcast.Rules;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Broadcast.Cloud.Http;

/// <summary>How much of the HTTP doors anybody may hold. The device link has bounds of its own.</summary>
public sealed record DoorLimits
{
    /// <summary>Connections at once, of both doors together. Each idle one costs some kilobytes; a province's bureaus need hundreds.</summary>
    public int ConnectionsMax { get; init; } = 4_096;

    /// <summary>Of these, from one address, or from one network of IPv6: a quarter, so that no stranger takes the door from the others, and a bureau behind one address has enough.</summary>
    public int ConnectionsOfAddressMax { get; init; } = 1_024;

    /// <summary>Event streams at once, of progress and of alarms. Each asks the ledger, or its warning, several times a second.</summary>
    public int StreamsMax { get; init; } = 1_000;

    /// <summary>Event streams of one person: a wall of screens and a few forgotten tabs.</summary>
    public int StreamsOfPersonMax { get; init; } = 32;
}

/// <summary>Counts connections at the HTTP doors, before TLS spends anything on them, and event streams; one too many is turned away and the others go on.</summary>
public sealed class HttpDoor(DoorLimits limits)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, int> _ofAddress = [];
    private readonly Dictionary<PersonId, int> _streamsOf = [];
    private int _connections;
    private int _streams;
    private long _turnedAway;

    /// <summary>Connections and streams that found no place.</summary>
    public long TurnedAway => Interlocked.Read(ref _turnedAway);

    public int Connections
    {
        get
        {
            lock (_gate) return _connections;
        }
    }

    /// <summary>For <see cref="ListenOptions"/>, as the first of its middleware.</summary>
    public ConnectionDelegate Guard(ConnectionDelegate next) => async connection =>
    {
        var from = (connection.RemoteEndPoint as IPEndPoint)?.Address ?? IPAddress.None;
        if (!TryEnter(from))
        {
            connection.Abort(new ConnectionAbortedException("too many connections"));
            return;
        }

        try
        {
            await next(connection);
        }
        finally
        {
            Leave(from);
        }
    };

    /// <summary>Whether a connection from there finds a place; each that does is to <see cref="Leave"/>.</summary>
    public bool TryEnter(IPAddress from)
    {
        lock (_gate)
        {
            var network = Networks.Of(from);
            var own = _ofAddress.GetValueOrDefault(network);
            // This machine's own are a console, a probe, a proxy that speaks for everybody: only the whole is bounded.
            if (_connections >= limits.ConnectionsMax || (own >= limits.ConnectionsOfAddressMax && !IPAddress.IsLoopback(from))) return Away();
            _connections++;
            _ofAddress[network] = own + 1;
            return true;
        }
    }

    public void Leave(IPAddress from)
    {
        lock (_gate)
        {
            _connections--;
            Less(_ofAddress, Networks.Of(from));
        }
    }

    /// <summary>Whether a stream of that person finds a place; each that does is to <see cref="LeaveStream"/>.</summary>
    public bool TryEnterStream(PersonId person)
    {
        lock (_gate)
        {
            var own = _streamsOf.GetValueOrDefault(person);
            if (_streams >= limits.StreamsMax || own >= limits.StreamsOfPersonMax) return Away();
            _streams++;
            _streamsOf[person] = own + 1;
            return true;
        }
    }

    public void LeaveStream(PersonId person)
    {
        lock (_gate)
        {
            _streams--;
            Less(_streamsOf, person);
        }
    }

    /// <summary>What a person hears whose stream finds no place.</summary>
    public static IResult TooManyStreams() => Problems.Result(StatusCodes.Status429TooManyRequests, "Too many streams",
        new Problem("person", "too-many-streams", "Too many event streams are open; close some, or read without a stream.", "打开的事件流过多，请关闭一些。"));

    private bool Away()
    {
        _turnedAway++;
        return false;
    }

    private static void Less<T>(Dictionary<T, int> counts, T key) where T : notnull
    {
        if (counts[key] > 1) counts[key]--;
        else counts.Remove(key);
    }
}
