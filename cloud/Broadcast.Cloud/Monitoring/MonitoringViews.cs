using Broadcast.Cloud.Http;
using Broadcast.Device;
using Broadcast.Device.Sensing;
using Broadcast.Ledger;
using Broadcast.Rules;

namespace Broadcast.Cloud.Monitoring;

/// <summary>A reading of a site. Values are null where there is no such sensor, or where it failed; then the fault says why.</summary>
/// <param name="At">End of the stretch, by the site's clock.</param>
/// <param name="IsTrueTime">False where the site's clock could not be believed: At is when the cloud got it.</param>
/// <param name="Seconds">Length of the stretch that the rain fell in.</param>
public sealed record ReadingView(
    DateTimeOffset At, bool IsTrueTime, int Seconds, double? RainMillimetres, string RainFault, int? LevelMillimetres, string LevelFault, int? BatteryMillivolts, DateTimeOffset Committed)
{
    public static ReadingView Of(KeptReading kept)
    {
        var r = kept.Reading;
        return new(
            kept.At, kept.IsTrueTime, r.Seconds, r.RainFault == SensorFault.Absent ? null : r.RainTenths / 10.0, Wording.Camel(r.RainFault),
            r.LevelFault == SensorFault.None ? r.LevelMillimetres : null, Wording.Camel(r.LevelFault), r.BatteryMillivolts == 0 ? null : r.BatteryMillivolts, kept.Committed);
    }
}

/// <summary>Rain of the last hours in millimetres, summed from the readings that came.</summary>
public sealed record RainView(double Hour, double ThreeHours, double SixHours, double Day)
{
    public static RainView Of(RainSums sums) => new(sums.Hour / 10.0, sums.ThreeHours / 10.0, sums.SixHours / 10.0, sums.Day / 10.0);
}

/// <summary>A site's newest reading, and its rain.</summary>
public sealed record SiteReadingView(string Site, string Name, string VillageCode, string VillageName, string Device, ReadingView Reading, RainView? Rain);

/// <summary>A local alarm: what a site's own sensors raised, with or without the cloud.</summary>
/// <param name="Id">Follows the order in which the cloud got them.</param>
/// <param name="At">When the stage changed, by the site's clock.</param>
/// <param name="Stage">prepare (准备转移), leave (立即转移), or none when it is over.</param>
/// <param name="Value">Measured, in millimetres.</param>
/// <param name="Threshold">The stage's threshold, in millimetres.</param>
/// <param name="Said">The last state that the site's receipts tell of what it said; null where it said nothing, or has not told yet.</param>
/// <param name="Committed">When the cloud got it: later than At by as long as the site was cut off.</param>
public sealed record AlarmView(
    long Id, string Device, string? Site, string? SiteName, string? VillageCode, string? VillageName, DateTimeOffset At, bool IsTrueTime, string Stage, string Cause,
    double? WindowHours, double Value, double Threshold, string? Said, string? Warning, DateTimeOffset Committed)
{
    public static AlarmView Of(KeptAlarm kept, SiteDirectory directory)
    {
        var a = kept.Alarm;
        double Millimetres(int value) => a.Cause == AlarmCause.Level ? value : value / 10.0;
        return new(
            kept.Id, kept.Device.Value, kept.Site?.Value, kept.Site is { } site ? directory.Find(site)?.Name : null, kept.Village?.Code,
            kept.Village is { } village ? directory.Find(village.Code)?.Name : null, kept.At, kept.IsTrueTime, Wording.Camel(a.Stage), Wording.Camel(a.Cause),
            a.WindowMinutes == 0 ? null : a.WindowMinutes / 60.0, Millimetres(a.Value), Millimetres(a.Threshold),
            kept.SaidState is { } state ? Wording.Camel(state) : null, a.Said?.ToString(), kept.Committed);
    }
}

/// <summary>One receipt of what a site said by itself.</summary>
/// <param name="Sound">Of Played, what measured it (R6); null before.</param>
public sealed record AlarmReceiptView(string State, string? Reason, int Attempt, DateTimeOffset? At, DateTimeOffset Committed, string? Sound);

/// <summary>An alarm with all that its site told of saying it.</summary>
public sealed record AlarmDetailView(AlarmView Alarm, IReadOnlyList<AlarmReceiptView> Receipts);

/// <summary>A page of alarms; hand <paramref name="Next"/> in as <c>before</c> for the next.</summary>
public sealed record AlarmsView(IReadOnlyList<AlarmView> Items, string? Next);
