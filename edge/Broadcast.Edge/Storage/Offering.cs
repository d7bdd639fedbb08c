using Broadcast.Device;

namespace Broadcast.Edge.Storage;

/// <summary>
/// Which of the waiting messages go next, and what becomes of them: a few are under way at a time, each is in the store until it is
/// acknowledged, and a new session begins with all of them again, under their own numbers.
/// </summary>
internal sealed class Offering(GatewayStore store)
{
    /// <summary>Messages under way: a quarter of the link's window, the rest is for receipts.</summary>
    private const int UnderWayMax = 4;

    private readonly Dictionary<int, (MessageType Type, long Number)> _underWay = [];

    // The cloud has it, and a full disk did not take that: sent again at once it would go round without end. As many as wait at most.
    private readonly HashSet<(MessageType Type, long Number)> _unmarked = [];

    /// <summary>What may be sent now, in this order.</summary>
    public IReadOnlyList<Waiting> Due() =>
        _underWay.Count >= UnderWayMax ? [] : store.NextToSend([.. _underWay.Values, .. _unmarked], UnderWayMax - _underWay.Count);

    /// <summary>Notes that the cloud may have it from now on; false when the disk does not take that, and then it must not go.</summary>
    public bool MayGo(Waiting message) => store.MarkOffered(message);

    /// <summary>The link has it under this token.</summary>
    public void Went(Waiting message, int token) => _underWay[token] = (message.Type, message.Number);

    /// <summary>The cloud has it; a token of something else changes nothing.</summary>
    public void Acknowledged(int token)
    {
        if (_underWay.Remove(token, out var message) && !store.MarkSent(message.Type, message.Number)) _unmarked.Add(message);
    }

    /// <summary>Nobody knows what arrived of the last session.</summary>
    public void NewSession()
    {
        _underWay.Clear();
        _unmarked.RemoveWhere(message => store.MarkSent(message.Type, message.Number));
    }
}
