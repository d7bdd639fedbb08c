using System.Text;
using Broadcast.Cli;
using Broadcast.Cli.Api;
using Broadcast.Cli.Areas;
using Broadcast.Cli.Warn;
using Broadcast.Cloud.Accounts;
using Broadcast.Hostile.Tests.Fuzzing;
using Broadcast.Rules;
using Broadcast.Testing;
using Spectre.Console;

namespace Broadcast.Hostile.Tests.Targets;

/// <summary>Command lines of the verbs that only ask a cloud: each ends with a code of ours, and says why.</summary>
internal sealed class CommandLineArguments : FuzzTarget, IDisposable
{
    // No `up`, `test` or `restore`, which start processes, and no --cloud, which would knock at an address that chance made.
    private static readonly string[] Verbs = ["warn", "status", "cancel", "backup", "password", "help"];

    private static readonly string[] Words =
    [
        "--region", "421202100000", "421202100000:township", "--polygon", "29.8,114.2 29.9,114.2 29.9,114.3", "--circle", "29.84,114.32,5", "--site", "s-1", "--level", "red", "--event", "11B03", "--text", "山洪",
        "--class", "siren-test", "--valid", "60m", "--repeat", "2", "--volume", "80", "--siren", "--dry-run", "--json", "--yes", "--watch", "1d", "--lang", "zh", "--help", "--version", "--", "-h", "@file", "[parse]",
        "--as-operator", "nobody", "", " ", "\u0000", "NaN,NaN,NaN", "1e999,0,0", "🦆", "--data=", "--unknown",
    ];

    private readonly TempFolder _folder = new("fuzz-cli");
    private readonly StringWriter _said = new();

    public override long AllocatedBytesMax => 16 << 20;

    public override int InputsUsual => 2_000; // Some four milliseconds each: the whole command line is built anew.

    public override byte[] Make(Dice dice)
    {
        var arguments = new List<string> { dice.Of(Verbs) };
        for (var more = dice.Below(10); more > 0; more--) arguments.Add(dice.OneIn(5) ? Encoding.UTF8.GetString(ByteMutation.Of(dice.Of(Words), dice)) : dice.Of(Words));
        return Encoding.UTF8.GetBytes(string.Join('\u001F', arguments));
    }

    public override bool Take(byte[] input)
    {
        var arguments = Encoding.UTF8.GetString(input).Split('\u001F');
        if (!Verbs.Contains(arguments[0], StringComparer.Ordinal) || arguments.Any(a => a.Contains("--cloud", StringComparison.Ordinal) || a.Contains("--data", StringComparison.Ordinal))) return false;
        _said.GetStringBuilder().Clear();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(_said), Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Interactive = InteractionSupport.No });
        var context = new CliContext(new Texts(false), console, console, new House(_folder.Path, "standin", "a test"), TimeProvider.System) { Environment = _ => null };
        // On this thread, since its memory is measured; the watchdog sees what does not end.
        var exit = CommandLine.RunAsync(arguments, context).GetAwaiter().GetResult();
        Must(exit is ExitCodes.Done or ExitCodes.Refused or ExitCodes.Unreachable, $"exit {exit}");
        Must(_said.GetStringBuilder().Length > 0, "it says nothing");
        return exit != ExitCodes.Refused;
    }

    public void Dispose()
    {
        _folder.Dispose();
        _said.Dispose();
    }
}

/// <summary>Areas and durations as people type them.</summary>
internal sealed class TypedAreas : FuzzTarget
{
    private static readonly string[] Good = ["29.8,114.2 29.9,114.2 29.9,114.3 29.8,114.2", "29.84,114.32,5", "421202100000:township", "60m", "1d"];
    private static readonly Texts Texts = new(true);

    public override byte[] Make(Dice dice) => dice.OneIn(10) ? Encoding.UTF8.GetBytes(dice.Of(Good)) : ByteMutation.Of(dice.Of(Good), dice);

    public override bool Take(byte[] input)
    {
        var text = Encoding.UTF8.GetString(input);
        var (polygon, circle, region) = (new AreaText(Texts), new AreaText(Texts), new AreaText(Texts));
        var ring = polygon.Polygon(text);
        Must(polygon.Problems.Count > 0 || ring.All(p => Math.Abs(p[0]) <= 180 && Math.Abs(p[1]) <= 90), "off the earth");
        var round = circle.Circle(text);
        Must(circle.Problems.Count > 0 || round.RadiusKm > 0, "no radius");
        Must(region.Region(text).Code.All(char.IsAsciiDigit) || region.Problems.Count > 0, "no code");
        var timed = Duration.TryParse(text, out var duration);
        Must(!timed || (duration >= TimeSpan.Zero && duration <= TimeSpan.FromDays(366)), "a duration beyond a year");
        return timed || polygon.Problems.Count == 0 || circle.Problems.Count == 0 || region.Problems.Count == 0;
    }
}

/// <summary>Bearer tokens: whatever a stranger sends, only what was given out names a person.</summary>
internal sealed class BearerToken : FuzzTarget
{
    private static readonly Tokens Ours = new(new byte[32], TimeProvider.System);
    private static readonly string Given = Ours.Issue(new PersonId("op-city"), [1, 2, 3]).Token;

    public override byte[] Make(Dice dice) => dice.OneIn(50) ? Encoding.UTF8.GetBytes(Given) : ByteMutation.Of(Given, dice);

    public override bool Take(byte[] input)
    {
        if (Ours.Read(Encoding.UTF8.GetString(input)) is not { } read) return false;
        Must(read.Person.Value == "op-city", "a forged token");
        return true;
    }
}

/// <summary>The progress of a warning as a cloud streams it, or something in its place: shown, or passed over.</summary>
internal sealed class ProgressEvents : FuzzTarget
{
    private const string Good = """{"id":"x","revision":1,"state":"released","targets":19,"counts":{"queued":1,"played":18},"released":"2026-07-01T00:00:00Z","now":"2026-07-01T00:00:01Z","times":{"played":{"firstMs":900,"lastMs":1000,"count":18}},"final":false,"sound":{"verifiedAudible":9,"measuredSilent":1,"notMeasured":8}}""";
    private static readonly Texts Texts = new(true);

    public override int AllocatedBytesOfByte => 400;

    public override int InputsUsual => 50_000;

    public override byte[] Make(Dice dice) => JsonMutation.Of(Good, dice);

    public override bool Take(byte[] input)
    {
        if (ProgressStream.Read(Encoding.UTF8.GetString(input)) is not { } progress) return false;
        Must(ProgressText.Counts(progress, Texts).Length > 0 && ProgressText.Elapsed(progress) is not null, "it says nothing");
        new LiveProgress(Texts) { Progress = progress }.Render().Measure(RenderOptions, 80);
        return true;
    }

    private static Spectre.Console.Rendering.RenderOptions RenderOptions { get; } = Spectre.Console.Rendering.RenderOptions.Create(AnsiConsole.Console, AnsiConsole.Console.Profile.Capabilities);
}

/// <summary>What a cloud answers to the command line, or something that stands in its place.</summary>
internal sealed class CloudAnswers : FuzzTarget
{
    private const string Good = """{"title":"Not taken","status":422,"detail":"x","errors":[{"field":"area","code":"no-site","message":"No site.","messageZh":"无站点。"}]}""";

    public override int AllocatedBytesOfByte => 200;

    public override byte[] Make(Dice dice) => JsonMutation.Of(Good, dice);

    public override bool Take(byte[] input)
    {
        var problem = CloudProblem.Read(System.Net.HttpStatusCode.UnprocessableEntity, Encoding.UTF8.GetString(input));
        Must(problem.Lines(new Texts(true)).Any(), "a refusal without a line");
        return problem.Lines(new Texts(false)).Any(l => l.Contains("No site", StringComparison.Ordinal));
    }
}
