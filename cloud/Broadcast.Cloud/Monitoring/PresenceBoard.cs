using Broadcast.Cloud.Link;
using Broadcast.Cloud.Sites;
using Broadcast.Ledger;
using Broadcast.Rules;

namespace Broadcast.Cloud.Monitoring;

/// <summary>Sites, devices in service and devices online of one region.</summary>
public readonly record struct PresenceCount(int Sites, int Devices, int Online);

/// <summary>
/// Who is online now, judged by <see cref="Presence"/> from sessions of this node and, for other nodes, from the ledger's rows; never from a flag.
/// Read at most once a second however many look.
/// </summary>
public sealed class PresenceBoard(LedgerStore ledger, NodeSessions sessions, DirectoryHolder directory, CloudOptions options, TimeProvider clock)
{
    private static readonly TimeSpan Age = TimeSpan.FromSeconds(1);
    private readonly SemaphoreSlim _one = new(1, 1);
    private HashSet<DeviceId> _online = [];
    private long _readAt;
    private bool _read;

    public async Task<IReadOnlySet<DeviceId>> OnlineAsync(CancellationToken ct)
    {
        await _one.WaitAsync(ct);
        try
        {
            if (_read && clock.GetElapsedTime(_readAt) < Age) return _online;
            var now = clock.GetUtcNow();
            var online = new HashSet<DeviceId>();
            foreach (var row in await ledger.NewestSessionsAsync(ct))
            {
                if (row.Node != options.Node && Presence.IsOnline(row.End, row.LastHeard, now)) online.Add(row.Device);
            }

            foreach (var device in sessions.All)
            {
                if (Presence.IsOnline(SessionEnd.Open, device.Session.LastHeard, now)) online.Add(device.Id);
            }

            (_online, _readAt, _read) = (online, clock.GetTimestamp(), true);
            return online;
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Counts of a region and of each of its children, rolled up the tree.</summary>
    public async Task<(PresenceCount Whole, IReadOnlyDictionary<Region, PresenceCount> Children)> CountAsync(Region region, CancellationToken ct)
    {
        var online = await OnlineAsync(ct);
        var now = directory.Current;
        var whole = default(PresenceCount);
        var children = new Dictionary<Region, PresenceCount>();
        foreach (var site in now.Sites)
        {
            if (!region.Contains(site.Village)) continue;
            var device = now.Serving(site.Id);
            var one = new PresenceCount(1, device is null ? 0 : 1, device is not null && online.Contains(device.Id) ? 1 : 0);
            whole = Add(whole, one);
            if (region.Level >= site.Village.Level) continue;
            var child = site.Village.Ancestor(region.Level + 1);
            children[child] = Add(children.GetValueOrDefault(child), one);
        }

        return (whole, children);
    }

    private static PresenceCount Add(PresenceCount a, PresenceCount b) => new(a.Sites + b.Sites, a.Devices + b.Devices, a.Online + b.Online);
}
