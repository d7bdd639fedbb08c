using System.Collections.Concurrent;
using Broadcast.Rules;

namespace Broadcast.Cloud.Link;

/// <summary>The devices whose verified sessions are on this node now.</summary>
public sealed class NodeSessions
{
    private readonly ConcurrentDictionary<DeviceId, LiveDevice> _live = new();

    public int Count => _live.Count;

    public IEnumerable<LiveDevice> All => _live.Select(pair => pair.Value);

    public LiveDevice? Find(DeviceId id) => _live.GetValueOrDefault(id);

    /// <summary>Enters a session unless one of a newer epoch is there already, or it has ended: it may have ended on its way here, and was not there to leave.</summary>
    public bool Enter(LiveDevice device)
    {
        if (_live.AddOrUpdate(device.Id, device, (_, old) => old.Epoch > device.Epoch ? old : device) != device) return false;
        if (device.Session.IsOpen) return true;
        Leave(device);
        return false;
    }

    /// <summary>Removes exactly this session: a late close of an older one takes nothing away.</summary>
    public bool Leave(LiveDevice device) => _live.TryRemove(new KeyValuePair<DeviceId, LiveDevice>(device.Id, device));
}

/// <summary>Counts of what went wrong on this node's links, for status and alarms. Never reset.</summary>
public sealed class LinkCounts
{
    private long _badFrames;
    private long _unknownOrders;
    private long _retries;
    private long _readingsDropped;

    public long BadFrames => Interlocked.Read(ref _badFrames);

    public long UnknownOrders => Interlocked.Read(ref _unknownOrders);

    public long Retries => Interlocked.Read(ref _retries);

    /// <summary>Readings that a full disk did not take.</summary>
    public long ReadingsDropped => Interlocked.Read(ref _readingsDropped);

    public void ReadingDropped() => Interlocked.Increment(ref _readingsDropped);

    public void BadFrame() => Interlocked.Increment(ref _badFrames);

    public void UnknownOrder() => Interlocked.Increment(ref _unknownOrders);

    public void Retried(int frames) => Interlocked.Add(ref _retries, frames);
}
