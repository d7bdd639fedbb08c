using System.Net;
using System.Net.Sockets;

namespace Broadcast.Benchmarks.Peers;

/// <summary>What one connection has cost on the air: bytes and segments both ways.</summary>
internal readonly record struct Traffic(long Bytes, long Segments)
{
    private const int HeaderBytes = 52; // IPv4 20, TCP 20, timestamps 12: what Linux and the modems of gateways send.

    public double Total => Bytes + (Segments * (double)HeaderBytes);

    public static Traffic operator -(Traffic a, Traffic b) => new(a.Bytes - b.Bytes, a.Segments - b.Segments);
}

/// <summary>Forwards one device's connection to the cloud and counts; what is in it stays encrypted. Segments are the kernel's own count on the device's side (TCP_INFO).</summary>
internal sealed class CountingProxy : IAsyncDisposable
{
    private const int Tcp = 6, TcpInfo = 11, SegmentsOut = 136, SegmentsIn = 140, InfoBytes = 192; // Linux: struct tcp_info.
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly int _cloudPort;
    private readonly Task _running;
    private Socket? _device;
    private long _bytes;

    public CountingProxy(int cloudPort)
    {
        _cloudPort = cloudPort;
        _listener.Start();
        _running = RunAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public int Connections { get; private set; }

    public Traffic Read()
    {
        Span<byte> info = stackalloc byte[InfoBytes];
        var length = _device!.GetRawSocketOption(Tcp, TcpInfo, info);
        if (length < SegmentsIn + 4) throw new PlatformNotSupportedException("This kernel does not count segments.");
        return new Traffic(Interlocked.Read(ref _bytes), BitConverter.ToUInt32(info[SegmentsOut..]) + BitConverter.ToUInt32(info[SegmentsIn..]));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        _device?.Dispose();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            _device = await _listener.AcceptSocketAsync(_stop.Token);
            Connections++;
            _device.NoDelay = true;
            using var cloud = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await cloud.ConnectAsync(IPAddress.Loopback, _cloudPort, _stop.Token);
            await Task.WhenAny(PumpAsync(_device, cloud), PumpAsync(cloud, _device));
        }
    }

    private async Task PumpAsync(Socket from, Socket to)
    {
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await from.ReceiveAsync(buffer, _stop.Token)) > 0)
        {
            Interlocked.Add(ref _bytes, read);
            await to.SendAsync(buffer.AsMemory(0, read), _stop.Token);
        }
    }
}
