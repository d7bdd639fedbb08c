using Broadcast.Device;
using Broadcast.Device.Sensing;
using Broadcast.Rules;

namespace Broadcast.Ledger;

/// <summary>What a site's sensors measured over a stretch of time, as it came in its authenticated frame.</summary>
/// <param name="Number">Never given twice by the device; what makes a repeat a repeat.</param>
/// <param name="AtMs">End of the stretch by the device's own clock, UTC ms; only as good as <paramref name="Clock"/> says.</param>
public readonly record struct ReadingRecord(
    long Number, long AtMs, ClockQuality Clock, int Seconds, int RainTenths, SensorFault RainFault, int LevelMillimetres, SensorFault LevelFault, int BatteryMillivolts);

/// <summary>A reading as kept.</summary>
/// <param name="Site">The site that the device served when it came; null where it served none.</param>
/// <param name="At">The device's time where it can be believed, else that of the commit (<paramref name="IsTrueTime"/> false).</param>
public sealed record KeptReading(DeviceId Device, SiteId? Site, DateTimeOffset At, bool IsTrueTime, ReadingRecord Reading, DateTimeOffset Committed);

/// <summary>Rain of a site in the last 1, 3, 6 and 24 hours, in tenths of a millimetre.</summary>
public readonly record struct RainSums(long Hour, long ThreeHours, long SixHours, long Day);

/// <summary>A site's own alarm, as it came in its authenticated frame.</summary>
/// <param name="Said">What the site said of it; null where it said nothing.</param>
public readonly record struct AlarmRecord(
    long Number, long AtMs, ClockQuality Clock, AlarmStage Stage, AlarmCause Cause, int WindowMinutes, int Value, int Threshold, WarningId? Said);

/// <summary>An alarm as kept, with how far the site has come with saying it.</summary>
/// <param name="Id">Follows the order of commits.</param>
/// <param name="SaidState">The last state that the site's receipts tell; null before any.</param>
public sealed record KeptAlarm(
    long Id, DeviceId Device, SiteId? Site, Region? Village, DateTimeOffset At, bool IsTrueTime, AlarmRecord Alarm, ReceiptState? SaidState, DateTimeOffset Committed);

/// <summary>Where a page of alarms ended: newest first, by their own time.</summary>
public readonly record struct AlarmMark(long AtMs, long Id);
