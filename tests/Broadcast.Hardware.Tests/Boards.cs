namespace Broadcast.Hardware.Tests;

/// <summary>The boards of the house, and boards spoilt on purpose.</summary>
internal static class Boards
{
    public static IEnumerable<Board> All => Board.Folders(BuiltProject.RepositoryRoot).Select(Board.Open);

    public static TheoryData<string> Names => [.. All.Select(b => b.File.Name)];

    public static Board Esp32 => Named("esp32-gateway-1");

    public static Board RaspberryPi => Named("raspberrypi-gateway-1");

    public static Board Named(string name) => Board.Open(Path.Combine(BuiltProject.RepositoryRoot, "hardware", "boards", name));

    /// <summary>The board file's text with one thing changed in it; the thing must be there.</summary>
    public static BoardFile Spoilt(this Board board, string from, string to)
    {
        var text = File.ReadAllText(Path.Combine(board.Folder, "board.json"));
        text.ShouldContain(from, customMessage: "Nothing would be spoilt.");
        return BoardFile.Parse(text.Replace(from, to, StringComparison.Ordinal));
    }
}
