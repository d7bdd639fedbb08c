using System.Collections;

namespace Broadcast.Device;

/// <summary>An order that plays or waits.</summary>
internal sealed class QueuedOrder
{
    internal QueuedOrder(Order order, RememberedOrder memory)
    {
        Order = order;
        Memory = memory;
        memory.IsActive = true;
    }

    internal Order Order { get; }

    internal RememberedOrder Memory { get; }

    /// <summary>Playbacks begun so far.</summary>
    internal int Attempt { get; set; }

    internal bool IsPlaying { get; set; }

    internal int PlayId { get; set; }
}

/// <summary>
/// The orders that play or wait, ranked by <see cref="Priority"/> (R5). At most <see cref="Limits.QueueOrdersMax"/>, of which
/// orders that are not actual take all but <see cref="Limits.QueueOrdersKeptForActual"/>. When there is no place the
/// lowest-ranked waiting order gives way to a higher one, so that no flood of lower orders keeps an actual red out.
/// </summary>
internal sealed class PlayQueue
{
    private readonly ArrayList _orders = new ArrayList();

    /// <summary>Whether programmes may not begin.</summary>
    internal bool HoldsProgrammes { get; set; }

    /// <summary>Whether nothing but actual warnings may begin.</summary>
    internal bool HoldsAll { get; set; }

    internal int Count => _orders.Count;

    internal QueuedOrder? Current { get; private set; }

    internal int WaitingCount => Current == null ? _orders.Count : _orders.Count - 1;

    internal QueuedOrder At(int index) => (QueuedOrder)_orders[index]!;

    internal void Add(QueuedOrder order) => _orders.Add(order);

    internal void Remove(QueuedOrder order)
    {
        if (order == Current)
            Current = null;
        order.Memory.IsActive = false;
        _orders.Remove(order);
    }

    /// <summary>The order begins to play; nothing else may play then.</summary>
    internal void Begin(QueuedOrder order, int playId)
    {
        order.Attempt++;
        order.PlayId = playId;
        order.IsPlaying = true;
        Current = order;
    }

    /// <summary>What plays is to wait again.</summary>
    internal void BreakOff(QueuedOrder order)
    {
        order.IsPlaying = false;
        Current = null;
    }

    /// <summary>Whether <paramref name="order"/> finds a place without another leaving.</summary>
    internal bool HasRoom(Order order) => _orders.Count < Limits.QueueOrdersMax && (order.IsActual || !IsOthersShareFull());

    /// <summary>The waiting order that has to leave for <paramref name="order"/>, or null when all that could rank higher. What is over by the authenticated time leaves first.</summary>
    internal QueuedOrder? WhoGivesWay(Order order, long trustedMs)
    {
        bool othersOnly = !order.IsActual && IsOthersShareFull();
        QueuedOrder? lowest = null;
        for (int i = 0; i < _orders.Count; i++)
        {
            QueuedOrder waiting = At(i);
            if (waiting.IsPlaying || (othersOnly && waiting.Order.IsActual))
                continue;
            if (waiting.Order.ExpiresMs <= trustedMs)
                return waiting;
            if (lowest == null || Priority.Compare(waiting.Order, lowest.Order) < 0)
                lowest = waiting;
        }

        return lowest != null && Priority.Compare(order, lowest.Order) > 0 ? lowest : null;
    }

    /// <summary>What should play now: the highest of what plays and of what may begin. With the time unknown (0) nothing begins but a local alarm (R9), and what somebody says at the site.</summary>
    internal QueuedOrder? Highest(long wallMs)
    {
        QueuedOrder? highest = Current;
        for (int i = 0; i < _orders.Count; i++)
        {
            QueuedOrder candidate = At(i);
            bool mayBegin = wallMs > 0
                ? candidate.Order.NotBeforeMs <= wallMs && wallMs < candidate.Order.ExpiresMs
                : candidate.Order.Class == WarningClass.LocalAlarm || candidate.Order.IsMomentary;
            if (mayBegin && !IsHeld(candidate.Order) && (highest == null || Priority.Compare(candidate.Order, highest.Order) > 0))
                highest = candidate;
        }

        return highest;
    }

    private bool IsHeld(Order order) => !order.IsActual && !order.IsMomentary && (HoldsAll || (HoldsProgrammes && order.Class == WarningClass.Programme));

    private bool IsOthersShareFull()
    {
        int others = 0;
        for (int i = 0; i < _orders.Count; i++)
        {
            if (!At(i).Order.IsActual)
                others++;
        }

        return others >= Limits.QueueOrdersMax - Limits.QueueOrdersKeptForActual;
    }
}
