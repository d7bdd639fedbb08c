namespace Broadcast.Link;

/// <summary>
/// Who may connect, and what becomes of what they say. For one session the endpoint calls <see cref="Opened"/>, then
/// <see cref="Subscribed"/>, <see cref="ReceivedAsync"/> and <see cref="Delivered"/> as they happen, then <see cref="Closed"/>; never two
/// at once, in the order of arrival. Different sessions, also of one device, call at the same time. An exception out of any of them
/// closes the session with <see cref="LinkCloseReason.AuthorityFailed"/>. None of them may block: they run on the thread that reads.
/// </summary>
public interface ILinkAuthority
{
    /// <summary>Says who this is. <paramref name="ct"/> is cancelled when its half-open time is over.</summary>
    ValueTask<ConnectVerdict> AuthenticateAsync(ConnectRequest request, CancellationToken ct);

    /// <summary>The session is open and its CONNACK has been written. A session that was here before may be closed a moment later.</summary>
    void Opened(LinkSession session);

    /// <summary>The device listens on its command topic: <see cref="LinkSession.TrySend"/> takes messages from now on. Comes again when the device subscribes again.</summary>
    void Subscribed(LinkSession session);

    /// <summary>
    /// A message. The PUBACK goes out when the task is done, in the order of arrival [MQTT-4.6.0-2]; several may be in progress, up to
    /// <see cref="LinkLimits.UnackedInboundMax"/>, and the session's next bytes are not read before there is room. A task that fails
    /// closes the session without the PUBACK. A session may close while tasks are in progress.
    /// </summary>
    /// <param name="session">Whose message it is.</param>
    /// <param name="topic">Starts with the session's prefix; has no wildcard.</param>
    /// <param name="payload">The callee's own from now on.</param>
    ValueTask ReceivedAsync(LinkSession session, string topic, ReadOnlyMemory<byte> payload);

    /// <summary>The device's PUBACK for the message that was sent with <paramref name="tag"/>. Never comes for a device that subscribed with QoS 0.</summary>
    void Delivered(LinkSession session, long tag);

    /// <summary>The session is over: exactly once for each <see cref="Opened"/>. Tags that were not delivered never will be.</summary>
    void Closed(LinkSession session, LinkClosed why);
}
