using System.Globalization;
using System.Security;
using System.Text;

namespace Broadcast.Boards.Drawing;

/// <summary>A rectangle on the sheet.</summary>
public readonly record struct Box(double Left, double Top, double Right, double Bottom)
{
    private const double Slack = 0.5; // Touching is not overlapping.

    public bool Meets(Box other) =>
        Left + Slack < other.Right && other.Left + Slack < Right && Top + Slack < other.Bottom && other.Top + Slack < Bottom;
}

/// <summary>A text that was drawn, and the room it takes.</summary>
public sealed record Label(string Text, Box Box);

/// <summary>Where a text begins.</summary>
public enum Anchor
{
    Start,
    Middle,
    End,
}

/// <summary>
/// A sheet of paper: lines, boxes and texts in black on white. It remembers what it drew, so that a test can see whether a text lies on
/// another or on a line.
/// </summary>
public sealed class Canvas(double width, double height)
{
    private readonly StringBuilder _shapes = new();
    private readonly List<Label> _labels = [];
    private readonly List<Box> _lines = [];

    /// <summary>Units of the drawing in a millimetre of A3.</summary>
    public const double UnitsAMillimetre = 4;

    public double Width => width;

    public double Height => height;

    public IReadOnlyList<Label> Labels => _labels;

    /// <summary>Every line, as the thin box it covers.</summary>
    public IReadOnlyList<Box> Lines => _lines;

    public void Line(double x1, double y1, double x2, double y2, double weight = 1.4, bool dashed = false)
    {
        _shapes.Append(CultureInfo.InvariantCulture, $"<line x1=\"{N(x1)}\" y1=\"{N(y1)}\" x2=\"{N(x2)}\" y2=\"{N(y2)}\" stroke-width=\"{N(weight)}\"{(dashed ? " stroke-dasharray=\"5 4\"" : "")}/>\n");
        _lines.Add(new Box(Math.Min(x1, x2) - 0.7, Math.Min(y1, y2) - 0.7, Math.Max(x1, x2) + 0.7, Math.Max(y1, y2) + 0.7));
    }

    /// <summary>A run of wires through points.</summary>
    public void Wire(params ReadOnlySpan<(double X, double Y)> points)
    {
        for (var i = 1; i < points.Length; i++) Line(points[i - 1].X, points[i - 1].Y, points[i].X, points[i].Y);
    }

    public void Rect(double x, double y, double w, double h, double weight = 1.4, bool filled = false, bool dashed = false)
    {
        _shapes.Append(CultureInfo.InvariantCulture, $"<rect x=\"{N(x)}\" y=\"{N(y)}\" width=\"{N(w)}\" height=\"{N(h)}\" stroke-width=\"{N(weight)}\" fill=\"{(filled ? "#000" : "#fff")}\"{(dashed ? " stroke-dasharray=\"6 4\"" : "")}/>\n");
        foreach (var (x1, y1, x2, y2) in (ReadOnlySpan<(double, double, double, double)>)[(x, y, x + w, y), (x, y + h, x + w, y + h), (x, y, x, y + h), (x + w, y, x + w, y + h)])
            _lines.Add(new Box(x1 - 0.7, y1 - 0.7, x2 + 0.7, y2 + 0.7));
    }

    public void Circle(double x, double y, double r, bool filled = false) =>
        _shapes.Append(CultureInfo.InvariantCulture, $"<circle cx=\"{N(x)}\" cy=\"{N(y)}\" r=\"{N(r)}\" stroke-width=\"1.4\" fill=\"{(filled ? "#000" : "#fff")}\"/>\n");

    public void Dot(double x, double y) => Circle(x, y, 3, filled: true);

    /// <summary>A filled or open shape; not looked at for overlaps, because it is small and belongs to a symbol.</summary>
    public void Shape(bool filled, params ReadOnlySpan<(double X, double Y)> points)
    {
        _shapes.Append("<polygon points=\"");
        foreach (var (x, y) in points) _shapes.Append(CultureInfo.InvariantCulture, $"{N(x)},{N(y)} ");
        _shapes.Append(CultureInfo.InvariantCulture, $"\" stroke-width=\"1.4\" fill=\"{(filled ? "#000" : "#fff")}\"/>\n");
    }

    /// <summary>A stroke inside a symbol.</summary>
    public void Stroke(string path, double weight = 1.4) => _shapes.Append(CultureInfo.InvariantCulture, $"<path d=\"{path}\" stroke-width=\"{N(weight)}\" fill=\"none\"/>\n");

    public void Text(double x, double y, string text, double size = 12, Anchor anchor = Anchor.Start, bool bold = false)
    {
        if (text.Length == 0) return;
        var name = anchor switch { Anchor.Middle => "middle", Anchor.End => "end", _ => "start" };
        _shapes.Append(CultureInfo.InvariantCulture, $"<text x=\"{N(x)}\" y=\"{N(y)}\" font-size=\"{N(size)}\" text-anchor=\"{name}\"{(bold ? " font-weight=\"bold\"" : "")}>{SecurityElement.Escape(text)}</text>\n");
        var wide = WidthOf(text, size, bold);
        var left = anchor switch { Anchor.Middle => x - (wide / 2), Anchor.End => x - wide, _ => x };
        _labels.Add(new Label(text, new Box(left, y - (size * 0.82), left + wide, y + (size * 0.16))));
    }

    public string ToSvg(string title) =>
        string.Create(CultureInfo.InvariantCulture, $"""
            <svg xmlns="http://www.w3.org/2000/svg" width="{N(width / UnitsAMillimetre)}mm" height="{N(height / UnitsAMillimetre)}mm" viewBox="0 0 {N(width)} {N(height)}" font-family="'Noto Sans CJK SC','Source Han Sans SC','Microsoft YaHei','SimHei',sans-serif" stroke="#000" fill="#000">
            <title>{SecurityElement.Escape(title)}</title>
            <style>text{"{"}stroke:none;fill:#000{"}"}</style>
            <rect width="{N(width)}" height="{N(height)}" fill="#fff" stroke="none"/>

            """).ReplaceLineEndings("\n") + _shapes + "</svg>\n";

    /// <summary>Han characters are as wide as they are high; others take a little more than half. An estimate on the wide side.</summary>
    public static double WidthOf(string text, double size, bool bold = false) =>
        text.EnumerateRunes().Sum(r => r.Value >= 0x2E80 ? 1.0 : bold ? 0.6 : 0.56) * size;

    private static string N(double value) => Math.Round(value, 1).ToString(CultureInfo.InvariantCulture);
}
