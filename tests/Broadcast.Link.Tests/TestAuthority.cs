using System.Text;
using System.Threading.Channels;

namespace Broadcast.Link.Tests;

/// <summary>What an authority was told, in order.</summary>
internal abstract record Told(LinkSession Session)
{
    public sealed record Opened(LinkSession Session) : Told(Session);

    public sealed record Subscribed(LinkSession Session) : Told(Session);

    public sealed record Message(LinkSession Session, string Topic, byte[] Payload, TaskCompletionSource Commit) : Told(Session)
    {
        public string Text => Encoding.UTF8.GetString(Payload);
    }

    public sealed record Delivered(LinkSession Session, long Tag) : Told(Session);

    public sealed record Closed(LinkSession Session, LinkClosed Why) : Told(Session);
}

/// <summary>Lets anyone with the password "secret" in, as the device that the user name says; the epoch counts up.</summary>
internal sealed class TestAuthority : ILinkAuthority
{
    public const string Password = "secret";

    private readonly Channel<Told> _told = Channel.CreateUnbounded<Told>();
    private long _epoch;

    /// <summary>Where true, a message is acknowledged only when the test completes its Commit.</summary>
    public bool HoldsReceipts { get; init; }

    public bool EchoesCommands { get; init; }

    public Func<ConnectRequest, ConnectVerdict>? Judge { get; set; }

    public Func<ConnectRequest, CancellationToken, ValueTask<ConnectVerdict>>? JudgeAsync { get; set; }

    public Action<LinkSession>? OnOpened { get; set; }

    public ConnectRequest? LastRequest { get; private set; }

    public static string Prefix(string device) => $"d/{device}/";

    public static string Up(string device) => $"d/{device}/up";

    public static string Down(string device) => $"d/{device}/down";

    public async ValueTask<ConnectVerdict> AuthenticateAsync(ConnectRequest request, CancellationToken ct)
    {
        LastRequest = request;
        if (JudgeAsync is not null) return await JudgeAsync(request, ct);
        if (Judge is not null) return Judge(request);
        if (request.UserName is null || !request.Password.Span.SequenceEqual(Encoding.UTF8.GetBytes(Password)))
            return ConnectVerdict.Refuse(ConnectCode.BadCredentials);
        return Admit(request.UserName, Interlocked.Increment(ref _epoch));
    }

    public static ConnectVerdict Admit(string device, long epoch) => ConnectVerdict.Accept(device, epoch, Prefix(device), Down(device));

    public void Opened(LinkSession session)
    {
        OnOpened?.Invoke(session);
        _told.Writer.TryWrite(new Told.Opened(session));
    }

    public void Subscribed(LinkSession session) => _told.Writer.TryWrite(new Told.Subscribed(session));

    public ValueTask ReceivedAsync(LinkSession session, string topic, ReadOnlyMemory<byte> payload)
    {
        var message = new Told.Message(session, topic, payload.ToArray(), new(TaskCreationOptions.RunContinuationsAsynchronously));
        _told.Writer.TryWrite(message);
        return HoldsReceipts ? new ValueTask(message.Commit.Task) : ValueTask.CompletedTask;
    }

    public void Delivered(LinkSession session, long tag) => _told.Writer.TryWrite(new Told.Delivered(session, tag));

    public void Closed(LinkSession session, LinkClosed why) => _told.Writer.TryWrite(new Told.Closed(session, why));

    /// <summary>The next thing told, which must be of this kind.</summary>
    public async Task<T> NextAsync<T>() where T : Told
    {
        using var patience = new CancellationTokenSource(TestServer.Patience);
        return (await _told.Reader.ReadAsync(patience.Token)).ShouldBeOfType<T>();
    }

    /// <summary>The next thing of this kind; what comes before it is passed over.</summary>
    public async Task<T> UntilAsync<T>() where T : Told
    {
        using var patience = new CancellationTokenSource(TestServer.Patience);
        while (true)
            if (await _told.Reader.ReadAsync(patience.Token) is T wanted)
                return wanted;
    }

    public bool HasTold => _told.Reader.TryPeek(out _);
}
