using System.Net;
using System.Net.Sockets;

namespace Broadcast.Link.Tests;

public sealed class SocketStreamTests
{
    /// <summary>Who counts a flush as sent must hear that it was not (R6).</summary>
    [Fact]
    public async Task A_write_that_the_connection_does_not_take_throws_and_a_read_has_come_to_its_end()
    {
        var ct = TestContext.Current.CancellationToken;
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        using var device = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await device.ConnectAsync(listener.LocalEndPoint!, ct);
        using var accepted = await listener.AcceptAsync(ct);
        await using var stream = new SocketStream(accepted);
        await stream.WriteAsync(new byte[] { 1, 2, 3 }, ct);
        var room = new byte[3];
        (await device.ReceiveAsync(room, ct)).ShouldBe(3);

        var full = stream.WriteAsync(new byte[64 << 20], ct); // More than the kernel takes while nobody reads.
        full.IsCompleted.ShouldBeFalse();
        device.LingerState = new LingerOption(true, 0); // A reset, as of a device that lost its power and came back.
        device.Close();
        await Should.ThrowAsync<IOException>(full.AsTask());
        await Should.ThrowAsync<IOException>(stream.WriteAsync(new byte[] { 4 }, ct).AsTask());
        (await stream.ReadAsync(room, ct)).ShouldBe(0);
    }
}
