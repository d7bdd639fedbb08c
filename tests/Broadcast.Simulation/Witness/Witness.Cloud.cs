using Broadcast.Device;
using Broadcast.Ledger;
using Broadcast.Rules;
using Broadcast.Simulation.Devices;

namespace Broadcast.Simulation.Witness;

// What leaves the cloud and what its ledger still knows afterwards (R1, R2, R6, R8).
internal sealed partial class WorldWitness
{
    private readonly Dictionary<(WarningId, int, OrderKind, string), long> _sequences = [];
    private const long RenewedAfterMs = 20L * 3_600_000; // A device without memory refuses numbers of yesterday: such an order gets a new one.

    private readonly List<(string Device, SealedReceipt Receipt)> _acknowledged = [];
    private readonly List<(Order Order, string Device)> _left = [];
    private readonly List<(WarningId Warning, int Revision, string Act)> _answered = [];
    private readonly HashSet<(WarningId, int, string)> _everLeft = [];

    private const long CarriedMsMax = 600_000; // The end of a Pi's session that nobody answers in, and some more.

    private readonly Dictionary<string, (int Epoch, long AtMs)> _keyEpochs = new(StringComparer.Ordinal);

    /// <summary>From now on keys of an earlier epoch are good for nothing.</summary>
    public void Rekeyed(SimulatedDevice device, int keyEpoch) => _keyEpochs[device.Id] = (keyEpoch, agenda.NowMs);

    /// <summary>A frame is on the wire to a device.</summary>
    public void LeftCloud(SimulatedDevice device, byte[] frame, bool isCarried)
    {
        // What waited in the session of its Pi when it was rekeyed is on its way: that session goes on, for the others.
        var (keyEpoch, sinceMs) = _keyEpochs.GetValueOrDefault(device.Id);
        var isOnItsWay = isCarried && agenda.NowMs - sinceMs < CarriedMsMax;
        Require(device.KeyEpoch >= keyEpoch || isOnItsWay, "R3", $"the cloud speaks to {device.Id} under keys that are out of force");
        var opened = Envelope.Open(frame, device.Key, device.KeyEpoch, Direction.Down, device.Id);
        if (opened.Refusal == Refusal.UnknownKey && isOnItsWay) return; // The device has the new ones already, and refuses it.
        Require(opened.Refusal == Refusal.None, "R3", $"the cloud sent {device.Id} what it must refuse: {opened.Refusal}");
        reached.Count($"sent {opened.Type}");
        if (opened.Type != MessageType.Order || Order.Decode(opened.Body) is not { } order) return;
        var id = WarningId.FromWire(order.WarningId)!.Value;
        Require(IsGenuine(order, device.Id), "R1", $"the cloud sent {device.Id} {Name(order)}, which nobody released to it");
        var key = (id, order.Revision, order.Kind, device.Id);
        if (_sequences.TryGetValue(key, out var sequence)) Require(sequence == order.Sequence || order.Sequence - sequence > RenewedAfterMs, "R1", $"{Name(order)} went to {device.Id} under two numbers, {sequence} and {order.Sequence}");
        _sequences[key] = order.Sequence;
        _left.Add((order, device.Id));
        _everLeft.Add((id, order.Revision, device.Id));
    }

    /// <summary>An act that was answered with yes must be in the ledger and in its audit trail from then on.</summary>
    private void Answered(WarningId id, int revision, string act) => _answered.Add((id, revision, act));

    /// <summary>After a start: nothing that was promised is lost, nothing is there twice, the audit trail holds together.</summary>
    public async Task CheckLedgerAsync(LedgerStore ledger)
    {
        reached.Count("ledger checked");
        foreach (var (order, device) in _left)
        {
            var id = WarningId.FromWire(order.WarningId)!.Value;
            var orders = await ledger.OrdersAsync(id, order.Revision, null, 100);
            foreach (var found in orders.Items) reached.Count($"order {found.Kind} {found.State}");
            Require(orders.Items.Count(o => o.Device.Value == device && (o.Sequence == order.Sequence || o.Sequence - order.Sequence > RenewedAfterMs)) == 1, "R1", $"{Name(order)} was on the wire to {device} and is not in the ledger");
        }

        foreach (var (device, receipt) in _acknowledged)
        {
            if (_notes[device].OrderedBy.TryGetValue(receipt.Warning, out var orderedBy))
            {
                await CheckLocalReceiptAsync(ledger, device, receipt, orderedBy);
                continue;
            }

            var known = (await ledger.OrdersAsync(receipt.Warning, receipt.Revision, null, 100)).Items.Any(o => o.Device.Value == device && o.Sequence == receipt.Sequence);
            if (!known) continue; // A local alarm, or an order of before a restore: kept among the strays, the newest few.
            var kept = await ledger.ReceiptsAsync(receipt.Warning, receipt.Revision, new DeviceId(device));
            Require(kept.Any(k => k.Receipt.Number == receipt.Number && k.Receipt.State == receipt.State), "R1", $"{receipt.State} of {receipt.Warning}/{receipt.Revision} from {device} was acknowledged and is not in the ledger");
        }

        await CheckAnsweredAsync(ledger);
        var verdict = await ledger.VerifyAuditAsync();
        Require(verdict.Intact, "R8", $"the audit trail is not intact: {string.Join(", ", verdict.Findings.Take(3))}");
        _isBetweenLedgers = false;
        _left.Clear();
        _acknowledged.Clear();
        _answered.Clear();
    }

    private async Task CheckAnsweredAsync(LedgerStore ledger)
    {
        if (_answered.Count == 0) return;
        var trail = new HashSet<(string Act, string Subject)>();
        for (long after = 0; ;)
        {
            var page = await ledger.AuditEntriesAsync(Cloud.SimulatedCloud.Node, after, 10_000);
            trail.UnionWith(page.Items.Select(e => (e.Act, e.Subject)));
            if (page.Next is not { } next) break;
            after = next;
        }

        foreach (var (id, revision, act) in _answered)
        {
            var there = (await ledger.GetWarningAsync(id)).FirstOrDefault(w => w.Revision == revision);
            Require(there is not null && (act is not ("release" or "cancel") || there.Released is not null), "R1", $"{act} of {id}/{revision} was answered with yes and is not in the ledger");
            Require(trail.Contains((act, $"{id}/{revision}")), "R8", $"{act} of {id}/{revision} is not in the audit trail");
        }
    }
}
