using System.Net.Sockets;
using System.Text;
using Broadcast.Testing;

namespace Broadcast.Edge.Tests;

/// <summary>What systemd hears of a real gateway process.</summary>
public sealed class ServiceNoticeTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new("notice");
    private TestCloud _cloud = null!;

    public async ValueTask InitializeAsync() => _cloud = await TestCloud.StartAsync(_folder.Path);

    public async ValueTask DisposeAsync()
    {
        await _cloud.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_gateway_tells_systemd_that_it_is_ready_alive_and_stopping()
    {
        using var systemd = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        systemd.Bind(new UnixDomainSocketEndPoint(_folder["notify"]));
        var environment = new Dictionary<string, string> { ["NOTIFY_SOCKET"] = _folder["notify"], ["WATCHDOG_USEC"] = "1000000" };
        await using var edge = await EdgeProcess.StartAsync(_cloud, _folder.Path, environment);
        (await HeardAsync(systemd)).ShouldBe("READY=1");
        (await HeardAsync(systemd)).ShouldBe("WATCHDOG=1");
        (await HeardAsync(systemd)).ShouldBe("WATCHDOG=1");
        edge.Process.Signal(15);
        var last = await HeardAsync(systemd);
        while (last == "WATCHDOG=1") last = await HeardAsync(systemd);
        last.ShouldBe("STOPPING=1");
        await edge.Process.WaitForExitAsync(EdgeProcess.Patience);
        edge.Process.ExitCode.ShouldBe(0);
    }

    private static async Task<string> HeardAsync(Socket systemd)
    {
        using var patience = new CancellationTokenSource(EdgeProcess.Patience);
        var bytes = new byte[64];
        return Encoding.UTF8.GetString(bytes, 0, await systemd.ReceiveAsync(bytes, patience.Token));
    }
}
