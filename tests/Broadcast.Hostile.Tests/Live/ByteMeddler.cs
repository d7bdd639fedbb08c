using System.Net;
using System.Net.Sockets;

namespace Broadcast.Hostile.Tests.Live;

/// <summary>Someone in the middle who understands nothing of what passes, and changes bytes of it all the same.</summary>
internal sealed class ByteMeddler : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly IPEndPoint _to;
    private readonly Action<byte[], int> _spoil;
    private readonly Task _accepting;
    private int _connections;

    /// <param name="to">Where it passes on to.</param>
    /// <param name="spoil">Is given each piece, and how many came before it on that way of the connection.</param>
    public ByteMeddler(IPEndPoint to, Action<byte[], int> spoil)
    {
        (_to, _spoil) = (to, spoil);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public IPEndPoint Door => (IPEndPoint)_listener.LocalEndpoint;

    public int Connections => Volatile.Read(ref _connections);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            var near = await _listener.AcceptTcpClientAsync(_stop.Token);
            Interlocked.Increment(ref _connections);
            _ = ServeAsync(near);
        }
    }

    private async Task ServeAsync(TcpClient device)
    {
        using var near = device;
        using var far = new TcpClient { NoDelay = true };
        try
        {
            await far.ConnectAsync(_to, _stop.Token);
            await Task.WhenAny(PassAsync(near.GetStream(), far.GetStream()), PassAsync(far.GetStream(), near.GetStream()));
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            return; // One end is gone; the other notices.
        }
    }

    private async Task PassAsync(NetworkStream from, NetworkStream to)
    {
        var buffer = new byte[4_096];
        try
        {
            for (var piece = 0; await from.ReadAsync(buffer, _stop.Token) is > 0 and var count; piece++)
            {
                var bytes = buffer[..count];
                _spoil(bytes, piece);
                await to.WriteAsync(bytes, _stop.Token);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            return; // As above.
        }
    }
}
