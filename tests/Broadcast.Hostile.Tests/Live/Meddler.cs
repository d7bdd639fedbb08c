using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Broadcast.Link;

namespace Broadcast.Hostile.Tests.Live;

/// <summary>Which way a packet goes.</summary>
internal enum Way { ToCloud, ToDevice }

/// <summary>
/// Someone in the middle of a plain link: reads every packet of both ways, keeps it, and sends on what its rule says: the packet, another, several, none, later.
/// </summary>
internal sealed class Meddler : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly IPEndPoint _cloud;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<Way, NetworkStream> _out = new();
    private readonly Task _accepting;

    public Meddler(IPEndPoint cloud)
    {
        _cloud = cloud;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public IPEndPoint Door => (IPEndPoint)_listener.LocalEndpoint;

    /// <summary>Everything that came by, in its order.</summary>
    public ConcurrentQueue<(Way Way, byte[] Packet)> Seen { get; } = new();

    /// <summary>What becomes of a packet; the packet itself by default.</summary>
    public Func<Way, byte[], IEnumerable<byte[]>> Rule { get; set; } = (_, packet) => [packet];

    public static bool IsPublish(byte[] packet) => packet[0] >> 4 == 3;

    /// <summary>Sends bytes of its own on the newest connection.</summary>
    public async Task InjectAsync(Way way, byte[] packet)
    {
        await _out[way].WriteAsync(packet, _stop.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested) _ = ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
    }

    private async Task ServeAsync(TcpClient device)
    {
        using var near = device;
        using var far = new TcpClient { NoDelay = true };
        try
        {
            await far.ConnectAsync(_cloud, _stop.Token);
            _out[Way.ToCloud] = far.GetStream();
            _out[Way.ToDevice] = near.GetStream();
            await Task.WhenAny(PassAsync(Way.ToCloud, near.GetStream(), far.GetStream()), PassAsync(Way.ToDevice, far.GetStream(), near.GetStream()));
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            return; // One end is gone; the other notices.
        }
    }

    private async Task PassAsync(Way way, NetworkStream from, NetworkStream to)
    {
        var arrived = new List<byte>();
        var buffer = new byte[4_096];
        try
        {
            while (await from.ReadAsync(buffer, _stop.Token) is > 0 and var count)
            {
                arrived.AddRange(buffer.AsSpan(0, count));
                while (TakePacket(arrived) is { } packet)
                {
                    Seen.Enqueue((way, packet));
                    foreach (var sent in Rule(way, packet)) await to.WriteAsync(sent, _stop.Token);
                }
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            return; // As above.
        }
    }

    private static byte[]? TakePacket(List<byte> arrived)
    {
        if (!Frame.TryPeek(new ReadOnlySequence<byte>([.. arrived]), 1 << 16, out var frame, out _) || arrived.Count < frame.Bytes) return null;
        var packet = arrived.GetRange(0, frame.Bytes).ToArray();
        arrived.RemoveRange(0, frame.Bytes);
        return packet;
    }
}
