using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Broadcast.Testing;

namespace Broadcast.Edge.Tests;

/// <summary>A line with one bar of signal: what goes in comes out whole and in its order, so much later.</summary>
internal sealed class SlowLine : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly TimeSpan _oneWay;
    private readonly int _to;
    private readonly Task _accepting;

    public SlowLine(int to, TimeSpan oneWay)
    {
        (_to, _oneWay) = (to, oneWay);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true) _ = CarryAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
    }

    private async Task CarryAsync(TcpClient near)
    {
        using (near)
        using (var far = new TcpClient())
        {
            await far.ConnectAsync(IPAddress.Loopback, _to, _stop.Token);
            var (up, down) = (DelayAsync(near.GetStream(), far.GetStream()), DelayAsync(far.GetStream(), near.GetStream()));
            await Task.WhenAny(up, down);
        }
    }

    private async Task DelayAsync(NetworkStream from, NetworkStream to)
    {
        var onTheWay = Channel.CreateUnbounded<(long At, byte[] Bytes)>();
        var arriving = Task.Run(async () =>
        {
            await foreach (var (at, bytes) in onTheWay.Reader.ReadAllAsync(_stop.Token))
            {
                var left = _oneWay - TimeProvider.System.GetElapsedTime(at);
                if (left > TimeSpan.Zero) await Task.Delay(left, _stop.Token);
                await to.WriteAsync(bytes, _stop.Token);
            }
        });
        var block = new byte[16 << 10];
        for (int count; (count = await from.ReadAsync(block, _stop.Token)) > 0;) onTheWay.Writer.TryWrite((TimeProvider.System.GetTimestamp(), block[..count]));
        onTheWay.Writer.Complete();
        await arriving;
    }
}
