using System.Runtime.CompilerServices;

namespace Broadcast.Link;

/// <summary>
/// Messages that the authority is working on, in the order of arrival. Their acknowledgements leave in that order whatever finishes first
/// [MQTT-4.6.0-2]. A place is made once and used again, its callback with it. Members are called with the outlet's lock held.
/// </summary>
internal sealed class InboundWindow(LinkSession session, int placesMax)
{
    private readonly Queue<Place> _working = new(1);
    private readonly Stack<Place> _free = new(1);

    public bool IsFull => _working.Count >= placesMax;

    public bool IsEmpty => _working.Count == 0;

    public Place Enter(ushort id, int qos)
    {
        if (!_free.TryPop(out var place)) place = new Place(session);
        place.Id = id;
        place.Qos = qos;
        place.IsDone = false;
        _working.Enqueue(place);
        return place;
    }

    public bool IsWorkingOnQos2(ushort id)
    {
        foreach (var place in _working)
            if (place.Id == id && place.Qos == 2) return true;
        return false;
    }

    /// <summary>The oldest message, if the authority is done with it; its place is free from now on.</summary>
    public bool TryLeave(out ushort id, out int qos)
    {
        (id, qos) = (0, 0);
        if (!_working.TryPeek(out var place) || !place.IsDone) return false;
        (id, qos) = (place.Id, place.Qos);
        _free.Push(_working.Dequeue());
        return true;
    }

    /// <summary>One message in progress.</summary>
    internal sealed class Place
    {
        private readonly LinkSession _session;
        private readonly Action _done;
        private ValueTaskAwaiter _awaiter;

        public Place(LinkSession session)
        {
            _session = session;
            _done = Done;
        }

        public ushort Id { get; set; }

        public int Qos { get; set; }

        public bool IsDone { get; set; }

        public void Await(ValueTaskAwaiter awaiter)
        {
            _awaiter = awaiter;
            awaiter.UnsafeOnCompleted(_done);
        }

        private void Done()
        {
            var awaiter = _awaiter;
            _awaiter = default;
            try
            {
                awaiter.GetResult();
            }
            catch (Exception failed)
            {
                _session.AuthorityFailed(failed);
                return;
            }
            _session.Finished(this);
        }
    }
}
