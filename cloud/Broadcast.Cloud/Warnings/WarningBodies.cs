using Broadcast.Cloud.Http;
using Broadcast.Device;
using Broadcast.Rules;

namespace Broadcast.Cloud.Warnings;

/// <summary>A draft as clients write it. Everything optional has the default that a bureau would choose.</summary>
public sealed record WarningBody(
    string? Class,
    string? Level,
    string? Event,
    string? Text,
    string? Language,
    int? Repetitions,
    int? Volume,
    int? ToneMs,
    bool? Siren,
    AreaBody? Area,
    DateTimeOffset? NotBefore,
    DateTimeOffset? Expires,
    int? ValidMinutes,
    string? Audio = null)
{
    private const int DefaultValidMinutes = 60;

    /// <summary>The content and times; what cannot be read is added to <paramref name="problems"/>.</summary>
    public (WarningContent Content, Area Area, DateTimeOffset NotBefore, DateTimeOffset Expires) Read(DateTimeOffset now, List<Problem> problems)
    {
        if (!Wording.TryRead<WarningClass>(Class ?? "actual", out var @class))
            problems.Add(new("class", "unknown-class", "Expected actual, exercise, test, sirenTest, programme, localNotice or liveSpeech.", "类别无法识别。"));
        var level = WarningLevel.None;
        if (Level is not null && !Wording.TryRead(Level, out level))
            problems.Add(new("level", "unknown-level", "Expected red, orange, yellow or blue.", "级别须为 red、orange、yellow 或 blue。"));
        if (Expires is not null && ValidMinutes is not null)
            problems.Add(new("expires", "ambiguous", "Give expires or validMinutes, not both.", "expires 与 validMinutes 只能给一个。"));
        if (ValidMinutes is <= 0 or > 100_000)
            problems.Add(new("validMinutes", "out-of-range", "Expected a positive number of minutes.", "有效分钟数须为正数。"));
        // Before 1970 the wire has no time at all: no loudspeaker would read the order, and the release would have said yes.
        if (NotBefore?.ToUnixTimeMilliseconds() < Limits.WallMsMin)
            problems.Add(new("notBefore", "too-long-ago", "A warning begins now or later; leave it out to begin at once.", "开始时间过早；省略则立即开始。"));
        var content = new WarningContent(@class, level, Event ?? "", Text ?? "", Language ?? "zh-CN", Repetitions ?? 3, Volume ?? 100, ToneMs ?? 3_000, Siren ?? false, Audio);
        var area = AreaBody.Read(Area, problems);
        // Whole milliseconds: what the ledger and the wire keep, so that what was said and what is read back are equal.
        var start = Whole(NotBefore ?? now);
        return (content, area, start, Whole(Expires ?? After(start, TimeSpan.FromMinutes(ValidMinutes is > 0 and <= 100_000 ? ValidMinutes.Value : DefaultValidMinutes))));
    }

    /// <summary>The calendar ends, and what a client sends may lie there; the checks then name it.</summary>
    private static DateTimeOffset After(DateTimeOffset start, TimeSpan valid) => start > DateTimeOffset.MaxValue - valid ? DateTimeOffset.MaxValue : start + valid;

    private static DateTimeOffset Whole(DateTimeOffset t) => DateTimeOffset.FromUnixTimeMilliseconds(t.ToUnixTimeMilliseconds());
}

public sealed record RevisionView(
    string Id, int Revision, string Kind, string State, string Class, string Level, string Event, string Text, string Language,
    int Repetitions, int Volume, int ToneMs, bool Siren, string? Audio, AreaBody Area, Accounts.RegionView Issuer,
    DateTimeOffset NotBefore, DateTimeOffset Expires, string Author, string? Approver, DateTimeOffset Created, DateTimeOffset? Released)
{
    public static RevisionView Of(Warning w) => new(
        w.Id.ToString(), w.Revision, Wording.Camel(w.Kind), Wording.Camel(w.State), Wording.Camel(w.Content.Class), Wording.Camel(w.Content.Level),
        w.Content.Event, w.Content.Text, w.Content.Language, w.Content.Repetitions, w.Content.Volume, w.Content.ToneMs, w.Content.Siren, w.Content.Audio,
        AreaBody.Of(w.Area), new Accounts.RegionView(w.Issuer.Code, Wording.Camel(w.Issuer.Level)),
        w.NotBefore, w.Expires, w.Author.Value, w.Approver?.Value, w.Created, w.Released);
}

public sealed record WarningView(string Id, RevisionView Current, IReadOnlyList<RevisionView> Revisions);

public sealed record ReleaseView(string Id, int Revision, int Targets, long Commit, DateTimeOffset? Released, bool Repeated);

public sealed record CancelBody(string? Reason);
