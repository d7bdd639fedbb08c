using Broadcast.Cloud.Link;
using Broadcast.Ledger;
using Broadcast.Rules;

namespace Broadcast.Cloud.Warnings;

/// <summary>
/// The frames of a release that is on its way to the disk, sealed on a processor that would only wait for it. They are sent after the commit (R1), and
/// dropped with this object where there is none. What is not sealed by then, whoever sends seals.
/// </summary>
public sealed class SealedAhead(Warning drafted, IReadOnlyList<OrderRecord> orders, NodeSessions sessions)
{
    private readonly byte[][] _frames = new byte[orders.Count][];
    private readonly LiveDevice?[] _devices = new LiveDevice?[orders.Count]; // Each written after its frame: who sees the session sees the frame.
    private volatile bool _over;

    /// <summary>Seals until all is sealed or wanted.</summary>
    public void Seal()
    {
        var forms = new OrderForms();
        for (var i = 0; i < orders.Count && !_over; i++)
        {
            if (sessions.Find(orders[i].Device) is not { } live) continue;
            _frames[i] = live.Seal(forms.Of(drafted, orders[i].Kind, orders[i].Expires), orders[i].Sequence);
            Volatile.Write(ref _devices[i], live);
        }
    }

    /// <summary>They are being sent: from here on the senders seal what is left.</summary>
    public void End() => _over = true;

    /// <summary>The frame of an order for this very session; null where there is none: another session may have another key.</summary>
    /// <param name="committed">The list that was drafted; frames of any other one are none of its.</param>
    /// <param name="place">Of the order in it.</param>
    /// <param name="live">Who is to get it.</param>
    public byte[]? FrameOf(IReadOnlyList<OrderRecord> committed, int place, LiveDevice live) =>
        ReferenceEquals(committed, orders) && Volatile.Read(ref _devices[place]) == live ? _frames[place] : null;
}
