using System.Net;
using System.Text;
using Broadcast.Device;
using Broadcast.Edge.Gateway;
using Broadcast.Edge.Service;
using Broadcast.Link;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Broadcast.Edge.Townships;

/// <summary>
/// Where the township's devices connect: MQTT over TLS on the site's network, as at the cloud, with the same topics. They trust the authority that this gateway
/// made at its first start, and sign in with a secret of their own for it; it opens no other door.
/// </summary>
internal sealed partial class ChildDoor : ILinkAuthority, IHostedService, IAsyncDisposable
{
    /// <summary>Connections beyond one a child: those that are half open, or of a child that comes back before its old one is noticed.</summary>
    private const int ConnectionsSpare = 32;

    private readonly EdgeSettings _settings;
    private readonly TownshipList _list;
    private readonly ChildRelay _relay;
    private readonly TownshipVoice _voice;
    private readonly TimeProvider _time;
    private readonly ILogger<ChildDoor> _logger;
    private readonly LinkEndpoint _endpoint;
    private readonly SiteDoors _doors;
    private readonly SiteClock _clock;
    private WebApplication? _app;
    private long _epoch;

    public ChildDoor(EdgeSettings settings, TownshipList list, ChildRelay relay, TownshipVoice voice, SiteDoors doors, GatewayLoop loop, TimeProvider time, ILogger<ChildDoor> logger, ILogger<LinkEndpoint> linkLogger)
    {
        (_doors, _clock) = (doors, SiteClock.Of(loop, time));
        (_settings, _list, _relay, _voice, _time, _logger) = (settings, list, relay, voice, time, logger);
        // Twenty handshakes a second are what a Pi can do and still speak; a child says a few things a minute.
        var limits = new LinkLimits { ConnectionsMax = Limits.ChildrenMax + ConnectionsSpare, ConnectionsPerSecond = 20, MessagesPerSecond = 50 };
        _endpoint = new LinkEndpoint(this, limits, time, linkLogger);
    }

    /// <summary>Where it listens; null where it carries no township.</summary>
    public string? Address => _app?.Urls.FirstOrDefault() is { } url ? new Uri(url).Authority : null;

    /// <summary>The authority that children must trust, as a PEM file; null where it carries no township.</summary>
    public string? AuthorityFile => _app is null ? null : Path.Combine(Folder, "ca.pem");

    private string Folder => Path.Combine(_settings.Data, "township");

    public Task StartAsync(CancellationToken cancellationToken) =>
        _settings.Township.Listen.Length == 0 ? Task.CompletedTask : _doors.OpenAsync($"township {_settings.Township.Listen}", OpenAsync, cancellationToken);

    // On its own: whoever carries no township does not load the web server's assemblies.
    private async Task OpenAsync(CancellationToken cancellationToken)
    {
        var where = IPEndPoint.Parse(_settings.Township.Listen);
        string[] names = [.. (where.Address.Equals(IPAddress.Any) ? [Dns.GetHostName()] : new[] { where.Address.ToString() }), .. _settings.Township.Names];
        var certificate = new TownshipCertificate(Folder, names, _clock);
        certificate.Show(); // What is wrong with it is known before somebody connects.
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(where, listen => listen.UseTlsLink(_endpoint, certificate.Show)));
        var app = builder.Build();
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
        _app = app;
        LogReady(Address!, _list.Current.Children.Count, AuthorityFile!);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _doors.StopAsync();
        await _endpoint.StopAsync(cancellationToken);
        if (_app is not null) await _app.StopAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null) await _app.DisposeAsync();
    }

    ValueTask<ConnectVerdict> ILinkAuthority.AuthenticateAsync(ConnectRequest request, CancellationToken ct)
    {
        var isKnown = request.UserName == request.ClientId && _list.Current.Children.TryGetValue(request.ClientId, out var child) && child.Knows(request.Password.Span);
        return ValueTask.FromResult(isKnown
            ? ConnectVerdict.Accept(request.ClientId, Interlocked.Increment(ref _epoch), Topics.UpPrefix(request.ClientId), Topics.Down(request.ClientId))
            : ConnectVerdict.Refuse(ConnectCode.BadCredentials));
    }

    void ILinkAuthority.Opened(LinkSession session) => _relay.Opened(session);

    void ILinkAuthority.Subscribed(LinkSession session) => _voice.SpeakTo(session);

    ValueTask ILinkAuthority.ReceivedAsync(LinkSession session, string topic, ReadOnlyMemory<byte> payload)
    {
        if (topic == Topics.Up(session.DeviceId) && payload.Length <= Limits.FrameBytesMax) return _relay.SendAsync(session, payload.ToArray());
        session.Close(LinkCloseReason.ProtocolViolation);
        return ValueTask.CompletedTask;
    }

    void ILinkAuthority.Delivered(LinkSession session, long tag)
    {
        // That the link has carried it says nothing of the child's verdict: its receipts do, and they are the cloud's.
    }

    void ILinkAuthority.Closed(LinkSession session, LinkClosed why)
    {
        _relay.Closed(session, _time.GetUtcNow() - why.LastHeard);
        LogGone(session.DeviceId, why.Reason);
    }

    [LoggerMessage(1, LogLevel.Information, "The township's devices connect to {Address}; {Children} are known. They must trust {Authority}")]
    private partial void LogReady(string address, int children, string authority);

    [LoggerMessage(3, LogLevel.Information, "{Child} has gone: {Why}")]
    private partial void LogGone(string child, LinkCloseReason why);
}
