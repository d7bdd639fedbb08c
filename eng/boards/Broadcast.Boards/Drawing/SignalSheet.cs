using System.Globalization;
using Broadcast.Boards.Files;
using Broadcast.Boards.Rules;

namespace Broadcast.Boards.Drawing;

/// <summary>Sheet 1: every pin of the controller, from the terminal in the cabinet to the chip. Inputs come from the left, outputs go to the right.</summary>
public sealed class SignalSheet
{
    private const double Field = 30;      // Where the field begins.
    private const double ChipLeft = 720;
    private const double ChipRight = 950;
    private const double Top = 64;

    private readonly Canvas _c = new(Frame.Width, Frame.Height);
    private readonly BoardFile _board;
    private readonly HardwareFile _hardware;

    private SignalSheet(BoardFile board) => (_board, _hardware) = (board, board.Hardware);

    public static Canvas Draw(BoardFile board)
    {
        var sheet = new SignalSheet(board);
        Frame.Draw(sheet._c, board, 1, "图 1 信号接线", "sheet 1, signals");
        var left = sheet.DrawInputs();
        var right = sheet.DrawOutputs();
        var bottom = Math.Max(left, right);
        sheet._c.Line(ChipLeft, 40, ChipLeft, bottom, 2);
        sheet._c.Line(ChipRight, 40, ChipRight, bottom, 2);
        sheet._c.Line(ChipLeft, 40, ChipRight, 40, 2);
        sheet._c.Line(ChipLeft, bottom, ChipRight, bottom, 2);
        var middle = (ChipLeft + ChipRight) / 2;
        sheet._c.Text(middle, 58, $"{sheet._hardware.Controller.Ref} {sheet._hardware.Controller.Zh}", 13, Anchor.Middle, bold: true);
        sheet._c.Text(middle, 74, sheet._hardware.Controller.Type, 12, Anchor.Middle);
        sheet.DrawNotes();
        return sheet._c;
    }

    /// <summary>How a pin is called on the board that the technician holds.</summary>
    public static string NameOf(BoardFile board, int pin) => board.IsEsp32
        ? pin switch { 36 => "IO36 (VP)", 39 => "IO39 (VN)", _ => string.Create(CultureInfo.InvariantCulture, $"IO{pin}") }
        : string.Create(CultureInfo.InvariantCulture, $"GPIO{pin} 脚{RaspberryPiPins.OnConnector(pin)}");

    /// <summary>Ohms as they are printed on parts.</summary>
    public static string Ohms(int ohms) => ohms < 1_000 ? $"{ohms} Ω" : string.Create(CultureInfo.InvariantCulture, $"{ohms / 1000.0:0.###} kΩ");

    private double DrawInputs()
    {
        var y = Top + 20;
        foreach (var line in _hardware.Contacts.Lines) y = DrawContact(line, y);
        var levelAt = y + 80;
        y = DrawLevel(y);
        var dividersAt = new List<double>();
        foreach (var stage in _hardware.Dividers)
        {
            dividersAt.Add(y + 46);
            y = DrawDivider(stage, y);
        }

        return _board.IsEsp32 ? y : DrawConverter(levelAt, dividersAt[0], y);
    }

    /// <summary>Five contacts have to fit where four have air between them.</summary>
    private bool IsDense => _hardware.Contacts.Lines.Count > 4;

    private double DrawContact(ContactLine line, double y)
    {
        var (feed, back) = (y + 38, y + 80);
        Heading(Field, y, $"{line.Device} {line.Zh}", line.En);
        Symbols.ContactDown(_c, Field + 40, feed, back);
        _c.Wire((Field + 40, feed), (170, feed));
        _c.Wire((Field + 40, back), (170, back));
        Cable(120, feed, back);
        Symbols.Terminals(_c, 170, line.Terminal, feed, back);
        _c.Line(206, feed, 240, feed);
        Symbols.FlagRight(_c, 240, feed, $"{_hardware.Contacts.Limiter} +12 V");
        _c.Line(206, back, 330, back);
        Symbols.SuppressorDown(_c, 250, back, line.Tvs, "SMBJ18CA");
        Symbols.Resistor(_c, 330, back, line.Resistor, Ohms(_hardware.Contacts.SeriesOhms));
        _c.Line(380, back, 420, back);
        Symbols.Optocoupler(_c, 420, back, line.Opto);
        _c.Wire((420, back + 32), (408, back + 32));
        Symbols.Ground(_c, 408, back + 32);
        _c.Wire((516, back + 32), (528, back + 32));
        Symbols.Ground(_c, 528, back + 32);
        Symbols.ResistorUp(_c, 590, back, line.PullUp, Ohms(_hardware.Contacts.PullUpOhms), "3V3");
        _c.Line(516, back, ChipLeft, back);
        Pin(back, _board.Input(line.Input).Pin, line.Input, left: true);
        return y + (IsDense ? 145 : 156);
    }

    private double DrawLevel(double y)
    {
        var level = _hardware.Level;
        var (feed, signal, shield) = (y + 38, y + 80, y + 110);
        Heading(Field, y, $"{level.Device} {level.Zh}", level.En);
        _c.Rect(Field, feed - 12, 66, 66, 1.6);
        _c.Text(Field + 56, feed + 5, "+", 14, Anchor.Middle, bold: true);
        _c.Text(Field + 56, signal + 4, "−", 14, Anchor.Middle, bold: true);
        _c.Text(Field + 24, feed + 24, level.Device, 12, Anchor.Middle, bold: true);
        _c.Line(Field + 66, feed, 170, feed);
        _c.Line(Field + 66, signal, 170, signal);
        Cable(120, feed, signal);
        _c.Wire((120, signal + 14), (120, shield), (170, shield));
        Symbols.Terminals(_c, 170, level.Terminal, feed, signal, shield);
        _c.Line(206, feed, 226, feed);
        Symbols.Fuse(_c, 226, feed, level.Limiter, $"{level.LimiterMilliamps} mA PTC");
        _c.Line(272, feed, 300, feed);
        Symbols.FlagRight(_c, 300, feed, $"{level.Supply} +{level.LoopMillivolts / 1000} V");
        _c.Wire((206, shield), (222, shield));
        Symbols.Earth(_c, 222, shield);
        DrawLevelChain(level, signal);
        return y + (IsDense ? 146 : 160);
    }

    private void DrawLevelChain(LevelStage level, double signal)
    {
        _c.Line(206, signal, 420, signal);
        Symbols.SuppressorDown(_c, 262, signal, level.Tvs, "SMBJ8.5CA");
        Symbols.ResistorDown(_c, 346, signal, level.Shunt, $"{Ohms(_board.Adc.Level.ShuntOhms)} 0.1%");
        Symbols.Resistor(_c, 430, signal, level.Series, Ohms(level.SeriesOhms));
        _c.Line(420, signal, 430, signal);
        _c.Line(480, signal, Analogue, signal);
        _c.Dot(500, signal);
        _c.Line(500, signal, 500, signal + 14);
        _c.Rect(462, signal + 14, 76, 32);
        _c.Text(500, signal + 27, $"{level.Clamp} BAV199", 11, Anchor.Middle, bold: true);
        _c.Text(500, signal + 41, "3V3 / GND", 10, Anchor.Middle);
        Symbols.CapacitorDown(_c, 551, signal, level.Capacitor, $"{level.Nanofarads} nF");
        if (_board.IsEsp32) Pin(signal, _board.Adc.Level.Pin!.Value, "level", left: true);
    }

    private double DrawDivider(DividerStage stage, double y)
    {
        var (divider, at) = (_board.Divider(stage.Adc), y + 46);
        Heading(Field, y, stage.Zh, stage.En);
        Symbols.FlagLeft(_c, 240, at, stage.From == "PV+" ? "PV+ (G2)" : $"{stage.From} +12 V");
        _c.Line(240, at, 270, at);
        Symbols.Resistor(_c, 270, at, stage.Upper, Ohms(divider.UpperOhms));
        _c.Line(320, at, Analogue, at);
        Symbols.ResistorDown(_c, 400, at, stage.Lower, Ohms(divider.LowerOhms));
        Symbols.CapacitorDown(_c, 500, at, stage.Capacitor, $"{stage.Nanofarads} nF");
        if (_board.IsEsp32) Pin(at, divider.Pin!.Value, stage.Adc, left: true);
        return y + 104;
    }

    /// <summary>Where an analogue wire ends: at the chip itself, or at the converter before it.</summary>
    private double Analogue => _board.IsEsp32 ? ChipLeft : 610;

    private double DrawConverter(double levelAt, double batteryAt, double y)
    {
        const double Sda = 664;
        _c.Rect(610, levelAt - 60, 80, batteryAt - levelAt + 90, 1.8);
        _c.Text(650, levelAt - 42, _hardware.Converter!.Ref, 13, Anchor.Middle, bold: true);
        _c.Text(650, levelAt - 27, "ADS1115", 11, Anchor.Middle);
        _c.Text(616, levelAt + 4, $"AIN{_board.Adc.Level.Input}", 11, bold: true);
        _c.Text(616, batteryAt + 4, $"AIN{_board.Adc.Battery.Input}", 11, bold: true);
        _c.Text(616, levelAt + 40, "VDD 3V3", 10);
        _c.Text(616, levelAt + 55, "ADDR GND", 10);
        _c.Text(616, levelAt + 70, string.Create(CultureInfo.InvariantCulture, $"0x{_board.Adc.Address:X2}"), 10);
        DrawLineSensor(levelAt);
        var (data, clock) = (batteryAt - 4, batteryAt + 16);
        _c.Text(686, data + 4, "SDA", 10, Anchor.End);
        _c.Text(686, clock + 4, "SCL", 10, Anchor.End);
        _c.Line(690, data, ChipLeft, data);
        _c.Line(690, clock, ChipLeft, clock);
        Pin(data, _board.I2c.SdaPin, "SDA", left: true);
        PinName(clock, _board.I2c.SclPin, "SCL", left: true, below: true);
        var top = y + 14;
        var left = IsDense ? 530 : 470; // Beside the notes, which then reach as high.
        Symbols.Module(_c, left, top, 150, 84, _hardware.Rtc.Ref, $"{_board.Rtc.Chip} 时钟", "clock, CR2032; VCC 3V3");
        _c.Text(left + 142, top + 66, "SDA", 10, Anchor.End);
        _c.Text(left + 142, top + 80, "SCL", 10, Anchor.End);
        _c.Wire((left + 150, top + 62), (Sda + 44, top + 62), (Sda + 44, data));
        _c.Wire((left + 150, top + 76), (Sda + 36, top + 76), (Sda + 36, clock));
        _c.Dot(Sda + 44, data);
        _c.Dot(Sda + 36, clock);
        return y + 110;
    }

    /// <summary>The two wires of the sensor at the amplifier's output, which sheet 2 shows.</summary>
    private void DrawLineSensor(double levelAt)
    {
        if (_board.Adc.Loudspeaker is not { } line || _hardware.LineSensor is not { } sensor) return;
        foreach (var (at, input, name) in (ReadOnlySpan<(double, int, string)>)[(levelAt + 79, line.CurrentInput, "I"), (levelAt + 97, line.VoltageInput, "U")])
        {
            Symbols.FlagLeft(_c, 590, at, $"{sensor.Ref} {name}");
            _c.Line(590, at, 610, at);
            _c.Text(616, at + 4, string.Create(CultureInfo.InvariantCulture, $"AIN{input}"), 11, bold: true);
        }
    }

    private double DrawOutputs()
    {
        var y = Top + 20;
        foreach (var group in _hardware.Driver.Relays) y = DrawRelays(group, y);
        var outputs = new OutputLanes(_c, _board, ChipRight);
        if (_hardware.Status is { } lamp)
        {
            Pin(y + 30, _board.Outputs.Status!.Pin, "status", left: false);
            y = outputs.DrawLamp(lamp, y);
        }

        if (_hardware.Speech is not null)
        {
            var speech = _board.Speech!;
            Pin(y + 60, speech.TxPin, "speech TX", left: false);
            Pin(y + 96, speech.RxPin, "speech RX", left: false);
            Pin(y + 132, speech.BusyPin, "speech busy", left: false);
            y = outputs.DrawSpeech(_hardware.Speech, y);
        }

        if (_hardware.Service is not null)
        {
            Pin(y + 70, _board.Service!.TxPin, "service TX", left: false);
            Pin(y + 108, _board.Service.RxPin, "service RX", left: false);
            y = outputs.DrawService(_hardware.Service, y);
        }

        if (_hardware.Sound is not null)
        {
            Free(y + 60, "USB", "声卡 sound");
            y = outputs.DrawSound(_hardware.Sound, y);
        }

        if (_hardware.Serial is { } serial)
        {
            Pin(y + 60, serial.TxPin, "RS-485 TX", left: false);
            Pin(y + 100, serial.RxPin, "RS-485 RX", left: false);
            y = outputs.DrawSerial(serial, y);
        }

        if (_board.IsEsp32)
        {
            Pin(y + 50, _board.I2c.SdaPin, "SDA", left: false);
            Pin(y + 84, _board.I2c.SclPin, "SCL", left: false);
            y = outputs.DrawClock(_hardware.Rtc, y);
        }

        Free(y + 34, _board.IsEsp32 ? "5V" : "USB-C", "电源 supply");
        Free(y + 68, _board.IsEsp32 ? "GND" : "GND 脚6", "0 V");
        return outputs.DrawPower(_hardware.Supply, y);
    }

    private double DrawRelays(RelayGroup group, double y)
    {
        var driver = _hardware.Driver;
        var first = y + 58;
        Heading(ChipRight + 30, y, group.Output == "siren" ? "警报器" : "功放", group.Output == "siren" ? "siren" : "amplifier");
        Pin(first, _board.Output(group.Output).Pin, group.Output, left: false);
        _c.Line(ChipRight, first, 1070, first);
        Symbols.ResistorDown(_c, 985, first, group.PullDown, Ohms(driver.PullDownOhms));
        foreach (var (index, coil) in group.Coils.Index())
        {
            var at = first + (index * 92);
            if (index > 0)
            {
                _c.Dot(1056, first);
                _c.Wire((1056, first), (1056, at), (1070, at));
            }

            DrawCoil(driver, coil, at);
        }

        return y + 40 + (group.Coils.Count * 92);
    }

    private void DrawCoil(DriverStage driver, RelayCoil coil, double at)
    {
        _c.Shape(false, (1070, at - 18), (1070, at + 18), (1112, at));
        _c.Text(1078, at + 4, $"{coil.Channel}", 11, bold: true);
        _c.Text(1086, at - 24, string.Create(CultureInfo.InvariantCulture, $"{driver.Ref}: {coil.Channel}→{17 - coil.Channel}"), 11, Anchor.Middle, bold: true);
        _c.Line(1112, at, 1150, at);
        Symbols.Coil(_c, 1150, at, coil.Ref, $"12 V {coil.CoilOhms} Ω");
        _c.Line(1194, at, 1206, at);
        Symbols.FlagRight(_c, 1206, at, $"{driver.Fuse} +12 V");
        var (top, bottom) = (at - 20, at + 22);
        Symbols.ContactDown(_c, 1340, top, bottom);
        _c.Text(1352, at + 5, $"{coil.Ref} {coil.ContactAmps} A", 11, bold: true);
        _c.Line(1340, top, 1420, top);
        _c.Line(1340, bottom, 1420, bottom);
        Symbols.Terminals(_c, 1420, coil.Terminal, top, bottom);
        _c.Text(1470, at - 2, coil.Zh, 11.5);
        _c.Text(1470, at + 12, coil.En, 9.5);
    }

    private void DrawNotes()
    {
        var notes = _board.IsEsp32
            ? new[] { "U1 = ULN2003A：8 脚接 0 V，9 脚（续流）接 F5 +12 V。", "U1 is a ULN2003A: pin 8 to 0 V, pin 9 (free-wheeling) to F5 +12 V.", "接地符号 = 0 V；3V3 取自 A1。图中继电器均为断电状态。", "The ground sign is 0 V; 3V3 comes from A1. Relays are drawn without power." }
            : ["U1 = ULN2003A：8 脚接 0 V，9 脚（续流）接 F5 +12 V。", "U1 is a ULN2003A: pin 8 to 0 V, pin 9 (free-wheeling) to F5 +12 V.", "“脚”为 40 针排针号；3V3 = 1 脚，0 V = 6 脚。图中继电器均为断电状态。", "脚: pin of the 40-pin connector; 3V3 is 1, 0 V is 6. Relays drawn without power."];
        for (var i = 0; i < notes.Length; i++) _c.Text(Field, Frame.Height - 78 + (i * 16), notes[i], i % 2 == 0 ? 12 : 11);
    }

    private void Heading(double x, double y, string zh, string en)
    {
        _c.Text(x, y, zh, 12.5, bold: true);
        _c.Text(x + Canvas.WidthOf(zh, 12.5, bold: true) + 10, y, en, 11);
    }

    /// <summary>A cable of the field: the oval that holds its wires.</summary>
    private void Cable(double x, double top, double bottom) =>
        _c.Stroke(FormattableString.Invariant($"M{x - 7} {top} A7 {((bottom - top) / 2) + 14} 0 0 0 {x + 7} {bottom} M{x - 7} {top} A7 {((bottom - top) / 2) + 14} 0 0 1 {x + 7} {bottom}"), 1);

    private void Pin(double y, int pin, string role, bool left) => PinName(y, pin, role, left, below: false);

    private void PinName(double y, int pin, string role, bool left, bool below)
    {
        var name = NameOf(_board, pin);
        Edge(y, left);
        _c.Text(left ? ChipLeft + 10 : ChipRight - 10, y + (below ? 10 : 1), name, 12, left ? Anchor.Start : Anchor.End, bold: true);
        _c.Text(left ? ChipLeft + 10 : ChipRight - 10, y + (below ? 23 : -13), role, 10.5, left ? Anchor.Start : Anchor.End);
    }

    private void Free(double y, string name, string role)
    {
        Edge(y, left: false);
        _c.Text(ChipRight - 10, y + 1, name, 12, Anchor.End, bold: true);
        _c.Text(ChipRight - 10, y - 13, role, 10.5, Anchor.End);
    }

    private void Edge(double y, bool left) => _c.Rect((left ? ChipLeft : ChipRight) - 4, y - 4, 8, 8, 1.4, filled: true);
}
