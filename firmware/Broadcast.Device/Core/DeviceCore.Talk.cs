namespace Broadcast.Device;

// The site's own microphone: what somebody says here and now, while a button is held.
public sealed partial class DeviceCore
{
    /// <summary>
    /// Somebody holds the talk button: what they say plays as a local notice (R5: an actual warning takes over at once, and it waits behind one), also in
    /// quiet hours and while the time is unknown, because a person stands there. Never saved: a power cut ends it, and its receipt says so.
    /// </summary>
    /// <param name="order">Class, level, siren and origin are set here; the body takes the voice for its text when it plays.</param>
    /// <param name="validMs">How long it may begin to play, in milliseconds; the body ends it earlier with <see cref="EndTalk"/>.</param>
    /// <param name="nowMs">Monotonic milliseconds.</param>
    /// <returns>None when it is in the queue; Malformed or QueueFull when it is not.</returns>
    public Refusal RaiseTalk(Order order, long validMs, long nowMs)
    {
        order.Class = WarningClass.LocalNotice;
        order.Level = WarningLevel.None;
        order.Siren = false;
        order.OrderedBy = Order.TalkButton;
        return Raise(order, validMs, nowMs);
    }

    /// <summary>
    /// The talk is withdrawn, and stopped where it sounds: the button was let go while it waited, or is pressed anew. The body lets the rest of one that
    /// sounds be heard, ends it with <see cref="PlaybackEnded(int, Failure, SoundCheck, long)"/>, and withdraws it here if it is broken off before that.
    /// </summary>
    public void EndTalk(byte[] warningId, long nowMs)
    {
        Enter(nowMs);
        for (int i = _queue.Count - 1; i >= 0; i--)
        {
            if (_queue.At(i).Order.IsMomentary && _queue.At(i).Memory.IsOf(warningId))
                StopOrder(_queue.At(i), StopReason.Operator);
        }

        Settle();
    }

    // A talk is in no saved queue: what a power cut broke off is found among the remembered orders, and is over.
    private void EndTalksOfBefore()
    {
        for (int i = 0; i < _memory.Count; i++)
        {
            RememberedOrder order = _memory.At(i);
            if (order.Last.OrderedBy == Order.TalkButton && !order.Last.IsFinal)
                Say(order, ReceiptState.Failed, (byte)Failure.PowerLost, order.Last.Attempt);
        }
    }
}
