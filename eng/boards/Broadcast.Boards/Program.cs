using Broadcast.Boards;
using Broadcast.Boards.Files;
using Broadcast.Boards.Sheets;

// board [NAME] [--write] [--lang zh|en]: what a board's sheet has to say; with --write the drawings and tables are made anew.
var root = Environment.GetEnvironmentVariable("BROADCAST_ROOT") ?? Directory.GetCurrentDirectory();
var write = args.Contains("--write", StringComparer.Ordinal);
var language = Array.IndexOf(args, "--lang");
var chinese = language >= 0 && language + 1 < args.Length && args[language + 1] == "zh";
var names = args.Where((a, i) => !a.StartsWith('-') && (language < 0 || i != language + 1)).ToList();
var folders = Board.Folders(root).Where(f => names.Count == 0 || names.Contains(Path.GetFileName(f), StringComparer.Ordinal)).ToList();
if (folders.Count == 0)
{
    await Console.Error.WriteLineAsync($"There is no board '{string.Join(' ', names)}'. There are: {string.Join(", ", Board.Folders(root).Select(Path.GetFileName))}.");
    return 2;
}

var wrong = false;
foreach (var board in folders.Select(Board.Open))
{
    foreach (var problem in board.Problems) await Console.Error.WriteLineAsync($"{board.File.Name}: {problem}");
    wrong |= board.Problems.Count > 0;
    if (board.Problems.Count > 0) continue;
    if (write)
    {
        foreach (var (path, content) in board.Made().ToList()) await File.WriteAllTextAsync(path, content);
        Console.WriteLine($"{board.File.Name}: {board.Made().Count()} files written.");
        continue;
    }

    Console.WriteLine($"# {board.File.Name}");
    foreach (var (name, table) in FigureTables.Of(board.File, chinese)) Console.WriteLine($"\n## {name}\n{table}");
}

if (write && !wrong) await File.WriteAllTextAsync(Path.Combine(root, "hardware", "board.schema.json"), BoardSchema.Text());
return wrong ? 1 : 0;
