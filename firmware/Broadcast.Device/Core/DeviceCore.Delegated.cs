namespace Broadcast.Device;

// What a township's Pi may say to this device with a delegated key: local alarms and local notices, and nothing else.
public sealed partial class DeviceCore
{
    private long _revokedUpTo;

    /// <summary>Delegated keys up to this epoch are revoked here; 0 when none is.</summary>
    public long RevokedUpTo => _revokedUpTo;

    private void TakeDelegated(byte[] body)
    {
        DelegatedOrder? said = DelegatedOrder.Decode(body);
        Order? order = said == null ? null : Order.Decode(said.Order);
        if (said == null || order == null)
        {
            Count(Refusal.Malformed);
            return;
        }

        // Not answered with receipts: whoever misuses a key must not fill the outbox. The counters tell.
        Refusal refusal = JudgeDelegated(said, order);
        if (refusal == Refusal.None)
            TakeAllowed(said, order);
        else
            Count(refusal);
    }

    // Where the time is not known, an alarm is judged by the saved floor: silence after a power cut would be worse than a key that is
    // believed a little longer. A notice waits for the time.
    private Refusal JudgeDelegated(DelegatedOrder said, Order order)
    {
        bool isAlarm = order.Class == WarningClass.LocalAlarm;
        if (order.Kind != OrderKind.Alert || (!isAlarm && order.Class != WarningClass.LocalNotice))
            return Refusal.Unsupported;
        Refusal content = order.Check();
        if (content != Refusal.None)
            return content;
        if (!_memory.IsFloorKnown || (!isAlarm && !_clock.IsKnown))
            return Refusal.NotYetKnownTime;
        long nowMs = _clock.IsKnown ? _clock.WallMs(_nowMs) : _clock.FloorMs(_nowMs);
        if (said.Epoch <= _revokedUpTo || said.ExpiresMs <= nowMs)
            return Refusal.UnknownKey;
        if (order.ExpiresMs <= nowMs)
            return Refusal.Expired;
        // What waits may begin until its own end, and no order outlives the key that it came under.
        if (order.ExpiresMs > said.ExpiresMs)
            return Refusal.Unsupported;
        return order.Sequence <= _memory.FloorSequence ? Refusal.Replayed : Refusal.None;
    }

    private void TakeAllowed(DelegatedOrder said, Order order)
    {
        order.WarningId = Delegation.WarningId(_key, said.Parent, order.WarningId);
        bool isAlarm = order.Class == WarningClass.LocalAlarm;
        // A Pi speaks for its township, whatever it says of itself (R5), and only an alarm has a level or a siren (R7).
        order.Issuer = RegionLevel.Township;
        order.Level = isAlarm ? order.Level : WarningLevel.None;
        order.Siren = order.Siren && isAlarm;
        order.Audio = new byte[0];
        order.NotBeforeMs = 0;
        order.OrderedBy = said.Parent;
        RememberedOrder? known = _memory.Find(order.WarningId, order.Revision, false);
        if (known != null)
        {
            if (said.Epoch > known.DelegationEpoch && IsHeldAsSaid(known, order))
                known.DelegationEpoch = said.Epoch;
            AnswerAgain(known);
            return;
        }

        if (!_memory.HasRoomForDelegated(_deviceId, isAlarm, _clock.IsKnown ? _clock.WallMs(_nowMs) : _clock.FloorMs(_nowMs)))
        {
            Count(Refusal.QueueFull);
            return;
        }

        Refusal superseded = _memory.IsSuperseded(order.WarningId, order.Revision) ? Refusal.Superseded : order.Check();
        if (superseded != Refusal.None)
        {
            Count(superseded);
            return;
        }

        Accept(order);
        _memory.Find(order.WarningId, order.Revision, false)!.DelegationEpoch = said.Epoch;
    }

    // Said again under a newer key, only its end may differ: the words of a key that was in wrong hands do not live on because its Pi names
    // something of its own as they were named.
    private bool IsHeldAsSaid(RememberedOrder known, Order order)
    {
        for (int i = 0; i < _queue.Count; i++)
        {
            QueuedOrder held = _queue.At(i);
            if (held.Memory != known)
                continue;
            order.ExpiresMs = held.Order.ExpiresMs;
            return Envelope.SameBytes(held.Order.Encode(), order.Encode());
        }

        return false;
    }

    private void TakeRevocation(byte[] body)
    {
        Revocation? revocation = Revocation.Decode(body);
        if (revocation == null)
            Count(Refusal.Malformed);
        else
            Revoke(revocation.UpTo);
    }

    // What is revoked is not said any more either, also when it has begun: the key may have been in wrong hands. What came under a newer
    // key goes on: a child that was away hears of an old revocation with its welcome, after its Pi has spoken to it. What was held over a
    // power cut, and not said again since, counts as old.
    private void Revoke(long upTo)
    {
        if (upTo <= _revokedUpTo)
            return;
        _revokedUpTo = upTo;
        Changed();
        for (int i = _queue.Count - 1; i >= 0; i--)
        {
            if (_queue.At(i).Memory.IsDelegated(_deviceId) && _queue.At(i).Memory.DelegationEpoch <= upTo)
                StopOrder(_queue.At(i), StopReason.Cancelled);
        }
    }
}
