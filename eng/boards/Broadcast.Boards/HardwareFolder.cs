using Broadcast.Boards.Files;
using Broadcast.Boards.Sheets;

namespace Broadcast.Boards;

/// <summary>The folder <c>hardware</c>: all that is made from its board files.</summary>
public static class HardwareFolder
{
    /// <summary>Every made file with the content it should have.</summary>
    public static IEnumerable<(string Path, string Content)> Made(string root)
    {
        var boards = Board.Folders(root).Select(Board.Open).ToList();
        yield return (Path.Combine(root, "hardware", "board.schema.json"), BoardSchema.Text());
        foreach (var language in (string[])["zh", "en"])
        {
            var notes = Path.Combine(root, "hardware", $"electrical.{language}.md");
            var table = new Dictionary<string, string>(StringComparer.Ordinal) { ["boards"] = Comparison.Of([.. boards.Select(b => b.File)], language == "zh") };
            yield return (notes, SheetText.Fill(File.ReadAllText(notes), table));
        }

        foreach (var made in boards.SelectMany(b => b.Made())) yield return made;
    }
}
