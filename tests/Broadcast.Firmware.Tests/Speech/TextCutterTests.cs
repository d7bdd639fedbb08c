using Broadcast.Firmware.Speech;

namespace Broadcast.Firmware.Tests.Speech;

public sealed class TextCutterTests
{
    [Theory]
    [InlineData("一二三。四五六", 5, "一二三。|四五六")]
    [InlineData("一二三,四五六", 5, "一二三,|四五六")]
    [InlineData("一二三四五六七", 5, "一二三四五|六七")]
    [InlineData("一,二三四。五六", 6, "一,二三四。|五六")]
    [InlineData("一。二三四,五六七八", 6, "一。二三四,|五六七八")]
    [InlineData("", 5, "")]
    [InlineData("一二三四五", 5, "一二三四五")]
    public void Parts_end_at_punctuation_where_there_is_any(string text, int charsMax, string expected)
    {
        List<string> parts = [];
        for (int at = 0, count; (count = TextCutter.Next(text, at, charsMax)) > 0; at += count) parts.Add(text.Substring(at, count));
        string.Join('|', parts).ShouldBe(expected);
    }

    [Fact]
    public void Any_text_comes_out_whole_in_parts_that_fit()
    {
        var random = new Random(5);
        for (var run = 0; run < 500; run++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(1, 600)).Select(_ => "水位上涨,。!? a1\n"[random.Next(11)]));
            var whole = "";
            for (int at = 0, count; (count = TextCutter.Next(text, at, 100)) > 0; at += count)
            {
                count.ShouldBeLessThanOrEqualTo(100);
                whole += text.Substring(at, count);
            }

            whole.ShouldBe(text);
        }
    }

    [Fact]
    public void No_text_can_command_the_chip()
    {
        TextCutter.Readable("[v0]撤离[d]").ShouldBe("（v0）撤离（d）");
        TextCutter.Readable("\u0001水\U00020BB7").ShouldBe(" 水  ");
    }
}
