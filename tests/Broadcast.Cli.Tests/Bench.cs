using Broadcast.Cli;
using Spectre.Console;

namespace Broadcast.Cli.Tests;

/// <summary>A command line whose output a test can read, in a house and a data folder of its own.</summary>
internal sealed class Bench : IDisposable
{
    private readonly StringWriter _out = new();
    private readonly StringWriter _error = new();

    public Bench(string language = "en", string? root = null)
    {
        Folder = Directory.CreateTempSubdirectory("broadcast-cli-").FullName;
        Context = new CliContext(new Texts(language == "zh"), Plain(_out), Plain(_error), new House(root ?? Folder, "standin", "a test"), TimeProvider.System)
        {
            Environment = name => Variables.GetValueOrDefault(name),
        };
    }

    public string Folder { get; }

    public CliContext Context { get; }

    public Dictionary<string, string> Variables { get; } = [];

    public string Out => _out.ToString();

    public string Error => _error.ToString();

    public Task<int> RunAsync(params string[] args) => CommandLine.RunAsync(args, Context, TestContext.Current.CancellationToken);

    public string Write(string name, string content)
    {
        var path = Path.Combine(Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
        return path;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private static IAnsiConsole Plain(TextWriter writer)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(writer), Interactive = InteractionSupport.No });
        console.Profile.Width = 200;
        return console;
    }
}
