using System.Globalization;
using System.Runtime.CompilerServices;

namespace Broadcast.Link;

/// <summary>
/// The bounds of an endpoint. Each setting is checked when it is made, what they have to do with one another when the endpoint is made;
/// the error names the setting, its value and the fix.
/// </summary>
public sealed record LinkLimits
{
    /// <summary>The largest packet, header included, in either direction. 4 KiB by default: an order frame is at most 2 KiB. 128 bytes to 1 MiB.</summary>
    public int PacketBytesMax { get; init => field = Between(value, 128, 1 << 20); } = 4096;

    /// <summary>Connections at once, half-open ones too; one more is closed without a word. 1 to 1,000,000.</summary>
    public int ConnectionsMax { get; init => field = Between(value, 1, 1_000_000); } = 16_384;

    /// <summary>New connections a second; twice as many may come at once. More are closed without a word, before TLS spends anything on
    /// them, and come back by their back-off. 500 by default, about what one core can do TLS handshakes for. Who knocks seldom comes first (<see cref="Door"/>). 1 to 100,000.</summary>
    public int ConnectionsPerSecond { get; init => field = Between(value, 1, 100_000); } = 500;

    /// <summary>Packets a second from one session, its acknowledgements of what it was sent not counted; twice as many may come at
    /// once. 200 by default: a device says one thing a second, a township's Pi speaks for dozens. 1 to 100,000.</summary>
    public int MessagesPerSecond { get; init => field = Between(value, 1, 100_000); } = 200;

    /// <summary>The time from the connection to the CONNACK, the authority's answer included. 10 s by default. 100 ms to 5 min.
    /// What comes before, the TLS handshake, is bounded by Kestrel's own HandshakeTimeout (<see cref="LinkListening.UseLink"/> sets it).</summary>
    public TimeSpan HalfOpenMax { get; init => field = Between(value, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5)); } = TimeSpan.FromSeconds(10);

    /// <summary>The longest keep-alive that is kept: a device that asked for more is cut after one and a half times this. 20 min by
    /// default. 1 s to 18 h 12 min 15 s, the most that the protocol can say.</summary>
    public TimeSpan KeepAliveMax { get; init => field = Between(value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(ushort.MaxValue)); } = TimeSpan.FromMinutes(20);

    /// <summary>The keep-alive of a device that asked for none (0): nobody stays online for ever without a word. 60 s by default.</summary>
    public TimeSpan KeepAliveDefault { get; init => field = Between(value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(ushort.MaxValue)); } = TimeSpan.FromSeconds(60);

    /// <summary>Messages of one session that the authority has not finished; the session is not read further meanwhile. 16 by default. 1 to 1,024.</summary>
    public int UnackedInboundMax { get; init => field = Between(value, 1, 1024); } = 16;

    /// <summary>QoS 2 messages of one session that wait for their PUBREL; one more closes it. 64 by default. 1 to 1,024.</summary>
    public int UnreleasedMax { get; init => field = Between(value, 1, 1024); } = 64;

    /// <summary>Messages to a device without its PUBACK. 16 by default. 1 to 256.</summary>
    public int WindowMax { get; init => field = Between(value, 1, 256); } = 16;

    /// <summary>Messages that wait behind the window of one session; one more is <see cref="SendOutcome.WindowFull"/>. 64 by default. 0 to 4,096.</summary>
    public int QueueMax { get; init => field = Between(value, 0, 4096); } = 64;

    /// <summary>Bytes that wait while one write to a device is under way. Messages above it stay in the queue; acknowledgements above it
    /// cut the device, which sends and does not read. 64 KiB by default. 1 KiB to 16 MiB.</summary>
    public int WriteBufferBytesMax { get; init => field = Between(value, 1024, 1 << 24); } = 64 * 1024;

    /// <summary>How long one write may take before the device counts as not reading. 30 s by default. 100 ms to 10 min.</summary>
    public TimeSpan WriteStallMax { get; init => field = Between(value, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(10)); } = TimeSpan.FromSeconds(30);

    internal void CheckRelations()
    {
        if (KeepAliveDefault > KeepAliveMax)
            throw new ArgumentException($"KeepAliveDefault is {KeepAliveDefault}, above KeepAliveMax, {KeepAliveMax}: lower the one or raise the other.");
        if (WriteBufferBytesMax < PacketBytesMax)
            throw new ArgumentException($"WriteBufferBytesMax is {WriteBufferBytesMax}, below PacketBytesMax, {PacketBytesMax}: give the buffer room for one packet at least.");
    }

    private static T Between<T>(T value, T low, T high, [CallerMemberName] string setting = "") where T : IComparable<T>
    {
        if (value.CompareTo(low) >= 0 && value.CompareTo(high) <= 0) return value;
        throw new ArgumentOutOfRangeException(setting, value, string.Create(CultureInfo.InvariantCulture, $"{setting} is {value}: give it a value from {low} to {high}."));
    }
}
