using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Broadcast.Cli.Api;
using Broadcast.Cli.People;
using Broadcast.Cli.Warn;
using Spectre.Console;

namespace Broadcast.Cli.Verbs;

/// <summary>`status`: how the cloud is and what it last said; `status ID`: how one warning went.</summary>
internal static class StatusCommand
{
    private const int WarningsShown = 10;
    private static readonly TimeSpan Refresh = TimeSpan.FromSeconds(2);

    public static Command Build(CliContext context)
    {
        var t = context.Texts;
        var door = new Door(t);
        var id = new Argument<string?>("ID") { Description = t.ArgumentWarning, Arity = ArgumentArity.ZeroOrOne };
        var json = new Option<bool>("--json") { Description = t.OptionJson };
        var watch = new Option<bool>("--watch", "-w") { Description = t.OptionWatch };
        var command = new Command("status", t.VerbStatus) { id, json, watch };
        door.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            using var visit = await door.EnterAsync(context, parsed, ct);
            var cloud = await visit.AsReaderAsync(ct);
            var status = new Status(context, cloud) { Json = parsed.GetValue(json) };
            return (parsed.GetValue(id), parsed.GetValue(watch)) switch
            {
                ({ } warning, true) => await status.WatchAsync(warning, ct),
                ({ } warning, false) => await status.OneAsync(warning, ct),
                (null, true) => await status.AgainAndAgainAsync(Refresh, ct),
                (null, false) => await status.AllAsync(ct),
            };
        });
        return command;
    }

    private sealed class Status(CliContext context, CloudClient cloud)
    {
        public bool Json { get; init; }

        public async Task<int> AllAsync(CancellationToken ct)
        {
            var (status, warnings) = (await cloud.StatusAsync(ct), await cloud.WarningsAsync(WarningsShown, ct));
            if (Json) context.Line(JsonSerializer.Serialize(new { status, warnings }, Output.Indented));
            else Write(status, warnings);
            return ExitCodes.Done;
        }

        public async Task<int> AgainAndAgainAsync(TimeSpan every, CancellationToken ct)
        {
            using var timer = new PeriodicTimer(every, context.Clock);
            do
            {
                if (context.Interactive && !Json) context.Out.Clear(home: true);
                await AllAsync(ct);
            }
            while (await timer.WaitForNextTickAsync(ct));
            return ExitCodes.Done;
        }

        public async Task<int> WatchAsync(string id, CancellationToken ct)
        {
            var shape = (await cloud.WarningAsync(id, ct)).Deserialize<WarningShape>(JsonSerializerOptions.Web)!;
            var spoken = shape.Spoken ?? throw new UsageException(context.Texts.WarningLine(shape.Current));
            return await new Watch(context, cloud) { Json = Json }.FollowAsync(id, spoken.Revision, ct);
        }

        /// <summary>The warning, and its progress as of now: the first event of the stream.</summary>
        public async Task<int> OneAsync(string id, CancellationToken ct)
        {
            var warning = await cloud.WarningAsync(id, ct);
            var shape = warning.Deserialize<WarningShape>(JsonSerializerOptions.Web)!;
            var current = shape.Current;
            var summary = shape.Spoken is { } spoken ? await SummaryAsync(id, spoken.Revision, ct) : null;
            if (Json) context.Line(JsonSerializer.Serialize(new { warning, summary }, Output.Indented));
            else WriteOne(current, summary);
            return ExitCodes.Done;
        }

        private async Task<Summary?> SummaryAsync(string id, int revision, CancellationToken ct)
        {
            await foreach (var progress in new ProgressStream(cloud, Patience.Ordinary(context.Clock)).FollowAsync(id, revision, ct))
                return await Summary.MakeAsync(cloud, progress, ct);
            return null;
        }

        private void WriteOne(RevisionShape current, Summary? summary)
        {
            context.Line(context.Texts.WarningLine(current));
            context.Line($"  {current.Text}");
            summary?.Write(context);
        }

        private void Write(JsonElement status, JsonElement warnings)
        {
            var t = context.Texts;
            context.Line(t.StatusLine(status.Deserialize<StatusShape>(JsonSerializerOptions.Web)!));
            var rows = warnings.Deserialize<PageShape<RevisionShape>>(JsonSerializerOptions.Web)!.Items;
            if (rows.Count == 0)
            {
                context.Line(t.NoWarnings);
                return;
            }

            var table = new Table().Border(context.Interactive ? TableBorder.Rounded : TableBorder.Ascii)
                .AddColumns(new TableColumn("ID").NoWrap(), new TableColumn(t.ColumnReleased), new TableColumn(t.ColumnLevel), new TableColumn(t.ColumnState), new TableColumn(t.ColumnText));
            foreach (var row in rows)
            {
                table.AddRow(
                    new Text(row.Id), new Text(row.Released?.ToLocalTime().ToString("MM-dd HH:mm:ss", CultureInfo.InvariantCulture) ?? ""),
                    new Text($"{t.Class(row.Class)} {t.Level(row.Level)}".Trim()), new Text(t.WarningState(row.State)), new Text(Short(row.Text ?? "")));
            }

            context.Out.Write(table);
        }

        private static string Short(string text) => text.Length <= 24 ? text : text[..23] + "…";
    }
}
