using Broadcast.Device;
using Broadcast.Ledger;
using Broadcast.Rules;
using Broadcast.Simulation.Devices;

namespace Broadcast.Simulation.Witness;

/// <summary>What a township's Pi said to its children.</summary>
/// <param name="Epoch">Of the delegation that it had then.</param>
/// <param name="IsTimeTold">Whether the cloud had told it the time by which it dates it.</param>
/// <param name="IsKept">Whether its card has it: then a child that comes back hears of it.</param>
/// <param name="UntilMs">Until when it is worth being said, by the true time.</param>
internal sealed record TownshipSaying(SimulatedDevice Pi, Order Order, long Epoch, bool IsTimeTold, bool IsKept, long AtMs, long UntilMs);

/// <summary>An order under a delegated key, as it came to a child.</summary>
internal sealed class DelegatedNotes(string parent, Order order)
{
    public string Parent => parent;

    public Order Order => order;

    /// <summary>The newest epoch under which it came.</summary>
    public long Epoch { get; set; }
}

// Delegated keys: what may be said with them, and by whom (R3, R7), what must be silent, and what the ledger is told of it (R6, R9).
internal sealed partial class WorldWitness
{
    private const long LocalReceiptsOfADevice = 1_024; // The ledger keeps the newest of each device.

    private readonly List<TownshipSaying> _sayings = [];

    /// <summary>A site raises something of its own: an alarm, or a notice that somebody gives there.</summary>
    public void RaisedHere(SimulatedDevice device, Order order)
    {
        var (notes, id) = (NotesOf(device), WarningId.FromWire(order.WarningId)!.Value);
        notes.Alarms.Add(id);
    }

    public void SaidToTownship(SimulatedDevice pi, Order order, long epoch, bool isKept, long validMs)
    {
        if (order.Class == WarningClass.LocalNotice) NotesOf(pi).OrderedBy[WarningId.FromWire(order.WarningId)!.Value] = pi.Id;
        if (epoch > 0) _sayings.Add(new TownshipSaying(pi, order, epoch, pi.Core is { Clock: ClockQuality.Cloud }, isKept, agenda.NowMs, agenda.NowMs + validMs));
    }

    /// <summary>Every key of before that revision of the list is good for nothing at these, once they have heard of it.</summary>
    public void Revoked(IEnumerable<SimulatedDevice> children, long revision)
    {
        foreach (var child in children) NotesOf(child).Revoked = (revision - 1, agenda.NowMs);
    }

    /// <summary>Authenticated under a delegated key: whether it may sound is judged when it does.</summary>
    private void Whispered(SimulatedDevice device, byte[] body)
    {
        if (DelegatedOrder.Decode(body) is not { } said || Order.Decode(said.Order) is not { } order) return;
        var notes = NotesOf(device);
        var id = WarningId.FromWire(Delegation.WarningId(device.Key, said.Parent, order.WarningId))!.Value;
        if (!notes.Delegated.TryGetValue(id, out var known)) notes.Delegated[id] = known = new DelegatedNotes(said.Parent, order);
        known.Epoch = Math.Max(known.Epoch, said.Epoch);
        notes.OrderedBy[id] = said.Parent;
        notes.Delivered.Add((id, order.Revision, order.Kind, order.Sequence));
        // With the time known, the key good and the alarm not a moment too late by the cloud's clock there is nothing that excuses a child from taking it, whatever
        // its Pi's said where nobody had told it the time. A Pi that was told it dates by it, also where the cloud's was wrong then and is right for the child.
        var saying = _sayings.Find(s => s.Pi.Id == said.Parent && s.Order.WarningId.AsSpan().SequenceEqual(order.WarningId));
        if (saying is { Order.Class: WarningClass.LocalAlarm } && (!saying.IsTimeTold || order.ExpiresMs > TrueWallMs + SkewMs.Max + SlackMs) && agenda.NowMs + SkewMs.Max < saying.UntilMs - SlackMs && said.Epoch > Math.Max(notes.Revoked.UpTo, notes.RevokedUpTo) && device.Core is { Clock: ClockQuality.Cloud, SequenceFloor: > 0 })
            _whispered = (device.Id, id, order.Revision);
    }

    private (string Device, WarningId Id, int Revision)? _whispered;

    private void CheckWhispered(SimulatedDevice device, DeviceNotes notes)
    {
        if (_whispered is not { } whispered || whispered.Device != device.Id) return;
        _whispered = null;
        // What a revocation stopped before it had begun stays stopped when it is said again under newer keys: it is a repeat.
        var refused = notes.Sealed.Values.Any(r => r.Warning == whispered.Id && r.State is ReceiptState.Refused or ReceiptState.Stopped) || device.Core!.RefusalCount(Refusal.QueueFull) > 0;
        var taken = notes.Queue.Exists(o => WarningId.FromWire(o.WarningId) == whispered.Id) || notes.HeardOf(device, whispered.Id, whispered.Revision).Any();
        if (taken || refused) return;
        var refusals = string.Join(", ", Enum.GetValues<Refusal>().Where(r => device.Core!.RefusalCount(r) > 0).Select(r => $"{r} {device.Core!.RefusalCount(r)}"));
        Fail("R9", $"{device.Id} was told an alarm by its Pi in time, and did not take it; since its start it refused: {refusals}{Story(device, whispered.Id, whispered.Revision)}");
    }

    private void Told(SimulatedDevice device, Revocation revocation)
    {
        reached.Count("revocation heard");
        NotesOf(device).RevokedUpTo = Math.Max(NotesOf(device).RevokedUpTo, revocation.UpTo);
    }

    private void CheckDelegated(SimulatedDevice device, DeviceNotes notes, Order order, DelegatedNotes told)
    {
        var text = $"{device.Id} sounds {Name(order)}, which {told.Parent} ordered under delegation {told.Epoch}";
        reached.Count($"sounds a delegated {order.Class}");
        var isAlarm = order.Class == WarningClass.LocalAlarm;
        Require(isAlarm || order.Class == WarningClass.LocalNotice, "R7", text);
        Require(order.Kind == OrderKind.Alert && order.Issuer == RegionLevel.Township, "R3", text + $", as {order.Kind} of a {order.Issuer}");
        Require(isAlarm || (order.Level == WarningLevel.None && !order.Siren), "R7", text + ", a notice with a level or a siren");
        Require(_sayings.Exists(s => s.Pi.Id == told.Parent && s.Order.WarningId.AsSpan().SequenceEqual(told.Order.WarningId) && s.Order.Text == order.Text), "R3", text + ", and it never said so");
        Require(told.Epoch > notes.RevokedUpTo, "R3", text + $", and it knows that everything up to {notes.RevokedUpTo} is revoked");
        // While it does not know the time it goes by its floor, and an alarm is said rather than not.
        if (!isAlarm || device.Core is { Clock: ClockQuality.Cloud }) CheckTimes(device, order);
    }

    // R9, R6: what the site said on somebody else's order is in the ledger, once, until there is too much of it.
    private async Task CheckLocalReceiptAsync(LedgerStore ledger, string device, SealedReceipt receipt, string orderedBy)
    {
        var kept = await ledger.LocalReceiptsAsync(new DeviceId(orderedBy), [new DeviceId(device)], 1_000);
        var found = kept.Count(k => k.Receipt.Number == receipt.Number && k.Receipt.State == receipt.State && k.Receipt.Warning == receipt.Warning);
        var isDisplaced = _notes[device].Sealed.Values.Count(r => _notes[device].OrderedBy.ContainsKey(r.Warning)) > LocalReceiptsOfADevice;
        Require(found == 1 || (found == 0 && isDisplaced), "R9", $"{receipt.State} of {receipt.Warning} from {device}, ordered by {orderedBy}, was acknowledged and is {found} times in the ledger");
        reached.Count(found == 1 ? "receipt of a delegated order in the ledger" : "receipt of a delegated order displaced");
    }

    // R9, R3: what the Pi has said and is still valid, its children have heard or hold; what is revoked, none of them holds.
    private void CheckTownship(SimulatedDevice child, long fairSinceMs)
    {
        var notes = NotesOf(child);
        foreach (var order in notes.Queue)
        {
            if (!notes.Delegated.TryGetValue(WarningId.FromWire(order.WarningId)!.Value, out var told)) continue;
            Require(notes.Revoked.AtMs >= fairSinceMs || told.Epoch > notes.Revoked.UpTo, "R3", $"{child.Id} still holds {Name(order)} under delegation {told.Epoch}, which is revoked");
        }

        if (child.Through is not { } pi) return;
        foreach (var saying in _sayings.Where(s => s.Pi == pi && s.IsKept && s.AtMs < fairSinceMs && s.AtMs > notes.LostStateMs && s.AtMs > NotesOf(pi).LostStateMs && s.Epoch > notes.Revoked.UpTo))
        {
            if (saying.Order.ExpiresMs <= TrueWallMs + SkewMs.Max + SlackMs) continue;
            var id = WarningId.FromWire(Delegation.WarningId(child.Key, pi.Id, saying.Order.WarningId))!.Value;
            var holds = notes.Queue.Exists(o => WarningId.FromWire(o.WarningId) == id);
            var sounded = notes.HeardOf(child, id, saying.Order.Revision).ToList();
            var heard = sounded.Exists(s => s.End is SoundEnd.Whole or SoundEnd.Failed or SoundEnd.Sounding || s.WasStoppedByHand || (s.End == SoundEnd.PowerGone && !s.Order.IsActual));
            var refused = notes.Sealed.Values.Any(r => r.Warning == id && (r.State is ReceiptState.Refused or ReceiptState.Failed));
            var forgot = child.SaveFailedMs >= saying.AtMs && child.PowerCuts > 0;
            Require(holds || heard || refused || forgot, "R9", $"{child.Id} is at {pi.Id} and never sounded its {Name(saying.Order)}, said {(agenda.NowMs - saying.AtMs) / 1000} s ago under delegation {saying.Epoch}; it {(notes.Delegated.ContainsKey(id) ? "came" : "never came")}{Story(child, id, saying.Order.Revision)}");
            reached.Count(heard ? "delegated order heard" : "delegated order held, or not heard with a reason");
        }
    }
}
