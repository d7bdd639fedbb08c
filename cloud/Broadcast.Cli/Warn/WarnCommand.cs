using System.CommandLine;
using System.Text.Json;
using Broadcast.Cli.Api;
using Broadcast.Cli.People;
using Spectre.Console;

namespace Broadcast.Cli.Warn;

/// <summary>`warn`: an area, a text, two people, and then what the loudspeakers say of it.</summary>
internal static class WarnCommand
{
    public static Command Build(CliContext context)
    {
        var door = new Door(context.Texts);
        var options = new WarnOptions(context.Texts);
        var command = new Command("warn", context.Texts.VerbWarn);
        options.AddTo(command);
        door.AddTo(command, withApprover: true);
        command.SetAction(async (parsed, ct) =>
        {
            var request = options.Read(parsed, context.Texts);
            using var visit = await door.EnterAsync(context, parsed, ct);
            var run = new WarnRun(context, visit) { Json = parsed.GetValue(options.Json), Sure = parsed.GetValue(options.Yes) };
            return parsed.GetValue(options.DryRun) ? await run.DryRunAsync(request, ct) : await run.WarnAsync(request, ct);
        });
        return command;
    }
}

/// <summary>One run of `warn`.</summary>
internal sealed class WarnRun(CliContext context, Visit visit)
{
    public bool Json { get; init; }

    /// <summary>Nobody needs to be asked again.</summary>
    public bool Sure { get; init; }

    public async Task<int> DryRunAsync(WarnRequest request, CancellationToken ct)
    {
        var (_, targets) = await ResolveAsync(request, ct);
        if (Json) context.Line(JsonSerializer.Serialize(targets, Output.Indented));
        else TargetsTable.Write(context, Shape(targets));
        return ExitCodes.Done;
    }

    public async Task<int> WarnAsync(WarnRequest request, CancellationToken ct)
    {
        var (draft, targets) = await ResolveAsync(request, ct);
        var shape = Shape(targets);
        var villages = shape.Villages.Select(v => v.Code).ToList();
        var author = await visit.AsOperatorAsync(villages, ct);
        var approver = await visit.AsApproverAsync(villages, ct);
        if (!await IsMeantAsync(draft, shape, ct)) return ExitCodes.Refused;
        var release = await ReleaseAsync(draft, author, approver, ct);
        if (!Json) context.Line(context.Texts.Released(release.Id, release.Targets, author.Person!.Name, approver.Person!.Name));
        return await new Watch(context, author) { Json = Json, For = request.WatchFor }.FollowAsync(release.Id, release.Revision, ct);
    }

    /// <summary>Draft, submitted, approved by somebody else, released: the only way there is.</summary>
    private static async Task<ReleaseShape> ReleaseAsync(DraftShape draft, CloudClient author, CloudClient approver, CancellationToken ct)
    {
        var warning = await author.DraftAsync(draft, ct);
        await author.ActAsync(warning.Id, "submit", ct);
        await approver.ActAsync(warning.Id, "approve", ct);
        // One key for all attempts: however often the answer is lost, it is released once.
        return await author.ReleaseAsync(warning.Id, Guid.NewGuid().ToString("N"), ct);
    }

    private async Task<(DraftShape Draft, JsonElement Targets)> ResolveAsync(WarnRequest request, CancellationToken ct)
    {
        var reader = await visit.AsReaderAsync(ct);
        var regions = new List<RegionRef>();
        foreach (var typed in request.Regions)
            regions.Add(new RegionRef(typed.Code, typed.Level ?? (await reader.RegionAsync(typed.Code, ct)).Level));
        var area = request.Draft.Area with { Regions = regions };
        return (request.Draft with { Area = area }, await reader.TargetsAsync(area, ct));
    }

    /// <summary>What can frighten a county is asked once more of a person at a terminal; a script has said what it means.</summary>
    private async Task<bool> IsMeantAsync(DraftShape draft, TargetsShape targets, CancellationToken ct)
    {
        var grave = draft.Siren || (draft.Class == "actual" && draft.Level is "red" or "orange");
        if (Sure || !context.Interactive || !grave) return true;
        var question = context.Texts.ReallyWarn(targets.Count, targets.Villages.Count, draft.Level ?? draft.Class);
        return await new ConfirmationPrompt(Markup.Escape(question)) { DefaultValue = false }.ShowAsync(context.Error, ct);
    }

    private static TargetsShape Shape(JsonElement targets) => targets.Deserialize<TargetsShape>(JsonSerializerOptions.Web)!;
}
