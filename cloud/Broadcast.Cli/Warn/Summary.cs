using System.Text.Json.Serialization;
using Broadcast.Cli.Api;
using Spectre.Console;

namespace Broadcast.Cli.Warn;

/// <summary>How a warning went: counts, the first and the last device to each state, and who has not played it and why.</summary>
internal sealed record Summary(
    string Id, int Revision, string State, int Targets, bool Final, IReadOnlyDictionary<string, int> Counts,
    IReadOnlyDictionary<string, StateTimes?> Times, IReadOnlyList<OrderShape> NotPlayed, SoundShape? Sound, IReadOnlyList<OrderShape> Silent)
{
    /// <summary>More than a screen of silent sites is read elsewhere.</summary>
    public const int NotPlayedMax = 20;

    private const int OrdersPage = 20;

    /// <summary>The most that the cloud gives at once.</summary>
    private const int PlayedSearchedMax = 500;

    public int Exit => Counts.GetValueOrDefault(OrderStates.Played) == Targets ? ExitCodes.Done : ExitCodes.NotAllPlayed;

    [JsonIgnore]
    public int NotPlayedCount => Targets - Counts.GetValueOrDefault(OrderStates.Played);

    public static async Task<Summary> MakeAsync(CloudClient cloud, ProgressShape last, CancellationToken ct)
    {
        var silent = new List<OrderShape>();
        // What went wrong first, then what is still under way.
        foreach (var state in OrderStates.All.Reverse().Where(s => s != OrderStates.Played && last.Count(s) > 0))
        {
            if (silent.Count < NotPlayedMax) silent.AddRange((await cloud.OrdersAsync(last.Id, last.Revision, state, OrdersPage, ct)).Items);
        }

        return new Summary(
            last.Id, last.Revision, last.State, last.Targets, last.Final, last.Counts,
            last.Times ?? new Dictionary<string, StateTimes?>(), [.. silent.Take(NotPlayedMax)], last.Sound, await SilentAsync(cloud, last, ct));
    }

    /// <summary>The sites that played it to nobody, as far as they are among the first <see cref="PlayedSearchedMax"/> played ones: somebody has to go there.</summary>
    private static async Task<IReadOnlyList<OrderShape>> SilentAsync(CloudClient cloud, ProgressShape last, CancellationToken ct)
    {
        if (last.Sound is not { MeasuredSilent: > 0 }) return [];
        var played = await cloud.OrdersAsync(last.Id, last.Revision, OrderStates.Played, PlayedSearchedMax, ct);
        return [.. played.Items.Where(o => o.Sound is "amplifierSilent" or "microphoneSilent").Take(NotPlayedMax)];
    }

    public void Write(CliContext context)
    {
        var t = context.Texts;
        context.Out.Write(TimesTable(context));
        context.Line(t.SummaryLine(Counts.GetValueOrDefault(OrderStates.Played), Targets, Final));
        if (Sound is { } sound && Counts.GetValueOrDefault(OrderStates.Played) > 0) context.Line(t.SoundLine(sound));
        foreach (var order in Silent) context.Line($"  {order.Site}  {order.VillageCode}  {order.Name}  {t.Sound(order.Sound)}");
        if (Exit == ExitCodes.Done) return;
        foreach (var order in NotPlayed)
            context.Line($"  {order.Site}  {order.VillageCode}  {order.Name}  {t.State(order.State)}{(string.IsNullOrEmpty(order.Reason) ? "" : ": " + order.Reason)}{(order.Online ? "" : "  " + t.Offline)}");
        if (NotPlayedCount > NotPlayed.Count) context.Line(t.MoreSites(NotPlayedCount - NotPlayed.Count));
        if (!Final) context.Line(t.GoesOn(Id));
    }

    private Table TimesTable(CliContext context)
    {
        var t = context.Texts;
        var table = new Table().Border(context.Interactive ? TableBorder.Rounded : TableBorder.Ascii)
            .AddColumns(t.ColumnState, t.ColumnDevices, t.ColumnFirst, t.ColumnLast);
        foreach (var column in table.Columns.Skip(1)) column.RightAligned();
        foreach (var state in OrderStates.Timed)
        {
            if (Times.GetValueOrDefault(state) is { Count: > 0 } times)
                table.AddRow(t.State(state), $"{times.Count}", Moment(times.FirstMs), Moment(times.LastMs));
        }

        return table;
    }

    private static string Moment(long? ms) => ms is { } value ? ProgressText.Seconds(value) : "";
}
