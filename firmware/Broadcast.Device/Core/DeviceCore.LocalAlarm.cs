namespace Broadcast.Device;

// A site's own alarm (R9): through the same queue as every order, with receipts of its own that the cloud keeps.
public sealed partial class DeviceCore
{
    /// <summary>
    /// The site's own sensors raise an alarm: it plays as an actual warning of its level (R5), also while the time is unknown,
    /// and its receipts tell the cloud of it with their true times. The core gives it sequence and validity, and an id
    /// unless the body gave one that its own record of the alarm names.
    /// </summary>
    /// <param name="order">What to say; its class becomes <see cref="WarningClass.LocalAlarm"/>. See <see cref="Sensing.LocalAlarm"/>.</param>
    /// <param name="validMs">How long it may begin to play, in milliseconds, more than 0.</param>
    /// <param name="nowMs">Monotonic milliseconds.</param>
    /// <returns>None when it is in the queue; Malformed, TooLong or QueueFull when it is not.</returns>
    public Refusal RaiseLocalAlarm(Order order, long validMs, long nowMs)
    {
        order.Class = WarningClass.LocalAlarm;
        return Raise(order, validMs, nowMs);
    }

    /// <summary>
    /// Someone at the site gives a notice: it plays as a local notice, once the time is known, and its receipts say that it was ordered here.
    /// </summary>
    /// <param name="order">What to say; its class becomes <see cref="WarningClass.LocalNotice"/>, without level or siren.</param>
    /// <param name="validMs">How long it may begin to play, in milliseconds, more than 0.</param>
    /// <param name="nowMs">Monotonic milliseconds.</param>
    /// <returns>None when it is in the queue; Malformed, TooLong or QueueFull when it is not.</returns>
    public Refusal RaiseLocalNotice(Order order, long validMs, long nowMs)
    {
        order.Class = WarningClass.LocalNotice;
        order.Level = WarningLevel.None;
        order.Siren = false;
        order.OrderedBy = _deviceId;
        return Raise(order, validMs, nowMs);
    }

    private Refusal Raise(Order order, long validMs, long nowMs)
    {
        Enter(nowMs);
        long wallMs = _clock.WallMs(_nowMs);
        long floorMs = _clock.FloorMs(_nowMs);
        long knownMs = wallMs > 0 ? wallMs : floorMs > Limits.WallMsMin ? floorMs : Limits.WallMsMin;
        if (Envelope.SameBytes(order.WarningId, new byte[Limits.WarningIdBytes]))
            _body.Random(order.WarningId);
        order.Kind = OrderKind.Alert;
        long next = _memory.NextOwnSequence(_deviceId);
        order.Sequence = next > knownMs ? next : knownMs;
        order.NotBeforeMs = wallMs;
        order.ExpiresMs = knownMs + validMs;
        // The body's own words are no more trusted than the link's: what cannot be read again would cost the saved state.
        Refusal content = order.Check();
        if (content == Refusal.None && Order.Decode(order.Encode()) == null)
            content = Refusal.Malformed;
        // A body that was cut off before it had noted that this alarm was raised raises it again: the core remembers, and goes on with it.
        bool isKnown = content == Refusal.None && _memory.Find(order.WarningId, order.Revision, false) != null;
        if (content == Refusal.None && !isKnown)
            Accept(order);
        else if (content != Refusal.None)
            Count(content);
        bool refused = content == Refusal.None && _memory.Find(order.WarningId, order.Revision, false)!.Last.State == ReceiptState.Refused;
        Settle();
        return refused ? Refusal.QueueFull : content;
    }
}
