namespace Broadcast.Link;

/// <summary>Why a session ended. The first reason that comes up is the one that counts.</summary>
public enum LinkCloseReason : byte
{
    /// <summary>The session is open.</summary>
    None = 0,
    /// <summary>The device said DISCONNECT.</summary>
    Disconnected,
    /// <summary>The connection ended or broke without a DISCONNECT.</summary>
    LinkLost,
    /// <summary>No packet for one and a half times the keep-alive [MQTT-3.1.2-24].</summary>
    KeepAliveExpired,
    /// <summary>A session of the same device with a higher or equal epoch was opened.</summary>
    TakenOver,
    /// <summary>The device broke the protocol; <see cref="LinkClosed.Violation"/> says how.</summary>
    ProtocolViolation,
    /// <summary>The device sent more than <see cref="LinkLimits.MessagesPerSecond"/> allows.</summary>
    Flooding,
    /// <summary>The device does not read: what waits for it passed <see cref="LinkLimits.WriteBufferBytesMax"/>, or one write did not end
    /// within <see cref="LinkLimits.WriteStallMax"/>.</summary>
    SlowReader,
    /// <summary>The endpoint stops.</summary>
    ServerStopping,
    /// <summary>A callback of the authority threw.</summary>
    AuthorityFailed,
    /// <summary>The authority ended the session.</summary>
    ClosedByAuthority,
}

/// <summary>How a session ended.</summary>
/// <param name="Reason">The first cause.</param>
/// <param name="Violation">What the device did, where <paramref name="Reason"/> is <see cref="LinkCloseReason.ProtocolViolation"/>.</param>
/// <param name="LastHeard">When its last whole packet arrived, by the wall clock.</param>
/// <param name="Will">The will that now applies: null after a DISCONNECT [MQTT-3.1.2-10], or where the device left none.</param>
public readonly record struct LinkClosed(LinkCloseReason Reason, Violation Violation, DateTimeOffset LastHeard, LastWill? Will)
{
    /// <summary>The device left a will, and went without a DISCONNECT.</summary>
    public bool WillApplies => Will is not null;
}
