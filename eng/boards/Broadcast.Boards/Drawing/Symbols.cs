namespace Broadcast.Boards.Drawing;

/// <summary>The signs of IEC 60617 that a wiring drawing needs, as far as a technician reads them at a glance.</summary>
internal static class Symbols
{
    private const double Small = 11;

    /// <summary>A resistor lying on a wire, from <paramref name="x"/> to x + 50.</summary>
    public static void Resistor(Canvas c, double x, double y, string name, string value)
    {
        c.Rect(x, y - 8, 50, 16);
        c.Text(x + 25, y - 24, name, Small, Anchor.Middle, bold: true);
        c.Text(x + 25, y - 12, value, Small, Anchor.Middle);
    }

    public static void Fuse(Canvas c, double x, double y, string name, string value)
    {
        c.Rect(x, y - 7, 46, 14);
        c.Line(x, y, x + 46, y, 1);
        c.Text(x + 23, y - 23, name, Small, Anchor.Middle, bold: true);
        c.Text(x + 23, y - 11, value, Small, Anchor.Middle);
    }

    /// <summary>A resistor from a wire down to ground.</summary>
    public static void ResistorDown(Canvas c, double x, double y, string name, string value)
    {
        c.Dot(x, y);
        c.Line(x, y, x, y + 8);
        c.Rect(x - 6, y + 8, 12, 26);
        Ground(c, x, y + 34);
        c.Text(x + 10, y + 18, name, Small, bold: true);
        c.Text(x + 10, y + 31, value, Small);
    }

    /// <summary>A resistor from a wire up to a voltage.</summary>
    public static void ResistorUp(Canvas c, double x, double y, string name, string value, string voltage)
    {
        c.Dot(x, y);
        c.Line(x, y, x, y - 8);
        c.Rect(x - 6, y - 34, 12, 26);
        c.Line(x, y - 34, x, y - 40);
        Arrow(c, x, y - 40);
        c.Text(x, y - 52, voltage, Small, Anchor.Middle, bold: true);
        c.Text(x + 10, y - 24, name, Small, bold: true);
        c.Text(x + 10, y - 11, value, Small);
    }

    public static void CapacitorDown(Canvas c, double x, double y, string name, string value)
    {
        c.Dot(x, y);
        c.Line(x, y, x, y + 17);
        c.Line(x - 9, y + 17, x + 9, y + 17, 2);
        c.Line(x - 9, y + 23, x + 9, y + 23, 2);
        Ground(c, x, y + 23);
        c.Text(x + 12, y + 14, name, Small, bold: true);
        c.Text(x + 12, y + 33, value, Small);
    }

    /// <summary>A suppressor diode from a wire down to ground.</summary>
    public static void SuppressorDown(Canvas c, double x, double y, string name, string value)
    {
        c.Dot(x, y);
        c.Line(x, y, x, y + 10);
        c.Shape(false, (x - 7, y + 22), (x + 7, y + 22), (x, y + 10));
        c.Shape(false, (x - 7, y + 22), (x + 7, y + 22), (x, y + 34));
        c.Stroke(FormattableString.Invariant($"M{x - 10} {y + 25} L{x - 7} {y + 22} L{x + 7} {y + 22} L{x + 10} {y + 19}"), 1.8);
        Ground(c, x, y + 34);
        c.Text(x + 12, y + 16, name, Small, bold: true);
        c.Text(x + 12, y + 35, value, Small);
    }

    public static void Ground(Canvas c, double x, double y)
    {
        c.Line(x, y, x, y + 8);
        c.Line(x - 9, y + 8, x + 9, y + 8, 2);
        c.Line(x - 5, y + 12, x + 5, y + 12, 1.6);
        c.Line(x - 2, y + 16, x + 2, y + 16, 1.4);
    }

    /// <summary>The protective earth, in its circle.</summary>
    public static void Earth(Canvas c, double x, double y)
    {
        c.Line(x, y, x, y + 8);
        c.Circle(x, y + 17, 9);
        c.Stroke(FormattableString.Invariant($"M{x} {y + 8} V{y + 16} M{x - 6} {y + 16} H{x + 6} M{x - 4} {y + 19} H{x + 4} M{x - 2} {y + 22} H{x + 2}"), 1.4);
    }

    /// <summary>The head of an arrow that points up: a supply.</summary>
    public static void Arrow(Canvas c, double x, double y) => c.Shape(true, (x - 4, y), (x + 4, y), (x, y - 8));

    /// <summary>A wire's end that goes on elsewhere, named, to the right of <paramref name="x"/>.</summary>
    public static void FlagRight(Canvas c, double x, double y, string text)
    {
        var w = Canvas.WidthOf(text, Small, bold: true) + 10;
        c.Shape(false, (x, y - 9), (x + w, y - 9), (x + w + 8, y), (x + w, y + 9), (x, y + 9));
        c.Text(x + 5, y + 4, text, Small, bold: true);
    }

    /// <summary>The same to the left: the flag ends at <paramref name="x"/>.</summary>
    public static void FlagLeft(Canvas c, double x, double y, string text)
    {
        var w = Canvas.WidthOf(text, Small, bold: true) + 10;
        c.Shape(false, (x - w, y - 9), (x - 8, y - 9), (x, y), (x - 8, y + 9), (x - w, y + 9));
        c.Text(x - w + 3, y + 4, text, Small, bold: true);
    }

    /// <summary>A terminal block; its poles from the top. Wires meet its left and right side.</summary>
    public static void Terminals(Canvas c, double x, string name, params ReadOnlySpan<double> poles)
    {
        var (top, bottom) = (poles[0], poles[^1]);
        c.Rect(x, top - 14, 36, bottom - top + 28, 1.8);
        c.Text(x + 18, top - 19, name, 12, Anchor.Middle, bold: true);
        for (var i = 0; i < poles.Length; i++)
        {
            c.Circle(x + 18, poles[i], 9);
            c.Text(x + 18, poles[i] + 4, $"{i + 1}", Small, Anchor.Middle, bold: true);
        }
    }

    /// <summary>An open contact standing between two heights.</summary>
    public static void ContactDown(Canvas c, double x, double top, double bottom, bool closes = true)
    {
        var middle = (top + bottom) / 2;
        c.Line(x, top, x, middle - 10);
        c.Line(x, middle + 10, x, bottom);
        if (closes) c.Stroke(FormattableString.Invariant($"M{x} {middle + 10} L{x - 11} {middle - 9}"), 1.8);
        else c.Stroke(FormattableString.Invariant($"M{x} {middle + 10} L{x + 7} {middle - 12} M{x} {middle - 10} H{x + 9}"), 1.8);
    }

    /// <summary>A contact lying on a wire, 50 wide.</summary>
    public static void Contact(Canvas c, double x, double y, string name, bool closes = true)
    {
        c.Line(x, y, x + 14, y);
        c.Line(x + 36, y, x + 50, y);
        if (closes) c.Stroke(FormattableString.Invariant($"M{x + 36} {y} L{x + 15} {y - 12}"), 1.8);
        else c.Stroke(FormattableString.Invariant($"M{x + 36} {y} L{x + 12} {y - 8} M{x + 14} {y} V{y - 11}"), 1.8);
        c.Text(x + 25, y - 17, name, Small, Anchor.Middle, bold: true);
    }

    public static void Coil(Canvas c, double x, double y, string name, string value)
    {
        c.Rect(x, y - 14, 44, 28, 1.8);
        c.Text(x + 22, y + 5, name, 12, Anchor.Middle, bold: true);
        c.Text(x + 22, y - 19, value, Small, Anchor.Middle);
    }

    /// <summary>A light-emitting diode in an optocoupler, and its transistor.</summary>
    public static void Optocoupler(Canvas c, double x, double y, string name)
    {
        c.Rect(x, y - 14, 96, 60);
        c.Text(x + 48, y - 19, name + " PC817", Small, Anchor.Middle, bold: true);
        c.Stroke(FormattableString.Invariant($"M{x} {y} H{x + 26} V{y + 10} M{x + 26} {y + 22} V{y + 32} H{x} M{x + 18} {y + 22} H{x + 34}"));
        c.Shape(true, (x + 18, y + 10), (x + 34, y + 10), (x + 26, y + 22));
        c.Stroke(FormattableString.Invariant($"M{x + 38} {y + 12} L{x + 50} {y + 12} M{x + 46} {y + 9} L{x + 50} {y + 12} L{x + 46} {y + 15} M{x + 38} {y + 20} L{x + 50} {y + 20} M{x + 46} {y + 17} L{x + 50} {y + 20} L{x + 46} {y + 23}"), 1);
        c.Stroke(FormattableString.Invariant($"M{x + 60} {y + 4} V{y + 28} M{x + 60} {y + 12} L{x + 74} {y} H{x + 96} M{x + 60} {y + 20} L{x + 74} {y + 32} H{x + 96} M{x + 68} {y + 31} L{x + 74} {y + 32} L{x + 72} {y + 26}"), 1.6);
    }

    /// <summary>A box with a name and what it is, in both languages.</summary>
    public static void Module(Canvas c, double x, double y, double w, double h, string name, string zh, string en)
    {
        c.Rect(x, y, w, h, 1.8);
        c.Text(x + (w / 2), y + 18, name, 13, Anchor.Middle, bold: true);
        c.Text(x + (w / 2), y + 34, zh, 12, Anchor.Middle);
        c.Text(x + (w / 2), y + 48, en, 10, Anchor.Middle);
    }

    public static void Transformer(Canvas c, double x, double top, double bottom, string name, string value)
    {
        var y = (top + bottom) / 2;
        foreach (var side in (ReadOnlySpan<int>)[-1, 1])
        {
            var at = x + (side * 10);
            c.Line(at, top, at, y - 18);
            c.Line(at, y + 18, at, bottom);
            c.Stroke(FormattableString.Invariant($"M{at} {y - 18} a6 6 0 0 {(side < 0 ? 1 : 0)} 0 12 a6 6 0 0 {(side < 0 ? 1 : 0)} 0 12 a6 6 0 0 {(side < 0 ? 1 : 0)} 0 12"), 1.6);
        }

        c.Line(x - 1.5, y - 20, x - 1.5, y + 20, 1);
        c.Line(x + 1.5, y - 20, x + 1.5, y + 20, 1);
        c.Text(x, top - 20, name, Small, Anchor.Middle, bold: true);
        c.Text(x, top - 8, value, Small, Anchor.Middle);
    }

    public static void Lamp(Canvas c, double x, double y, string name)
    {
        c.Shape(true, (x, y - 8), (x, y + 8), (x + 14, y));
        c.Line(x + 14, y - 8, x + 14, y + 8, 2);
        c.Stroke(FormattableString.Invariant($"M{x + 6} {y - 12} l6 -8 m-4 1 l4 -1 l0 4 M{x + 14} {y - 12} l6 -8 m-4 1 l4 -1 l0 4"), 1);
        c.Text(x + 4, y + 22, name, Small, Anchor.Middle, bold: true);
    }
}
