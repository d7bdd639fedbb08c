using Broadcast.Cloud.Link;
using Broadcast.Device;
using Broadcast.Ledger;
using Broadcast.Rules;

namespace Broadcast.Cloud.Warnings;

/// <summary>A warning at work: hands committed orders to the nodes and keeps the newest view of its progress. The ledger is the truth; this is a shell.</summary>
public interface IWarningGrain : IGrainWithStringKey
{
    /// <summary>The orders are committed: each node but <paramref name="from"/> gets the batch once and serves the sessions it has.</summary>
    Task HandOn(OrderBatch batch, string from);

    /// <summary>Something in the ledger has changed.</summary>
    [OneWay]
    Task Changed();

    /// <summary>The progress of a revision, not older than <see cref="WarningGrain.ViewAge"/>; null where there is no such revision.</summary>
    Task<ProgressView?> Progress(int revision);
}

/// <summary>Orders of one release, each for one device, with the content they share. Never changed after it is made.</summary>
[GenerateSerializer, Immutable, Alias("order-batch")]
public sealed class OrderBatch
{
    [Id(0)] public required string Warning { get; init; }

    [Id(1)] public required int Revision { get; init; }

    [Id(2)] public required string[] Devices { get; init; }

    [Id(3)] public required long[] Sequences { get; init; }

    /// <summary>An <see cref="OrderKind"/> a device: a site that an update leaves out gets a cancel.</summary>
    [Id(4)] public required byte[] Kinds { get; init; }

    /// <summary>When those end that silence: all of a release at once, and later than the rest of it; 0 where there are none.</summary>
    [Id(5)] public long SilencesUntilMs { get; init; }

    public DateTimeOffset ExpiresOf(int place, Warning warning) =>
        Kinds[place] == (byte)OrderKind.Cancel && SilencesUntilMs > 0 ? DateTimeOffset.FromUnixTimeMilliseconds(SilencesUntilMs) : warning.Expires;

    public static OrderBatch Of(Warning warning, IReadOnlyList<OrderRecord> orders)
    {
        var batch = new OrderBatch
        {
            Warning = warning.Id.ToString(), Revision = warning.Revision,
            Devices = new string[orders.Count], Sequences = new long[orders.Count], Kinds = new byte[orders.Count],
            SilencesUntilMs = orders.Where(o => o.Kind == OrderKind.Cancel).Select(o => o.Expires.ToUnixTimeMilliseconds()).DefaultIfEmpty(0).Max(),
        };
        for (var i = 0; i < orders.Count; i++)
            (batch.Devices[i], batch.Sequences[i], batch.Kinds[i]) = (orders[i].Device.Value, orders[i].Sequence, (byte)orders[i].Kind);
        return batch;
    }
}

/// <summary>How far a revision has come, at a commit of the ledger.</summary>
[GenerateSerializer, Immutable, Alias("progress-view")]
public sealed record ProgressView(
    [property: Id(0)] string Id,
    [property: Id(1)] int Revision,
    [property: Id(2)] string State,
    [property: Id(3)] int Targets,
    [property: Id(4)] Dictionary<string, int> Counts,
    [property: Id(5)] DateTimeOffset? Released,
    [property: Id(6)] DateTimeOffset Now,
    [property: Id(7)] Dictionary<string, StateTimes> Times,
    [property: Id(8)] bool Final,
    [property: Id(9)] long Commit,
    [property: Id(10)] SoundCounts Sound);

/// <summary>Of the orders that were played: how many something measured as audible, how many as silent, and how many nothing measured (R6).</summary>
[GenerateSerializer, Immutable, Alias("sound-counts")]
public sealed record SoundCounts([property: Id(0)] int VerifiedAudible, [property: Id(1)] int MeasuredSilent, [property: Id(2)] int NotMeasured)
{
    public static SoundCounts Of(OrderCounts counts) =>
        new(counts.VerifiedAudible, counts.MeasuredSilent, counts[OrderState.Played] - counts.VerifiedAudible - counts.MeasuredSilent);
}

/// <summary>Milliseconds from the release to the first and the last device that said so, by the cloud's commits.</summary>
[GenerateSerializer, Immutable, Alias("state-times")]
public sealed record StateTimes([property: Id(0)] long FirstMs, [property: Id(1)] long LastMs, [property: Id(2)] int Count);

/// <summary>Takes committed orders to the sessions of their devices.</summary>
public interface IHandOn
{
    /// <summary>A release is about to be committed: what can be made ready for it is, and nothing leaves. Must be short; null where nothing is.</summary>
    SealedAhead? Prepare(Warning drafted, IReadOnlyList<OrderRecord> orders);

    /// <param name="released">Committed.</param>
    /// <param name="orders">Its orders, committed.</param>
    /// <param name="ahead">What was made ready for them.</param>
    Task HandOnAsync(Warning released, IReadOnlyList<OrderRecord> orders, SealedAhead? ahead = null);
}

/// <summary>This node's own sessions first, without a grain in between; then each other node that is there, with one call.</summary>
public sealed class HandOn(NodeSessions sessions, OrderSender sender, CloudOptions options, IGrainFactory grains) : IHandOn
{
    public SealedAhead? Prepare(Warning drafted, IReadOnlyList<OrderRecord> orders)
    {
        if (orders.Count <= OrderSender.InlineMax) return null; // Sealed sooner than another thread wakes up.
        var ahead = new SealedAhead(drafted, orders, sessions);
        _ = Task.Run(ahead.Seal);
        return ahead;
    }

    public async Task HandOnAsync(Warning released, IReadOnlyList<OrderRecord> orders, SealedAhead? ahead = null)
    {
        if (await ServeAsync(released, orders, sessions, sender, ahead) < orders.Count) await grains.GetGrain<IWarningGrain>(released.Id.ToString()).HandOn(OrderBatch.Of(released, orders), options.Node);
    }

    /// <summary>Sends the orders of those devices that have a session here, and gives their number.</summary>
    public static async Task<int> ServeAsync(Warning released, IReadOnlyList<OrderRecord> orders, NodeSessions sessions, OrderSender sender, SealedAhead? ahead = null)
    {
        ahead?.End();
        var here = new List<OutgoingOrder>(orders.Count);
        var forms = new OrderForms();
        for (var i = 0; i < orders.Count; i++)
        {
            if (sessions.Find(orders[i].Device) is { } live) here.Add(new(live, forms.Of(released, orders[i].Kind, orders[i].Expires), orders[i].Sequence, ahead?.FrameOf(orders, i, live)));
        }

        await sender.SendAsync(here);
        return here.Count;
    }
}

public sealed class WarningGrain(LedgerStore ledger, TimeProvider clock) : Grain, IWarningGrain
{
    /// <summary>However many watch, the ledger is asked at most this often.</summary>
    public static readonly TimeSpan ViewAge = TimeSpan.FromMilliseconds(50);

    private readonly Dictionary<int, (ProgressView View, long ReadAt, bool Dirty)> _views = [];

    public async Task HandOn(OrderBatch batch, string from)
    {
        var nodes = await GrainFactory.GetGrain<INodesGrain>(INodesGrain.Key).Alive();
        await Task.WhenAll(nodes.Where(node => node != from).Select(node => GrainFactory.GetGrain<INodeGrain>(node).Dispatch(batch)));
    }

    public Task Changed()
    {
        foreach (var (revision, view) in _views) _views[revision] = view with { Dirty = true };
        return Task.CompletedTask;
    }

    public async Task<ProgressView?> Progress(int revision)
    {
        // A view that was not marked may still be stale (another node's mark was lost): after a second it is read again in any case.
        if (_views.TryGetValue(revision, out var kept))
        {
            var age = clock.GetElapsedTime(kept.ReadAt);
            if (age < (kept.Dirty ? ViewAge : TimeSpan.FromSeconds(1))) return kept.View;
        }

        if (!WarningId.TryParse(this.GetPrimaryKeyString(), out var id)) return null;
        var readAt = clock.GetTimestamp();
        if (await ledger.ProgressAsync(id, revision) is not { } read) return null;
        var view = ProgressViews.Of(read, clock.GetUtcNow());
        _views[revision] = (view, readAt, false);
        return view;
    }
}

/// <summary>From the ledger's numbers to what is shown.</summary>
public static class ProgressViews
{
    public static ProgressView Of(WarningProgress read, DateTimeOffset now)
    {
        var silences = read.Warning.Kind == OrderKind.Cancel;
        var states = Enum.GetValues<OrderState>().Select(s => (State: s, Count: silences ? read.Counts.Silencing(s) : read.Counts[s])).ToArray();
        var counts = states.ToDictionary(s => Http.Wording.Camel(s.State), s => s.Count);
        var targets = states.Sum(s => s.Count);
        var open = states.Where(s => !IsDone(s.State, read.Warning.Kind)).Sum(s => s.Count);
        var released = read.Warning.Released;
        var times = new Dictionary<string, StateTimes>();
        foreach (var t in read.Times)
        {
            if (released is { } from)
                times[Http.Wording.Camel(t.State)] = new((long)(t.First - from).TotalMilliseconds, (long)(t.Last - from).TotalMilliseconds, t.Orders);
        }

        // Behind that nothing sounds any more. Who has not said how it ended is gone, and says it when it is back: nobody is kept waiting for that.
        var over = now > read.Warning.Expires + WarningLife.SoundsOnMax;
        return new ProgressView(
            read.Warning.Id.ToString(), read.Warning.Revision, Http.Wording.Camel(read.Warning.State), targets, counts, released, now, times,
            Final: released is not null && (open == 0 || over), read.Commit, SoundCounts.Of(read.Counts));
    }

    /// <summary>A cancel has done its work once the device has it; nothing of it plays.</summary>
    private static bool IsDone(OrderState state, OrderKind kind) =>
        OrderLife.IsFinal(state) || (kind == OrderKind.Cancel && state == OrderState.Received);
}
