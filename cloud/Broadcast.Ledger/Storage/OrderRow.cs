using System.Collections.Concurrent;
using System.Data.Common;
using System.Globalization;
using Broadcast.Device;
using Broadcast.Rules;

namespace Broadcast.Ledger.Storage;

/// <summary>An order as a row, with the small integers of its table.</summary>
internal readonly record struct OrderRow(
    long Revision, long Device, long Sequence, OrderKind Kind, long Site, long Village, long Expires, OrderState State, byte Reason, int Attempt, long Receipt, long Seen, long Changed)
{
    public const string Columns = "o.revision, o.device, o.sequence, o.kind, o.site, o.village, o.expires, o.state, o.reason, o.attempt, o.receipt, o.seen, o.changed";
    public const int ColumnCount = 13;
    private const int VillagesMax = 65_536; // A province; the whole country has ten times as many.

    private static readonly ConcurrentDictionary<long, Region> Villages = [];

    public static OrderRow Read(RowReader r) => new(
        r.GetInt64(0), r.GetInt64(1), r.GetInt64(2), (OrderKind)r.GetInt64(3), r.GetInt64(4), r.GetInt64(5), r.GetInt64(6), (OrderState)r.GetInt64(7),
        (byte)r.GetInt64(8), (int)r.GetInt64(9), r.GetInt64(10), r.GetInt64(11), r.GetInt64(12));

    public OrderRecord ToRecord(WarningId warning, int revision, Numbers numbers) => new(
        warning, revision, Kind, numbers.Device(Device), numbers.Site(Site), VillageOf(Village), Sequence, DateTimeOffset.FromUnixTimeMilliseconds(Expires),
        State, Reason, Attempt, Receipt, Changed);

    public OrderTransition ToTransition(WarningId warning, int revision, Numbers numbers, OrderState from) => new(
        warning, revision, Kind, numbers.Device(Device), numbers.Site(Site), VillageOf(Village), from, State, Reason, Attempt, Changed, Sequence);

    /// <summary>Every order and every receipt names a village, and there are few: each is read from its number once.</summary>
    public static Region VillageOf(long code)
    {
        if (Villages.TryGetValue(code, out var village)) return village;
        if (Villages.Count >= VillagesMax) Villages.Clear();
        return Villages[code] = Region.Create(code.ToString("D12", CultureInfo.InvariantCulture), RegionLevel.Village);
    }

    public static long CodeOf(Region region) => long.Parse(region.Code, CultureInfo.InvariantCulture);

    /// <summary>How many codes of villages lie in a region of a level: what is divided by, to get the region of a village.</summary>
    public static long Span(RegionLevel level)
    {
        var span = 1L;
        for (var digits = Region.SignificantDigits(level); digits < 12; digits++) span *= 10;
        return span;
    }
}
