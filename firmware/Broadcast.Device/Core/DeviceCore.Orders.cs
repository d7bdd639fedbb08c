namespace Broadcast.Device;

// Order acceptance (R2, R3, R4): who is taken, who is turned down and why, and what is said of it.
public sealed partial class DeviceCore
{
    private long _receiptNumber;
    private long _numberAtBoot;
    private bool _numbersLifted;
    private int _numbersSinceSave;

    private void TakeOrder(byte[] body)
    {
        Order? order = Order.Decode(body);
        if (order == null)
        {
            Count(Refusal.Malformed);
            return;
        }

        Refusal content = order.Check();
        if (content == Refusal.None && order.Class == WarningClass.LiveSpeech && order.Kind != OrderKind.Cancel && !(_body is ILiveBody live && live.CanListen))
            content = Refusal.Unsupported;
        if (content != Refusal.None)
            Refuse(order, content);
        else if (order.Kind == OrderKind.Cancel)
            TakeCancel(order);
        else
            TakeAlert(order);
    }

    private void TakeAlert(Order order)
    {
        RememberedOrder? known = _memory.Find(order.WarningId, order.Revision, false);
        if (known != null)
        {
            AnswerAgain(known);
            return;
        }

        Refusal refusal = JudgeAlert(order);
        if (refusal == Refusal.None)
            Accept(order);
        else if (refusal == Refusal.Cancelled || refusal == Refusal.Superseded)
            RefuseForGood(order, refusal);
        else
            Refuse(order, refusal);
    }

    // Tombstones are looked at before the clock: what was cancelled stays silent also while the time is unknown.
    private Refusal JudgeAlert(Order order)
    {
        if (!_memory.IsFloorKnown)
            return Refusal.NotYetKnownTime;
        if (order.Sequence <= _memory.FloorSequence)
            return Refusal.Replayed;
        if (_memory.IsCancelled(order.WarningId, order.Revision))
            return Refusal.Cancelled;
        if (_memory.IsSuperseded(order.WarningId, order.Revision))
            return Refusal.Superseded;
        return JudgeTime(order);
    }

    // Only authenticated time refuses for good; a battery clock that says "expired" may be wrong, and the welcome will tell.
    private Refusal JudgeTime(Order order)
    {
        if (!_clock.IsKnown)
            return Refusal.NotYetKnownTime;
        if (_clock.WallMs(_nowMs) < order.ExpiresMs)
            return Refusal.None;
        return _clock.IsTrusted ? Refusal.Expired : Refusal.NotYetKnownTime;
    }

    private void Accept(Order order)
    {
        StopOfWarning(order, StopReason.Superseded);
        if (!_queue.HasRoom(order))
        {
            QueuedOrder? leaving = _queue.WhoGivesWay(order, TrustedMs);
            if (leaving == null)
            {
                RefuseForGood(order, Refusal.QueueFull);
                return;
            }

            _queue.Remove(leaving);
            Count(Refusal.QueueFull);
            Say(leaving.Memory, ReceiptState.Refused, (byte)Refusal.QueueFull, leaving.Attempt);
        }

        _queue.Add(new QueuedOrder(order, Remember(order, ReceiptState.Received, 0)));
        FetchRecording(order);
    }

    private void FetchRecording(Order order)
    {
        if (order.HasAudio && _body is IRecordingBody recordings)
            recordings.Fetch(order);
    }

    // Cancel wins (R4). It needs no known time: stopping what was truly cancelled is right at any time, and also when the
    // cancel itself has expired while its warning, begun in time, still plays. It makes no sound in any case.
    private void TakeCancel(Order cancel)
    {
        RememberedOrder? known = _memory.Find(cancel.WarningId, cancel.Revision, true);
        if (known != null)
        {
            AnswerAgain(known);
            return;
        }

        bool stopped = StopOfWarning(cancel, StopReason.Cancelled);
        if (!stopped && cancel.Sequence <= _memory.FloorSequence)
            Refuse(cancel, Refusal.Replayed);
        else if (!stopped && _clock.IsTrusted && cancel.ExpiresMs <= _clock.WallMs(_nowMs))
            Refuse(cancel, Refusal.Expired);
        else
            Remember(cancel, ReceiptState.Received, 0);
    }

    // Only what is not newer: a cancel that a later update has overtaken must not silence that update.
    private bool StopOfWarning(Order by, StopReason reason)
    {
        bool any = false;
        for (int i = _queue.Count - 1; i >= 0; i--)
        {
            QueuedOrder queued = _queue.At(i);
            if (queued.Memory.Revision <= by.Revision && queued.Memory.IsOf(by.WarningId))
            {
                StopOrder(queued, reason);
                any = true;
            }
        }

        return any;
    }

    private void StopOrder(QueuedOrder queued, StopReason reason)
    {
        if (queued.IsPlaying)
            _body.Stop(queued.PlayId);
        _queue.Remove(queued);
        Say(queued.Memory, ReceiptState.Stopped, (byte)reason, queued.Attempt);
    }

    // The authenticated time, or 0 when there is none: by a battery clock nothing is given up as over.
    private long TrustedMs => _clock.IsTrusted ? _clock.WallMs(_nowMs) : 0;

    private RememberedOrder Remember(Order order, ReceiptState state, byte reason)
    {
        Receipt receipt = NewReceipt(order.WarningId, order.Revision, order.Sequence, state, reason, 0);
        receipt.OrderedBy = order.OrderedBy;
        receipt.Class = order.Class;
        RememberedOrder memory = new RememberedOrder(receipt, order.Kind == OrderKind.Cancel, order.ExpiresMs);
        _memory.Add(_deviceId, memory, TrustedMs);
        Post(receipt);
        Changed();
        return memory;
    }

    private void Say(RememberedOrder memory, ReceiptState state, byte reason, int attempt)
    {
        Receipt receipt = NewReceipt(memory.Last.WarningId, memory.Revision, memory.Sequence, state, reason, attempt);
        receipt.OrderedBy = memory.Last.OrderedBy;
        receipt.Class = memory.Last.Class;
        memory.Last = receipt;
        Post(receipt);
        Changed();
    }

    // A repeat by the link is no attack: the last receipt is said again, under its own number, and nothing sounds.
    private void AnswerAgain(RememberedOrder known)
    {
        if (Repeats < int.MaxValue)
            Repeats++;
        Post(known.Last);
    }

    private void RefuseForGood(Order order, Refusal refusal)
    {
        Count(refusal);
        Remember(order, ReceiptState.Refused, (byte)refusal);
    }

    // Not remembered and not saved: the same refusal would be found again, and refusals must not wear the flash.
    private void Refuse(Order order, Refusal refusal)
    {
        Count(refusal);
        Post(NewReceipt(order.WarningId, order.Revision, order.Sequence, ReceiptState.Refused, (byte)refusal, 0));
        if (_numbersSinceSave >= Limits.ReceiptNumbersReserved - 1)
            Changed();
    }

    private Receipt NewReceipt(byte[] warningId, int revision, long sequence, ReceiptState state, byte reason, int attempt)
    {
        _numbersSinceSave++;
        return new Receipt
        {
            WarningId = warningId,
            Revision = revision,
            Sequence = sequence,
            State = state,
            Reason = reason,
            Attempt = attempt,
            AtMs = _clock.WallMs(_nowMs),
            Clock = _clock.Quality,
            Number = ++_receiptNumber,
        };
    }

    private void Post(Receipt receipt)
    {
        if (!_outbox.Add(receipt, _nowMs))
            SetFault(FaultFlags.OutboxFull, true);
    }
}
