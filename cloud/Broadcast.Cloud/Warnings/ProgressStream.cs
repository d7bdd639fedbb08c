using System.Globalization;
using System.Text.Json;
using Broadcast.Cloud.Accounts;
using Broadcast.Cloud.Http;
using Broadcast.Ledger;
using Broadcast.Rules;

namespace Broadcast.Cloud.Warnings;

/// <param name="Sound">What measured it: see <see cref="OrderView"/>.</param>
public sealed record SiteChange(string Site, string Device, string State, string? Reason, int Attempt, string? Sound);

/// <summary>
/// Server-sent events of a revision's progress. The event id is the ledger's commit number, so that a reader who was cut off,
/// even by a restart of the cloud, gets with Last-Event-ID exactly the sites that changed since, and none twice.
/// </summary>
public static class ProgressStream
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(15); // Proxies cut a silent stream after 30–60 s.
    private const int SitesAtOnceMax = 1_000;

    public static async Task WriteAsync(
        string id, int? revision, HttpContext http, LedgerStore ledger, IGrainFactory grains, TimeProvider clock, HttpDoor door, IHostApplicationLifetime life)
    {
        var ct = http.RequestAborted;
        if (!WarningId.TryParse(id, out var parsed) || (await ledger.GetWarningAsync(parsed, ct)).LastOrDefault(r => r.Released is not null && (revision is null || r.Revision == revision)) is not { } warning)
        {
            await WarningEndpoints.NotFound().ExecuteAsync(http);
            return;
        }

        var reader = http.Caller().Id;
        if (!door.TryEnterStream(reader))
        {
            await HttpDoor.TooManyStreams().ExecuteAsync(http);
            return;
        }

        http.Response.ContentType = "text/event-stream";
        http.Response.Headers.CacheControl = "no-store";
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct, life.ApplicationStopping);
        _ = long.TryParse(http.Request.Headers["Last-Event-ID"], NumberStyles.None, CultureInfo.InvariantCulture, out var last);
        try
        {
            var grain = grains.GetGrain<IWarningGrain>(parsed.ToString());
            await FollowAsync(http.Response, ledger, () => grain.Progress(warning.Revision), warning, last, clock, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The reader left or the cloud stops: the reader comes back with the last id it saw.
        }
        finally
        {
            door.LeaveStream(reader);
        }
    }

    /// <summary>Writes what is seen of a revision, until nothing more can come or the reader leaves.</summary>
    /// <param name="look">The progress as it is now; null where the revision is gone.</param>
    /// <param name="last">The newest commit that the reader knows of; 0 for none.</param>
    public static async Task FollowAsync(
        HttpResponse response, LedgerStore ledger, Func<Task<ProgressView?>> look, Warning warning, long last, TimeProvider clock, CancellationToken ct)
    {
        using var beat = new PeriodicTimer(Beat, clock);
        var saidAt = clock.GetTimestamp();
        ProgressView? said = null;
        do
        {
            var view = await look();
            if (view is null) return;
            // An id from beyond the newest commit: a backup was put back since. What it stands for is gone, and waiting for it would show nothing.
            if (said is null && last > view.Commit) last = view.Commit;
            if (view.Commit > last || said?.Final != view.Final)
            {
                await WriteSitesAsync(response, ledger, warning, last, view.Commit, ct);
                await EventAsync(response, "progress", Math.Max(view.Commit, last), view, ct);
                last = Math.Max(view.Commit, last);
                said = view;
                saidAt = clock.GetTimestamp();
                if (view.Final && view.State is not "released") return;
            }
            else if (clock.GetElapsedTime(saidAt) > Silence)
            {
                await response.WriteAsync(": still here\n\n", ct);
                await response.Body.FlushAsync(ct);
                saidAt = clock.GetTimestamp();
            }
        }
        while (await beat.WaitForNextTickAsync(ct));
    }

    private static async Task WriteSitesAsync(HttpResponse response, LedgerStore ledger, Warning warning, long since, long upTo, CancellationToken ct)
    {
        // Each page ends at a commit, and its id is that commit: a break between pages loses nothing. What has moved since the view belongs to the next one.
        while (since < upTo)
        {
            var page = await ledger.OrdersChangedSinceAsync(warning.Id, since, SitesAtOnceMax, ct);
            if (page.Orders.Count == 0) return;
            var changes = page.Orders.Where(o => o.Revision == warning.Revision && o.Changed <= upTo).Select(o => new SiteChange(o.Site.Value, o.Device.Value, Wording.Camel(o.State), Reasons.Of(o.State, o.Reason), o.Attempt, Reasons.SoundOf(o.State, o.Reason)));
            since = Math.Min(page.Through, upTo);
            await EventAsync(response, "sites", since, changes, ct);
        }
    }

    private static async Task EventAsync<T>(HttpResponse response, string name, long id, T data, CancellationToken ct)
    {
        await response.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"event: {name}\nid: {id}\ndata: {JsonSerializer.Serialize(data, JsonSerializerOptions.Web)}\n\n"), ct);
        await response.Body.FlushAsync(ct);
    }
}
