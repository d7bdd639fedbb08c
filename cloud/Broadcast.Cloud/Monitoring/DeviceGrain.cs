using Broadcast.Cloud.Link;
using Broadcast.Ledger;
using Broadcast.Rules;

namespace Broadcast.Cloud.Monitoring;

/// <summary>
/// One device, whatever node its session is on: the door for what concerns it alone. Its acts are carried one after the other, to the node that the
/// ledger names; warnings go by node (<see cref="INodeGrain.Dispatch"/>). It remembers nothing, so that a connected device costs no activation.
/// </summary>
public interface IDeviceGrain : IGrainWithStringKey
{
    /// <summary>Sends settings in its session; without one nothing happens, and the next session asks for them.</summary>
    Task SendSettings(int revision, byte[] body);

    /// <summary>What its session last heard it say of itself, as on the wire; null where it has none, or has said nothing in it.</summary>
    Task<byte[]?> Report();
}

public sealed class DeviceGrain(LedgerStore ledger) : Grain, IDeviceGrain
{
    private string Key => this.GetPrimaryKeyString();

    public async Task SendSettings(int revision, byte[] body)
    {
        if (await NodeAsync() is { } node) await node.SendSettings(Key, revision, body);
    }

    public async Task<byte[]?> Report() => await NodeAsync() is { } node ? await node.Report(Key) : null;

    private async Task<INodeGrain?> NodeAsync() =>
        await ledger.NewestSessionAsync(new DeviceId(Key)) is { End: SessionEnd.Open } session ? GrainFactory.GetGrain<INodeGrain>(session.Node) : null;
}
