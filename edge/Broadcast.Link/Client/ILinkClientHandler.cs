namespace Broadcast.Link;

/// <summary>
/// What a client tells its owner. Never two calls at once for one client, and none may block: the thread reads meanwhile for nobody.
/// An exception out of <see cref="Up"/>, <see cref="Received"/> or <see cref="Acknowledged"/> ends the connection with
/// <see cref="LinkDownReason.HandlerFailed"/>, and the client connects again; one out of <see cref="Down"/> or <see cref="Failed"/> ends
/// <see cref="LinkClient.RunAsync"/>.
/// </summary>
public interface ILinkClientHandler
{
    /// <summary>Connected, and every subscription granted.</summary>
    void Up(LinkClient client);

    /// <summary>The connection is over: exactly once for each <see cref="Up"/>. What was not acknowledged never will be; offer it again after the next <see cref="Up"/>.</summary>
    void Down(LinkClient client, LinkDown why);

    /// <summary>An attempt did not come as far as <see cref="Up"/>. The next one follows by itself.</summary>
    void Failed(LinkClient client, LinkDown why)
    {
    }

    /// <summary>A message; its PUBACK is sent after this returns. The payload is the callee's own.</summary>
    void Received(LinkClient client, string topic, ReadOnlyMemory<byte> payload);

    /// <summary>The server has taken responsibility for the message that was published with <paramref name="token"/>.</summary>
    void Acknowledged(LinkClient client, int token);
}

/// <summary>Why a connection ended, or did not come about.</summary>
public enum LinkDownReason : byte
{
    /// <summary>TCP or TLS did not come about, or not in time.</summary>
    Unreachable = 1,
    /// <summary>The server said no: <see cref="LinkDown.Code"/>.</summary>
    Refused,
    /// <summary>The server did not grant a subscription.</summary>
    SubscriptionRefused,
    /// <summary>The connection ended or broke.</summary>
    LinkLost,
    /// <summary>The server did not answer a ping.</summary>
    KeepAliveExpired,
    /// <summary>The server broke the protocol: <see cref="LinkDown.Violation"/>.</summary>
    ProtocolViolation,
    /// <summary>The owner's handler threw: <see cref="LinkDown.Error"/>.</summary>
    HandlerFailed,
    /// <summary>The client was stopped.</summary>
    Stopped,
}

/// <summary>How a connection ended.</summary>
/// <param name="Reason">The first cause.</param>
/// <param name="Code">The server's code, where it refused.</param>
/// <param name="Violation">What the server did, where it broke the protocol.</param>
/// <param name="Error">What was thrown, where something was.</param>
public readonly record struct LinkDown(
    LinkDownReason Reason, ConnectCode Code = ConnectCode.Accepted, Violation Violation = Violation.None, Exception? Error = null);
