using System.CommandLine;
using System.Globalization;
using Broadcast.Boards;
using Broadcast.Boards.Figures;
using Broadcast.Boards.Files;
using Broadcast.Boards.Sheets;

// What a board's file comes to: its figures; with --write its drawings, tables and schema; with --counts the line of one converter.
var name = new Argument<string?>("NAME") { Description = "Name of the board; all of hardware/boards without it.", Arity = ArgumentArity.ZeroOrOne };
var write = new Option<bool>("--write") { Description = "Write what is made from the board files." };
var counts = new Option<int[]>("--counts") { Description = "Counts of one ESP32 at 4 and at 20 mA.", Arity = new ArgumentArity(2, 2), AllowMultipleArgumentsPerToken = true };
var language = new Option<string>("--lang") { Description = "zh or en.", DefaultValueFactory = _ => "en" };
var command = new RootCommand("The boards of the house.") { name, write, counts, language };
command.SetAction(async (parsed, ct) =>
{
    var root = Environment.GetEnvironmentVariable("BROADCAST_ROOT") ?? Directory.GetCurrentDirectory();
    var folders = Board.Folders(root).Where(f => parsed.GetValue(name) is not { } wanted || Path.GetFileName(f) == wanted).ToList();
    if (folders.Count == 0)
    {
        await Console.Error.WriteLineAsync($"There is no board '{parsed.GetValue(name)}'. There are: {string.Join(", ", Board.Folders(root).Select(Path.GetFileName))}.");
        return 2;
    }

    var boards = folders.Select(Board.Open).ToList();
    foreach (var board in boards)
        foreach (var problem in board.Problems) await Console.Error.WriteLineAsync($"{board.File.Name}: {problem}");
    if (boards.Any(b => b.Problems.Count > 0)) return 1;
    if (parsed.GetValue(counts) is { Length: 2 } pair) return Say(boards[0].File, pair);
    if (parsed.GetValue(write)) await WriteAsync(root, ct);
    else foreach (var board in boards) Print(board.File, parsed.GetValue(language) == "zh");
    return 0;
});
return await command.Parse(args).InvokeAsync();

static int Say(BoardFile board, int[] counts)
{
    if (board.IsEsp32 && InputFigures.Line(board, counts[0], counts[1]) is { } line)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"offsetMicrovolts {line.OffsetMicrovolts}, microvoltsACount {line.MicrovoltsACount}"));
        return 0;
    }

    Console.Error.WriteLine($"No ESP32 counts {counts[0]} at 4 mA and {counts[1]} at 20 mA: measure again, and look at the shunt and the loop.");
    return 2;
}

static void Print(BoardFile board, bool chinese)
{
    Console.WriteLine($"# {board.Name}");
    foreach (var (table, text) in FigureTables.Of(board, chinese)) Console.WriteLine($"\n## {table}\n{text}");
}

static async Task WriteAsync(string root, CancellationToken ct)
{
    foreach (var (path, content) in HardwareFolder.Made(root).ToList())
    {
        await File.WriteAllTextAsync(path, content, ct);
        Console.WriteLine(Path.GetRelativePath(root, path));
    }
}
