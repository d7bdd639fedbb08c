using System.Globalization;
using Broadcast.Cli.Api;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Broadcast.Cli.Warn;

/// <summary>The live display: one bar, a colour a state.</summary>
internal sealed class LiveProgress(Texts texts)
{
    private static readonly IReadOnlyDictionary<string, Color> Colours = new Dictionary<string, Color>(StringComparer.Ordinal)
    {
        ["queued"] = Color.Grey, ["sent"] = Color.SteelBlue1, ["received"] = Color.DodgerBlue1, ["playing"] = Color.Gold1, ["played"] = Color.Green,
        ["interrupted"] = Color.Orange1, ["stopped"] = Color.Purple, ["refused"] = Color.Red, ["failed"] = Color.Red3, ["expired"] = Color.Maroon, ["cancelled"] = Color.Grey50,
    };

    public ProgressShape? Progress { get; set; }

    public bool Broken { get; set; }

    public IRenderable Render()
    {
        if (Progress is not { } p) return new Text(texts.WaitingForProgress);
        var bar = new BreakdownChart().Width(72);
        foreach (var state in OrderStates.All)
        {
            if (p.Count(state) > 0) bar.AddItem(texts.State(state), p.Count(state), Colours[state]);
        }

        var head = texts.ProgressHead(p.Count(OrderStates.Played), p.Targets, ProgressText.Elapsed(p));
        return new Rows(new Text(head, new Style(decoration: Decoration.Bold)), bar, new Text(Broken ? texts.Stream(true) : "", new Style(Color.Orange1)));
    }
}

/// <summary>For a pipe: a line when something changed, at most one a second, and always the last.</summary>
internal sealed class PlainProgress(CliContext context)
{
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);
    private long? _shown;
    private string _line = "";

    public void Show(ProgressShape p)
    {
        var counts = ProgressText.Counts(p, context.Texts);
        var due = _shown is not { } at || context.Clock.GetElapsedTime(at) >= Pace;
        if (counts == _line || (!due && !p.Final)) return;
        (_line, _shown) = (counts, context.Clock.GetTimestamp());
        context.Line($"{ProgressText.Elapsed(p),8}  {counts}");
    }
}

internal static class ProgressText
{
    public static string Elapsed(ProgressShape p) => p.Released is { } released ? "+" + Seconds((long)(p.Now - released).TotalMilliseconds) : "";

    public static string Counts(ProgressShape p, Texts texts) =>
        string.Join("  ", OrderStates.All.Where(s => p.Count(s) > 0).Select(s => $"{texts.State(s)} {p.Count(s)}")) + $"  / {p.Targets}";

    public static string Seconds(long ms) => string.Create(CultureInfo.InvariantCulture, $"{ms / 1000.0:F2} s");
}
