using System.Net;

namespace Broadcast.Link;

/// <summary>The return codes of CONNACK (MQTT 3.1.1, table 3.1).</summary>
public enum ConnectCode : byte
{
    /// <summary>The connection is open.</summary>
    Accepted = 0,
    /// <summary>The endpoint does not speak this level of the protocol.</summary>
    UnacceptableProtocol = 1,
    /// <summary>The client identifier is not one that may connect.</summary>
    IdentifierRejected = 2,
    /// <summary>The endpoint cannot take the device now: it stops, is full, or a newer session of the device is here.</summary>
    ServerUnavailable = 3,
    /// <summary>The user name or password is wrong.</summary>
    BadCredentials = 4,
    /// <summary>The device is known and may not connect, or its will is outside its prefix.</summary>
    NotAuthorized = 5,
}

/// <summary>What a device said in its CONNECT. Every string is well-formed UTF-8 without U+0000; nothing more of it has been checked.</summary>
/// <param name="ClientId">0 to 65,535 bytes, bounded by <see cref="LinkLimits.PacketBytesMax"/>. Empty where the client left it to the
/// server; the authority then names the device by what it signed in with, or refuses with <see cref="ConnectCode.IdentifierRejected"/>.</param>
/// <param name="UserName">Null where the client sent none.</param>
/// <param name="Password">Empty where the client sent none. Kept by nobody once the verdict is there.</param>
/// <param name="KeepAlive">What holds from now on: the client's own figure, at most <see cref="LinkLimits.KeepAliveMax"/>;
/// <see cref="LinkLimits.KeepAliveDefault"/> where the client asked for none.</param>
/// <param name="Will">The last will, kept for the session and handed back when it ends.</param>
/// <param name="Remote">Where the connection comes from, as far as the transport knows.</param>
public sealed record ConnectRequest(
    string ClientId, string? UserName, ReadOnlyMemory<byte> Password, TimeSpan KeepAlive, LastWill? Will, EndPoint? Remote)
{
    /// <summary>False where the client asked to resume a session (clean session 0). It is told that there is none; the authority may note it.</summary>
    public bool AskedClean { get; init; } = true;

    /// <summary>Never holds the password: a record's own text would.</summary>
    public override string ToString() => $"{ClientId} as {UserName} from {Remote}";
}

/// <summary>What a device wants said in its name when it goes without a word.</summary>
/// <param name="Topic">A topic under the device's own prefix.</param>
/// <param name="Payload">At most what fits into the CONNECT packet.</param>
public sealed record LastWill(string Topic, byte[] Payload);
