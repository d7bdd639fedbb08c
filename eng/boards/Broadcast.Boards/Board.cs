using Broadcast.Boards.Drawing;
using Broadcast.Boards.Files;
using Broadcast.Boards.Rules;
using Broadcast.Boards.Sheets;

namespace Broadcast.Boards;

/// <summary>A board's folder: its file, and what is made from it.</summary>
public sealed class Board
{
    private static readonly string[] Languages = ["zh", "en"];

    private Board(string folder) => (Folder, File) = (folder, BoardFile.Read(Path.Combine(folder, "board.json")));

    public string Folder { get; }

    public BoardFile File { get; }

    /// <summary>All that is wrong with it.</summary>
    public IReadOnlyList<string> Problems => BoardRules.Problems(File) is { Count: > 0 } wrong ? wrong : ElectricalRules.Problems(File);

    public static Board Open(string folder) => new(folder);

    /// <summary>The folders of all boards, by name.</summary>
    public static IReadOnlyList<string> Folders(string root) =>
        [.. Directory.EnumerateDirectories(Path.Combine(root, "hardware", "boards")).Where(f => System.IO.File.Exists(Path.Combine(f, "board.json"))).Order(StringComparer.Ordinal)];

    /// <summary>Every file that is made from the board file, with the content it should have.</summary>
    public IEnumerable<(string Path, string Content)> Made()
    {
        yield return (Path.Combine(Folder, "wiring-1-signals.svg"), SignalSheet.Draw(File).ToSvg($"{File.Name}: signals"));
        yield return (Path.Combine(Folder, "wiring-2-power.svg"), PowerSheet.Draw(File).ToSvg($"{File.Name}: power"));
        foreach (var sheet in Directory.EnumerateFiles(Folder, "*.md").Order(StringComparer.Ordinal))
        {
            var language = Array.Find(Languages, l => sheet.EndsWith($".{l}.md", StringComparison.Ordinal)) ?? "en";
            var text = System.IO.File.ReadAllText(sheet);
            if (SheetText.Asked(text).Count > 0) yield return (sheet, SheetText.Fill(text, FigureTables.Of(File, language == "zh")));
        }
    }
}
