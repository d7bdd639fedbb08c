namespace Broadcast.Device;

/// <summary>What a device says of an order, once, with the time it was so. Numbered, so that the cloud knows a repeat.</summary>
public sealed class Receipt
{
    private const int KnownPairs = 9;

    // Ignorable, and only where somebody else than the cloud ordered it.
    private const int OrderedByKey = Limits.IgnorableKeyMin;
    private const int ClassKey = Limits.IgnorableKeyMin + 1;

    /// <summary>Id of the warning, <see cref="Limits.WarningIdBytes"/> bytes.</summary>
    public byte[] WarningId { get; set; } = new byte[Limits.WarningIdBytes];

    /// <summary>Revision of the order.</summary>
    public int Revision { get; set; }

    /// <summary>Sequence of the order: with the device it names the order, a cancel apart from what it cancels.</summary>
    public long Sequence { get; set; }

    /// <summary>What became of the order.</summary>
    public ReceiptState State { get; set; }

    /// <summary>Why; which enumeration it is depends on <see cref="State"/> and is said there. 0 for none.</summary>
    public byte Reason { get; set; }

    /// <summary>Which playback this speaks of: 1 for the first, one more after each interruption; 0 before any.</summary>
    public int Attempt { get; set; }

    /// <summary>UTC milliseconds when it was so, by the device's clock; 0 when <see cref="Clock"/> is Unknown.</summary>
    public long AtMs { get; set; }

    /// <summary>How far <see cref="AtMs"/> can be believed.</summary>
    public ClockQuality Clock { get; set; }

    /// <summary>Counts up for ever on one device, with gaps. The same number is the same receipt, sent again.</summary>
    public long Number { get; set; }

    /// <summary>
    /// Who ordered it, where that was neither the cloud nor the site's own sensors: see <see cref="Order.OrderedBy"/>. Empty otherwise.
    /// </summary>
    public string OrderedBy { get; set; } = "";

    /// <summary>The class of such an order: <see cref="WarningClass.LocalAlarm"/> or <see cref="WarningClass.LocalNotice"/>. Means nothing while <see cref="OrderedBy"/> is empty.</summary>
    public WarningClass Class { get; set; }

    /// <summary>Whether no other state follows for the order (an accepted cancel ends with Received, which its order's kind tells).</summary>
    public bool IsFinal => State == ReceiptState.Played || State == ReceiptState.Stopped || State == ReceiptState.Failed
        || (State == ReceiptState.Refused && Reason != (byte)Refusal.NotYetKnownTime);

    /// <summary>The encoded body map.</summary>
    public byte[] Encode()
    {
        CborWriter writer = new CborWriter(64);
        writer.Map(OrderedBy.Length == 0 ? KnownPairs : KnownPairs + 2);
        writer.Int(0);
        writer.Bytes(WarningId);
        writer.Pair(1, Revision);
        writer.Pair(2, Sequence);
        writer.Pair(3, (int)State);
        writer.Pair(4, Reason);
        writer.Pair(5, Attempt);
        writer.Pair(6, AtMs);
        writer.Pair(7, (int)Clock);
        writer.Pair(8, Number);
        if (OrderedBy.Length > 0)
        {
            writer.Int(OrderedByKey);
            writer.Text(OrderedBy);
            writer.Pair(ClassKey, (int)Class);
        }

        return writer.ToArray();
    }

    /// <summary>Reads a body map; null when it is not one. Never throws on bad bytes.</summary>
    public static Receipt? Decode(byte[] body)
    {
        CborReader reader = new CborReader(body, 0, body.Length);
        int pairs = reader.Map(Limits.FrameBytesMax);
        Receipt receipt = new Receipt();
        reader.Key(0);
        receipt.WarningId = reader.Bytes(Limits.WarningIdBytes, Limits.WarningIdBytes);
        receipt.Revision = (int)reader.Pair(1, 0, int.MaxValue);
        receipt.Sequence = reader.Pair(2, 1, long.MaxValue);
        receipt.State = (ReceiptState)reader.Pair(3, (int)ReceiptState.Received, (int)ReceiptState.Failed);
        receipt.Reason = (byte)reader.Pair(4, 0, 255);
        receipt.Attempt = (int)reader.Pair(5, 0, int.MaxValue);
        receipt.AtMs = reader.Pair(6, 0, Limits.WallMsMax);
        receipt.Clock = (ClockQuality)reader.Pair(7, (int)ClockQuality.Unknown, (int)ClockQuality.Cloud);
        receipt.Number = reader.Pair(8, 1, long.MaxValue);
        if (pairs > KnownPairs && reader.TakeKey(OrderedByKey))
        {
            receipt.OrderedBy = reader.Ascii(Limits.DeviceIdCharsMax);
            receipt.Class = (WarningClass)reader.Pair(ClassKey, (int)WarningClass.LocalNotice, (int)WarningClass.LocalAlarm);
            if (!Utf8.IsDeviceId(receipt.OrderedBy))
                reader.Fail();
            reader.Rest(pairs, KnownPairs + 2, ClassKey);
        }
        else
        {
            reader.Rest(pairs, KnownPairs);
        }

        return reader.Complete ? receipt : null;
    }
}
