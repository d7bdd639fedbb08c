using System.CommandLine;
using Broadcast.Cli.Api;
using Broadcast.Cli.Areas;

namespace Broadcast.Cli.Warn;

/// <summary>The options of `warn`, and what was typed read into the API's shapes.</summary>
internal sealed class WarnOptions
{
    private readonly Option<string[]> _regions;
    private readonly Option<string[]> _polygons;
    private readonly Option<string[]> _circles;
    private readonly Option<string[]> _sites;
    private readonly Option<string?> _level;
    private readonly Option<string?> _event;
    private readonly Option<string?> _text;
    private readonly Option<string> _class;
    private readonly Option<string> _valid;
    private readonly Option<string> _language;
    private readonly Option<int?> _repeat;
    private readonly Option<int?> _volume;
    private readonly Option<bool> _siren;
    private readonly Option<string?> _watch;

    public WarnOptions(Texts t)
    {
        _regions = Many("--region", t.OptionRegion, "CODE[:level]");
        _polygons = Many("--polygon", t.OptionPolygon, "LAT,LON …");
        _circles = Many("--circle", t.OptionCircle, "LAT,LON,KM");
        _sites = Many("--site", t.OptionSite, "ID");
        _level = new("--level") { Description = t.OptionLevel, HelpName = "red|orange|yellow|blue" };
        _event = new("--event") { Description = t.OptionEvent, HelpName = "CODE" };
        _text = new("--text") { Description = t.OptionText, HelpName = "TEXT" };
        _class = new("--class") { Description = t.OptionClass, HelpName = "actual|exercise|test|siren-test|programme|local-notice", DefaultValueFactory = _ => "actual" };
        _valid = new("--valid") { Description = t.OptionValid, HelpName = "60m", DefaultValueFactory = _ => "60m" };
        _language = new("--language") { Description = t.OptionLanguage, HelpName = "TAG", DefaultValueFactory = _ => "zh-CN" };
        _repeat = new("--repeat") { Description = t.OptionRepeat, HelpName = "N" };
        _volume = new("--volume") { Description = t.OptionVolume, HelpName = "0-100" };
        _siren = new("--siren") { Description = t.OptionSiren };
        _watch = new("--watch") { Description = t.OptionWatchFor, HelpName = "2m" };
        DryRun = new("--dry-run") { Description = t.OptionDryRun };
        Json = new("--json") { Description = t.OptionJson };
        Yes = new("--yes", "-y") { Description = t.OptionYes };
    }

    public Option<bool> DryRun { get; }

    public Option<bool> Json { get; }

    public Option<bool> Yes { get; }

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _regions, _polygons, _circles, _sites, _level, _event, _text, _class, _valid, _language, _repeat, _volume, _siren, DryRun, Json, Yes, _watch })
            command.Options.Add(option);
    }

    /// <summary>Reads everything that was typed; throws once with every mistake.</summary>
    public WarnRequest Read(ParseResult parsed, Texts texts)
    {
        var area = new AreaText(texts);
        var regions = Values(parsed, _regions).Select(area.Region).ToList();
        var shape = new AreaShape([], [.. Values(parsed, _polygons).Select(area.Polygon)], [.. Values(parsed, _circles).Select(area.Circle)], Values(parsed, _sites));
        var problems = new List<string>(area.Problems);
        if (regions.Count + shape.Polygons.Count + shape.Circles.Count + shape.Sites.Count == 0) problems.Add(texts.NoArea);
        if (!parsed.GetValue(DryRun))
        {
            foreach (var option in new[] { _level, _event, _text })
            {
                // A level means something only where the class is one of danger; the cloud says so of the others.
                if (parsed.GetValue(option) is null && !(option == _level && ClassOf(parsed) is not ("actual" or "exercise"))) problems.Add(texts.Missing(option.Name));
            }
        }

        var valid = Time(parsed.GetValue(_valid)!, "--valid", texts, problems);
        var watch = parsed.GetValue(_watch) is { } text ? Time(text, "--watch", texts, problems) : (TimeSpan?)null;
        if (problems.Count > 0) throw new UsageException(problems);
        var draft = new DraftShape(
            ClassOf(parsed), parsed.GetValue(_level), parsed.GetValue(_event), parsed.GetValue(_text), parsed.GetValue(_language)!,
            parsed.GetValue(_repeat), parsed.GetValue(_volume), null, parsed.GetValue(_siren), shape, (int)Math.Ceiling(valid.TotalMinutes));
        return new WarnRequest(regions, draft, watch);
    }

    private string ClassOf(ParseResult parsed) => parsed.GetValue(_class) switch
    {
        "siren-test" => "sirenTest",
        "local-notice" => "localNotice",
        var word => word!,
    };

    private static string[] Values(ParseResult parsed, Option<string[]> option) => parsed.GetValue(option) ?? [];

    private static TimeSpan Time(string text, string option, Texts texts, List<string> problems)
    {
        if (!Duration.TryParse(text, out var time)) problems.Add(texts.BadDuration(option, text));
        return time;
    }

    private static Option<string[]> Many(string name, string description, string help) =>
        new(name) { Description = description, HelpName = help, AllowMultipleArgumentsPerToken = name is "--region" or "--site" };
}

/// <summary>What was asked for; the levels of the regions are still the cloud's to name.</summary>
internal sealed record WarnRequest(IReadOnlyList<TypedRegion> Regions, DraftShape Draft, TimeSpan? WatchFor);
