using Broadcast.Cloud.Link;
using Broadcast.Ledger;
using Broadcast.Rules;

namespace Broadcast.Cloud.Monitoring;

/// <summary>One device: gives each session its fencing epoch and lets only the newest one's end count.</summary>
public interface IDeviceGrain : IGrainWithStringKey
{
    /// <summary>A session on <paramref name="node"/> has proved who it is; gives its epoch, committed, above every earlier one.</summary>
    Task<long> OpenSession(string node);

    /// <summary>The session of <paramref name="epoch"/> has ended; an older epoch changes nothing.</summary>
    Task CloseSession(long epoch, long lastHeardMs, byte end);
}

public sealed class DeviceGrain(LedgerStore ledger, TimeProvider clock) : Grain, IDeviceGrain
{
    private string? _node;

    public async Task<long> OpenSession(string node)
    {
        var id = new DeviceId(this.GetPrimaryKeyString());
        var epoch = await ledger.OpenSessionAsync(id, node, clock.GetUtcNow());
        var before = _node;
        _node = node;
        // On its own node the link endpoint takes over by itself.
        if (before is not null && before != node) await GrainFactory.GetGrain<INodeGrain>(before).CloseOlder(id.Value, epoch);
        return epoch;
    }

    public Task CloseSession(long epoch, long lastHeardMs, byte end) =>
        ledger.CloseSessionAsync(new DeviceId(this.GetPrimaryKeyString()), epoch, DateTimeOffset.FromUnixTimeMilliseconds(lastHeardMs), (SessionEnd)end);
}
