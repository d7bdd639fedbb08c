using Broadcast.Testing;

namespace Broadcast.Benchmarks.Peers;

/// <summary>Mosquitto from Debian, at its best: no persistence, no queue limits, small packets sent at once.</summary>
internal sealed class Mosquitto : IAsyncDisposable
{
    private readonly TempFolder _folder = new("mosquitto");
    private readonly RunningProcess _process;

    private Mosquitto(int port, (string Authority, string Certificate, string Key)? tls)
    {
        Port = port;
        var config = _folder["mosquitto.conf"];
        File.WriteAllLines(config,
        [
            $"listener {port} 127.0.0.1", "allow_anonymous true", "persistence false", "set_tcp_nodelay true",
            "max_queued_messages 0", "max_inflight_messages 0", "max_connections -1", "user root", "log_type error",
            .. tls is { } t ? (IEnumerable<string>)[$"cafile {t.Authority}", $"certfile {t.Certificate}", $"keyfile {t.Key}"] : [],
        ]);
        _process = RunningProcess.Start("/usr/sbin/mosquitto", ["-c", config], name: "mosquitto");
    }

    public int Port { get; }

    public int Id => _process.Id;

    /// <param name="tls">Null for plain.</param>
    public static async Task<Mosquitto> StartAsync((string Authority, string Certificate, string Key)? tls)
    {
        var broker = new Mosquitto(FreePort.Find(), tls);
        await Eventually.HoldsAsync(() => IsListening(broker.Port), TimeSpan.FromSeconds(20), "mosquitto listens");
        return broker;
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _folder.Dispose();
    }

    private static bool IsListening(int port) =>
        System.Net.NetworkInformation.IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Any(l => l.Port == port);
}
