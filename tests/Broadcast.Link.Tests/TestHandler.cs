using System.Text;
using System.Threading.Channels;

namespace Broadcast.Link.Tests;

/// <summary>What a client told its owner, in order.</summary>
internal abstract record Heard
{
    public sealed record Up : Heard;

    public sealed record Down(LinkDown Why) : Heard;

    public sealed record Failed(LinkDown Why) : Heard;

    public sealed record Message(string Topic, string Text) : Heard;

    public sealed record Acknowledged(int Token) : Heard;
}

internal sealed class TestHandler : ILinkClientHandler
{
    private readonly Channel<Heard> _heard = Channel.CreateUnbounded<Heard>();

    public void Up(LinkClient client) => _heard.Writer.TryWrite(new Heard.Up());

    public void Down(LinkClient client, LinkDown why) => _heard.Writer.TryWrite(new Heard.Down(why));

    public void Failed(LinkClient client, LinkDown why) => _heard.Writer.TryWrite(new Heard.Failed(why));

    public void Received(LinkClient client, string topic, ReadOnlyMemory<byte> payload) =>
        _heard.Writer.TryWrite(new Heard.Message(topic, Encoding.UTF8.GetString(payload.Span)));

    public void Acknowledged(LinkClient client, int token) => _heard.Writer.TryWrite(new Heard.Acknowledged(token));

    public async Task<T> NextAsync<T>() where T : Heard
    {
        using var patience = new CancellationTokenSource(TestServer.Patience);
        return (await _heard.Reader.ReadAsync(patience.Token)).ShouldBeOfType<T>();
    }

    public async Task<T> UntilAsync<T>() where T : Heard
    {
        using var patience = new CancellationTokenSource(TestServer.Patience);
        while (true)
            if (await _heard.Reader.ReadAsync(patience.Token) is T wanted)
                return wanted;
    }
}
