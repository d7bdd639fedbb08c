using Broadcast.Boards.Files;

namespace Broadcast.Boards.Drawing;

/// <summary>The border and the title block: what a sheet of paper says of itself when it lies alone in a van.</summary>
internal static class Frame
{
    public const double Width = 420 * Canvas.UnitsAMillimetre;
    public const double Height = 297 * Canvas.UnitsAMillimetre;

    private const double Left = 1130;
    private const double Top = 1092;

    public static void Draw(Canvas c, BoardFile board, int sheet, string zh, string en)
    {
        c.Rect(16, 16, Width - 32, Height - 32, 2);
        c.Rect(Left, Top, Width - 16 - Left, Height - 16 - Top, 1.8);
        c.Line(Left, Top + 40, Width - 16, Top + 40);
        c.Line(Left + 360, Top, Left + 360, Height - 16);
        c.Text(Left + 12, Top + 26, $"{board.Hardware.TitleZh} · {zh}", 16, bold: true);
        c.Text(Left + 12, Top + 58, $"{board.Hardware.TitleEn}: {en}", 12);
        c.Text(Left + 12, Top + 73, "由 board.json 生成 · made from board.json", 11);
        c.Text(Left + 370, Top + 26, board.Name, 12, bold: true);
        c.Text(Left + 370, Top + 65, $"图 {sheet} / 2 sheet", 13);
    }
}
