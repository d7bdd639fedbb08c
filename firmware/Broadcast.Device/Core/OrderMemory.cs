using System.Collections;

namespace Broadcast.Device;

/// <summary>An order the device has taken or turned down for good, with the last thing it said of it.</summary>
internal sealed class RememberedOrder
{
    internal RememberedOrder(Receipt last, bool isCancel, long expiresMs)
    {
        Last = last;
        IsCancel = isCancel;
        ExpiresMs = expiresMs;
    }

    /// <summary>The last receipt; it also names the order.</summary>
    internal Receipt Last { get; set; }

    /// <summary>Whether it is a cancel: a tombstone that keeps its warning silent.</summary>
    internal bool IsCancel { get; }

    internal long ExpiresMs { get; }

    /// <summary>Whether it plays or waits. Such an order is never forgotten.</summary>
    internal bool IsActive { get; set; }

    /// <summary>The newest delegation under which it came in this boot; 0 for none.</summary>
    internal long DelegationEpoch { get; set; }

    internal long Sequence => Last.Sequence;

    internal int Revision => Last.Revision;

    /// <summary>Whether somebody else than the cloud and this device ordered it.</summary>
    internal bool IsDelegated(string deviceId) => Last.OrderedBy.Length > 0 && Last.OrderedBy != deviceId && Last.OrderedBy != Order.TalkButton;

    /// <summary>Whether the cloud ordered it. What is restored says no more than that it is not delegated, and was counted when it came.</summary>
    internal bool IsOfTheCloud => Last.OrderedBy.Length == 0 && Last.Class != WarningClass.LocalAlarm;

    internal bool IsOf(byte[] warningId)
    {
        byte[] own = Last.WarningId;
        for (int i = 0; i < Limits.WarningIdBytes; i++)
        {
            if (own[i] != warningId[i])
                return false;
        }

        return true;
    }
}

/// <summary>
/// What makes an order play at most once (R2). Up to <see cref="Limits.RememberedOrdersMax"/> orders are known one by one,
/// each with its last receipt, so that a repeat by the link is answered with that receipt and makes no sound. A red that
/// overtakes a hundred others is new, and so are they, because newness is not judged by a high-water mark. Expired orders
/// are forgotten first: their expiry refuses them from then on. When none is expired, the one with the smallest sequence
/// is forgotten and the sequence floor rises to it: what is unknown and not above the floor counts as replayed.
/// Tombstones of cancels live in the same memory, under the same rule: a cancel has a greater sequence than what it
/// cancels, so a floor that rises to a forgotten cancel still refuses the order.
/// </summary>
internal sealed class OrderMemory
{
    private readonly ArrayList _orders = new ArrayList();
    private long _forgottenEarly;

    /// <summary>Sequences up to this one are refused unless remembered.</summary>
    internal long FloorSequence { get; private set; }

    /// <summary>Greatest sequence ever taken of the cloud, or given here.</summary>
    internal long HighWater { get; private set; }

    /// <summary>False while the device has no saved state: the first welcome then sets the floor.</summary>
    internal bool IsFloorKnown { get; private set; }

    internal int Count => _orders.Count;

    internal RememberedOrder At(int index) => (RememberedOrder)_orders[index]!;

    internal void Restore(long floorSequence, long highWater, bool floorKnown)
    {
        FloorSequence = floorSequence;
        HighWater = highWater;
        IsFloorKnown = floorKnown;
    }

    internal void RestoreOrder(RememberedOrder order) => _orders.Add(order);

    /// <summary>
    /// Greater than every number here that is the cloud's or this site's own, for the site's next. It raises no high-water mark: that one says what was heard
    /// of the cloud, and what is below it may be refused after a step back of the time.
    /// </summary>
    internal long NextOwnSequence(string deviceId)
    {
        long newest = HighWater;
        for (int i = 0; i < _orders.Count; i++)
        {
            if (At(i).Sequence > newest && !At(i).IsDelegated(deviceId))
                newest = At(i).Sequence;
        }

        return newest + 1;
    }

    /// <summary>Sets the floor of a device that lost its memory.</summary>
    internal void SetFloor(long floorSequence)
    {
        if (floorSequence > FloorSequence)
            FloorSequence = floorSequence;
        IsFloorKnown = true;
    }

    /// <summary>The time went back by less than the grace: what was forgotten without it counts as heard.</summary>
    internal void FloorAfterSmallStepBack()
    {
        if (_forgottenEarly > FloorSequence)
            FloorSequence = _forgottenEarly;
    }

    /// <summary>
    /// The time went far back. What was forgotten because it had expired may be valid again, so everything up to the newest order
    /// ever heard counts as heard. A floor above that came from the wrong time itself, and is found anew from the right one.
    /// </summary>
    internal void FloorAfterStepBack(long floorOfTime)
    {
        bool fromTime = FloorSequence > HighWater;
        FloorSequence = fromTime && floorOfTime > HighWater ? floorOfTime : HighWater;
    }

    internal RememberedOrder? Find(byte[] warningId, int revision, bool isCancel)
    {
        for (int i = 0; i < _orders.Count; i++)
        {
            RememberedOrder order = At(i);
            if (order.Revision == revision && order.IsCancel == isCancel && order.IsOf(warningId))
                return order;
        }

        return null;
    }

    /// <summary>
    /// Whether there is room for one more order under a delegated key. What is over and has expired makes room: its expiry refuses it. At the limit an
    /// alarm takes the place of the oldest that is over: that one might sound again if its Pi said it again, and no alarm is lost for it.
    /// </summary>
    internal bool HasRoomForDelegated(string deviceId, bool isAlarm, long nowMs)
    {
        int count = 0;
        int notices = 0;
        int oldest = -1;
        int over = -1;
        int overNotice = -1;
        for (int i = _orders.Count - 1; i >= 0; i--)
        {
            RememberedOrder order = At(i);
            if (!order.IsDelegated(deviceId))
                continue;
            bool isNotice = order.Last.Class == WarningClass.LocalNotice;
            count++;
            if (isNotice)
                notices++;
            if (order.IsActive)
                continue;
            oldest = i;
            if (order.ExpiresMs > nowMs)
                continue;
            over = i;
            if (isNotice)
                overNotice = i;
        }

        // What has expired is kept while there is room: should the time go back a little, it is still a repeat.
        if (!isAlarm && notices >= Limits.DelegatedNoticesMax)
            return Leaves(overNotice);
        if (count < Limits.DelegatedOrdersMax)
            return true;
        return Leaves(over >= 0 || !isAlarm ? over : oldest);
    }

    private bool Leaves(int index)
    {
        if (index < 0)
            return false;
        _orders.RemoveAt(index);
        return true;
    }

    /// <summary>
    /// Whether a cancel of that revision or a later one is known. An update may leave a site out, which cancels there, and a
    /// later update may speak to it again: that one is newer than the tombstone, and plays.
    /// </summary>
    internal bool IsCancelled(byte[] warningId, int revision)
    {
        for (int i = 0; i < _orders.Count; i++)
        {
            if (At(i).IsCancel && At(i).Revision >= revision && At(i).IsOf(warningId))
                return true;
        }

        return false;
    }

    /// <summary>Whether a revision of the warning greater than <paramref name="revision"/> is known.</summary>
    internal bool IsSuperseded(byte[] warningId, int revision)
    {
        for (int i = 0; i < _orders.Count; i++)
        {
            if (!At(i).IsCancel && At(i).Revision > revision && At(i).IsOf(warningId))
                return true;
        }

        return false;
    }

    /// <summary>Remembers an order, and forgets another when the memory is full. The sequence of a Pi's order is the Pi's: it moves no mark of the cloud's.</summary>
    /// <param name="deviceId">This device.</param>
    /// <param name="order">The order.</param>
    /// <param name="trustedNowMs">The authenticated time, or 0 when there is none.</param>
    internal void Add(string deviceId, RememberedOrder order, long trustedNowMs)
    {
        if (_orders.Count >= Limits.RememberedOrdersMax)
            ForgetEarly(deviceId, trustedNowMs);
        if (_orders.Count >= Limits.RememberedOrdersMax)
            ForgetSmallestSequence();
        _orders.Add(order);
        if (order.Sequence > HighWater && order.IsOfTheCloud)
            HighWater = order.Sequence;
    }

    /// <summary>Forgets what has expired before <paramref name="beforeMs"/>. Called with a save that carries the time floor, so that time cannot fall behind what was forgotten.</summary>
    internal void Forget(long beforeMs)
    {
        for (int i = _orders.Count - 1; i >= 0; i--)
        {
            if (!At(i).IsActive && At(i).ExpiresMs <= beforeMs)
                _orders.RemoveAt(i);
        }
    }

    // Without the grace: for want of room. What is lost by it is known by its greatest sequence, should the time go back a little.
    private void ForgetEarly(string deviceId, long trustedNowMs)
    {
        for (int i = 0; i < _orders.Count; i++)
        {
            if (!At(i).IsActive && At(i).ExpiresMs <= trustedNowMs && At(i).Sequence > _forgottenEarly && !At(i).IsDelegated(deviceId))
                _forgottenEarly = At(i).Sequence;
        }

        Forget(trustedNowMs);
    }

    private void ForgetSmallestSequence()
    {
        int smallest = -1;
        for (int i = 0; i < _orders.Count; i++)
        {
            if (!At(i).IsActive && (smallest < 0 || At(i).Sequence < At(smallest).Sequence))
                smallest = i;
        }

        // There is always one: the queue is much smaller than the memory (LimitsTests).
        if (At(smallest).Sequence > FloorSequence)
            FloorSequence = At(smallest).Sequence;
        _orders.RemoveAt(smallest);
    }
}
