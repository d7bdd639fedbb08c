using System.Text.RegularExpressions;

namespace Broadcast.Boards.Sheets;

/// <summary>A sheet is written by hand but for its tables, which stand between <c>&lt;!-- figures: name --&gt;</c> and <c>&lt;!-- end --&gt;</c>.</summary>
public static partial class SheetText
{
    /// <summary>The names of the tables that a sheet asks for.</summary>
    public static IReadOnlyList<string> Asked(string text) => [.. Marks().Matches(text).Select(m => m.Groups["name"].Value)];

    /// <summary>The sheet with its tables as they are now.</summary>
    /// <exception cref="KeyNotFoundException">The sheet asks for a table that the board does not have.</exception>
    public static string Fill(string text, IReadOnlyDictionary<string, string> tables) =>
        Marks().Replace(text, m => $"<!-- figures: {m.Groups["name"].Value} -->\n{tables[m.Groups["name"].Value]}<!-- end -->");

    [GeneratedRegex(@"<!-- figures: (?<name>[a-z]+) -->\n[^<]*<!-- end -->", RegexOptions.None, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Marks();
}
