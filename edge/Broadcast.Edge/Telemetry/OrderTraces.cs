using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Broadcast.Device;

namespace Broadcast.Edge.Telemetry;

/// <summary>From an order's frame to the first sample of its sound, as a trace and a histogram. Costs nothing while nobody listens.</summary>
internal static class OrderTraces
{
    public const string Name = "Broadcast.Edge";

    /// <summary>Playbacks that are not heard yet; one that never is leaves with the hundredth after it.</summary>
    private const int UnheardMax = 100;

    private static readonly ActivitySource Source = new(Name);
    private static readonly Meter Meter = new(Name);
    private static readonly Histogram<double> FirstSample = Meter.CreateHistogram<double>("broadcast.edge.order_to_first_sample", "ms", "From an order's frame to the first sample of its sound.");
    private static readonly ConcurrentDictionary<int, ActivityTagsCollection> Unheard = new();

    /// <summary>The core plays an order.</summary>
    public static void Plays(int playId, Order order, int attempt)
    {
        if (!Source.HasListeners()) return;
        Unheard[playId] = new ActivityTagsCollection
        {
            ["broadcast.warning"] = Convert.ToHexStringLower(order.WarningId), ["broadcast.revision"] = order.Revision, ["broadcast.class"] = order.Class.ToString(), ["broadcast.level"] = order.Level.ToString(),
            ["broadcast.attempt"] = attempt,
        };
        Unheard.TryRemove(playId - UnheardMax, out _);
    }

    /// <summary>Its first sample went out.</summary>
    /// <param name="playId">The playback.</param>
    /// <param name="after">Time since its order came in.</param>
    /// <param name="now">Now.</param>
    public static void Sounds(int playId, TimeSpan after, DateTimeOffset now)
    {
        if (FirstSample.Enabled) FirstSample.Record(after.TotalMilliseconds);
        if (!Unheard.TryRemove(playId, out var tags)) return;
        using var activity = Source.StartActivity("order to first sample", ActivityKind.Consumer, parentContext: default, tags, startTime: now - after);
        activity?.SetEndTime(now.UtcDateTime);
    }
}
