using System.Globalization;
using Broadcast.Boards.Files;

namespace Broadcast.Boards.Drawing;

/// <summary>The lanes to the right of the controller that are not relays: lamp, voice, serial line, clock, power.</summary>
internal sealed class OutputLanes(Canvas c, BoardFile board, double chip)
{
    private const double Module = 1090;

    public double DrawLamp(StatusLamp lamp, double y)
    {
        var at = y + 30;
        c.Line(chip, at, 1040, at);
        Symbols.Resistor(c, 1040, at, lamp.Resistor, SignalSheet.Ohms(lamp.Ohms));
        c.Line(1090, at, 1130, at);
        Symbols.Lamp(c, 1130, at, lamp.Ref);
        c.Wire((1144, at), (1176, at));
        Symbols.Ground(c, 1176, at);
        Heading(1210, at + 4, "状态灯", "status lamp");
        return y + 74;
    }

    public double DrawSpeech(SpeechStage speech, double y)
    {
        var chipOf = board.Speech!;
        Heading(chip + 30, y + 8, "语音合成", string.Create(CultureInfo.InvariantCulture, $"speech, UART{chipOf.Uart}, {chipOf.Baud} baud"));
        Symbols.Module(c, Module, y + 22, 170, 170, speech.Ref, chipOf.Chip, "text to speech");
        Row(y + 60 + 26, y + 60, "RXD");
        Row(y + 96 + 16, y + 96, "TXD");
        Row(y + 132 + 6, y + 132, "BUSY");
        c.Wire((Module, y + 166), (1060, y + 166));
        Symbols.FlagLeft(c, 1060, y + 166, $"{speech.Supply} +3.3 V");
        c.Text(Module + 8, y + 170, "VDD", 11);
        c.Text(Module + 85, y + 186, "GND = 0 V", 10, Anchor.Middle);
        Line(speech.Transformer, speech.Level, speech.LevelOhms, speech.Terminal, y + 86, y + 132, "BP0", "BN0");
        return y + 214;
    }

    public double DrawService(ServiceStage service, double y)
    {
        Heading(chip + 30, y + 8, "服务口", string.Create(CultureInfo.InvariantCulture, $"service port, UART{board.Service!.Uart}, {board.Service.Baud} baud, 3.3 V logic 电平"));
        var (transmit, receive, ground) = (y + 70, y + 108, y + 140);
        c.Line(chip, transmit, 1420, transmit);
        c.Line(chip, receive, 1420, receive);
        c.Dot(1240, receive);
        c.Line(1240, receive, 1240, receive + 8);
        c.Rect(1234, receive + 8, 12, 26);
        c.Wire((1240, receive + 34), (1240, receive + 42), (1200, receive + 42));
        Symbols.FlagLeft(c, 1200, receive + 42, "3V3");
        c.Text(1252, receive + 18, service.PullUp, 11, bold: true);
        c.Text(1252, receive + 31, SignalSheet.Ohms(service.PullUpOhms), 11);
        Symbols.Terminals(c, 1420, service.Terminal, transmit, receive, ground);
        c.Wire((1420, ground), (1390, ground));
        Symbols.Ground(c, 1390, ground);
        c.Text(1470, transmit + 4, "TX → 适配器 RX adapter", 11);
        c.Text(1470, receive + 4, "RX ← 适配器 TX adapter", 11);
        c.Text(1470, ground + 4, "GND", 11);
        return y + 172;
    }

    public double DrawSound(SoundStage sound, double y)
    {
        Heading(chip + 30, y + 8, "声音", $"sound: USB; I2S takes {string.Join(", ", sound.I2sPins.Select(p => "GPIO" + p.ToString(CultureInfo.InvariantCulture)))}");
        Symbols.Module(c, Module, y + 22, 170, 130, sound.Ref, "USB 声卡", "USB sound card");
        Row(y + 60 + 22, y + 60, "USB");
        Line(sound.Transformer, sound.Level, sound.LevelOhms, sound.Terminal, y + 86, y + 132, "L", "GND");
        return y + 214;
    }

    public double DrawSerial(SerialStage serial, double y)
    {
        Heading(chip + 30, y + 8, "RS-485", $"{serial.Port}; level gauge by Modbus instead of B2 水位计 Modbus，代替 B2");
        Symbols.Module(c, Module, y + 22, 170, 110, serial.Ref, "RS-485 收发器", "transceiver, 3.3 V");
        Row(y + 60 + 26, y + 60, "TXD");
        Row(y + 100 + 8, y + 100, "RXD");
        var (a, b, g) = (y + 70, y + 100, y + 128);
        foreach (var (name, at) in (ReadOnlySpan<(string, double)>)[("A", a), ("B", b)])
        {
            c.Text(Module + 162, at + 4, name, 11, Anchor.End, bold: true);
            c.Line(Module + 170, at, 1364, at);
            c.Line(1396, at, 1420, at);
        }

        c.Rect(1364, a - 18, 32, b - a + 36, 1.6);
        c.Text(1380, a - 24, serial.Tvs, 11, Anchor.Middle, bold: true);
        c.Text(1380, a + 19, "TVS", 10, Anchor.Middle);
        c.Dot(1310, a);
        c.Dot(1310, b);
        c.Text(1300, a - 8, serial.Termination, 11, Anchor.Middle, bold: true);
        c.Rect(1304, a + 4, 12, 22);
        c.Line(1310, a, 1310, a + 4);
        c.Line(1310, a + 26, 1310, b);
        c.Text(1296, a + 19, $"{serial.TerminationOhms} Ω", 11, Anchor.End);
        Symbols.Terminals(c, 1420, serial.Terminal, a, b, g);
        c.Wire((1420, g), (1404, g));
        Symbols.Earth(c, 1404, g);
        c.Text(1470, a + 4, "A", 12, bold: true);
        c.Text(1470, b + 4, "B", 12, bold: true);
        c.Text(1470, g + 4, "屏蔽 shield", 11);
        return y + 172;
    }

    public double DrawClock(ClockPart clock, double y)
    {
        Heading(chip + 30, y + 8, "时钟", string.Create(CultureInfo.InvariantCulture, $"clock, I2C 0x{board.Rtc.Address:X2}; VCC 3V3, CR2032"));
        Symbols.Module(c, Module, y + 22, 170, 80, clock.Ref, board.Rtc.Chip, "");
        Row(y + 50, y + 50, "SDA");
        Row(y + 84, y + 84, "SCL");
        return y + 116;
    }

    public double DrawPower(SupplyPlan supply, double y)
    {
        c.Line(chip, y + 34, 1060, y + 34);
        Symbols.FlagRight(c, 1060, y + 34, string.Create(CultureInfo.InvariantCulture, $"{supply.Converter} +{supply.ConverterMillivolts / 1000.0:0.0} V"));
        c.Line(chip, y + 68, 1060, y + 68);
        Symbols.Ground(c, 1060, y + 68);
        return y + 96;
    }

    private void Row(double module, double at, string name)
    {
        var from = Module - 30;
        if (Math.Abs(module - at) < 1) c.Line(chip, at, Module, at);
        else c.Wire((chip, at), (from, at), (from, module), (Module, module));
        c.Text(Module + 8, module + 4, name, 11, bold: true);
    }

    /// <summary>The way out: isolating transformer, level, terminal. No chip's output is ever tied to ground.</summary>
    private void Line(string transformer, string level, int ohms, string terminal, double top, double bottom, string plus, string minus)
    {
        c.Text(Module + 162, top + 4, plus, 11, Anchor.End, bold: true);
        c.Text(Module + 162, bottom + 4, minus, 11, Anchor.End, bold: true);
        c.Line(Module + 170, top, 1290, top);
        c.Line(Module + 170, bottom, 1290, bottom);
        Symbols.Transformer(c, 1300, top, bottom, transformer, "600:600 Ω");
        c.Line(1310, top, 1360, top);
        c.Line(1310, bottom, 1420, bottom);
        c.Line(1360, top, 1360, top + 8);
        c.Rect(1354, top + 8, 12, 28);
        c.Line(1360, top + 36, 1360, bottom);
        c.Dot(1360, bottom);
        c.Wire((1420, top), (1390, top), (1390, top + 22), (1368, top + 22));
        c.Shape(true, (1376, top + 18), (1376, top + 26), (1367, top + 22));
        c.Text(1350, top + 20, level, 11, Anchor.End, bold: true);
        c.Text(1350, top + 33, SignalSheet.Ohms(ohms), 11, Anchor.End);
        Symbols.Terminals(c, 1420, terminal, top, bottom, bottom + 28);
        c.Wire((1420, bottom + 28), (1395, bottom + 28));
        Symbols.Earth(c, 1395, bottom + 28);
        c.Text(1470, top + 4, "线路电平，至 A7 与 A8", 11.5);
        c.Text(1470, top + 18, "line level, to A7 and A8", 10);
        c.Text(1470, bottom + 4, "0 V 侧（悬浮）return", 11);
        c.Text(1470, bottom + 32, "屏蔽 shield", 11);
    }

    private void Heading(double x, double y, string zh, string en)
    {
        c.Text(x, y, zh, 12.5, bold: true);
        c.Text(x + Canvas.WidthOf(zh, 12.5, bold: true) + 10, y, en, 11);
    }
}
