using Broadcast.Device;
using Broadcast.Rules;
using Broadcast.Simulation.Devices;

namespace Broadcast.Simulation.Witness;

// What loudspeakers do and devices say (R2–R7, R9).
internal sealed partial class WorldWitness
{
    private const long SlackMs = 3_000; // A packet's way and the drift of an hour.
    private const long WelcomeLateMsMax = Limits.HelloRetryMsMax; // A welcome that came through a Pi went two slow ways; later than this it answers no hello.

    public void Booted(SimulatedDevice device)
    {
        var notes = NotesOf(device);
        notes.BootedMs = agenda.NowMs;
        if (_taking is { } cutOff && cutOff.Device == device.Id) _taking = null; // The power went before it was taken.
        if (_whispered is { } whispered && whispered.Device == device.Id) _whispered = null;
        if (device.Flash is null) notes.LostStateMs = agenda.NowMs;
        notes.Cancels = device.Flash is null ? [] : new(notes.KeptCancels);
        if (device.Flash is null) (notes.KeptCancels, notes.KeptRevokedUpTo) = ([], 0);
        notes.RevokedUpTo = notes.KeptRevokedUpTo;
    }

    public void Began(SimulatedDevice device, Sounding sounding)
    {
        var (notes, order) = (NotesOf(device), sounding.Order);
        var id = WarningId.FromWire(order.WarningId)!.Value;
        reached.Count($"sounds {order.Class}");
        if (notes.Delegated.TryGetValue(id, out var told)) CheckDelegated(device, notes, order, told);
        else if (order.Class == WarningClass.LocalAlarm || notes.Alarms.Contains(id))
        {
            if (notes.IsRaisingAlarm) notes.Alarms.Add(id);
            Require(notes.Alarms.Contains(id), "R3", $"{device.Id} sounds a local alarm that was not raised there");
        }
        else
        {
            Require(order.Kind != OrderKind.Cancel, "R4", $"{device.Id} sounds a cancel: {Name(order)}");
            Require(IsGenuine(order, device.Id), "R3", $"{device.Id} sounds what nobody released to it: {Name(order)}");
            CheckTimes(device, order);
        }

        CheckAgain(device, notes, sounding, id);
        Require(!notes.Cancels.TryGetValue(id, out var silent) || order.Revision > silent, "R4", $"{device.Id} sounds {Name(order)} after it took the cancel of revision {silent}");
        CheckWords(device, order);
    }

    public void Opened(SimulatedDevice device, bool siren)
    {
        var order = device.Current?.Order ?? NotesOf(device).Queue.FirstOrDefault();
        reached.Count("siren");
        // It opens before its playback starts: then the newest state or the frame at work names the order; a class that may not is never among them.
        var playing = device.Current?.Order;
        if (playing is not null) Require(playing.Class is WarningClass.Actual or WarningClass.LocalAlarm or WarningClass.SirenTest, "R7", $"{device.Id} opens the siren for {Name(playing)}");
        _sirenOpened[device.Id] = order is null ? 0 : agenda.NowMs;
    }

    private readonly Dictionary<string, long> _sirenOpened = new(StringComparer.Ordinal);

    public void Delivered(SimulatedDevice device, byte[] frame)
    {
        var opened = Envelope.Open(frame, device.Key, device.KeyEpoch, Direction.Down, device.Id);
        if (opened is { Refusal: Refusal.None, Type: MessageType.Delegated }) Whispered(device, opened.Body);
        if (opened is { Refusal: Refusal.None, Type: MessageType.Revocation } && Revocation.Decode(opened.Body) is { } revocation) Told(device, revocation);
        if (opened.Refusal != Refusal.None || opened.Type != MessageType.Order || Order.Decode(opened.Body) is not { } order) return;
        var notes = NotesOf(device);
        var id = WarningId.FromWire(order.WarningId)!.Value;
        notes.Delivered.Add((id, order.Revision, order.Kind, order.Sequence));
        // With the time known and the cancel valid there is nothing that excuses a device from taking it.
        var core = device.Core!;
        if (order.Kind == OrderKind.Cancel && core.Clock == ClockQuality.Cloud && core.WallMs(device.MonotonicMs) < order.ExpiresMs && order.Sequence > core.SequenceFloor)
            _taking = (device.Id, id, Math.Max(order.Revision, notes.Cancels.GetValueOrDefault(id)));
    }

    private (string Device, WarningId Warning, int Revision)? _taking;

    public void Settled(SimulatedDevice device)
    {
        var notes = NotesOf(device);
        if (_taking is { } taken && taken.Device == device.Id)
        {
            notes.Cancels[taken.Warning] = taken.Revision;
            _taking = null;
        }

        if (device.IsSaved) notes.KeptRevokedUpTo = notes.RevokedUpTo;
        if (device.IsSaved && notes.KeptCancels.Count != notes.Cancels.Count) notes.KeptCancels = new(notes.Cancels);
        else if (device.IsSaved) foreach (var (id, revision) in notes.Cancels) notes.KeptCancels[id] = revision;
        ReadQueue(device, notes);
        CheckQueue(device, notes);
        CheckWhispered(device, notes);
    }

    public void Sealed(SimulatedDevice device, byte[] frame)
    {
        var opened = Envelope.Open(frame, device.Key, device.KeyEpoch, Direction.Up, device.Id);
        Require(opened.Refusal == Refusal.None, "R6", $"{device.Id} sealed a frame that does not open");
        if (opened.Type != MessageType.Receipt || Receipt.Decode(opened.Body) is not { } receipt) return;
        var id = WarningId.FromWire(receipt.WarningId)!.Value;
        var said = new SealedReceipt(id, receipt.Revision, receipt.Sequence, receipt.State, receipt.Reason, receipt.Attempt, receipt.AtMs, receipt.Clock, receipt.Number, agenda.NowMs);
        reached.Count($"receipt {receipt.State}{ReasonOf(receipt)}");
        var notes = NotesOf(device);
        if (notes.Sealed.TryGetValue(receipt.Number, out var before))
            Require(before.Warning == id && before.Revision == receipt.Revision && before.State == receipt.State && before.Attempt == receipt.Attempt, "R6", $"{device.Id} gave the receipt number {receipt.Number} to {before.State} and to {receipt.State}");
        notes.Sealed[receipt.Number] = said;
        CheckHonest(device, notes, said);
    }

    public void Acknowledged(SimulatedDevice device, byte[] frame)
    {
        var opened = Envelope.Open(frame, device.Key, device.KeyEpoch, Direction.Up, device.Id);
        if (opened.Type != MessageType.Receipt || Receipt.Decode(opened.Body) is not { } receipt) return;
        // A Pi acknowledges what the cloud throws away because the keys of it are out of force; a session of the device's own ends instead.
        if (opened.KeyEpoch < _keyEpochs.GetValueOrDefault(device.Id).Epoch) return;
        NotesOf(device).TakenMs[receipt.Number] = agenda.NowMs;
        // Through a Pi it may have been said, and acknowledged, before a backup was put back.
        if (!_isBetweenLedgers && NotesOf(device).Sealed[receipt.Number].TrueMs > _putBackMs) _acknowledged.Add((device.Id, NotesOf(device).Sealed[receipt.Number]));
    }

    private static string ReasonOf(Receipt receipt) => receipt.State switch
    {
        ReceiptState.Refused => $" {(Refusal)receipt.Reason}",
        ReceiptState.Stopped => $" {(StopReason)receipt.Reason}",
        ReceiptState.Failed or ReceiptState.Interrupted when receipt.Reason > 0 => $" {(Failure)receipt.Reason}",
        _ => "",
    };

    private void CheckTimes(SimulatedDevice device, Order order)
    {
        // A device cannot know better than the cloud told it, nor, before that, than its battery clock.
        var slack = SlackMs + (Math.Abs(device.DriftPpm) * (agenda.NowMs - NotesOf(device).BootedMs) / 1_000_000);
        slack += device.Through is not null ? WelcomeLateMsMax : WayMsMax;
        if (device.Core is { Clock: not ClockQuality.Cloud }) slack += Math.Abs(device.RtcErrorMs ?? 0);
        Require(order.ExpiresMs > TrueWallMs + SkewMs.Min - slack, "R3", $"{device.Id} begins {Name(order)}, which expired {TrueWallMs - order.ExpiresMs} ms ago");
        Require(order.NotBeforeMs <= TrueWallMs + SkewMs.Max + slack, "R2", $"{device.Id} begins {Name(order)} {order.NotBeforeMs - TrueWallMs} ms early");
    }

    private void CheckAgain(SimulatedDevice device, DeviceNotes notes, Sounding now, WarningId id)
    {
        foreach (var before in notes.HeardOf(device, id, now.Order.Revision))
        {
            if (before == now || notes.LostStateMs >= before.BeganMs) continue;
            var again = $"{device.Id} sounds {Name(now.Order)} again, attempt {now.Attempt}, after attempt {before.Attempt} ended {before.End}{Story(device, id, now.Order.Revision)}";
            var sameBoot = before.EndedMs >= notes.BootedMs && before.End != SoundEnd.PowerGone;
            if (before.End is SoundEnd.Whole or SoundEnd.Failed) Require(!before.IsKept && !sameBoot, "R2", again);
            if (before.End == SoundEnd.PowerGone) Require(now.Order.IsActual || !before.WasSavedAtStart, "R2", again);
            if (before.End == SoundEnd.Stopped && before.WasStoppedByHand) Require(!before.IsKept && !sameBoot, "R2", again);
        }
    }

    private void CheckWords(SimulatedDevice device, Order order)
    {
        var says = order.SpokenText();
        var marked = order.Class switch
        {
            WarningClass.Exercise => says.StartsWith("这是演习。", StringComparison.Ordinal) && says.EndsWith("以上是演习。", StringComparison.Ordinal),
            WarningClass.Test or WarningClass.SirenTest => says.StartsWith("这是测试。", StringComparison.Ordinal) && says.EndsWith("以上是测试。", StringComparison.Ordinal),
            _ => !says.Contains("演习", StringComparison.Ordinal) && !says.Contains("测试", StringComparison.Ordinal),
        };
        Require(marked, "R7", $"{device.Id} says a {order.Class} as '{says}'");
        if (_sirenOpened.Remove(device.Id, out var atMs) && atMs == agenda.NowMs)
            Require(order.Siren && order.Class is WarningClass.Actual or WarningClass.LocalAlarm or WarningClass.SirenTest, "R7", $"{device.Id} opens the siren for {Name(order)}");
    }

    private static void ReadQueue(SimulatedDevice device, DeviceNotes notes)
    {
        if (ReferenceEquals(device.LastState, notes.DecodedState)) return;
        notes.DecodedState = device.LastState;
        notes.Queue.Clear();
        var queue = new PlayQueue();
        if (device.LastState is null || SavedState.Restore(device.LastState, device.Id, new OrderMemory(), queue, new Outbox()) is null) return;
        for (var i = 0; i < queue.Count; i++) notes.Queue.Add(queue.At(i).Order);
    }

    // R5 and R9: of what a device holds and may begin, the highest sounds, whatever the link does.
    private void CheckQueue(SimulatedDevice device, DeviceNotes notes)
    {
        var wallMs = device.Core!.WallMs(device.MonotonicMs);
        var sounding = device.Current?.Order;
        if (sounding is not null && notes.Cancels.TryGetValue(WarningId.FromWire(sounding.WarningId)!.Value, out var silent))
            Require(sounding.Revision > silent, "R4", $"{device.Id} goes on with {Name(sounding)}, whose cancel it has taken");
        if (sounding is not null && notes.Delegated.TryGetValue(WarningId.FromWire(sounding.WarningId)!.Value, out var told))
            Require(told.Epoch > notes.RevokedUpTo, "R3", $"{device.Id} goes on with {Name(sounding)} under delegation {told.Epoch}, and it knows that everything up to {notes.RevokedUpTo} is revoked");
        foreach (var order in notes.Queue)
        {
            var may = wallMs > 0 ? order.NotBeforeMs <= wallMs && wallMs < order.ExpiresMs : order.Class == WarningClass.LocalAlarm;
            if (!may || (sounding is not null && SameOrder(order, sounding))) continue;
            if (sounding is null) Fail("R9", $"{device.Id} holds {Name(order)} and is silent");
            else Require(Rank(order).CompareTo(Rank(sounding)) <= 0, "R5", $"{device.Id} sounds {Name(sounding)} while {Name(order)} waits");
        }
    }

    private static bool SameOrder(Order a, Order b) => a.Sequence == b.Sequence && a.Revision == b.Revision && a.WarningId.AsSpan().SequenceEqual(b.WarningId);

    /// <summary>The witness's own reading of R5: greater goes first.</summary>
    private static (int, int, int, long) Rank(Order order)
    {
        var byClass = order.Class switch { WarningClass.Actual or WarningClass.LocalAlarm => 4, WarningClass.Exercise => 3, WarningClass.Test or WarningClass.SirenTest => 2, WarningClass.LocalNotice => 1, _ => 0 };
        var byLevel = order.Level switch { WarningLevel.Red => 4, WarningLevel.Orange => 3, WarningLevel.Yellow => 2, WarningLevel.Blue => 1, _ => 0 };
        return (byClass, byLevel, -(int)order.Issuer, order.Sequence);
    }

    // R6: a device says what was so.
    private void CheckHonest(SimulatedDevice device, DeviceNotes notes, SealedReceipt said)
    {
        var text = $"{device.Id} says {said.State} ({said.Reason}) attempt {said.Attempt} of {said.Warning}/{said.Revision}";
        var known = notes.Alarms.Contains(said.Warning) || notes.IsRaisingAlarm || notes.Delivered.Any(d => d.Item1 == said.Warning && d.Item2 == said.Revision && d.Item4 == said.Sequence);
        Require(known, "R6", text + ", which it was never told");
        var heard = notes.HeardOf(device, said.Warning, said.Revision).Where(s => s.Attempt == said.Attempt).ToList();
        switch (said.State)
        {
            case ReceiptState.Playing:
                if (heard.Count == 0) { _promised.Add((device, said)); break; } // Saved and said before it sounds, in the same breath: looked at once that is over.
                CheckTrueTime(said, heard, text);
                break;
            case ReceiptState.Played:
                Require(heard.Exists(s => s.End == SoundEnd.Whole && s.EndedMs - s.BeganMs >= Sounding.LengthMs(s.Order)), "R6", text + ", and it was not heard to its end");
                Require(heard.Exists(s => s.End == SoundEnd.Whole && (byte)s.Measured == said.Reason), "R6", text + $", and what was measured is {string.Join(' ', heard.Select(s => s.Measured))}");
                break;
            case ReceiptState.Interrupted when said.Reason == 0:
                Require(heard.Exists(s => s.End == SoundEnd.Stopped), "R6", text + ", and nothing was broken off");
                break;
            case ReceiptState.Failed when (Failure)said.Reason == Failure.Amplifier:
                Require(heard.Exists(s => s.End == SoundEnd.Failed), "R6", text + ", and nothing failed");
                break;
        }
    }

    private readonly List<(SimulatedDevice, SealedReceipt)> _promised = [];

    private void CheckTrueTime(SealedReceipt said, List<Sounding> heard, string text)
    {
        if (said.Clock != ClockQuality.Cloud || SkewMs != (0, 0)) return;
        var off = heard.Min(s => Math.Abs(WorldEpochMs + s.BeganMs - said.AtMs));
        Require(off <= SlackMs + 60_000, "R9", $"{text}, at a time that is {off} ms wrong");
    }
}
