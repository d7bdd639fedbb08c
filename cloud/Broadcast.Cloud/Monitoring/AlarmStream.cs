using System.Globalization;
using System.Text.Json;
using Broadcast.Cloud.Accounts;
using Broadcast.Cloud.Http;
using Broadcast.Cloud.Sites;
using Broadcast.Ledger;
using Broadcast.Rules;

namespace Broadcast.Cloud.Monitoring;

/// <summary>
/// Server-sent events of local alarms, those that a site held back while it was cut off too. The event id is the alarm's, which follows
/// the order of commits: a reader who was cut off gets with Last-Event-ID exactly what came since. Without one it begins with now.
/// </summary>
public static class AlarmStream
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(15); // Proxies cut a silent stream after 30–60 s.
    private const int AtOnceMax = 500;

    public static async Task WriteAsync(string? region, HttpContext http, LedgerStore ledger, DirectoryHolder holder, TimeProvider clock, HttpDoor door, IHostApplicationLifetime life)
    {
        if (!MonitoringEndpoints.TryRegion(region, holder.Current, out var within, out var problem))
        {
            await problem!.ExecuteAsync(http);
            return;
        }

        var reader = http.Caller().Id;
        if (!door.TryEnterStream(reader))
        {
            await HttpDoor.TooManyStreams().ExecuteAsync(http);
            return;
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, life.ApplicationStopping);
        try
        {
            var newest = await ledger.NewestAlarmAsync(stop.Token);
            // An id from beyond the newest: a backup was put back since. What it stands for is gone.
            var last = long.TryParse(http.Request.Headers["Last-Event-ID"], NumberStyles.None, CultureInfo.InvariantCulture, out var seen) ? Math.Min(seen, newest) : newest;
            http.Response.ContentType = "text/event-stream";
            http.Response.Headers.CacheControl = "no-store";
            await FollowAsync(http.Response, ledger, holder, within, last, clock, stop.Token);
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

    private static async Task FollowAsync(HttpResponse response, LedgerStore ledger, DirectoryHolder holder, Region? within, long last, TimeProvider clock, CancellationToken ct)
    {
        await SayAsync(response, $"id: {last}\n: from here on\n\n", ct);
        using var beat = new PeriodicTimer(Beat, clock);
        var saidAt = clock.GetTimestamp();
        do
        {
            var news = await ledger.AlarmsSinceAsync(last, AtOnceMax, ct);
            foreach (var alarm in news)
            {
                last = alarm.Id;
                if (within is { } region && (alarm.Village is not { } village || !region.Contains(village))) continue;
                await SayAsync(response, string.Create(CultureInfo.InvariantCulture, $"event: alarm\nid: {last}\ndata: {JsonSerializer.Serialize(AlarmView.Of(alarm, holder.Current), JsonSerializerOptions.Web)}\n\n"), ct);
                saidAt = clock.GetTimestamp();
            }

            if (clock.GetElapsedTime(saidAt) <= Silence) continue;
            await SayAsync(response, ": still here\n\n", ct);
            saidAt = clock.GetTimestamp();
        }
        while (await beat.WaitForNextTickAsync(ct));
    }

    private static async Task SayAsync(HttpResponse response, string text, CancellationToken ct)
    {
        await response.WriteAsync(text, ct);
        await response.Body.FlushAsync(ct);
    }
}
