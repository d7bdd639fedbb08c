using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Broadcast.Device;
using Broadcast.Link;

namespace Broadcast.Edge.Gateway;

/// <summary>The gateway's link to the cloud: hands everything that happens on it to the loop, and remembers why it is down.</summary>
internal sealed class Uplink : ILinkClientHandler, IAsyncDisposable
{
    /// <summary>Frames of the gateway's own that may be under way.</summary>
    public const int OwnWindow = 16;

    /// <summary>Frames under way where it carries a township: its children's beside its own.</summary>
    public const int TownshipWindow = OwnWindow + Townships.ChildRelay.UnderWayMax;

    /// <summary>Where another way stands by and bytes are free, a dead line is noticed after this and half of it again.</summary>
    private const int FreeKeepAliveSeconds = 15;

    /// <summary>
    /// The only way, or a modem's, may be slow: at the edge of a cell an answer takes 2 to 4 s, and four are needed one after the other. A way beside which another
    /// stands by has <see cref="LinkClientOptions.ConnectTimeout"/>.
    /// </summary>
    private static readonly TimeSpan SlowConnectMax = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly LinkClient _client;
    private readonly string _topic;
    private readonly TimeProvider _time;
    private readonly (UplinkSettings Settings, LinkPath Path)[] _ways;
    private readonly UplinkChoice _choice;

    /// <exception cref="SettingsException">The authority's file holds no certificate.</exception>
    public Uplink(EdgeSettings settings, TimeProvider time)
    {
        _time = time;
        _topic = Topics.Up(settings.Device.Id);
        _ways = [.. settings.Link.Uplinks.DefaultIfEmpty(new UplinkSettings()).Select(way => (way, PathOf(settings.Link, way)))];
        _choice = new UplinkChoice([.. _ways.Select(way => way.Settings.Cost)], settings.Link.ProbeSeconds * 1_000L);
        _client = new LinkClient(OptionsOf(settings, time) with { NextPath = NextPath }, this);
    }

    /// <summary>Set before <see cref="RunAsync"/>: takes what happens; never blocks.</summary>
    public Action<Letter> Post { get; set; } = _ => { };

    /// <summary>Set where this gateway carries a township: takes a frame that is for a child; false where it is none. Never blocks.</summary>
    public Func<byte[], bool> ChildFrame { get; set; } = _ => false;

    /// <summary>Set where this gateway carries a township: the cloud has the child's frame of this token, which is below 0.</summary>
    public Action<int> ChildAcknowledged { get; set; } = _ => { };

    public bool IsUp => _client.IsUp;

    /// <summary>For the technician: how the link is, and why.</summary>
    public string Condition { get; private set; } = "connecting for the first time";

    public DateTimeOffset Since { get; private set; }

    /// <summary>Name of the way in use; empty where there is only the system's own.</summary>
    public string Name => InUse.Settings.Name;

    /// <summary>Whether each byte of the way in use is paid for: then only what matters goes out.</summary>
    public bool IsMetered => InUse.Settings.Metered;

    /// <summary>Why that way; for people, ASCII.</summary>
    public string Why
    {
        get
        {
            lock (_gate) return _choice.Why;
        }
    }

    /// <summary>The way in use, for what else is asked of the cloud.</summary>
    public LinkPath Path => InUse.Path;

    private (UplinkSettings Settings, LinkPath Path) InUse
    {
        get
        {
            lock (_gate) return _ways[_choice.Current];
        }
    }

    private long NowMs => _time.GetTimestamp() / (_time.TimestampFrequency / 1_000);

    public Task RunAsync(CancellationToken stop) => _ways.Length == 1 ? _client.RunAsync(stop) : Task.WhenAll(_client.RunAsync(stop), ProbeUntilAsync(stop));

    public bool TryPublish(int token, byte[] frame) => _client.TryPublish(_topic, frame, token) == SendOutcome.Accepted;

    /// <summary>Publishes a frame of a child.</summary>
    /// <param name="topic">Under this gateway's own prefix.</param>
    /// <param name="token">Below 0: the others are the core's.</param>
    /// <param name="frame">As the child made it.</param>
    public bool TryPublish(string topic, int token, byte[] frame) => _client.TryPublish(topic, frame, token) == SendOutcome.Accepted;

    public ValueTask DisposeAsync() => _client.DisposeAsync();

    private LinkPath NextPath()
    {
        lock (_gate) return _ways[_choice.Pick(NowMs)].Path;
    }

    // While a dearer way is used, the cheapest is looked at; the session goes over when it has answered often enough.
    private async Task ProbeUntilAsync(CancellationToken stop)
    {
        using var second = new PeriodicTimer(TimeSpan.FromSeconds(1), _time);
        try
        {
            while (await second.WaitForNextTickAsync(stop))
            {
                int? due;
                lock (_gate) due = _client.IsUp ? _choice.ProbeDue(NowMs) : null;
                if (due is not { } way) continue;
                var answers = await _client.ProbeAsync(_ways[way].Path, stop);
                bool goesBack;
                lock (_gate) goesBack = _choice.Probed(way, answers, NowMs);
                if (goesBack) _client.Cut();
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return; // The link ends too.
        }
    }

    private void NoteFailure()
    {
        lock (_gate) _choice.Failed(NowMs);
    }

    void ILinkClientHandler.Up(LinkClient client)
    {
        lock (_gate) _choice.Up(NowMs);
        Note(Name.Length == 0 ? "up" : $"up by {Name}{(IsMetered ? " (metered)" : "")}: {Why}");
        Post(new Letter(LetterKind.LinkUp));
    }

    void ILinkClientHandler.Down(LinkClient client, LinkDown why)
    {
        NoteFailure();
        Note(Text(why));
        Post(new Letter(LetterKind.LinkDown));
    }

    void ILinkClientHandler.Failed(LinkClient client, LinkDown why)
    {
        NoteFailure();
        Note(Name.Length == 0 ? Text(why) : $"{Name}: {Text(why)}");
    }

    void ILinkClientHandler.Received(LinkClient client, string topic, ReadOnlyMemory<byte> payload)
    {
        var frame = payload.ToArray();
        if (!ChildFrame(frame)) Post(new Letter(LetterKind.Frame, frame) { At = _time.GetTimestamp() });
    }

    void ILinkClientHandler.Acknowledged(LinkClient client, int token)
    {
        if (token < 0) ChildAcknowledged(token);
        else Post(new Letter(LetterKind.Published, Number: token));
    }

    private void Note(string condition)
    {
        Condition = condition;
        Since = _time.GetUtcNow();
    }

    private static string Text(LinkDown why) => why.Reason switch
    {
        LinkDownReason.Unreachable => $"the cloud cannot be reached: {why.Error?.Message}",
        LinkDownReason.Refused => $"the cloud refused the connection: {why.Code}",
        LinkDownReason.ProtocolViolation => $"the cloud broke the protocol: {why.Violation}",
        _ => $"down: {why.Reason}",
    };

    private static LinkPath PathOf(LinkSettings link, UplinkSettings way)
    {
        var isFree = link.Uplinks.Length > 1 && !way.Metered;
        var seconds = way.KeepAliveSeconds > 0 ? way.KeepAliveSeconds : isFree ? Math.Min(FreeKeepAliveSeconds, link.KeepAliveSeconds) : link.KeepAliveSeconds;
        return new LinkPath(
            way.Host.Length > 0 ? way.Host : link.Host, link.Port, way.Address.Length > 0 ? IPAddress.Parse(way.Address) : null, way.Interface, TimeSpan.FromSeconds(seconds), isFree ? null : SlowConnectMax);
    }

    private static LinkClientOptions OptionsOf(EdgeSettings settings, TimeProvider time) => new()
    {
        Host = settings.Link.Host,
        Port = settings.Link.Port,
        Tls = settings.Link.Plain ? null : new LinkClientTls(Roots(settings.Link.Ca)),
        ClientId = settings.Device.Id,
        UserName = settings.Device.Id,
        Password = Encoding.UTF8.GetBytes(settings.Link.Secret),
        Subscribe = [Topics.Down(settings.Device.Id)],
        KeepAlive = TimeSpan.FromSeconds(settings.Link.KeepAliveSeconds),
        WindowMax = settings.Township.Listen.Length > 0 ? TownshipWindow : OwnWindow,
        Time = time,
    };

    /// <summary>The authority that vouches for the cloud, at the link and at the HTTPS door.</summary>
    /// <exception cref="SettingsException">The file holds no certificate.</exception>
    internal static X509Certificate2Collection Roots(string file)
    {
        var roots = new X509Certificate2Collection();
        try
        {
            roots.ImportFromPemFile(file);
        }
        catch (System.Security.Cryptography.CryptographicException unreadable)
        {
            throw new SettingsException($"link:ca (--ca) is '{file}': it cannot be read as PEM ({unreadable.Message}); name the file of the cloud's authority.");
        }
        return roots.Count > 0 ? roots : throw new SettingsException($"link:ca (--ca) is '{file}': it holds no certificate; name the file of the cloud's authority.");
    }
}
