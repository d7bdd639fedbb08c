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
    public const int TownshipWindow = 64;

    private readonly LinkClient _client;
    private readonly string _topic;
    private readonly TimeProvider _time;

    /// <exception cref="SettingsException">The authority's file holds no certificate.</exception>
    public Uplink(EdgeSettings settings, TimeProvider time)
    {
        _time = time;
        _topic = Topics.Up(settings.Device.Id);
        _client = new LinkClient(OptionsOf(settings, time), this);
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

    public Task RunAsync(CancellationToken stop) => _client.RunAsync(stop);

    public bool TryPublish(int token, byte[] frame) => _client.TryPublish(_topic, frame, token) == SendOutcome.Accepted;

    /// <summary>Publishes a frame of a child.</summary>
    /// <param name="topic">Under this gateway's own prefix.</param>
    /// <param name="token">Below 0: the others are the core's.</param>
    /// <param name="frame">As the child made it.</param>
    public bool TryPublish(string topic, int token, byte[] frame) => _client.TryPublish(topic, frame, token) == SendOutcome.Accepted;

    public ValueTask DisposeAsync() => _client.DisposeAsync();

    void ILinkClientHandler.Up(LinkClient client)
    {
        Note("up");
        Post(new Letter(LetterKind.LinkUp));
    }

    void ILinkClientHandler.Down(LinkClient client, LinkDown why)
    {
        Note(Text(why));
        Post(new Letter(LetterKind.LinkDown));
    }

    void ILinkClientHandler.Failed(LinkClient client, LinkDown why) => Note(Text(why));

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
