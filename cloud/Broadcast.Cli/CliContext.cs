using Spectre.Console;

namespace Broadcast.Cli;

/// <summary>What a command stands on: where it writes, in which language, by which clock, and in which house. Tests bring their own.</summary>
internal sealed record CliContext(Texts Texts, IAnsiConsole Out, IAnsiConsole Error, House House, TimeProvider Clock)
{
    /// <summary>A person at a terminal sees live displays and may be asked; a pipe gets plain lines and is never asked.</summary>
    public bool Interactive { get; init; }

    /// <summary>Reads an environment variable; null where it is not set.</summary>
    public Func<string, string?> Environment { get; init; } = System.Environment.GetEnvironmentVariable;

    private const int PipeColumns = 160;

    public static CliContext OfProcess(string[] args)
    {
        var output = On(Console.Out, Console.IsOutputRedirected);
        return new CliContext(Texts.Choose(args, System.Environment.GetEnvironmentVariable), output, On(Console.Error, Console.IsErrorRedirected), House.Find(), TimeProvider.System)
        {
            Interactive = !Console.IsOutputRedirected && !Console.IsInputRedirected && output.Profile.Capabilities.Ansi,
        };
    }

    /// <summary>A pipe has no width and no colours: lines stay whole.</summary>
    private static IAnsiConsole On(TextWriter writer, bool redirected)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = redirected ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = redirected ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            Interactive = redirected ? InteractionSupport.No : InteractionSupport.Detect,
        });
        if (redirected) console.Profile.Width = PipeColumns;
        return console;
    }

    /// <summary>A line as it is: no markup, no wrapping, so that a pipe can read it.</summary>
    public void Line(string line = "") => Write(Out, line);

    public void ErrorLine(string line) => Write(Error, line);

    private static void Write(IAnsiConsole console, string line)
    {
        console.Profile.Out.Writer.WriteLine(line);
        console.Profile.Out.Writer.Flush();
    }
}
