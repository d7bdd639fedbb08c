using System.Globalization;
using System.Text;
using Broadcast.Boards.Drawing;
using Broadcast.Boards.Figures;
using Broadcast.Boards.Files;

namespace Broadcast.Boards.Sheets;

/// <summary>The computed tables of a board, as Markdown, in Chinese or English. The sheets hold them between marks; a test holds both equal.</summary>
public sealed class FigureTables
{
    private readonly BoardFile _board;
    private readonly HardwareFile _hardware;
    private readonly bool _chinese;

    private FigureTables(BoardFile board, bool chinese) => (_board, _hardware, _chinese) = (board, board.Hardware, chinese);

    /// <summary>Every table by the name that its mark carries.</summary>
    public static IReadOnlyDictionary<string, string> Of(BoardFile board, bool chinese)
    {
        var t = new FigureTables(board, chinese);
        var tables = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["contacts"] = t.Contacts(), ["level"] = t.Level(), ["battery"] = t.Divider("battery", board.Hardware.Supply.DisconnectMillivolts, board.Hardware.Supply.EmptyMillivolts, 12_000, 12_800, board.Hardware.Supply.FloatMillivolts, 14_400),
            ["relays"] = t.Relays(), ["fuses"] = t.Fuses(), ["outage"] = t.Outage(), ["siren"] = t.Siren(), ["sound"] = t.Sound(), ["pins"] = t.Pins(),
        };
        if (board.Hardware.Supply.Solar is { } solar)
        {
            tables["solar"] = t.Divider("solar", 12_000, 18_000, solar.PanelMillivoltsOpen, SupplyFigures.PanelColdMillivolts(solar));
            tables["sun"] = t.Sun(solar);
        }

        return tables;
    }

    private string L(string zh, string en) => _chinese ? zh : en;

    private string Pins()
    {
        var table = Table(L("功能", "function"), L("主控板", "controller"), L("端子", "terminal"), L("有效电平", "active"));
        foreach (var line in _hardware.Contacts.Lines) Row(table, L(line.Zh, line.En), Name(_board.Input(line.Input).Pin), line.Terminal, L("闭合为低", "low when closed"));
        foreach (var relay in _hardware.Driver.Relays)
            Row(table, string.Join(L("、", "; "), relay.Coils.Select(c => $"{c.Ref} {L(c.Zh, c.En)}")), Name(_board.Output(relay.Output).Pin), string.Join(", ", relay.Coils.Select(c => c.Terminal)), L("高 = 吸合", "high = on"));
        if (_board.Outputs.Status is { } status) Row(table, $"{_hardware.Status!.Ref} {L("状态灯", "status lamp")}", Name(status.Pin), "", L("高 = 亮", "high = lit"));
        if (_board.Adc.Level.Pin is { } level) Row(table, L("水位计 4–20 mA", "level 4–20 mA"), Name(level), _hardware.Level.Terminal, "");
        if (_board.Adc.Battery.Pin is { } battery) Row(table, L("蓄电池电压", "battery voltage"), Name(battery), "", "");
        if (_board.Adc.Solar?.Pin is { } solar) Row(table, L("太阳能板电压", "panel voltage"), Name(solar), "", "");
        if (_board.Speech is { } speech)
            Row(table, $"{_hardware.Speech!.Ref} {speech.Chip}: RXD, TXD, BUSY", $"{Name(speech.TxPin)}, {Name(speech.RxPin)}, {Name(speech.BusyPin)}", _hardware.Speech.Terminal, L("忙时 BUSY 为高", "BUSY high while it speaks"));
        if (_board.Service is { } service) Row(table, L("服务口 TX, RX", "service port TX, RX"), $"{Name(service.TxPin)}, {Name(service.RxPin)}", _hardware.Service!.Terminal, $"{Number(service.Baud)} baud");
        if (_hardware.Sound is { } sound) Row(table, $"{sound.Ref} {L("USB 声卡", "USB sound card")}", "USB", sound.Terminal, "");
        if (_hardware.Serial is { } serial) Row(table, $"{serial.Ref} RS-485: TXD, RXD", $"{Name(serial.TxPin)}, {Name(serial.RxPin)}", serial.Terminal, "");
        Row(table, $"I2C: SDA, SCL ({string.Join(", ", new[] { _hardware.Converter?.Ref, _hardware.Rtc.Ref }.Where(r => r is not null))})", $"{Name(_board.I2c.SdaPin)}, {Name(_board.I2c.SclPin)}", "", "");
        return table.ToString();
    }

    private string Contacts()
    {
        var (stage, supply) = (_hardware.Contacts, _hardware.Supply);
        var table = Table(L("端子", "terminal"), L("触点", "contact"), L("引脚", "pin"), L("触点断开", "contact open"), L("触点闭合", "contact closed"));
        var milliamps = Number(InputFigures.ContactMicroamps(stage, supply.FloatMillivolts) / 1e3, 1);
        foreach (var line in stage.Lines)
            Row(table, line.Terminal, L(line.Zh, line.En), Name(_board.Input(line.Input).Pin), L("引脚 3.2–3.4 V", "pin 3.2–3.4 V"), L($"引脚低于 0.4 V；触点电流约 {milliamps} mA", $"pin below 0.4 V; about {milliamps} mA through the contact"));
        return table.ToString();
    }

    private string Level()
    {
        var table = Table(L("回路电流", "loop current"), $"{_hardware.Level.Shunt} {L("两端", "across")}", L("读数（典型）", "count (typical)"), L("水位", "level"));
        foreach (var microamps in (ReadOnlySpan<int>)[0, 3_600, 4_000, 8_000, 12_000, 20_000, 21_000, 22_000])
        {
            var millivolts = InputFigures.LevelMillivolts(_board, microamps);
            var said = microamps < InputFigures.BrokenMicroamps ? L("断线故障", "fault: wire broken")
                : microamps > InputFigures.ShortMicroamps ? L("过流故障", "fault: short circuit") : $"{Number(InputFigures.LevelMillimetres(_board, microamps))} mm";
            Row(table, $"{Number(microamps / 1e3, 1)} mA", $"{Number(millivolts)} mV", Number(InputFigures.Count(_board, millivolts)), said);
        }

        return table.ToString();
    }

    private string Divider(string name, params ReadOnlySpan<int> millivolts)
    {
        var (divider, stage) = (_board.Divider(name), _hardware.Dividers.Single(d => d.Adc == name));
        var table = Table(L(stage.Zh, stage.En), $"{stage.Lower} {L("两端", "across")}", L("读数（典型）", "count (typical)"));
        foreach (var volts in millivolts)
        {
            var pin = InputFigures.DividerMillivolts(divider, volts);
            Row(table, $"{Number(volts / 1e3, 1)} V", $"{Number(pin)} mV", Number(InputFigures.Count(_board, pin)));
        }

        return table.ToString();
    }

    private string Relays()
    {
        var (driver, supply) = (_hardware.Driver, _hardware.Supply);
        var table = Table(L("继电器", "relay"), L("线圈冷态电阻", "coil, cold"), L($"线圈电压（电池 {Volts(supply.FloatMillivolts)}）", $"at the coil (battery {Volts(supply.FloatMillivolts)})"), L($"线圈电压（电池 {Volts(supply.EmptyMillivolts)}）", $"at the coil (battery {Volts(supply.EmptyMillivolts)})"), L("吸合需", "pulls in at"), L("吸合后", "then"));
        foreach (var coil in driver.Relays.SelectMany(r => r.Coils))
            Row(table, coil.Ref, $"{coil.CoilOhms} Ω ±10 %", $"≥ {Volts(RelayFigures.CoilMillivolts(driver, supply.FloatMillivolts))}", $"≥ {Volts(RelayFigures.CoilMillivolts(driver, supply.EmptyMillivolts))}", Volts(RelayFigures.OperateMillivolts(coil, supply)), L($"{coil.Terminal}:1–2 导通，低于 1 Ω", $"{coil.Terminal}:1–2 closed, below 1 Ω"));
        return table.ToString();
    }

    private string Fuses()
    {
        var table = Table(L("熔断器", "fuse"), L("保护", "protects"), L("规格", "rating"), L("最大负载", "highest load"), L("导线", "wire"));
        foreach (var fuse in _hardware.Fuses)
            Row(table, fuse.Ref, L(fuse.Zh, fuse.En), $"{fuse.Milliamps / 1000} A", $"{Number(SupplyFigures.FuseMilliamps(_board, fuse) / 1e3, 2)} A", $"{Number(fuse.Mm2Tenths / 10.0, 1)} mm²");
        var charge = _hardware.Supply.ChargeFuse;
        Row(table, charge.Ref, L(charge.Zh, charge.En), $"{charge.Milliamps / 1000} A", $"{Number(SupplyFigures.ChargingMilliamps(_hardware.Supply) / 1e3, 2)} A", $"{Number(charge.Mm2Tenths / 10.0, 1)} mm²");
        Row(table, _hardware.Level.Limiter, L("水位计回路（自恢复）", "level loop (resettable)"), $"{_hardware.Level.LimiterMilliamps} mA", $"{InputFigures.InsideMicroamps / 1000} mA", "0.5 mm²");
        Row(table, _hardware.Contacts.Limiter, L("传感器触点（自恢复）", "sensor contacts (resettable)"), $"{_hardware.Contacts.LimiterMilliamps} mA", $"{Number(InputFigures.ContactMicroamps(_hardware.Contacts, _hardware.Supply.HighestMillivolts) * _hardware.Contacts.Lines.Count / 1e3)} mA", "0.5 mm²");
        return table.ToString();
    }

    private string Outage()
    {
        var supply = _hardware.Supply;
        var table = Table(L("项目", "what"), L("数值", "figure"));
        foreach (var load in supply.Loads)
            Row(table, $"{load.Ref} {L(load.Zh, load.En)}", $"{Number(load.Milliwatts / 1e3, 1)} W × {(load.While == "always" ? $"{supply.HoursOnBattery} h" : $"{supply.SpeakingMinutes} min")}");
        Row(table, L($"{supply.HoursOnBattery} 小时耗电（其中播音 {supply.SpeakingMinutes} 分钟）", $"energy of {supply.HoursOnBattery} h, {supply.SpeakingMinutes} min of them speaking"), $"{Number(SupplyFigures.OutageWattHours(supply))} Wh");
        Row(table, L("可用比例：放电深度 × 老化 × 低温", "usable share: depth × age × cold"), $"{supply.UsablePercent} % × {supply.AgeingPercent} % × {supply.ColdPercent} % = {Number(SupplyFigures.UsableShare(supply) * 100)} %");
        Row(table, L("所需容量", "needed"), $"{Number(SupplyFigures.BatteryAmpereHours(supply), 1)} Ah, 12 V");
        Row(table, L("选用", "chosen"), $"{supply.Battery} {supply.BatteryAmpereHours} Ah");
        Row(table, L("充电电流余量", "left for charging"), $"{Number(SupplyFigures.ChargeMilliamps(supply) / 1e3, 1)} A");
        return table.ToString();
    }

    private string Sun(SolarPlan solar)
    {
        var supply = _hardware.Supply;
        var table = Table(L("项目", "what"), L("数值", "figure"));
        Row(table, L($"平日耗电（节目 {solar.ProgrammeMinutes} 分钟）", $"an ordinary day, {solar.ProgrammeMinutes} min of programme"), $"{Number(SupplyFigures.SunDayWattHours(supply))} Wh");
        Row(table, L("冬季峰值日照（假设）", "winter's sun (assumed)"), $"{Number(solar.SunHoursTenths / 10.0, 1)} h");
        Row(table, L("系统效率；余量", "efficiency; reserve"), $"{solar.EfficiencyPercent} %; {solar.ReservePercent} %");
        Row(table, L("所需太阳能板", "panel needed"), $"{Number(SupplyFigures.PanelWatts(supply))} W");
        Row(table, L("选用", "chosen"), $"{solar.Panel} {solar.PanelWatts} W, {solar.Controller} {solar.ControllerMilliamps / 1000} A");
        Row(table, L($"所需电池：无日照 {solar.Days} 天，末日播音 {supply.SpeakingMinutes} 分钟", $"battery needed: {solar.Days} days without sun, {supply.SpeakingMinutes} min of warnings on the last"), $"{Number(SupplyFigures.SunBatteryAmpereHours(supply), 1)} Ah");
        Row(table, L("选用", "chosen"), $"{supply.Battery} {solar.BatteryAmpereHours} Ah");
        Row(table, L("开路电压 −10 °C", "open-circuit voltage at −10 °C"), Volts(SupplyFigures.PanelColdMillivolts(solar)));
        return table.ToString();
    }

    private string Siren()
    {
        var siren = _hardware.Siren;
        var table = Table(L("项目", "what"), L("数值", "figure"));
        Row(table, L($"{siren.Motor} 额定电流（计算，以铭牌为准）", $"{siren.Motor} rated current (computed; the name plate rules)"), $"{Number(RelayFigures.MotorAmps(siren), 1)} A");
        Row(table, L("启动电流", "starting current"), $"{Number(RelayFigures.InrushAmps(siren))} A");
        Row(table, L($"{siren.Overload} 整定 = 铭牌电流，刻度", $"{siren.Overload} set to the name plate's current; its dial"), $"{Number(siren.OverloadFromTenths / 10.0, 1)}–{Number(siren.OverloadToTenths / 10.0, 1)} A");
        Row(table, L($"{siren.Contactor} 线圈：吸合 / 保持", $"{siren.Contactor} coil: inrush / hold"), $"{siren.CoilInrushVoltamperes} VA = {Number(RelayFigures.CoilInrushAmps(siren), 2)} A / {siren.CoilHoldVoltamperes} VA = {Number(RelayFigures.CoilHoldMilliamps(siren))} mA");
        Row(table, L("程序最长鸣响；间歇", "program's longest time on; rest"), $"{_board.Outputs.Siren.MaxOnSeconds} s; {_board.Outputs.Siren.RestSeconds} s");
        Row(table, L($"{siren.Timer} 整定", $"{siren.Timer} set to"), $"{siren.TimerSeconds} s");
        return table.ToString();
    }

    private string Sound()
    {
        var plan = _hardware.Loudspeaker;
        var table = Table(L("距离", "distance"), L("轴线声压级（自由场）", "level on the axis (free field)"));
        foreach (var metres in (ReadOnlySpan<int>)[1, 10, 25, 50, 100, 200])
            Row(table, $"{metres} m", $"{Number(SoundFigures.Decibels(plan, metres))} dB");
        Row(table, L($"{SoundFigures.WantedDecibels(plan)} dB（噪声 {plan.NoiseDecibels} dB + {plan.OverNoiseDecibels} dB）可达", $"reach of {SoundFigures.WantedDecibels(plan)} dB (noise {plan.NoiseDecibels} dB + {plan.OverNoiseDecibels} dB)"), $"{SoundFigures.ReachMetres(plan, SoundFigures.WantedDecibels(plan))} m");
        return table.ToString();
    }

    private string Name(int pin) => SignalSheet.NameOf(_board, pin);

    private static string Volts(int millivolts) => Number(millivolts / 1e3, 1) + " V";

    private static string Number(double value, int decimals = 0) => Math.Round(value, decimals, MidpointRounding.AwayFromZero).ToString("F" + decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    private static StringBuilder Table(params ReadOnlySpan<string> columns)
    {
        var table = new StringBuilder();
        Row(table, columns);
        table.Append('|');
        foreach (var _ in columns) table.Append("---|");
        return table.Append('\n');
    }

    private static void Row(StringBuilder table, params ReadOnlySpan<string> cells)
    {
        foreach (var cell in cells) table.Append("| ").Append(cell).Append(' ');
        table.Append("|\n");
    }
}
