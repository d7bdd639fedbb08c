using System.Globalization;
using Broadcast.Cli.Api;
using Spectre.Console;

namespace Broadcast.Cli.Warn;

/// <summary>Who would speak, for a person: villages with their sites. Programs take `--json`.</summary>
internal static class TargetsTable
{
    /// <summary>More rows scroll away unread; the rest is counted, and `--json` has it all.</summary>
    private const int RowsMax = 60;

    public static void Write(CliContext context, TargetsShape targets)
    {
        var t = context.Texts;
        var table = new Table().Border(context.Interactive ? TableBorder.Rounded : TableBorder.Ascii)
            .AddColumns(t.ColumnVillage, t.ColumnName, t.ColumnSites, t.ColumnPosition, t.ColumnOnline);
        var sites = targets.Sites.ToLookup(s => s.VillageCode);
        foreach (var village in targets.Villages.Take(RowsMax))
        {
            var own = sites[village.Code].ToList();
            table.AddRow(
                new Text(village.Code), new Text(village.Name), new Text(string.Join('\n', own.Select(s => s.Id))),
                new Text(string.Join('\n', own.Select(Position))), new Text(string.Join('\n', own.Select(s => s.Online ? t.Yes : t.No))));
        }

        context.Out.Write(table);
        if (targets.Villages.Count > RowsMax) context.Line(t.MoreVillages(targets.Villages.Count - RowsMax));
        context.Line(t.WouldSpeak(targets.Count, targets.Villages.Count, targets.Sites.Count(s => s.Online)));
    }

    private static string Position(TargetSite site) => string.Create(CultureInfo.InvariantCulture, $"{site.Latitude:F5},{site.Longitude:F5}");
}
