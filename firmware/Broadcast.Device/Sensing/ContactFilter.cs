namespace Broadcast.Device.Sensing;

/// <summary>
/// Counts the closings of a bouncing contact (a rain gauge's reed switch, a button): one closing is a contact that was
/// settled open and is settled closed afterwards, where settled means that no edge came for the settle time. Bounces
/// and spikes of any number change nothing, because it is the quiet between edges that counts, not the edges.
/// </summary>
/// <remarks>Times are in microseconds, because bounces are: a reed switch bounces for 0.1 to 5 ms.</remarks>
public sealed class ContactFilter
{
    private readonly long _settleUs;
    private long _lastEdgeUs;
    private bool _isClosed;
    private bool _settledClosed;

    /// <summary>Makes a filter of a contact that is open or closed now.</summary>
    /// <param name="settleUs">Quiet after which the contact counts as settled, in microseconds, more than 0.</param>
    /// <param name="isClosed">How the contact stands now; a contact that starts closed is no closing.</param>
    /// <param name="nowUs">Monotonic microseconds.</param>
    public ContactFilter(long settleUs, bool isClosed, long nowUs)
    {
        _settleUs = settleUs;
        _isClosed = isClosed;
        _settledClosed = isClosed;
        _lastEdgeUs = nowUs;
    }

    /// <summary>Closings since the start.</summary>
    public long Closings { get; private set; }

    /// <summary>Whether the contact is settled closed.</summary>
    public bool IsSettledClosed => _settledClosed;

    /// <summary>Whether the contact has moved and has not settled there yet: it is to be looked at again.</summary>
    public bool IsMoving => _isClosed != _settledClosed;

    /// <summary>When the contact last moved: a gauge whose contact stays closed for minutes is stuck.</summary>
    public long LastEdgeUs => _lastEdgeUs;

    /// <summary>The contact moved. Edges that say what was known already, because one between was lost, only restart the quiet.</summary>
    /// <param name="closed">Whether it closed.</param>
    /// <param name="nowUs">Monotonic microseconds of the edge.</param>
    public void Edge(bool closed, long nowUs)
    {
        Settle(nowUs);
        _isClosed = closed;
        if (nowUs > _lastEdgeUs)
            _lastEdgeUs = nowUs;
    }

    /// <summary>Looks whether the contact has settled meanwhile. Call it the settle time after the last edge, or more often.</summary>
    public void Settle(long nowUs)
    {
        if (nowUs - _lastEdgeUs < _settleUs || _isClosed == _settledClosed)
            return;
        _settledClosed = _isClosed;
        if (_isClosed)
            Closings++;
    }
}
