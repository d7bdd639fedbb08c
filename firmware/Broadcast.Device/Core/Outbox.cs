using System.Collections;

namespace Broadcast.Device;

/// <summary>A receipt that the cloud has not acknowledged yet.</summary>
internal sealed class OutboxEntry
{
    internal const long EarlierBoot = -1;

    internal OutboxEntry(Receipt receipt, long monotonicMs)
    {
        Receipt = receipt;
        MonotonicMs = monotonicMs;
    }

    internal Receipt Receipt { get; }

    /// <summary>When it was written, so that a receipt of unknown time gets its true one from the welcome; <see cref="EarlierBoot"/> when that clock is gone.</summary>
    internal long MonotonicMs { get; }

    /// <summary>Token under which the link has it, or 0.</summary>
    internal int Token { get; set; }
}

/// <summary>
/// Receipts on their way, oldest first, at most <see cref="Limits.OutboxReceiptsMax"/>. When it is full the oldest
/// intermediate state (received, playing, interrupted) is dropped; a final state only when there is no intermediate one.
/// </summary>
internal sealed class Outbox
{
    private readonly ArrayList _entries = new ArrayList();

    internal int Count => _entries.Count;

    internal int InFlight { get; private set; }

    internal bool HasUnoffered => InFlight < _entries.Count;

    internal OutboxEntry At(int index) => (OutboxEntry)_entries[index]!;

    internal void Restore(Receipt receipt) => _entries.Add(new OutboxEntry(receipt, OutboxEntry.EarlierBoot));

    /// <summary>Adds a receipt unless it waits already. False when another had to be dropped for it.</summary>
    internal bool Add(Receipt receipt, long monotonicMs)
    {
        for (int i = 0; i < _entries.Count; i++)
        {
            if (SaysTheSame(At(i).Receipt, receipt))
                return true;
        }

        bool full = _entries.Count >= Limits.OutboxReceiptsMax;
        if (full)
            DropOne();
        _entries.Add(new OutboxEntry(receipt, monotonicMs));
        return !full;
    }

    /// <summary>The oldest receipt the link does not have, or null when there is none or the window is full.</summary>
    internal OutboxEntry? NextToOffer()
    {
        if (InFlight >= Limits.OutboxInFlightMax)
            return null;
        for (int i = 0; i < _entries.Count; i++)
        {
            if (At(i).Token == 0)
                return At(i);
        }

        return null;
    }

    internal void Offered(OutboxEntry entry, int token)
    {
        entry.Token = token;
        InFlight++;
    }

    /// <summary>The other side has it.</summary>
    internal void Acknowledged(int token)
    {
        for (int i = 0; i < _entries.Count; i++)
        {
            if (token != 0 && At(i).Token == token)
            {
                _entries.RemoveAt(i);
                InFlight--;
                return;
            }
        }
    }

    /// <summary>What was in flight is offered again: nobody knows whether it arrived, and the number tells the cloud.</summary>
    internal void LinkDown()
    {
        for (int i = 0; i < _entries.Count; i++)
            At(i).Token = 0;
        InFlight = 0;
    }

    private void DropOne()
    {
        int victim = 0;
        for (int i = _entries.Count - 1; i >= 0; i--)
        {
            if (!At(i).Receipt.IsFinal)
                victim = i;
        }

        if (At(victim).Token != 0)
            InFlight--;
        _entries.RemoveAt(victim);
    }

    private static bool SaysTheSame(Receipt a, Receipt b) =>
        a.Sequence == b.Sequence && a.State == b.State && a.Reason == b.Reason && a.Attempt == b.Attempt && a.Revision == b.Revision
        && a.OrderedBy == b.OrderedBy && Envelope.SameBytes(a.WarningId, b.WarningId); // A Pi, and a site for its own alarm, count their own sequences: they may be the cloud's, too.
}
