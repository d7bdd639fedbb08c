using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Broadcast.Device;
using Broadcast.Link;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broadcast.EndToEnd.Fleet;

/// <summary>The least cloud that a fleet can be shown with: the real endpoint, a welcome for every hello, and orders on demand.</summary>
internal sealed class MiniCloud : ILinkAuthority, IAsyncDisposable
{
    private readonly Dictionary<string, (string Secret, byte[] Key)> _devices = [];
    private readonly ConcurrentDictionary<string, LinkSession> _sessions = new(StringComparer.Ordinal);
    private readonly WebApplication _app;
    private long _epoch;

    private MiniCloud(int devices, string devicesFile)
    {
        var csv = new StringBuilder("device,site,village,linkSecret,orderKeyHex,keyEpoch,latitude,longitude\n");
        for (var n = 1; n <= devices; n++)
        {
            var (id, key) = ($"dev-{n:D4}", RandomNumberGenerator.GetBytes(32));
            _devices[id] = ("secret-" + id, key);
            csv.Append(System.Globalization.CultureInfo.InvariantCulture, $"{id},site-{n},421202100001,secret-{id},{Convert.ToHexStringLower(key)},1,29.8,114.3\n");
        }

        File.WriteAllText(devicesFile, csv.ToString());
        var endpoint = new LinkEndpoint(this, new LinkLimits(), TimeProvider.System, NullLogger<LinkEndpoint>.Instance);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0, l => l.UseLink(endpoint, certificate: null)));
        _app = builder.Build();
    }

    public int Port { get; private set; }

    public ConcurrentQueue<(string Device, Receipt Receipt)> Receipts { get; } = new();

    public static async Task<MiniCloud> StartAsync(int devices, string devicesFile)
    {
        var cloud = new MiniCloud(devices, devicesFile);
        await cloud._app.StartAsync();
        var address = cloud._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        cloud.Port = new Uri(address).Port;
        return cloud;
    }

    /// <summary>Sends the order to every device that is here; gives how many.</summary>
    public int Say(Order order)
    {
        foreach (var (id, session) in _sessions)
            session.TrySend(Envelope.Seal(_devices[id].Key, 1, Direction.Down, id, MessageType.Order, order.Encode()), tag: 0);
        return _sessions.Count;
    }

    public ValueTask<ConnectVerdict> AuthenticateAsync(ConnectRequest request, CancellationToken ct) => ValueTask.FromResult(
        _devices.TryGetValue(request.ClientId, out var device) && Encoding.UTF8.GetString(request.Password.Span) == device.Secret
            ? ConnectVerdict.Accept(request.ClientId, Interlocked.Increment(ref _epoch), Topics.UpPrefix(request.ClientId), Topics.Down(request.ClientId))
            : ConnectVerdict.Refuse(ConnectCode.BadCredentials));

    public void Opened(LinkSession session)
    {
    }

    public void Subscribed(LinkSession session) => _sessions[session.DeviceId] = session;

    public ValueTask ReceivedAsync(LinkSession session, string topic, ReadOnlyMemory<byte> payload)
    {
        var opened = Envelope.Open(payload.ToArray(), _devices[session.DeviceId].Key, 1, Direction.Up, session.DeviceId);
        opened.Refusal.ShouldBe(Refusal.None);
        if (opened.Type == MessageType.Hello) Welcome(session, Hello.Decode(opened.Body)!);
        if (opened.Type == MessageType.Receipt) Receipts.Enqueue((session.DeviceId, Receipt.Decode(opened.Body)!));
        return ValueTask.CompletedTask;
    }

    public void Delivered(LinkSession session, long tag)
    {
    }

    public void Closed(LinkSession session, LinkClosed why) => _sessions.TryRemove(new(session.DeviceId, session));

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private void Welcome(LinkSession session, Hello hello)
    {
        var welcome = new Welcome { Nonce = hello.Nonce, NowMs = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(), ReportSeconds = 300, Epoch = session.Epoch };
        session.TrySend(Envelope.Seal(_devices[session.DeviceId].Key, 1, Direction.Down, session.DeviceId, MessageType.Welcome, welcome.Encode()), tag: 0);
    }
}
