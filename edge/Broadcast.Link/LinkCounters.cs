namespace Broadcast.Link;

/// <summary>What an endpoint has done since it was made. Each figure only grows and may be read at any time.</summary>
public sealed class LinkCounters
{
    private readonly long[] _refused = new long[(int)ConnectCode.NotAuthorized + 1];
    private readonly long[] _closed = new long[(int)LinkCloseReason.ClosedByAuthority + 1];
    private readonly long[] _violations = new long[(int)Violation.TooManyUnreleased + 1];
    private long _accepted, _turnedAway, _neverConnected, _messagesIn, _messagesOut, _delivered;

    /// <summary>Sessions opened.</summary>
    public long Accepted => Volatile.Read(ref _accepted);

    /// <summary>Connections closed at the door: too many at once, too many a second, or the endpoint stops.</summary>
    public long TurnedAway => Volatile.Read(ref _turnedAway);

    /// <summary>Connections that ended, or whose half-open time did, before a CONNECT was answered.</summary>
    public long NeverConnected => Volatile.Read(ref _neverConnected);

    /// <summary>Messages handed to the authority.</summary>
    public long MessagesIn => Volatile.Read(ref _messagesIn);

    /// <summary>Messages written to devices.</summary>
    public long MessagesOut => Volatile.Read(ref _messagesOut);

    /// <summary>Messages that devices have acknowledged.</summary>
    public long Delivered => Volatile.Read(ref _delivered);

    /// <summary>CONNECTs answered with <paramref name="code"/>.</summary>
    public long Refused(ConnectCode code) => Volatile.Read(ref _refused[(int)code]);

    /// <summary>Sessions that ended for <paramref name="reason"/>.</summary>
    public long Closed(LinkCloseReason reason) => Volatile.Read(ref _closed[(int)reason]);

    /// <summary>Connections, with or without a session, that ended for <paramref name="violation"/>.</summary>
    public long Violations(Violation violation) => Volatile.Read(ref _violations[(int)violation]);

    internal void CountAccepted() => Interlocked.Increment(ref _accepted);

    internal void CountTurnedAway() => Interlocked.Increment(ref _turnedAway);

    internal void CountNeverConnected() => Interlocked.Increment(ref _neverConnected);

    internal void CountMessageIn() => Interlocked.Increment(ref _messagesIn);

    internal void CountMessageOut() => Interlocked.Increment(ref _messagesOut);

    internal void CountDelivered() => Interlocked.Increment(ref _delivered);

    internal void CountRefused(ConnectCode code) => Interlocked.Increment(ref _refused[(int)code]);

    internal void CountViolation(Violation violation) => Interlocked.Increment(ref _violations[(int)violation]);

    internal void CountClosed(LinkClosed why)
    {
        Interlocked.Increment(ref _closed[(int)why.Reason]);
        if (why.Violation != Violation.None) CountViolation(why.Violation);
    }
}
