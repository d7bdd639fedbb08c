namespace Broadcast.Device;

// What plays (R5): the highest order that may, at once; what it breaks off waits and resumes while valid.
public sealed partial class DeviceCore
{
    private int _lastPlayId;
    private bool _sirenOpen;

    // A warning whose validity ends while it waits is stopped; one that plays says its playback to the end, because half a
    // sentence helps nobody. It is not begun again after that, nor after an interruption.
    private void ExpireWaiting()
    {
        if (!_clock.IsTrusted)
            return;
        long wallMs = _clock.WallMs(_nowMs);
        for (int i = _queue.Count - 1; i >= 0; i--)
        {
            QueuedOrder queued = _queue.At(i);
            if (!queued.IsPlaying && queued.Order.ExpiresMs <= wallMs)
                StopOrder(queued, StopReason.Expired);
        }
    }

    // Gives what is to sound only after the save, if anything: see the remarks of the class.
    private QueuedOrder? Schedule()
    {
        QueuedOrder? next = _queue.Highest(_clock.WallMs(_nowMs));
        QueuedOrder? soundLater = null;
        if (next != null && next != _queue.Current)
        {
            BreakOffCurrent();
            _queue.Begin(next, ++_lastPlayId);
            if (next.Order.IsActual)
                StartSound(next);
            else
                soundLater = next;
            Say(next.Memory, ReceiptState.Playing, 0, next.Attempt);
        }

        if (_queue.Current == null || !_queue.Current.Order.OpensSiren)
            SetSiren(false);
        return soundLater;
    }

    private void BreakOffCurrent()
    {
        QueuedOrder? current = _queue.Current;
        if (current == null)
            return;
        _body.Stop(current.PlayId);
        _queue.BreakOff(current);
        Say(current.Memory, ReceiptState.Interrupted, 0, current.Attempt);
    }

    private void StartSound(QueuedOrder queued)
    {
        SetSiren(queued.Order.OpensSiren);
        _body.Play(queued.PlayId, queued.Order, queued.Attempt);
    }

    private void SetSiren(bool open)
    {
        if (open == _sirenOpen)
            return;
        _sirenOpen = open;
        _body.Siren(open);
    }

    private void EndPlayback(int playId, Failure failure, SoundCheck check)
    {
        QueuedOrder? current = _queue.Current;
        if (current == null || current.PlayId != playId)
            return;
        _queue.Remove(current);
        if (failure == Failure.None)
            Say(current.Memory, ReceiptState.Played, (byte)check, current.Attempt);
        else
            Say(current.Memory, ReceiptState.Failed, (byte)failure, current.Attempt);
    }

    // After a power cut: an actual warning waits for its next attempt, which comes at once when the time is known well
    // enough and it is still valid. Everything else that had begun is over; what had not begun keeps its place.
    private void JudgeBrokenOff()
    {
        EndTalksOfBefore();
        for (int i = _queue.Count - 1; i >= 0; i--)
        {
            QueuedOrder queued = _queue.At(i);
            bool wasPlaying = queued.IsPlaying;
            queued.IsPlaying = false;
            if (!queued.Order.IsActual && queued.Attempt > 0)
            {
                _queue.Remove(queued);
                Say(queued.Memory, ReceiptState.Failed, (byte)Failure.PowerLost, queued.Attempt);
            }
            else if (wasPlaying)
            {
                Say(queued.Memory, ReceiptState.Interrupted, (byte)Failure.PowerLost, queued.Attempt);
            }
        }
    }
}
