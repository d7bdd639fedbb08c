using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Broadcast.Cli.Api;

/// <summary>
/// Follows a warning's progress to its end. A break — the network's, or a cloud that was killed and started again — is bridged:
/// the stream is opened again from the last event that arrived, and gives up only when nobody has answered for a long time.
/// </summary>
internal sealed class ProgressStream(CloudClient cloud, Patience patience)
{
    /// <summary>The cloud says something at least every 15 s; three silent rounds and the connection is taken for dead.</summary>
    public TimeSpan SilenceMax { get; init; } = TimeSpan.FromSeconds(45);

    /// <summary>Told when the stream broke (true) and when it runs again (false).</summary>
    public Action<bool>? Broken { get; init; }

    /// <summary>The states of progress in order, ending with the final one.</summary>
    public async IAsyncEnumerable<ProgressShape> FollowAsync(string id, int revision, [EnumeratorCancellation] CancellationToken ct)
    {
        string? last = null;
        var heard = patience.Clock.GetTimestamp();
        for (var attempt = 0; ; attempt++)
        {
            await foreach (var item in ReadOneConnectionAsync(id, revision, last, ct))
            {
                if (attempt > 0) Broken?.Invoke(false);
                attempt = 0;
                heard = patience.Clock.GetTimestamp();
                last = item.EventId ?? last;
                if (item.EventType != "progress" || Read(item.Data) is not { } progress) continue;
                yield return progress;
                if (progress.Final) yield break;
            }

            if (patience.Clock.GetElapsedTime(heard) >= patience.GiveUpAfter) throw new CloudUnreachableException("the progress stream broke and did not come back");
            if (attempt == 0) Broken?.Invoke(true);
            await Task.Delay(patience.Pause(attempt), patience.Clock, ct);
        }
    }

    /// <summary>The events of one connection; ends when it breaks, for whatever reason but a refusal.</summary>
    private async IAsyncEnumerable<SseItem<string>> ReadOneConnectionAsync(string id, int revision, string? last, [EnumeratorCancellation] CancellationToken ct)
    {
        using var response = await OrNullAsync(() => cloud.OpenProgressAsync(id, revision, last, ct));
        if (response is null) yield break;
        await using var body = new ImpatientStream(await response.Content.ReadAsStreamAsync(ct), SilenceMax, patience.Clock);
        await using var events = SseParser.Create(body).EnumerateAsync(ct).GetAsyncEnumerator(ct);
        while (await MovesAsync(events)) yield return events.Current;
    }

    private static async Task<HttpResponseMessage?> OrNullAsync(Func<Task<HttpResponseMessage>> open)
    {
        try
        {
            return await open();
        }
        catch (CloudUnreachableException)
        {
            // The loop of FollowAsync comes again.
            return null;
        }
    }

    private static async Task<bool> MovesAsync(IAsyncEnumerator<SseItem<string>> events)
    {
        try
        {
            return await events.MoveNextAsync();
        }
        catch (Exception e) when (e is IOException or HttpRequestException or TimeoutException)
        {
            // The connection broke: the loop of FollowAsync comes again.
            return false;
        }
    }

    internal static ProgressShape? Read(string data)
    {
        try
        {
            return JsonSerializer.Deserialize<ProgressShape>(data, JsonSerializerOptions.Web) is { Counts: not null } progress ? progress : null;
        }
        catch (JsonException)
        {
            // An event cut off by the break comes again whole.
            return null;
        }
    }
}
