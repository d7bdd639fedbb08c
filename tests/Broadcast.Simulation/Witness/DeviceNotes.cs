using Broadcast.Device;
using Broadcast.Rules;
using Broadcast.Simulation.Devices;

namespace Broadcast.Simulation.Witness;

/// <summary>What the witness has seen of one device.</summary>
internal sealed class DeviceNotes
{
    public HashSet<(WarningId, int, OrderKind, long)> Delivered { get; } = [];

    public Dictionary<long, SealedReceipt> Sealed { get; } = [];

    /// <summary>Numbers of the receipts that the cloud acknowledged, and when it did last.</summary>
    public Dictionary<long, long> TakenMs { get; } = [];

    /// <summary>Cancels that it has taken: the highest revision that must stay silent. What was not saved goes with the power.</summary>
    public Dictionary<WarningId, int> Cancels { get; set; } = [];

    public Dictionary<WarningId, int> KeptCancels { get; set; } = [];

    public HashSet<WarningId> Alarms { get; } = [];

    /// <summary>What came under delegated keys.</summary>
    public Dictionary<WarningId, DelegatedNotes> Delegated { get; } = [];

    /// <summary>Who ordered what was neither the cloud's nor the site's own sensors'.</summary>
    public Dictionary<WarningId, string> OrderedBy { get; } = [];

    /// <summary>Delegated keys that people have revoked, and when they were answered.</summary>
    public (long UpTo, long AtMs) Revoked { get; set; } = (0, -1);

    /// <summary>Delegated keys that it has heard are revoked. What was not saved goes with the power.</summary>
    public long RevokedUpTo { get; set; }

    public long KeptRevokedUpTo { get; set; }

    public bool IsRaisingAlarm { get; set; }

    /// <summary>When its memory was last lost; what was heard before may be heard again.</summary>
    public long LostStateMs { get; set; } = -1;

    public long BootedMs { get; set; } = -1;

    public byte[]? DecodedState { get; set; }

    /// <summary>Orders that wait or play, as it last wrote them down.</summary>
    public List<Order> Queue { get; } = [];

    public IEnumerable<Sounding> HeardOf(SimulatedDevice device, WarningId id, int revision) =>
        device.Heard.Where(s => s.Order.Revision == revision && WarningId.FromWire(s.Order.WarningId) == id);
}
