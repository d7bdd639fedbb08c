using System.Globalization;
using Broadcast.Boards.Files;

namespace Broadcast.Boards.Drawing;

/// <summary>The lower half of sheet 2: mains entry, surge protection, the siren's motor and its control circuit.</summary>
internal sealed class MainsDrawing(Canvas c, BoardFile board)
{
    private const double Live = 690;
    private const double Neutral = 730;
    private const double Motor = 760; // Where the siren's own part begins.

    private readonly SirenCircuit _siren = board.Hardware.Siren;
    private readonly MainsEntry _mains = board.Hardware.Mains;

    public void Draw()
    {
        DrawEntry();
        DrawMotor();
        DrawControl();
        DrawEarth();
    }

    private void DrawEntry()
    {
        Symbols.Terminals(c, 40, _mains.Terminal, Live, Neutral, Neutral + 40);
        foreach (var (name, y) in (ReadOnlySpan<(string, double)>)[("L", Live), ("N", Neutral), ("PE", Neutral + 40)]) c.Text(88, y - 5, name, 12, bold: true);
        c.Line(76, Live, 150, Live);
        c.Line(76, Neutral, 150, Neutral);
        Breaker(150, _mains.Breaker, $"{_mains.BreakerAmps} A (C) 2P");
        c.Line(206, Live, 580, Live);
        c.Line(206, Neutral, 580, Neutral);
        Surge(260);
        c.Dot(352, Live);
        c.Line(352, Live, 352, Live - 14);
        Symbols.Arrow(c, 352, Live - 14);
        c.Text(362, Live - 14, $"→ {board.Hardware.Supply.Charger} (L, N)", 11, bold: true);
        MainsRelay(430);
        Breaker(580, _siren.Breaker, $"{_siren.BreakerAmps} A (C) 30 mA");
        c.Wire((76, Neutral + 40), (110, Neutral + 40), (110, 930));
    }

    private void Breaker(double x, string name, string rating)
    {
        foreach (var y in (ReadOnlySpan<double>)[Live, Neutral])
        {
            c.Line(x, y, x + 16, y);
            c.Line(x + 40, y, x + 56, y);
            c.Stroke(FormattableString.Invariant($"M{x + 40} {y} L{x + 16} {y - 12} M{x + 12} {y - 4} l8 8 m0 -8 l-8 8"), 1.8);
        }

        c.Line(x + 28, Live - 6, x + 28, Neutral - 6, 1, dashed: true);
        c.Text(x + 28, Live - 32, name, 12, Anchor.Middle, bold: true);
        c.Text(x + 28, Live - 18, rating, 11, Anchor.Middle);
    }

    private void Surge(double x)
    {
        c.Dot(x, Live);
        c.Dot(x + 34, Neutral);
        c.Line(x, Live, x, Neutral + 34);
        c.Line(x + 34, Neutral, x + 34, Neutral + 34);
        c.Rect(x - 14, Neutral + 34, 62, 40, 1.8);
        c.Text(x + 17, Neutral + 51, _mains.Surge, 12, Anchor.Middle, bold: true);
        c.Text(x + 17, Neutral + 66, "SPD 二级", 10, Anchor.Middle);
        Symbols.Earth(c, x + 17, Neutral + 74);
    }

    private void MainsRelay(double x)
    {
        c.Dot(x, Live);
        c.Dot(x + 90, Neutral);
        c.Wire((x, Live), (x, Neutral + 54), (x + 22, Neutral + 54));
        Symbols.Coil(c, x + 22, Neutral + 54, _siren.MainsRelay, "");
        c.Wire((x + 66, Neutral + 54), (x + 90, Neutral + 54), (x + 90, Neutral));
        c.Text(x + 44, Neutral + 86, "220 V, → J5", 11, Anchor.Middle);
    }

    private void DrawMotor()
    {
        c.Line(636, Live, Motor + 60, Live);
        c.Line(636, Neutral, Motor + 60, Neutral);
        foreach (var y in (ReadOnlySpan<double>)[Live, Neutral])
        {
            c.Line(Motor + 60, y, Motor + 80, y);
            c.Line(Motor + 108, y, Motor + 180, y);
            c.Stroke(FormattableString.Invariant($"M{Motor + 108} {y} L{Motor + 84} {y - 12} M{Motor + 80} {y} a5 5 0 0 1 0 -8"), 1.8);
        }

        c.Line(Motor + 96, Live - 6, Motor + 96, Neutral - 6, 1, dashed: true);
        c.Text(Motor + 94, Live - 32, _siren.Contactor, 12, Anchor.Middle, bold: true);
        c.Text(Motor + 94, Live - 18, $"AC-3 {_siren.ContactorAmps} A", 11, Anchor.Middle);
        c.Rect(Motor + 180, Live - 16, 70, Neutral - Live + 32, 1.8);
        c.Text(Motor + 215, Live + 16, _siren.Overload, 12, Anchor.Middle, bold: true);
        c.Text(Motor + 215, Live + 32, string.Create(CultureInfo.InvariantCulture, $"{_siren.OverloadFromTenths / 10.0:0.0}–{_siren.OverloadToTenths / 10.0:0.0} A"), 11, Anchor.Middle);
        c.Text(Motor + 215, Neutral + 32, "三极串联", 11, Anchor.Middle);
        c.Text(Motor + 215, Neutral + 46, "3 poles in series", 10, Anchor.Middle);
        c.Line(Motor + 250, Live, Motor + 320, Live);
        c.Line(Motor + 250, Neutral, Motor + 320, Neutral);
        Symbols.Terminals(c, Motor + 320, "X2", Live, Neutral, Neutral + 40);
        c.Line(Motor + 356, Live, Motor + 430, Live);
        c.Line(Motor + 356, Neutral, Motor + 430, Neutral);
        c.Wire((Motor + 356, Neutral + 40), (Motor + 470, Neutral + 40), (Motor + 470, Neutral + 14));
        c.Circle(Motor + 468, 710, 40);
        c.Text(Motor + 468, 706, _siren.Motor, 14, Anchor.Middle, bold: true);
        c.Text(Motor + 468, 724, $"{_siren.MotorWatts} W", 11, Anchor.Middle);
        c.Text(Motor + 522, 700, "电动警报器", 12);
        c.Text(Motor + 522, 716, "motor siren", 11);
        c.Text(Motor + 522, 732, "停电时不响 silent without mains", 11);
        c.Wire((Motor + 320, Neutral + 40), (Motor + 296, Neutral + 40));
        Symbols.Earth(c, Motor + 296, Neutral + 40);
    }

    /// <summary>K1 gives the order; KT1 ends it when nobody else does; FR1 ends it when the motor is stuck.</summary>
    private void DrawControl()
    {
        var coil = board.Hardware.Driver.Relays.Single(r => r.Output == "siren").Coils[0];
        const double main = 870;
        const double second = 980;
        c.Dot(Motor - 60, Live);
        c.Wire((Motor - 60, Live), (Motor - 60, main), (Motor - 20, main));
        Symbols.Terminals(c, Motor - 20, coil.Terminal, main, main + 44);
        c.Text(Motor + 22, main + 27, $"{coil.Ref}（图 1 sheet 1）", 11);
        c.Wire((Motor - 20, main + 44), (Motor - 40, main + 44), (Motor - 40, main + 76), (Motor + 190, main + 76), (Motor + 190, main));
        c.Line(Motor + 190, main, Motor + 240, main);
        Symbols.Contact(c, Motor + 240, main, $"{_siren.Timer} 15-16", closes: false);
        c.Line(Motor + 290, main, Motor + 380, main);
        Symbols.Coil(c, Motor + 380, main, _siren.Contactor, "");
        c.Text(Motor + 366, main - 6, "A1", 10, Anchor.End);
        c.Text(Motor + 438, main - 6, "A2", 10);
        c.Line(Motor + 424, main, Motor + 520, main);
        c.Dot(Motor + 340, main);
        c.Dot(Motor + 464, main);
        c.Wire((Motor + 340, main), (Motor + 340, main + 40), (Motor + 366, main + 40));
        c.Rect(Motor + 366, main + 28, 72, 24, 1.6);
        c.Text(Motor + 402, main + 44, $"{_siren.Snubber} RC", 11, Anchor.Middle, bold: true);
        c.Wire((Motor + 438, main + 40), (Motor + 464, main + 40), (Motor + 464, main));
        Symbols.Contact(c, Motor + 520, main, $"{_siren.Overload} 95-96", closes: false);
        c.Line(Motor + 570, main, Motor + 640, main);
        Symbols.FlagRight(c, Motor + 640, main, $"{_siren.Breaker} N");
        c.Dot(Motor + 190, main + 76);
        c.Wire((Motor + 190, main + 76), (Motor + 190, second), (Motor + 380, second));
        Symbols.Coil(c, Motor + 380, second, _siren.Timer, "");
        c.Line(Motor + 424, second, Motor + 640, second);
        Symbols.FlagRight(c, Motor + 640, second, $"{_siren.Breaker} N");
        c.Text(Motor + 210, second - 10, $"通电延时 on delay {_siren.TimerSeconds} s", 11);
        c.Text(Motor + 740, main - 4, $"程序最长 {board.Outputs.Siren.MaxOnSeconds} s", 11);
        c.Text(Motor + 740, main + 11, $"program's limit {board.Outputs.Siren.MaxOnSeconds} s", 10);
        c.Text(Motor + 740, second - 4, $"时间继电器 {_siren.TimerSeconds} s 后断开", 11);
        c.Text(Motor + 740, second + 11, $"timer cuts off after {_siren.TimerSeconds} s", 10);
    }

    private void DrawEarth()
    {
        c.Line(60, 930, 600, 930, 5);
        c.Text(34, 935, _mains.Earth, 13, bold: true);
        var names = new (string Zh, string En)[] { ("X1 PE", "mains"), ("FV1", "surge"), ("箱体、箱门", "box, door"), ("0 V", "battery −"), (board.Hardware.Serial is null ? "J4 J9" : "J4 J9 J10", "shields"), ("接地极", "earth rod") };
        for (var i = 0; i < names.Length; i++)
        {
            var x = 110 + (i * 90);
            if (i > 0) c.Line(x, 930, x, 952);
            c.Dot(x, 930);
            c.Text(x, 968, names[i].Zh, 11, Anchor.Middle, bold: true);
            c.Text(x, 982, names[i].En, 10, Anchor.Middle);
        }

        c.Text(60, 1012, $"接地电阻 ≤ {_mains.EarthOhmsMax} Ω；各线单独接到铜排，6 mm²（避雷器、接地极 16 mm²）", 11.5);
        c.Text(60, 1028, $"earth ≤ {_mains.EarthOhmsMax} Ω; each wire of its own to the bar, 6 mm² (surge protector and rod 16 mm²)", 10.5);
    }
}
