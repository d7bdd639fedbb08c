using Broadcast.Cloud.Warnings;
using Broadcast.Device;
using Broadcast.Ledger;
using Broadcast.Rules;

namespace Broadcast.Cloud.Link;

/// <summary>One node's door for the others: keyed by the node's name and held on that node.</summary>
public interface INodeGrain : IGrainWithStringKey
{
    /// <summary>Serves the sessions of this node from a committed batch.</summary>
    Task Dispatch(OrderBatch batch);

    /// <summary>Another session of the device has a newer epoch: an older one here is closed.</summary>
    Task CloseOlder(string device, long epoch);

    /// <summary>Sends settings to the device if its session is here.</summary>
    Task SendSettings(string device, int revision, byte[] body);

    /// <summary>What the device last said of itself in its session here, as on the wire; null where it has none here, or has said nothing in it.</summary>
    Task<byte[]?> Report(string device);

    /// <summary>The device has other keys or is out of service: the directory is read again, and its session here is closed.</summary>
    Task DeviceChanged(string device);

    /// <summary>Keeps the activation, and says which node it runs on.</summary>
    Task<string> Hold();
}

[PreferLocalPlacement]
public sealed class NodeGrain(NodeSessions sessions, OrderSender sender, Settings.SettingsDesk settings, Sites.NodeCustody custody, LedgerStore ledger, CloudOptions options) : Grain, INodeGrain
{
    public async Task Dispatch(OrderBatch batch)
    {
        // Activated away from its node (that node died): its sessions are gone, and the ledger owes their devices the orders at the next hello.
        if (this.GetPrimaryKeyString() == options.Node) await ServeAsync(batch, sessions, sender, ledger);
    }

    /// <summary>Sends the batch's orders to those of its devices that have a session here.</summary>
    public static async Task ServeAsync(OrderBatch batch, NodeSessions sessions, OrderSender sender, LedgerStore ledger)
    {
        if (!WarningId.TryParse(batch.Warning, out var id)) return;
        if ((await ledger.GetWarningAsync(id)).FirstOrDefault(w => w.Revision == batch.Revision) is not { } warning) return;
        await sender.SendAsync([.. Local(batch, warning, sessions)]);
    }

    public Task CloseOlder(string device, long epoch)
    {
        if (sessions.Find(new DeviceId(device)) is { } live && live.Epoch < epoch) live.Session.Close(Broadcast.Link.LinkCloseReason.TakenOver);
        return Task.CompletedTask;
    }

    public Task SendSettings(string device, int revision, byte[] body)
    {
        settings.SendHere(new DeviceId(device), revision, body);
        return Task.CompletedTask;
    }

    public Task<byte[]?> Report(string device) => Task.FromResult(sessions.Find(new DeviceId(device))?.Report?.Encode());

    public Task DeviceChanged(string device) => custody.ChangedAsync(new DeviceId(device));

    public Task<string> Hold() => Task.FromResult(options.Node);

    private static IEnumerable<OutgoingOrder> Local(OrderBatch batch, Warning warning, NodeSessions sessions)
    {
        var forms = new OrderForms();
        for (var i = 0; i < batch.Devices.Length; i++)
        {
            if (sessions.Find(new DeviceId(batch.Devices[i])) is { } live)
                yield return new(live, forms.Of(warning, (OrderKind)batch.Kinds[i], batch.ExpiresOf(i, warning)), batch.Sequences[i]);
        }
    }
}

/// <summary>Which nodes there are: each says so again and again, and one that falls silent is left out.</summary>
public interface INodesGrain : IGrainWithStringKey
{
    public const string Key = "nodes";

    Task Here(string node);

    Task<string[]> Alive();
}

public sealed class NodesGrain(TimeProvider clock) : Grain, INodesGrain
{
    public static readonly TimeSpan HereEvery = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan ForgottenAfter = HereEvery * 4; // Three beats may be lost to a pause; a dead node's orders wait in the ledger anyway.
    private readonly Dictionary<string, long> _heard = [];

    public Task Here(string node)
    {
        _heard[node] = clock.GetTimestamp();
        return Task.CompletedTask;
    }

    public Task<string[]> Alive() =>
        Task.FromResult(_heard.Where(n => clock.GetElapsedTime(n.Value) < ForgottenAfter).Select(n => n.Key).ToArray());
}
