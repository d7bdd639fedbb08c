using System.Globalization;
using Broadcast.Boards.Figures;
using Broadcast.Boards.Files;

namespace Broadcast.Boards.Drawing;

/// <summary>Sheet 2: the battery side above, the mains and the siren below, and the earth that both share.</summary>
public sealed class PowerSheet
{
    private const double Bus = 640;       // The 12 V bus, a vertical line.
    private const double Loads = 900;
    private const double Feed = 310;      // The height at which the battery feeds the bus.
    private const double Sensor = 1150;   // The line sensor's left edge, where a board has one.
    private const double SensorWide = 96;

    private readonly Canvas _c = new(Frame.Width, Frame.Height);
    private readonly HardwareFile _hardware;

    private readonly LoudspeakerFile? _line;

    private PowerSheet(BoardFile board) => (_hardware, _line) = (board.Hardware, board.Adc.Loudspeaker);

    public static Canvas Draw(BoardFile board)
    {
        var sheet = new PowerSheet(board);
        Frame.Draw(sheet._c, board, 2, "图 2 电源与警报器", "sheet 2, power and siren");
        sheet._c.Text(34, 48, "直流侧 12 V", 13, bold: true);
        sheet._c.Text(116, 48, "battery side", 11);
        sheet.DrawSources();
        sheet.DrawBus();
        sheet.DrawAmplifier();
        sheet._c.Line(16, 610, Frame.Width - 16, 610, 1, dashed: true);
        sheet._c.Text(34, 640, "交流侧 220 V —— 停电、验电后方可作业", 13, bold: true);
        sheet._c.Text(310, 640, "mains side: work on it only when it is off and proved dead", 11);
        new MainsDrawing(sheet._c, board).Draw();
        return sheet._c;
    }

    private void DrawSources()
    {
        var supply = _hardware.Supply;
        Symbols.Module(_c, 180, 84, 150, 70, supply.Charger, "充电器", string.Create(CultureInfo.InvariantCulture, $"charger {supply.FloatMillivolts / 1000.0:0.0} V {supply.ChargerMilliamps / 1000} A"));
        Symbols.FlagLeft(_c, 150, 104, $"{_hardware.Mains.Breaker} L");
        _c.Line(150, 104, 180, 104);
        Symbols.FlagLeft(_c, 150, 136, $"{_hardware.Mains.Breaker} N");
        _c.Line(150, 136, 180, 136);
        _c.Wire((330, 119), (400, 119), (400, Feed));
        _c.Text(340, 113, "+", 13, bold: true);
        // The charging side's own fuse, standing on its wire.
        _c.Rect(393, 258, 14, 36);
        _c.Line(400, 258, 400, 294, 1);
        _c.Text(384, 274, supply.ChargeFuse.Ref, 11, Anchor.End, bold: true);
        _c.Text(384, 288, $"{supply.ChargeFuse.Milliamps / 1000} A", 11, Anchor.End);
        DrawSun(supply);
        // The battery stands on the 0 V line; its fuse is as near to its pole as it can be.
        const double x = 400;
        _c.Line(x, Feed, x, 372);
        foreach (var (half, at, weight) in (ReadOnlySpan<(double, double, double)>)[(24, 372, 2), (12, 382, 5), (24, 392, 2), (12, 402, 5)]) _c.Line(x - half, at, x + half, at, weight);
        _c.Line(x, 402, x, 450);
        _c.Text(x + 34, 384, $"{supply.Battery} 12 V", 12, bold: true);
        _c.Text(x + 34, 400, supply.Solar is { } sun ? $"{supply.BatteryAmpereHours} Ah; 无市电 sun only: {sun.BatteryAmpereHours} Ah" : $"{supply.BatteryAmpereHours} Ah", 11);
        _c.Text(x + 10, 366, "+", 13, bold: true);
        _c.Line(330, 450, x, 450);
        Symbols.Ground(_c, x, 450);
        _c.Dot(x, 450);
        Symbols.Earth(_c, 330, 450);
        _c.Text(316, 472, $"{_hardware.Mains.Earth}：0 V 只此一点接地", 11, Anchor.End);
        _c.Text(316, 488, "0 V meets earth here and nowhere else", 10, Anchor.End);
    }

    private void DrawSun(SupplyPlan supply)
    {
        if (supply.Solar is not { } sun) return;
        Symbols.Module(_c, 30, 228, 84, 66, sun.Panel, "太阳能板", $"panel {sun.PanelWatts} W");
        foreach (var at in (ReadOnlySpan<double>)[246, 278])
        {
            _c.Line(114, at, 134, at);
            _c.Line(158, at, 180, at);
            _c.Stroke(FormattableString.Invariant($"M158 {at} L134 {at - 12} M130 {at - 4} l8 8 m0 -8 l-8 8"), 1.8);
        }

        _c.Line(146, 240, 146, 272, 1, dashed: true);
        _c.Text(148, 200, sun.Breaker, 12, Anchor.Middle, bold: true);
        _c.Text(148, 215, $"DC {sun.BreakerAmps} A", 11, Anchor.Middle);
        _c.Line(56, 294, 56, 326);
        _c.Line(88, 294, 88, 326);
        _c.Rect(36, 326, 72, 38, 1.8);
        _c.Text(72, 342, sun.Surge, 12, Anchor.Middle, bold: true);
        _c.Text(72, 357, "DC SPD", 10, Anchor.Middle);
        Symbols.Earth(_c, 72, 364);
        Symbols.Module(_c, 180, 220, 150, 82, sun.Controller, "充电控制器（共负极）", $"charge controller {sun.ControllerMilliamps / 1000} A");
        _c.Text(255, 288, "common negative", 10, Anchor.Middle);
        _c.Text(122, 234, "+", 12, Anchor.Middle, bold: true);
        _c.Text(122, 294, "−", 12, Anchor.Middle, bold: true);
        _c.Text(186, 240, "PV+", 10, bold: true);
        _c.Line(330, 246, 400, 246);
        _c.Text(340, 240, "+", 13, bold: true);
        _c.Dot(400, 246);
    }

    private void DrawBus()
    {
        var main = _hardware.Fuses[0];
        _c.Dot(400, Feed);
        _c.Line(400, Feed, 430, Feed);
        Symbols.Fuse(_c, 430, Feed, main.Ref, $"{main.Milliamps / 1000} A");
        _c.Line(476, Feed, 510, Feed);
        _c.Rect(510, Feed - 26, 90, 52, 1.8);
        _c.Text(555, Feed - 8, _hardware.Supply.Disconnect, 12, Anchor.Middle, bold: true);
        _c.Text(555, Feed + 6, "低压断开 LVD", 11, Anchor.Middle);
        _c.Text(555, Feed + 20, string.Create(CultureInfo.InvariantCulture, $"{_hardware.Supply.DisconnectMillivolts / 1000.0:0.0} V"), 11, Anchor.Middle);
        _c.Line(600, Feed, Bus, Feed);
        _c.Text(Bus, 84, "+12 V", 12, Anchor.Middle, bold: true);
        _c.Line(Bus, 92, Bus, 520, 3);
        _c.Dot(Bus, Feed);
        var y = 120.0;
        foreach (var fuse in _hardware.Fuses.Skip(1))
        {
            DrawBranch(fuse, y);
            y += fuse == _hardware.Fuses[1] ? 110 : 96;
        }
    }

    private void DrawBranch(FusePart fuse, double y)
    {
        _c.Dot(Bus, y);
        _c.Line(Bus, y, 690, y);
        Symbols.Fuse(_c, 690, y, fuse.Ref, string.Create(CultureInfo.InvariantCulture, $"{fuse.Milliamps / 1000.0:0.##} A"));
        _c.Text(713, y + 22, string.Create(CultureInfo.InvariantCulture, $"{fuse.Mm2Tenths / 10.0:0.0#} mm²"), 11, Anchor.Middle);
        _c.Line(736, y, fuse == _hardware.Fuses[1] ? 790 : Loads, y);
        if (fuse == _hardware.Fuses[1]) return;
        _c.Rect(Loads, y - 24, 230, 48, 1.8);
        _c.Text(Loads + 12, y - 4, fuse.Zh, 12.5, bold: true);
        _c.Text(Loads + 12, y + 13, fuse.En, 11);
        Symbols.Ground(_c, Loads + 200, y + 24);
        if (fuse.Ref != _hardware.Contacts.Fuse) return;
        _c.Dot(772, y);
        _c.Wire((772, y), (772, y + 44), (790, y + 44));
        Symbols.Fuse(_c, 790, y + 44, _hardware.Contacts.Limiter, $"{_hardware.Contacts.LimiterMilliamps} mA PTC");
        _c.Line(836, y + 44, 860, y + 44);
        Symbols.FlagRight(_c, 860, y + 44, $"{_hardware.Contacts.Limiter} +12 V → {string.Join(' ', _hardware.Contacts.Lines.Select(l => l.Terminal))}");
    }

    private void DrawAmplifier()
    {
        var (plan, y) = (_hardware.Loudspeaker, 120.0);
        var coil = _hardware.Driver.Relays.Single(r => r.Output == "amplifier").Coils[0];
        Symbols.Contact(_c, 790, y, $"{coil.Ref} ({coil.Terminal})");
        _c.Line(840, y, Loads, y);
        Symbols.Module(_c, Loads, y - 40, 230, 112, plan.Amplifier, "功放（本站）", $"amplifier, {plan.Count} × {plan.DrivenWatts} W");
        _c.Wire((Loads, y + 60), (Loads - 30, y + 60));
        Symbols.Ground(_c, Loads - 30, y + 60);
        Line(y - 20, y + 30);
        DrawLoudspeakers(plan, y);
        const double top = 330;
        Symbols.Module(_c, 1260, top, 250, 112, plan.Existing, "原有功放与喇叭", "the county's own amplifier");
        _c.Text(1385, top + 70, "自备电源；强切入闭合 = 播音", 11, Anchor.Middle);
        _c.Text(1385, top + 86, "own supply; contact closed = speak", 10, Anchor.Middle);
        _c.Text(1385, top + 103, "≤ 30 V 2 A，不得接 220 V not for mains", 10, Anchor.Middle);
        Symbols.FlagLeft(_c, 1236, top + 30, $"{_hardware.Driver.Relays.Single(r => r.Output == "amplifier").Coils[1].Terminal}: 1, 2");
        _c.Line(1236, top + 30, 1260, top + 30);
        Symbols.FlagLeft(_c, 1236, top + 76, $"{(_hardware.Speech?.Terminal ?? _hardware.Sound!.Terminal)}: 1, 2, 3");
        _c.Line(1236, top + 76, 1260, top + 76);
    }

    /// <summary>The line input, drawn as a flag under the amplifier.</summary>
    private void Line(double power, double at)
    {
        Symbols.FlagLeft(_c, Loads - 20, at, $"{_hardware.Speech?.Terminal ?? _hardware.Sound!.Terminal}: 1, 2, 3");
        _c.Line(Loads - 20, at, Loads, at);
        _c.Text(Loads + 8, at + 4, "LINE", 11);
        _c.Text(Loads + 8, power + 24, "12 V", 11);
    }

    private void DrawLoudspeakers(LoudspeakerPlan plan, double y)
    {
        for (var i = 0; i < plan.Count; i++)
        {
            var at = y - 20 + (i * 64);
            foreach (var wire in (ReadOnlySpan<double>)[at, at + 16])
            {
                _c.Line(Loads + 230, wire, _line is null ? 1420 : Sensor, wire);
                if (_line is not null) _c.Line(Sensor + SensorWide, wire, 1420, wire);
            }

            _c.Rect(1420, at - 6, 14, 28, 1.6);
            _c.Shape(false, (1434, at - 6), (1460, at - 20), (1460, at + 36), (1434, at + 22));
            _c.Text(1474, at + 4, string.Create(CultureInfo.InvariantCulture, $"{plan.Ref}.{i + 1}"), 12, bold: true);
            _c.Text(1474, at + 20, $"{plan.Ohms} Ω {plan.RatedWatts} W", 11);
        }

        DrawLineSensor(y);
        _c.Text(_line is null ? 1276 : 1340, y - 27, string.Create(CultureInfo.InvariantCulture, $"2 × {plan.CableMm2Tenths / 10.0:0.0} mm², ≤ {plan.CableMetres} m"), 11, Anchor.Middle);
        _c.Text(1474, y + 84, string.Create(CultureInfo.InvariantCulture, $"{plan.DistanceMetres} m: {SoundFigures.Decibels(plan, plan.DistanceMetres):0} dB"), 11);
    }

    /// <summary>Shunt and divider in the way to the loudspeakers, each behind a rectifier; its two outputs go to the converter of sheet 1.</summary>
    private void DrawLineSensor(double y)
    {
        if (_line is not { } line || _hardware.LineSensor is not { } sensor) return;
        var (top, bottom) = (y - 40, y + 72);
        Symbols.Module(_c, Sensor, top, SensorWide, bottom - top, sensor.Ref, "线路测量", "line sensor");
        _c.Text(Sensor + (SensorWide / 2), bottom - 22, $"{line.ShuntMilliohms} mΩ × {line.Gain}", 10, Anchor.Middle);
        _c.Text(Sensor + (SensorWide / 2), bottom - 8, $"{line.UpperOhms / 1000} k / {line.LowerOhms / 1000} k", 10, Anchor.Middle);
        foreach (var (x, name, drop) in (ReadOnlySpan<(double, string, double)>)[(Sensor + 30, $"I → {_hardware.Converter!.Ref} AIN{line.CurrentInput}", 44), (Sensor + 60, $"U → {_hardware.Converter!.Ref} AIN{line.VoltageInput}", 20)])
        {
            _c.Wire((x, bottom), (x, bottom + drop), (Sensor + 110, bottom + drop));
            Symbols.FlagRight(_c, Sensor + 110, bottom + drop, name);
        }
    }
}
