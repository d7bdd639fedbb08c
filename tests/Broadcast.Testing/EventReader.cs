using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;

namespace Broadcast.Testing;

/// <summary>One server-sent event.</summary>
public sealed record ServerEvent(string Type, string? Id, JsonNode Data);

/// <summary>Reads server-sent events of one response, one at a time.</summary>
public sealed class EventReader : IAsyncDisposable
{
    private readonly HttpResponseMessage _response;
    private readonly SseParser<string> _parser;
    private readonly IAsyncEnumerator<SseItem<string>> _items;

    internal EventReader(HttpResponseMessage response, Stream body)
    {
        _response = response;
        _parser = SseParser.Create(body);
        _items = _parser.EnumerateAsync().GetAsyncEnumerator();
    }

    /// <summary>The id of the last event read: what a reader sends to resume.</summary>
    public string LastEventId => _parser.LastEventId;

    /// <summary>The next event; null where the stream has ended.</summary>
    /// <exception cref="TimeoutException">None came in time.</exception>
    public async Task<ServerEvent?> NextAsync(TimeSpan within)
    {
        if (!await _items.MoveNextAsync().AsTask().WaitAsync(within)) return null;
        return new ServerEvent(_items.Current.EventType, _parser.LastEventId, JsonNode.Parse(_items.Current.Data)!);
    }

    /// <summary>Reads on until an event that is wanted, and gives it.</summary>
    /// <exception cref="InvalidOperationException">The stream ended before.</exception>
    public async Task<ServerEvent> NextAsync(Func<ServerEvent, bool> wanted, TimeSpan within)
    {
        using var late = new CancellationTokenSource(within);
        while (true)
        {
            late.Token.ThrowIfCancellationRequested();
            var next = await NextAsync(within) ?? throw new InvalidOperationException("The stream ended before the wanted event.");
            if (wanted(next)) return next;
        }
    }

    public ValueTask DisposeAsync()
    {
        _response.Dispose(); // Breaks the connection; a read under way ends with it.
        return ValueTask.CompletedTask;
    }
}
