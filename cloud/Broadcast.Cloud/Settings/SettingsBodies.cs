using System.Globalization;
using Broadcast.Cloud.Http;
using Broadcast.Device;
using Broadcast.Ledger;
using Broadcast.Rules;

namespace Broadcast.Cloud.Settings;

/// <summary>A threshold of rain: a rolling window of hours, and the millimetres of 准备转移 and 立即转移.</summary>
public sealed record RainThresholdBody(double Hours, double PrepareMillimetres, double LeaveMillimetres);

/// <summary>A threshold of the water's level, in millimetres above the gauge's zero.</summary>
public sealed record LevelThresholdBody(int PrepareMillimetres, int LeaveMillimetres);

/// <summary>A time of the local day, from and to as hh:mm; it may go over midnight.</summary>
public sealed record DayTimeBody(string From, string To);

/// <summary>What a site shall be like. Complete: what is left out gets its default, not what it had.</summary>
/// <param name="BasedOn">The revision that this changes; 0 for the first. Where it is not the newest any more, nothing is done.</param>
/// <param name="VolumeByHour">The most that anything but an actual warning may have, percent, for each of 24 local hours; 100 by default.</param>
/// <param name="ActualVolumeMax">The most of an actual warning; 100 by default.</param>
/// <param name="ActualVolumeMin">The least of an actual warning, whatever its order says; 60 by default.</param>
/// <param name="Quiet">Only actual warnings begin then; none by default.</param>
/// <param name="Tone">twoTone (the default) or single.</param>
/// <param name="Programmes">Times at which programmes may begin; always by default.</param>
/// <param name="SelfTestMinutes">Minutes between two self-tests of amplifier and loudspeakers, at most a day, 0 for none; by default the device's own, a day.</param>
public sealed record SettingsBody(
    int? BasedOn, IReadOnlyList<int>? VolumeByHour, int? ActualVolumeMax, int? ActualVolumeMin, DayTimeBody? Quiet, string? Tone,
    IReadOnlyList<RainThresholdBody>? Rain, IReadOnlyList<LevelThresholdBody>? Level, IReadOnlyList<DayTimeBody>? Programmes, int? SelfTestMinutes = null)
{
    /// <summary>The settings as they go to the device; every wrong value is named in <paramref name="problems"/>.</summary>
    public SiteSettings Read(List<Problem> problems)
    {
        void Need(bool holds, string field, string english, string chinese)
        {
            if (!holds) problems.Add(new Problem(field, "out-of-range", english, chinese));
        }

        var settings = new SiteSettings();
        if (VolumeByHour is { } volumes)
        {
            Need(volumes.Count == SiteSettings.HoursADay && volumes.All(v => v is >= 0 and <= 100), "volumeByHour", "Give 24 volumes of 0 to 100 percent.", "须为 24 个 0–100 的音量。");
            if (volumes.Count == SiteSettings.HoursADay) settings.VolumeByHour = [.. volumes];
        }

        (settings.ActualVolumeMax, settings.ActualVolumeMin) = (ActualVolumeMax ?? settings.ActualVolumeMax, ActualVolumeMin ?? Math.Min(settings.ActualVolumeMin, ActualVolumeMax ?? 100));
        Need(settings.ActualVolumeMax is >= 1 and <= 100, "actualVolumeMax", "Give 1 to 100 percent.", "须为 1–100。");
        Need(settings.ActualVolumeMin >= 0 && settings.ActualVolumeMin <= settings.ActualVolumeMax, "actualVolumeMin", "Give 0 percent to actualVolumeMax.", "须为 0 至 actualVolumeMax。");
        if (Quiet is not null && ReadTime(Quiet, "quiet", problems) is [var from, var to]) (settings.QuietFromMinute, settings.QuietToMinute) = (from, to);
        Need(Tone is null || Wording.TryRead<SiteTone>(Tone, out _), "tone", "Give twoTone or single.", "须为 twoTone 或 single。");
        if (Wording.TryRead<SiteTone>(Tone, out var tone)) settings.Tone = tone;
        Need(SelfTestMinutes is null or (>= 0 and <= SiteSettings.MinutesADay), "selfTestMinutes", "Give 1 to 1440 minutes, or 0 for none.", "须为 1–1440 分钟，0 为不自检。");
        settings.SelfTestMinutes = SelfTestMinutes ?? SiteSettings.NoWish;
        Need((Rain?.Count ?? 0) <= SiteSettings.EntriesMax, "rain", "Give at most 8 thresholds.", "最多 8 条阈值。");
        Need((Level?.Count ?? 0) <= SiteSettings.EntriesMax, "level", "Give at most 8 thresholds.", "最多 8 条阈值。");
        Need((Programmes?.Count ?? 0) <= SiteSettings.EntriesMax, "programmes", "Give at most 8 times.", "最多 8 个时段。");
        if (problems.Count > 0) return settings;
        settings.Rain = [.. (Rain ?? []).SelectMany((r, i) => ReadRain(r, i, problems))];
        settings.Level = [.. (Level ?? []).SelectMany((l, i) => ReadLevel(l, i, problems))];
        settings.Programmes = [.. (Programmes ?? []).SelectMany((p, i) => ReadTime(p, $"programmes[{i}]", problems))];
        if (problems.Count == 0 && settings.Check() is not SettingsRefusal.None and var wrong)
            problems.Add(new Problem(Wording.Camel(wrong), "unusable", "These settings cannot be used.", "设置无效。"));
        return settings;
    }

    private static int[] ReadRain(RainThresholdBody? rain, int i, List<Problem> problems)
    {
        if (rain is { Hours: >= 1.0 / 60 and <= 24, PrepareMillimetres: > 0 and <= 10_000 } && rain.LeaveMillimetres >= rain.PrepareMillimetres && rain.LeaveMillimetres <= 10_000)
            return [(int)Math.Round(rain.Hours * 60), Tenths(rain.PrepareMillimetres), Tenths(rain.LeaveMillimetres)];
        problems.Add(new Problem($"rain[{i}]", "out-of-range", "Give a window of a minute to 24 hours, millimetres above 0, and not less of leave than of prepare.", "时段须为 1 分钟至 24 小时，雨量大于 0，立即转移不低于准备转移。"));
        return [];
    }

    private static int[] ReadLevel(LevelThresholdBody? level, int i, List<Problem> problems)
    {
        if (level is { PrepareMillimetres: > 0 and <= 1_000_000 } && level.LeaveMillimetres >= level.PrepareMillimetres && level.LeaveMillimetres <= 1_000_000) return [level.PrepareMillimetres, level.LeaveMillimetres];
        problems.Add(new Problem($"level[{i}]", "out-of-range", "Give millimetres above 0, and not less of leave than of prepare.", "水位须大于 0，立即转移不低于准备转移。"));
        return [];
    }

    private static int[] ReadTime(DayTimeBody? time, string field, List<Problem> problems)
    {
        if (TryMinute(time?.From, out var from) && TryMinute(time?.To, out var to) && from != to) return [from, to];
        problems.Add(new Problem(field, "not-a-time", "Give two different times of day as hh:mm.", "请给出两个不同的时刻（hh:mm）。"));
        return [];
    }

    private static bool TryMinute(string? text, out int minute)
    {
        var ok = TimeOnly.TryParseExact(text, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time);
        minute = (time.Hour * 60) + time.Minute;
        return ok;
    }

    private static int Tenths(double millimetres) => (int)Math.Round(millimetres * 10);
}

/// <summary>What is wanted of a site.</summary>
public sealed record DesiredView(
    int Revision, IReadOnlyList<int> VolumeByHour, int ActualVolumeMax, int ActualVolumeMin, DayTimeBody? Quiet, string Tone,
    IReadOnlyList<RainThresholdBody> Rain, IReadOnlyList<LevelThresholdBody> Level, IReadOnlyList<DayTimeBody> Programmes, string Author, DateTimeOffset At, int? SelfTestMinutes)
{
    public static DesiredView Of(DesiredSettings desired)
    {
        var s = SiteSettings.Decode(desired.Body)!;
        return new(
            desired.Revision, s.VolumeByHour, s.ActualVolumeMax, s.ActualVolumeMin, s.QuietFromMinute == s.QuietToMinute ? null : TimeOf(s.QuietFromMinute, s.QuietToMinute), Wording.Camel(s.Tone),
            [.. s.Rain.Chunk(3).Select(r => new RainThresholdBody(r[0] / 60.0, r[1] / 10.0, r[2] / 10.0))], [.. s.Level.Chunk(2).Select(l => new LevelThresholdBody(l[0], l[1]))],
            [.. s.Programmes.Chunk(2).Select(p => TimeOf(p[0], p[1]))], desired.Author, desired.At,
            s.SelfTestMinutes == SiteSettings.NoWish ? null : s.SelfTestMinutes);
    }

    private static DayTimeBody TimeOf(int from, int to) => new(Text(from), Text(to));

    private static string Text(int minute) => new TimeOnly(minute / 60, minute % 60).ToString("HH:mm", CultureInfo.InvariantCulture);
}

/// <summary>What the device that serves the site says of its settings.</summary>
/// <param name="InForce">The revision in force; 0 while it goes by its own settings.</param>
/// <param name="Judged">The newest revision that it was sent and judged.</param>
/// <param name="Refusal">Why that was refused; null where it is in force.</param>
public sealed record ReportedView(string Device, int InForce, int Judged, string? Refusal, DateTimeOffset At);

/// <summary>Desired and reported of one site.</summary>
/// <param name="State">none (nothing is wanted), waiting (the device has not answered), inForce, or refused.</param>
public sealed record SiteSettingsView(string Site, DesiredView? Desired, ReportedView? Reported, string State);
