namespace Broadcast.Link;

/// <summary>
/// Messages that were sent and not yet acknowledged, in the order of sending. An acknowledgement nearly always names the oldest, so a
/// search from the front is the cheapest there is; the array is made with the first message and grows to the window at most.
/// </summary>
internal struct InFlight
{
    private const int FirstRoom = 2;

    private (ushort Id, long Tag)[]? _sent;
    private ushort _lastId;

    public int Count { get; private set; }

    /// <summary>Notes a message and gives it the next identifier that is not in use; 0 is none [MQTT-2.3.1-1].</summary>
    public ushort Add(long tag, int windowMax)
    {
        _sent ??= new (ushort, long)[Math.Min(FirstRoom, windowMax)];
        if (Count == _sent.Length) Array.Resize(ref _sent, Math.Min(windowMax, Count * 2));
        do _lastId = _lastId == ushort.MaxValue ? (ushort)1 : (ushort)(_lastId + 1);
        while (Find(_lastId) >= 0);
        _sent[Count++] = (_lastId, tag);
        return _lastId;
    }

    public bool TryRemove(ushort id, out long tag)
    {
        tag = 0;
        var at = Find(id);
        if (at < 0) return false;
        tag = _sent![at].Tag;
        Count--;
        Array.Copy(_sent, at + 1, _sent, at, Count - at);
        return true;
    }

    private readonly int Find(ushort id)
    {
        for (var at = 0; at < Count; at++)
            if (_sent![at].Id == id) return at;
        return -1;
    }
}
