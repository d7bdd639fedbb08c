namespace Broadcast.Link;

/// <summary>What became of a message that was to be sent.</summary>
public enum SendOutcome : byte
{
    /// <summary>It is written, or waits in the session's own queue.</summary>
    Accepted = 0,
    /// <summary>Window and queue are full: offer it again after an acknowledgement.</summary>
    WindowFull,
    /// <summary>The session is over, or the client is not connected.</summary>
    Closed,
    /// <summary>The device has not subscribed to its command topic, or has unsubscribed: offer it again after <see cref="ILinkAuthority.Subscribed"/>.</summary>
    NotSubscribed,
    /// <summary>The packet would be above the packet bound: it will never be taken.</summary>
    TooLarge,
}
