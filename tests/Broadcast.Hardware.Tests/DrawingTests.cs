using System.Text.RegularExpressions;
using System.Xml.Linq;
using Broadcast.Boards.Drawing;
using Broadcast.Boards.Rules;

namespace Broadcast.Hardware.Tests;

/// <summary>The drawings show every pin and every part, and can be read.</summary>
public partial class DrawingTests
{
    [Theory]
    [MemberData(nameof(Boards.Names), MemberType = typeof(Boards))]
    public void Every_pin_that_is_driven_or_read_is_in_the_drawing_with_its_name_and_role(string name)
    {
        var board = Boards.Named(name).File;
        var texts = SignalSheet.Draw(board).Labels.Select(l => l.Text).ToList();
        foreach (var use in PinUse.Of(board).Where(u => u.Role != PinRole.Reserved))
            texts.ShouldContain(SignalSheet.NameOf(board, use.Pin), $"{use.Where} is not drawn.");
        foreach (var input in (string[])["rain", "stop", "tamper", "mains", "siren", "amplifier"]) texts.ShouldContain(input);
    }

    [Theory]
    [MemberData(nameof(Boards.Names), MemberType = typeof(Boards))]
    public void No_text_lies_on_another_text_or_on_a_line_or_beyond_the_paper(string name)
    {
        foreach (var sheet in Sheets(name))
        {
            var labels = sheet.Labels;
            foreach (var (i, label) in labels.Index())
            {
                labels.Skip(i + 1).Where(l => l.Box.Meets(label.Box)).Select(l => l.Text).ShouldBeEmpty($"'{label.Text}' lies on it.");
                var edge = new Box(18, 18, sheet.Width - 18, sheet.Height - 18);
                (label.Box.Left >= edge.Left && label.Box.Top >= edge.Top && label.Box.Right <= edge.Right && label.Box.Bottom <= edge.Bottom).ShouldBeTrue($"'{label.Text}' is beyond the frame.");
                sheet.Lines.Any(l => l.Meets(label.Box)).ShouldBeFalse($"A line goes through '{label.Text}' at {label.Box}.");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Boards.Names), MemberType = typeof(Boards))]
    public void Letters_are_two_millimetres_high_on_A3_and_everything_is_black_on_white(string name)
    {
        foreach (var sheet in Sheets(name))
        {
            var svg = XDocument.Parse(sheet.ToSvg(name));
            foreach (var text in svg.Descendants().Where(e => e.Name.LocalName == "text"))
                (double.Parse((string)text.Attribute("font-size")!, System.Globalization.CultureInfo.InvariantCulture) / Canvas.UnitsAMillimetre).ShouldBeGreaterThan(2.3);
            Colour().Matches(svg.ToString()).Select(m => m.Value).Distinct(StringComparer.Ordinal).ShouldBeSubsetOf(["#000", "#fff"]);
            ((string)svg.Root!.Attribute("width")!).ShouldBe("420mm");
        }
    }

    private static IEnumerable<Canvas> Sheets(string name) => [SignalSheet.Draw(Boards.Named(name).File), PowerSheet.Draw(Boards.Named(name).File)];

    [GeneratedRegex("#[0-9a-fA-F]{3,6}", RegexOptions.None, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Colour();
}
