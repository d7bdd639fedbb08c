using Broadcast.Device;
using Broadcast.Ledger;
using Broadcast.Rules;
using Broadcast.Simulation.Devices;

namespace Broadcast.Simulation.Witness;

// After a time in which everything worked: what must have come right by then.
internal sealed partial class WorldWitness
{
    private const long OnItsWayMs = 60_000; // A slow link's delay and one repeat.
    private const long RecentMs = 4L * 24 * 3_600_000; // Longer than the longest validity; what is older was looked at before.

    /// <summary>Everything was up and fair for long enough: every standing order was heard or waits behind a higher one, no cancelled one sounds, and the cloud knows all of it.</summary>
    public async Task CheckHealedAsync(LedgerStore ledger, long fairSinceMs)
    {
        await CheckLedgerAsync(ledger);
        reached.Count("healed");
        foreach (var device in Devices)
        {
            Require(device.Core is { IsSessionUp: true }, "R2", $"{device.Id} has no session after the fair time");
            // What it says of a sound that began or ended a moment ago may be on its way.
            var isSpeaking = device.Heard.Exists(s => Math.Max(s.BeganMs, s.EndedMs) > agenda.NowMs - OnItsWayMs);
            Require(isSpeaking || device.Core is null or { OutboxReceipts: 0 }, "R9", $"{device.Id} still has receipts that nobody took");
            CheckTownship(device, fairSinceMs);
        }

        foreach (var spoken in _warnings.Values.Where(w => w.Revisions[^1].ReleasedMs > agenda.NowMs - RecentMs || w.CancelledMs != long.MaxValue))
        {
            foreach (var device in Devices) CheckStanding(spoken, device, fairSinceMs);
            if (spoken.Revisions[^1].ReleasedMs > agenda.NowMs - RecentMs) await CheckKnownAsync(ledger, spoken);
        }
    }

    private void CheckStanding(SpokenWarning spoken, SimulatedDevice device, long fairSinceMs)
    {
        if (spoken.Cancelled == Certainty.Certain && !spoken.IsCancelLostByRestore)
        {
            var goesOn = NotesOf(device).Queue.Exists(o => o.Kind != OrderKind.Cancel && WarningId.FromWire(o.WarningId) == spoken.Id);
            // Who was told only by a revision that a restore has lost, the ledger does not know to silence.
            var isKnownTold = spoken.Revisions.Exists(r => r.Released == Certainty.Certain && !r.IsLostByRestore && r.Devices.Contains(device.Id));
            if (spoken.CancelledMs < fairSinceMs && (isKnownTold || !HasLost(spoken))) Require(!goesOn, "R4", $"{device.Id} still holds {spoken.Id}, which was cancelled");
            return;
        }

        if (spoken.Newest is not { } newest) return;
        // What was released after a restore stands, whatever the ledger has forgotten and devices remember.
        var isAfterRestore = _putBackMs >= 0 && newest.ReleasedMs > _putBackMs;
        if (spoken.Cancelled != Certainty.Written && !(isAfterRestore && spoken is { Cancelled: Certainty.Certain, IsCancelLostByRestore: true })) return;
        if (spoken.Revisions.Exists(r => r.Released == Certainty.Maybe && (!r.IsLostByRestore || r.ReleasedMs > _putBackMs))) return; // Nobody can say what stands.
        if (HasLost(spoken) && (!isAfterRestore || !newest.Devices.Contains(device.Id))) return;
        if (HasLost(spoken)) reached.Count("standing order after a restore");
        var holds = NotesOf(device).Queue.Find(o => o.Kind != OrderKind.Cancel && WarningId.FromWire(o.WarningId) == spoken.Id);
        if (!newest.Devices.Contains(device.Id))
        {
            Require(holds is null || newest.ReleasedMs >= fairSinceMs, "R4", $"{device.Id} still holds {spoken.Id}/{holds?.Revision}, which revision {newest.Number} took away from it");
            return;
        }

        if (newest.ReleasedMs > fairSinceMs) return;
        if (holds is not null)
        {
            Require(holds.Revision == newest.Number, "R4", $"{device.Id} holds revision {holds.Revision} of {spoken.Id}, and {newest.Number} took its place{Story(device, spoken.Id, newest.Number)}");
            return; // It sounds, waits for its hour, or waits behind a higher one: CheckQueue holds it to that.
        }

        // Both clocks must have given it the whole fair time.
        if (newest.ExpiresMs <= TrueWallMs + SkewMs.Max + SlackMs) return;

        var notes = NotesOf(device);
        var heard = notes.HeardOf(device, spoken.Id, newest.Number).Any(s => s.End is SoundEnd.Whole or SoundEnd.Failed || s.WasStoppedByHand);
        var refused = notes.Sealed.Values.Any(r => r.Warning == spoken.Id && r.Revision == newest.Number && r.State == ReceiptState.Refused && (Refusal)r.Reason is Refusal.QueueFull);
        // What is not actual and was broken off does not come again, nor does it after the memory of it is lost.
        var given = newest.Draft.Content.Class is not (WarningClass.Actual) && notes.HeardOf(device, spoken.Id, newest.Number).Any(s => s.End == SoundEnd.PowerGone || s.BeganMs <= notes.LostStateMs);
        var promised = newest.Draft.Content.Class is not (WarningClass.Actual) && notes.Sealed.Values.Any(r => r.Warning == spoken.Id && r.Revision == newest.Number && r.State == ReceiptState.Failed && (Failure)r.Reason == Failure.PowerLost);
        // A flash that took nothing forgets with the power what the device had said it holds: the accepted failure, told in its reports.
        var forgot = device.SaveFailedMs >= newest.ReleasedMs && device.PowerCuts > 0;
        Require(heard || refused || given || promised || forgot, "R2", $"{device.Id} was in reach and never sounded {newest.Draft.Kind} {newest.Draft.Content.Class} {spoken.Id}/{newest.Number}, which stands until {(newest.ExpiresMs - TrueWallMs) / 1000} s from now{Story(device, spoken.Id, newest.Number)}");
        reached.Count(heard ? "standing order heard" : "standing order not heard, with a reason");
    }

    private static bool HasLost(SpokenWarning spoken) => spoken.IsCancelLostByRestore || spoken.Revisions.Exists(r => r.IsLostByRestore);

    // R6: the ledger's states are what devices said, and "sent" what was sent.
    private async Task CheckKnownAsync(LedgerStore ledger, SpokenWarning spoken)
    {
        foreach (var revision in await ledger.GetWarningAsync(spoken.Id))
        {
            reached.Count($"warning {revision.Kind} {revision.State}");
            if (revision.Released is null) continue;
            var orders = (await ledger.OrdersAsync(spoken.Id, revision.Revision, null, 100)).Items;
            foreach (var order in orders)
            {
                reached.Count($"order {order.Kind} {order.State}");
                CheckOrder(order);
            }

            CheckSound(await ledger.CountsAsync(spoken.Id, revision.Revision), orders, $"{spoken.Id}/{revision.Revision}");
        }
    }

    // R6: verified audible is what something measured, and nothing else is counted as that.
    private void CheckSound(OrderCounts counts, IReadOnlyList<OrderRecord> orders, string name)
    {
        var measured = orders.Where(o => o.State == OrderState.Played).Select(o => (SoundCheck)_notes[o.Device.Value].Sealed.GetValueOrDefault(o.ReceiptNumber).Reason).ToList();
        if (measured.Count != counts[OrderState.Played]) return; // One ended between the two looks; the next check sees it.
        foreach (var check in measured) reached.Count($"played, {check}");
        var (audible, silent) = (measured.Count(c => c is SoundCheck.AmplifierDriven or SoundCheck.MicrophoneHeard), measured.Count(c => c is SoundCheck.AmplifierSilent or SoundCheck.MicrophoneSilent));
        Require(counts.VerifiedAudible == audible && counts.MeasuredSilent == silent, "R6",
            $"the ledger counts {counts.VerifiedAudible} audible and {counts.MeasuredSilent} silent of {name}; measured were {audible} and {silent} of {measured.Count}");
    }

    private void CheckOrder(OrderRecord order)
    {
        var text = $"the ledger has {order.Kind} {order.Warning}/{order.Revision} of {order.Device} as {order.State}";
        var notes = _notes[order.Device.Value];
        var said = notes.Sealed.GetValueOrDefault(order.ReceiptNumber);
        var expected = order.State switch
        {
            OrderState.Received => ReceiptState.Received,
            OrderState.Playing => ReceiptState.Playing,
            OrderState.Played => ReceiptState.Played,
            OrderState.Interrupted => ReceiptState.Interrupted,
            OrderState.Stopped => ReceiptState.Stopped,
            OrderState.Refused => ReceiptState.Refused,
            OrderState.Failed => ReceiptState.Failed,
            _ => (ReceiptState)0,
        };
        // What a restore has lost and somebody released again, the device has under the number of the first time.
        var isOfThis = said.Warning == order.Warning && (said.Sequence == order.Sequence || (_putBackMs >= 0 && said.Revision == order.Revision && said.Sequence < order.Sequence));
        if (expected != 0) Require(order.ReceiptNumber > 0 && said.State == expected && isOfThis, "R6", $"{text}, and it said {said.State}");
        var played = notes.Sealed.Values.Any(r => r.Warning == order.Warning && r.Revision == order.Revision && r.Sequence == order.Sequence && r.State == ReceiptState.Played && notes.TakenMs.GetValueOrDefault(r.Number, -1) > _putBackMs && r.TrueMs > _putBackMs && r.TrueMs > notes.LostStateMs);
        Require(!played || order.State is not (OrderState.Refused or OrderState.Queued or OrderState.Sent), "R6", $"{text}, and it was played{Story(_devices[order.Device.Value], order.Warning, order.Revision)}");
        if (order.State == OrderState.Sent) Require(_everLeft.Contains((order.Warning, order.Revision, order.Device.Value)), "R6", text + ", and nothing was sent");
        var last = notes.Sealed.Values.Where(r => r.Warning == order.Warning && r.Revision == order.Revision && r.Sequence == order.Sequence && notes.TakenMs.GetValueOrDefault(r.Number, -1) > _putBackMs).OrderBy(r => r.Number).LastOrDefault();
        // A backup does not hold what was said after it was made, nor a device that lost its memory what it had said and not been heard.
        if (last.Number > order.ReceiptNumber && last.TrueMs > _putBackMs && last.TrueMs > notes.LostStateMs && last.State != ReceiptState.Refused) Fail("R6", $"{text}, and its last word is {last.State}{Story(_devices[order.Device.Value], order.Warning, order.Revision)}");
    }
}
