using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace Broadcast.Link;

/// <summary>What a client trusts.</summary>
/// <param name="TrustedRoots">The certificate authorities that may vouch for the server; the machine's own store is not asked.</param>
/// <param name="ServerName">The name that the server's certificate must bear; null for <see cref="LinkClientOptions.Host"/>.</param>
public sealed record LinkClientTls(X509Certificate2Collection TrustedRoots, string? ServerName = null);

/// <summary>How a client connects. <see cref="Validate"/> is called when the client is made.</summary>
public sealed record LinkClientOptions
{
    /// <summary>The server's name or address.</summary>
    public required string Host { get; init; }

    /// <summary>1 to 65,535; 8883 is the usual one with TLS, 1883 without.</summary>
    public required int Port { get; init; }

    /// <summary>Null for plain MQTT, which shows the password to everyone on the way.</summary>
    public LinkClientTls? Tls { get; init; }

    /// <summary>At most 65,535 bytes of UTF-8; a server need not take more than 23.</summary>
    public required string ClientId { get; init; }

    /// <summary>Null for none.</summary>
    public string? UserName { get; init; }

    /// <summary>Sent only with a user name.</summary>
    public ReadOnlyMemory<byte> Password { get; init; }

    /// <summary>How long the connection may be silent before a ping. 60 s by default; 4 s to 65,535 s. An unanswered ping ends the connection after half of it.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>What the server says in this client's name when it goes without a DISCONNECT.</summary>
    public LastWill? Will { get; init; }

    /// <summary>Filters to subscribe to with QoS 1 before <see cref="ILinkClientHandler.Up"/>; a refused one ends the attempt.</summary>
    public IReadOnlyList<string> Subscribe { get; init; } = [];

    /// <summary>The shortest wait before the second attempt. 1 s by default.</summary>
    public TimeSpan BackOffMin { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait. 60 s by default: after an outage of the cloud every device is back within two minutes.</summary>
    public TimeSpan BackOffMax { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Spreads the waits, so that a county does not come back in one second. Only this client's own may be given here: it is not made for several threads.</summary>
    public Random Random { get; init; } = new();

    /// <summary>Messages without their PUBACK. 16 by default; 1 to 256.</summary>
    public int WindowMax { get; init; } = 16;

    /// <summary>The largest packet in either direction. 4 KiB by default; 128 bytes to 1 MiB.</summary>
    public int PacketBytesMax { get; init; } = 4096;

    /// <summary>From the first packet of TCP to the last SUBACK. 10 s by default.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The address to connect from; null lets the system choose. One address has some 28,000 ports: a larger simulated fleet needs several.</summary>
    public IPAddress? LocalAddress { get; init; }

    /// <summary>Asked before each attempt which way to dial; null for <see cref="Host"/> and <see cref="Port"/>. The name in the server's certificate stays <see cref="Host"/>.</summary>
    public Func<LinkPath>? NextPath { get; init; }

    /// <summary>The clock of every wait and deadline.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Checks every setting.</summary>
    /// <exception cref="ArgumentException">Names the setting, its value and the fix.</exception>
    public void Validate()
    {
        Check(Host.Length > 0, nameof(Host), Host, "name the server");
        Check(Port is > 0 and <= ushort.MaxValue, nameof(Port), Port, "give a port from 1 to 65535");
        Check(KeepAlive >= TimeSpan.FromSeconds(4) && KeepAlive <= TimeSpan.FromSeconds(ushort.MaxValue), nameof(KeepAlive), KeepAlive, "give 4 s to 65535 s");
        Check(BackOffMin > TimeSpan.Zero, nameof(BackOffMin), BackOffMin, "give more than nothing");
        Check(BackOffMax >= BackOffMin && BackOffMax <= TimeSpan.FromDays(1), nameof(BackOffMax), BackOffMax, "give at least BackOffMin, at most a day");
        Check(WindowMax is >= 1 and <= 256, nameof(WindowMax), WindowMax, "give 1 to 256");
        Check(PacketBytesMax is >= 128 and <= 1 << 20, nameof(PacketBytesMax), PacketBytesMax, "give 128 to 1048576");
        Check(ConnectTimeout > TimeSpan.Zero, nameof(ConnectTimeout), ConnectTimeout, "give more than nothing");
    }

    /// <summary>Never holds the password: a record's own text would.</summary>
    public override string ToString() => $"{ClientId} at {Host}:{Port}";

    private static void Check(bool holds, string setting, object value, string fix)
    {
        if (!holds) throw new ArgumentException($"{setting} is {value}: {fix}.", setting);
    }
}
