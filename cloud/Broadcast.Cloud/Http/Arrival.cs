using Microsoft.AspNetCore.Http.Features;

namespace Broadcast.Cloud.Http;

/// <summary>When a request came in: before its person was known and before anything was decided.</summary>
public sealed record Arrival(long Timestamp);

public static class ArrivalExtensions
{
    /// <summary>Notes each request's arrival; to be the first in the pipeline.</summary>
    public static void UseArrival(this IApplicationBuilder app)
    {
        var clock = app.ApplicationServices.GetRequiredService<TimeProvider>();
        app.Use((http, next) =>
        {
            http.Features.Set(new Arrival(clock.GetTimestamp()));
            return next(http);
        });
    }

    /// <summary>The request's arrival as a timestamp of the service's clock.</summary>
    public static long ArrivedAt(this HttpContext http) => http.Features.GetRequiredFeature<Arrival>().Timestamp;
}
