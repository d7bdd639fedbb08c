using System.Net;
using System.Net.Sockets;
using System.Text;
using Broadcast.Device;
using Broadcast.Fleet;
using Broadcast.Link;

namespace Broadcast.Hostile.Tests.Live;

/// <summary>A bare connection of an attacker: sends any bytes, sees whether and when the other side lets go.</summary>
internal sealed class RawPeer : IAsyncDisposable
{
    private readonly TcpClient _socket = new() { NoDelay = true };
    private readonly List<byte> _heard = [];
    private NetworkStream _stream = null!;

    public IReadOnlyList<byte> Heard => _heard;

    public static async Task<RawPeer> DialAsync(IPEndPoint door)
    {
        var peer = new RawPeer();
        await peer._socket.ConnectAsync(door);
        peer._stream = peer._socket.GetStream(); // Kept: a socket that was reset gives none any more.
        return peer;
    }

    /// <summary>Signed in with a device's link secret.</summary>
    public static async Task<RawPeer> SignInAsync(IPEndPoint door, DeviceRow row, string? secret = null)
    {
        var peer = await DialAsync(door);
        await peer.SendAsync(ConnectPacket.Encode(row.Device, 60, null, row.Device, Encoding.UTF8.GetBytes(secret ?? row.LinkSecret)));
        return peer;
    }

    public async Task SendAsync(byte[] bytes)
    {
        try
        {
            await _stream.WriteAsync(bytes);
        }
        catch (IOException)
        {
            return; // Cut meanwhile: that is an outcome, and EndAsync sees it.
        }
    }

    public Task PublishAsync(string topic, byte[] payload, ushort id = 1)
    {
        var name = Encoding.UTF8.GetBytes(topic);
        var packet = new byte[Packets.PublishSize(name.Length, payload.Length, 1)];
        Packets.WritePublish(packet, name, payload, 1, id);
        return SendAsync(packet);
    }

    public Task SubscribeAsync(string filter) => SendAsync(Packets.Subscribe(7, [filter]));

    public static byte[] Frame(DeviceRow row, MessageType type, byte[] body, string? device = null, byte[]? key = null, int? epoch = null) =>
        Envelope.Seal(key ?? row.OrderKey, epoch ?? row.KeyEpoch, Direction.Up, device ?? row.Device, type, body);

    /// <summary>Reads until so many bytes were heard.</summary>
    public async Task HearAsync(int bytes, TimeSpan within)
    {
        while (_heard.Count < bytes && await ReadAsync(within))
        {
        }
    }

    /// <summary>Says no more. What had only begun will never be whole, and nothing is to wait for it.</summary>
    public void Finish()
    {
        try
        {
            _socket.Client.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.NotConnected or SocketError.ConnectionReset)
        {
            return; // Cut already.
        }
    }

    /// <summary>Reads to the end; false where the other side did not let go in time.</summary>
    public async Task<bool> EndAsync(TimeSpan within)
    {
        var start = TimeProvider.System.GetTimestamp();
        try
        {
            while (await ReadAsync(within - TimeProvider.System.GetElapsedTime(start)))
            {
            }

            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<bool> ReadAsync(TimeSpan within)
    {
        var some = new byte[4_096];
        try
        {
            var count = await _stream.ReadAsync(some).AsTask().WaitAsync(within > TimeSpan.Zero ? within : TimeSpan.Zero);
            _heard.AddRange(some.AsSpan(0, count));
            return count > 0;
        }
        catch (IOException)
        {
            return false; // Reset: an end, too.
        }
    }
}
