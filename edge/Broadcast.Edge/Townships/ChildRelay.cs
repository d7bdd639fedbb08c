using Broadcast.Device;
using Broadcast.Link;
using Microsoft.Extensions.Logging;

namespace Broadcast.Edge.Townships;

/// <summary>
/// Carries the children's frames to the cloud and back, untouched. A child's frame is acknowledged to it when the cloud has acknowledged it, and not before:
/// what is under way when this gateway or its uplink dies is still the child's, and nothing has to be kept here
/// (docs/adr/0015-the-pi-keeps-nothing-of-its-childrens.md). Only a child's hello is: without the cloud its newest one waits for it.
/// </summary>
internal sealed partial class ChildRelay
{
    /// <summary>The tag of what came from the cloud; what this gateway says itself has another.</summary>
    public const long FromCloud = 0;

    /// <summary>Children's frames on the uplink at once, beside the gateway's own.</summary>
    public const int UnderWayMax = 48;

    /// <summary>Unacknowledged frames of one child, after which it is cut while the cloud is away: at the link's own bound its pings would not be read any more.</summary>
    public const int HeldMax = 12;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Place> _places = new(StringComparer.Ordinal);
    private readonly Queue<Place> _turns = new(); // Children with something to send, each once.
    private readonly Dictionary<int, Parcel> _underWay = [];
    private readonly TownshipPi _pi;
    private readonly Func<string, int, byte[], bool> _publish;
    private readonly ILogger<ChildRelay> _logger;
    private bool _isUp;
    private int _lastToken;

    /// <param name="pi">This gateway.</param>
    /// <param name="publish">Publishes a child's frame on the uplink: topic, token (below 0: the others are the core's), frame. False where there is no room or no link.</param>
    /// <param name="list">Who the children are.</param>
    /// <param name="logger">Hears of what could not be handed over.</param>
    public ChildRelay(TownshipPi pi, Func<string, int, byte[], bool> publish, TownshipList list, ILogger<ChildRelay> logger)
    {
        (_pi, _publish, _logger) = (pi, publish, logger);
        list.Changed += Keep;
    }

    /// <summary>Told after a child was handed its welcome: from now on it knows the time. On the uplink's thread.</summary>
    public event Action<LinkSession>? Welcomed;

    /// <summary>Children that are connected here.</summary>
    public int Connected
    {
        get
        {
            lock (_gate) return _places.Values.Count(p => p.Session is not null);
        }
    }

    /// <summary>The sessions of the children that are connected here.</summary>
    public IReadOnlyList<LinkSession> Sessions
    {
        get
        {
            lock (_gate) return [.. _places.Values.Select(p => p.Session).OfType<LinkSession>()];
        }
    }

    public void Opened(LinkSession session)
    {
        lock (_gate)
        {
            if (!_places.TryGetValue(session.DeviceId, out var place)) _places.Add(session.DeviceId, place = new Place(session.DeviceId));
            Leave(place, TimeSpan.Zero);
            (place.Session, place.IsStale) = (session, false);
        }
    }

    public void Closed(LinkSession session, TimeSpan silence)
    {
        lock (_gate)
        {
            if (_places.TryGetValue(session.DeviceId, out var place) && place.Session == session) Leave(place, silence);
        }
    }

    /// <summary>A child's frame; done when the cloud has it.</summary>
    public ValueTask SendAsync(LinkSession session, byte[] frame)
    {
        // Whose it is, and whether it is true, the cloud knows by its authenticator; here only what would be of no use to anybody is turned away.
        if (!Envelope.TryPeek(frame, out var id, out _, out var type) || id != session.DeviceId)
        {
            session.Close(LinkCloseReason.ProtocolViolation);
            return ValueTask.CompletedTask;
        }

        lock (_gate)
        {
            if (!_places.TryGetValue(session.DeviceId, out var place) || place.Session != session) return ValueTask.CompletedTask;
            if (type == MessageType.Hello)
            {
                (place.Hello, place.IsStale) = (frame, false);
                if (_isUp) SendHello(place);
                return ValueTask.CompletedTask; // A hello asks for a welcome; that the link has carried it means nothing.
            }

            var parcel = new Parcel(Topics.ChildUp(_pi.Id, place.Id), frame, place) { Done = new(TaskCreationOptions.RunContinuationsAsynchronously) };
            place.Held.Add(parcel);
            if (!_isUp && place.Held.Count >= HeldMax) session.Close(LinkCloseReason.ClosedByAuthority);
            else Put(place, parcel);
            return new ValueTask(parcel.Done.Task);
        }
    }

    /// <summary>From the cloud: true where the frame is a child's and not this gateway's own. On the uplink's thread.</summary>
    public bool Deliver(byte[] frame)
    {
        if (!Envelope.TryPeek(frame, out var id, out _, out var type) || id == _pi.Id) return false;
        LinkSession? session;
        lock (_gate) session = _places.GetValueOrDefault(id)?.Session;
        // What cannot be handed over now, the cloud sends again, or gives the child in its next session.
        if (session?.TrySend(frame, FromCloud) is not SendOutcome.Accepted) LogUndelivered(id);
        else if (type == MessageType.Welcome) Welcomed?.Invoke(session);
        return true;
    }

    /// <summary>The cloud has the child's frame of this token. On the uplink's thread.</summary>
    public void Acknowledged(int token)
    {
        lock (_gate)
        {
            if (!_underWay.Remove(token, out var parcel)) return;
            parcel.Place.Held.Remove(parcel);
            parcel.Done?.TrySetResult();
            Pump();
        }
    }

    /// <summary>After everything that may have changed this gateway's own session. In a new one the cloud knows nothing of the children: each has to say hello again. On the loop.</summary>
    public void LookAtSession(bool isUp)
    {
        lock (_gate)
        {
            if (isUp == _isUp)
            {
                if (isUp) Pump(); // What the link did not take a moment ago.
                return;
            }

            _isUp = isUp;
            if (!isUp)
            {
                Forget();
                return;
            }

            foreach (var place in _places.Values)
            {
                if (place.Hello is not null) SendHello(place);
                else if (place.IsStale) place.Session?.Close(LinkCloseReason.ClosedByAuthority); // It comes back at once, and says hello.
            }
        }
    }

    // The uplink is down: nothing of it will be acknowledged. The frames stay unacknowledged at their children.
    private void Forget()
    {
        _underWay.Clear();
        _turns.Clear();
        foreach (var place in _places.Values)
        {
            place.Waiting.Clear();
            place.HasTurn = false;
            if (!place.IsGreeted) continue;
            (place.IsStale, place.IsGreeted, place.Hello) = (true, false, null);
        }
    }

    private void Keep(TownshipView now)
    {
        lock (_gate)
        {
            foreach (var place in _places.Values.Where(p => !now.Children.ContainsKey(p.Id))) place.Session?.Close(LinkCloseReason.ClosedByAuthority);
        }
    }

    private void SendHello(Place place)
    {
        place.IsGreeted = true;
        Put(place, new Parcel(Topics.ChildUp(_pi.Id, place.Id), place.Hello!, place));
    }

    // The child's connection is over: what waited for it is the child's still. That it has gone is said before its next hello, on the same way.
    private void Leave(Place place, TimeSpan silence)
    {
        if (place.Session is null) return;
        place.Session = null;
        place.Hello = null;
        place.Waiting.Clear();
        foreach (var parcel in place.Held) parcel.Done?.TrySetException(new IOException("The connection is over."));
        place.Held.Clear();
        if (!place.IsGreeted) return;
        place.IsGreeted = false;
        var gone = new ChildGone { Child = place.Id, SilenceMs = (int)Math.Clamp(silence.TotalMilliseconds, 0, ChildGone.SilenceMsMax) };
        if (_isUp) Put(place, new Parcel(Topics.Up(_pi.Id), Envelope.Seal(_pi.OrderKey, _pi.KeyEpoch, Direction.Up, _pi.Id, MessageType.ChildGone, gone.Encode()), place));
    }

    private void Put(Place place, Parcel parcel)
    {
        if (!_isUp) return;
        place.Waiting.Enqueue(parcel);
        if (!place.HasTurn) _turns.Enqueue(place);
        place.HasTurn = true;
        Pump();
    }

    // One frame a child and turn, so that one that talks much keeps no other waiting.
    private void Pump()
    {
        while (_underWay.Count < UnderWayMax && _turns.TryPeek(out var place))
        {
            if (place.Waiting.TryPeek(out var parcel))
            {
                var token = -(_lastToken = _lastToken == int.MaxValue ? 1 : _lastToken + 1);
                if (!_publish(parcel.Topic, token, parcel.Frame)) return;
                _underWay[token] = parcel;
                place.Waiting.Dequeue();
            }

            _turns.Dequeue();
            place.HasTurn = place.Waiting.Count > 0;
            if (place.HasTurn) _turns.Enqueue(place);
        }
    }

    /// <summary>A child's place here, over all its connections.</summary>
    private sealed class Place(string id)
    {
        public string Id => id;

        public LinkSession? Session { get; set; }

        /// <summary>The newest hello of this connection; it waits where the cloud is away.</summary>
        public byte[]? Hello { get; set; }

        /// <summary>Whether that has gone up in the uplink's present session.</summary>
        public bool IsGreeted { get; set; }

        /// <summary>Whether its hello went up in a session of the uplink that is over: the cloud does not know it any more, and it does not know that.</summary>
        public bool IsStale { get; set; }

        public bool HasTurn { get; set; }

        public Queue<Parcel> Waiting { get; } = new();

        /// <summary>Frames that the child has no acknowledgement for.</summary>
        public List<Parcel> Held { get; } = [];
    }

    private sealed record Parcel(string Topic, byte[] Frame, Place Place)
    {
        public TaskCompletionSource? Done { get; init; }
    }

    [LoggerMessage(1, LogLevel.Debug, "a frame for {Child} could not be handed over now")]
    private partial void LogUndelivered(string child);
}
