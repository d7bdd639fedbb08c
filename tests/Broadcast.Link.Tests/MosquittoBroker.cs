using Broadcast.Testing;

namespace Broadcast.Link.Tests;

/// <summary>A real Mosquitto with TLS on a port of its own.</summary>
internal sealed class MosquittoBroker : IAsyncDisposable
{
    private readonly string _config;
    private ForeignProcess? _process;

    public MosquittoBroker()
    {
        Port = FreePort.Find();
        _config = Path.Combine(Directory.CreateTempSubdirectory("link-mosquitto").FullName, "mosquitto.conf");
        File.WriteAllText(_config, $"""
            listener {Port} 127.0.0.1
            allow_anonymous true
            cafile {TestCa.Instance.RootFile}
            certfile {TestCa.Instance.ServerFile}
            keyfile {TestCa.Instance.KeyFile}
            user root
            persistence false
            """);
    }

    public int Port { get; }

    public void Start() => _process = ForeignProcess.Start("/usr/sbin/mosquitto", "mosquitto", "-c", _config);

    public Task KillAsync() => _process!.KillAsync();

    public async ValueTask DisposeAsync()
    {
        if (_process is not null) await _process.DisposeAsync();
    }
}
