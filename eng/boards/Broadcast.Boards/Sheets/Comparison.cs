using System.Globalization;
using System.Text;
using Broadcast.Boards.Figures;
using Broadcast.Boards.Files;

namespace Broadcast.Boards.Sheets;

/// <summary>The figures of the electrical notes, board beside board.</summary>
public static class Comparison
{
    private const int SirenCableMetres = 50;
    private const int SirenCableMm2Tenths = 25;

    private static readonly (string Zh, string En, Func<BoardFile, string> Of)[] Rows =
    [
        ("触点电流，电池 13.8 V", "contact current, battery at 13.8 V", b => F($"{InputFigures.ContactMicroamps(b.Hardware.Contacts, 13_800) / 1e3:0.0} mA")),
        ("空电池时光耦余量（老化后）", "margin of an aged optocoupler, battery empty", b => F($"{InputFigures.ContactMargin(b.Hardware.Contacts, b.Hardware.Supply.EmptyMillivolts):0.0} ×")),
        ("22 mA 时取样电压；转换器量程", "shunt at 22 mA; the converter's range", b => F($"{InputFigures.LevelMillivolts(b, InputFigures.InsideMicroamps)} mV; {InputFigures.RangeMillivolts(b)} mV")),
        ("22 mA 时变送器剩余电压", "left for the transmitter at 22 mA", b => F($"{InputFigures.TransmitterMillivolts(b) / 1e3:0.0} V")),
        ("空电池时线圈电压；最高吸合电压", "at a coil on an empty battery; highest pull-in", b => F($"{RelayFigures.CoilMillivolts(b.Hardware.Driver, b.Hardware.Supply.EmptyMillivolts) / 1e3:0.0} V; {b.Hardware.Driver.Relays.SelectMany(r => r.Coils).Max(c => RelayFigures.OperateMillivolts(c, b.Hardware.Supply)) / 1e3:0.0} V")),
        ("总熔断器；最大负载", "main fuse; highest load", b => F($"{b.Hardware.Fuses[0].Milliamps / 1000} A; {SupplyFigures.FuseMilliamps(b, b.Hardware.Fuses[0]) / 1e3:0.0} A")),
        ("24 小时所需容量；选用", "24 h need; chosen", b => F($"{SupplyFigures.BatteryAmpereHours(b.Hardware.Supply):0.0} Ah; {b.Hardware.Supply.BatteryAmpereHours} Ah")),
        ("空电池充满约需", "an empty battery is full after about", b => F($"{b.Hardware.Supply.BatteryAmpereHours * 1_200.0 / SupplyFigures.ChargeMilliamps(b.Hardware.Supply):0} h")),
        ("太阳能板：所需；选用", "panel: need; chosen", b => b.Hardware.Supply.Solar is { } sun ? F($"{SupplyFigures.PanelWatts(b.Hardware.Supply):0} W; {sun.PanelWatts} W") : "–"),
        ("电机额定电流；启动电流", "motor: rated; starting", b => F($"{RelayFigures.MotorAmps(b.Hardware.Siren):0.0} A; {RelayFigures.InrushAmps(b.Hardware.Siren):0} A")),
        ("启动压降，50 m 2 × 2.5 mm²", "drop at its start, 50 m of 2 × 2.5 mm²", b => F($"{RelayFigures.StartDropVolts(b.Hardware.Siren, SirenCableMetres, SirenCableMm2Tenths):0} V")),
        ("接触器线圈：吸合；保持", "contactor's coil: inrush; hold", b => F($"{RelayFigures.CoilInrushAmps(b.Hardware.Siren):0.00} A; {RelayFigures.CoilHoldMilliamps(b.Hardware.Siren):0} mA")),
        ("若阻容跨接触点，漏电流", "leak of an RC over the contact instead", b => F($"{RelayFigures.SnubberMilliamps(b.Hardware.Siren):0.0} mA")),
        ("50 m 声级；75 dB 可达", "level at 50 m; reach of 75 dB", b => F($"{SoundFigures.Decibels(b.Hardware.Loudspeaker, 50):0} dB; {SoundFigures.ReachMetres(b.Hardware.Loudspeaker, 75)} m")),
        ("喇叭线损耗", "loss of the loudspeaker's cable", b => F($"{SoundFigures.CableDecibels(b.Hardware.Loudspeaker):0.0} dB")),
    ];

    public static string Of(IReadOnlyList<BoardFile> boards, bool chinese)
    {
        var table = new StringBuilder(chinese ? "| 项目 |" : "| figure |");
        foreach (var board in boards) table.Append(' ').Append(board.Name).Append(" |");
        table.Append("\n|---|");
        foreach (var _ in boards) table.Append("---|");
        foreach (var row in Rows)
        {
            table.Append("\n| ").Append(chinese ? row.Zh : row.En).Append(" |");
            foreach (var board in boards) table.Append(' ').Append(row.Of(board)).Append(" |");
        }

        return table.Append('\n').ToString();
    }

    private static string F(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
