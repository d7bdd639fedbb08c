using Broadcast.Device;
using Broadcast.Rules;

namespace Broadcast.Ledger;

/// <summary>What a device said of an order, as it came in its authenticated frame.</summary>
/// <param name="AtMs">The device's own clock, UTC ms; only as good as <paramref name="Clock"/> says.</param>
/// <param name="Number">Counts up for ever per device; what makes a repeat a repeat.</param>
public readonly record struct ReceiptRecord(
    WarningId Warning, int Revision, long Sequence, ReceiptState State, byte Reason, int Attempt, long AtMs, ClockQuality Clock, long Number);

/// <summary>A device and its receipt: one row of a batch.</summary>
public readonly record struct DeviceReceipt(DeviceId Device, ReceiptRecord Receipt);

/// <summary>What a device said in its first hello that it knows of the cloud's orders: which of them it has forgotten shows by it.</summary>
/// <param name="HighWater">The greatest sequence in its memory; 0 where it has none.</param>
public readonly record struct HelloMark(DeviceId Device, long HighWater);

/// <summary>A receipt as kept, with the time of the commit that kept it.</summary>
public readonly record struct KeptReceipt(DeviceId Device, ReceiptRecord Receipt, DateTimeOffset Committed);

/// <summary>How an order's state moved; From and To are equal where a late receipt only added to the history.</summary>
/// <param name="Changed">The commit number of the move.</param>
/// <param name="Sequence">The order's own; what the receipt named may be that of a release which a restore has lost.</param>
public sealed record OrderTransition(
    WarningId Warning, int Revision, OrderKind Kind, DeviceId Device, SiteId Site, Region Village,
    OrderState From, OrderState To, byte Reason, int Attempt, long Changed, long Sequence);

/// <summary>What became of a receipt. Whichever it is, it is on disk and may be acknowledged.</summary>
public abstract record ReceiptOutcome
{
    private ReceiptOutcome() { }

    /// <summary>The ledger had it already; nothing moved.</summary>
    public sealed record Duplicate : ReceiptOutcome { public static readonly Duplicate Instance = new(); }

    /// <summary>No order of that device has this warning, revision and sequence; kept apart, the newest few of each device.</summary>
    public sealed record UnknownOrder : ReceiptOutcome { public static readonly UnknownOrder Instance = new(); }

    /// <summary>It is in the history of the order, and moved it unless a later one had come before.</summary>
    public sealed record Applied(OrderTransition Transition) : ReceiptOutcome;
}
