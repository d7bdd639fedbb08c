namespace Broadcast.Link;

/// <summary>
/// A way to one device, as its authority uses it: the device's own session (<see cref="LinkSession"/>), or a place in the session of somebody who
/// carries it.
/// </summary>
public interface ILinkLine
{
    /// <summary>The fencing epoch, as the authority gave it.</summary>
    long Epoch { get; }

    /// <summary>When the device was last heard, as far as is known.</summary>
    DateTimeOffset LastHeard { get; }

    /// <summary>False from the moment at which the line's end is decided.</summary>
    bool IsOpen { get; }

    /// <summary>As <see cref="LinkSession.HasUnsent"/>.</summary>
    bool HasUnsent { get; }

    /// <summary>As <see cref="LinkSession.TrySend"/>.</summary>
    SendOutcome TrySend(ReadOnlyMemory<byte> payload, long tag, bool flush = true);

    /// <summary>As <see cref="LinkSession.Flush"/>.</summary>
    void Flush();

    /// <summary>As <see cref="LinkSession.Close"/>.</summary>
    void Close(LinkCloseReason reason);
}
