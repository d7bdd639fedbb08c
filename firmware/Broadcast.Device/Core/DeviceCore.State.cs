namespace Broadcast.Device;

// What outlives a power cut, and when the core wants to be woken.
public sealed partial class DeviceCore
{
    private bool _changed;
    private long _saveDueMs;
    private long _lastSaveMs;

    private void Changed()
    {
        _changed = true;
        _saveDueMs = _nowMs;
    }

    private void SaveWhenDue()
    {
        bool floorDue = _clock.IsTrusted && _nowMs - _lastSaveMs >= Limits.FloorSaveMs;
        if ((!_changed && !floorDue) || _nowMs < _saveDueMs)
            return;

        long floorMs = _clock.FloorMs(_nowMs);
        _memory.Forget(floorMs - Limits.RememberGraceMs);
        bool saved = _body.Save(SavedState.Encode(_deviceId, NewHeader(floorMs), _memory, _queue, _outbox));
        SetFault(FaultFlags.Storage, !saved);
        _lastSaveMs = _nowMs;
        _changed = !saved;
        _saveDueMs = _nowMs + Limits.SaveRetryMs; // For what was not saved; whatever changes next is due at once.
        _numbersSinceSave = 0;
    }

    private SavedHeader NewHeader(long floorMs) => new SavedHeader
    {
        Boot = Boot,
        FloorMs = floorMs,
        ReceiptNumber = _receiptNumber,
        FloorSequence = _memory.FloorSequence,
        HighWater = _memory.HighWater,
        IsFloorKnown = _memory.IsFloorKnown,
        RevokedUpTo = _revokedUpTo,
    };

    /// <summary>Restores what was saved and gives the time floor; without a readable state the device begins with none.</summary>
    private long RestoreState()
    {
        byte[]? saved = _savedState;
        _savedState = null;
        if (saved == null)
            return 0;

        SavedHeader? header = SavedState.Restore(saved, _deviceId, _memory, _queue, _outbox);
        if (header == null)
        {
            SetFault(FaultFlags.StateLost, true);
            return 0;
        }

        Boot = header.Boot;
        _revokedUpTo = header.RevokedUpTo;
        _receiptNumber = header.ReceiptNumber + Limits.ReceiptNumbersReserved;
        _numberAtBoot = _receiptNumber;
        return header.FloorMs;
    }

    private long FindNextWake()
    {
        long wakeMs = long.MaxValue;
        for (int i = 0; i < _queue.Count; i++)
            wakeMs = Earlier(wakeMs, WakeOf(_queue.At(i)));
        if (_changed)
            wakeMs = Earlier(wakeMs, _saveDueMs);
        if (_clock.IsTrusted)
            wakeMs = Earlier(wakeMs, _lastSaveMs + Limits.FloorSaveMs);
        if (_linkUp)
            wakeMs = Earlier(wakeMs, WakeOfLink());
        return wakeMs;
    }

    private long WakeOf(QueuedOrder queued)
    {
        if (queued.IsPlaying || !_clock.IsKnown)
            return long.MaxValue;
        long notBeforeMs = _clock.MonotonicAt(queued.Order.NotBeforeMs);
        if (notBeforeMs > _nowMs)
            return notBeforeMs;
        return _clock.IsTrusted ? _clock.MonotonicAt(queued.Order.ExpiresMs) : long.MaxValue;
    }

    private long WakeOfLink()
    {
        long dueMs = _welcomed ? NextReportMs() : _helloDueMs;
        if (_welcomed && _outbox.NextToOffer() != null)
            dueMs = _nowMs;
        return dueMs > _retryMs ? dueMs : _retryMs;
    }

    private static long Earlier(long a, long b) => a < b ? a : b;
}
