using System.Globalization;
using System.Text.RegularExpressions;
using Broadcast.Boards.Drawing;
using Broadcast.Boards.Figures;
using Broadcast.Boards.Sheets;

namespace Broadcast.Hardware.Tests;

/// <summary>Board file, drawings, parts list, sheets and the programs' code say the same.</summary>
public partial class PaperTests
{
    [Fact]
    public void What_is_made_from_the_board_files_is_checked_in_as_it_is_made()
    {
        var made = HardwareFolder.Made(BuiltProject.RepositoryRoot).ToList();
        made.Count.ShouldBe(11, "Two drawings and two sheets of two boards, the notes in two languages, the schema.");
        foreach (var (path, content) in made)
        {
            File.Exists(path).ShouldBeTrue($"{path} is missing: ./broadcast board --write");
            // Not compared by the library: its picture of two drawings that differ has no end.
            string.Equals(File.ReadAllText(path), content, StringComparison.Ordinal).ShouldBeTrue($"{Path.GetFileName(path)} is not what the board file makes of it: ./broadcast board --write");
        }
    }

    [Theory]
    [MemberData(nameof(Boards.Names), MemberType = typeof(Boards))]
    public void Every_part_of_the_drawings_is_in_the_parts_list_once_and_the_other_way_round(string name)
    {
        var board = Boards.Named(name);
        var drawn = SignalSheet.Draw(board.File).Labels.Concat(PowerSheet.Draw(board.File).Labels)
            .SelectMany(l => Designator().Matches(l.Text).Select(m => m.Value)).ToHashSet(StringComparer.Ordinal);
        var listed = Parts(board).SelectMany(p => p.Refs).ToList();
        listed.GroupBy(r => r, StringComparer.Ordinal).Where(g => g.Count() > 1).Select(g => g.Key).ShouldBeEmpty("A part is listed twice.");
        listed.Except(drawn, StringComparer.Ordinal).ShouldBeEmpty("The list has a part that no drawing shows.");
        drawn.Except(listed, StringComparer.Ordinal).ShouldBeEmpty("A drawing shows a part that is not in the list.");
    }

    [Theory]
    [MemberData(nameof(Boards.Names), MemberType = typeof(Boards))]
    public void The_ratings_of_the_parts_list_are_those_of_the_board_file(string name)
    {
        var board = Boards.Named(name);
        var (file, hardware, parts) = (board.File, board.File.Hardware, Parts(board).ToList());
        void Says(string part, string rating) => parts.Single(p => p.Refs.Contains(part)).Rating.ShouldContain(rating, customMessage: part);
        foreach (var fuse in hardware.Fuses) Says(fuse.Ref, $"{fuse.Milliamps / 1000} A");
        Says(hardware.Level.Limiter, $"{hardware.Level.LimiterMilliamps} mA");
        Says(hardware.Supply.ChargeFuse.Ref, $"{hardware.Supply.ChargeFuse.Milliamps / 1000} A");
        Says(hardware.Contacts.Limiter, $"{hardware.Contacts.LimiterMilliamps} mA");
        Says(hardware.Level.Shunt, SignalSheet.Ohms(file.Adc.Level.ShuntOhms));
        Says(hardware.Level.Shunt, (hardware.Level.ShuntMilliwattsMax / 1000.0).ToString("0.0", CultureInfo.InvariantCulture) + " W");
        foreach (var line in hardware.Contacts.Lines) Says(line.Resistor, SignalSheet.Ohms(hardware.Contacts.SeriesOhms));
        foreach (var stage in hardware.Dividers)
        {
            Says(stage.Upper, SignalSheet.Ohms(file.Divider(stage.Adc).UpperOhms));
            Says(stage.Lower, SignalSheet.Ohms(file.Divider(stage.Adc).LowerOhms));
        }

        foreach (var coil in hardware.Driver.Relays.SelectMany(r => r.Coils))
        {
            Says(coil.Ref, $"{coil.CoilOhms} Ω");
            Says(coil.Ref, $"{coil.ContactAmps} A");
        }

        Says(hardware.Supply.Battery, $"{hardware.Supply.BatteryAmpereHours} Ah");
        Says(hardware.Supply.Charger, $"{hardware.Supply.ChargerMilliamps / 1000} A");
        if (hardware.Supply.Solar is { } solar) Says(solar.Panel, $"{solar.PanelWatts} W");
        Says(hardware.Siren.Breaker, $"{hardware.Siren.BreakerAmps} A");
        Says(hardware.Siren.Contactor, $"AC-3 {hardware.Siren.ContactorAmps} A");
        Says(hardware.Loudspeaker.Ref, $"{hardware.Loudspeaker.RatedWatts} W");
        Says(hardware.Loudspeaker.Ref, $"{hardware.Loudspeaker.SensitivityDecibels} dB");
        Says(hardware.Controller.Ref, file.Module ?? "2 GB");
    }

    [Theory]
    [MemberData(nameof(Boards.Names), MemberType = typeof(Boards))]
    public void Both_commissioning_sheets_ask_for_the_same_tables_and_have_as_many_steps(string name)
    {
        var folder = Boards.Named(name).Folder;
        var (zh, en) = (File.ReadAllText(Path.Combine(folder, "commissioning.zh.md")), File.ReadAllText(Path.Combine(folder, "commissioning.en.md")));
        SheetText.Asked(zh).ShouldBe(SheetText.Asked(en));
        SheetText.Asked(zh).ShouldBe(FigureTables.Of(Boards.Named(name).File, chinese: true).Keys, ignoreOrder: true);
        Steps().Count(zh).ShouldBe(Steps().Count(en));
        Steps().Count(zh).ShouldBeGreaterThan(30);
    }

    [Theory]
    [MemberData(nameof(Boards.Names), MemberType = typeof(Boards))]
    public void The_values_in_the_prose_of_the_sheets_are_the_board_file_s(string name)
    {
        var (board, hardware) = (Boards.Named(name), Boards.Named(name).File.Hardware);
        foreach (var language in (string[])["zh", "en"])
        {
            var sheet = File.ReadAllText(Path.Combine(board.Folder, $"commissioning.{language}.md"));
            sheet.ShouldContain(SoundFigures.Volts(hardware.Loudspeaker).ToString("0.0", CultureInfo.InvariantCulture) + " V");
            sheet.ShouldContain($"{hardware.Loudspeaker.DrivenWatts} W");
            sheet.ShouldContain($"{hardware.Siren.TimerSeconds} s");
            sheet.ShouldContain($"{hardware.Mains.EarthOhmsMax} Ω");
            sheet.ShouldContain((hardware.Supply.ConverterMillivolts / 1000.0).ToString("0.0", CultureInfo.InvariantCulture) + " V");
            sheet.ShouldContain($"{hardware.Loudspeaker.DistanceMetres} m");
            // 100 mL over the 314 cm² of a gauge of 200 mm are 3.18 mm.
            sheet.ShouldContain($"{Math.Round(100_000 / (Math.PI * 100 * 100) / (board.File.RainGauge.TenthsOfMillimetreATip / 10.0)):0} {(language == "zh" ? "斗" : "tips")}");
        }
    }

    [Fact]
    public void The_folder_of_a_board_is_its_name_and_ends_in_its_revision()
    {
        foreach (var board in Boards.All)
        {
            Path.GetFileName(board.Folder).ShouldBe(board.File.Name);
            board.File.Name.ShouldEndWith($"-{board.File.Revision}");
            File.Exists(Path.Combine(board.Folder, "errata.md")).ShouldBeTrue();
        }
    }

    private static IEnumerable<(string[] Refs, string Rating)> Parts(Board board)
    {
        foreach (var line in File.ReadLines(Path.Combine(board.Folder, "parts.csv")).Skip(1))
        {
            var cells = Csv(line);
            cells.Count.ShouldBe(7, line);
            var refs = cells[0].Split(' ');
            if (cells[0] != "BL1") int.Parse(cells[1], CultureInfo.InvariantCulture).ShouldBe(refs.Length, line);
            yield return (refs, cells[4]);
        }
    }

    private static List<string> Csv(string line) => [.. Cell().Matches(line).Select(m => m.Groups["quoted"].Success ? m.Groups["quoted"].Value.Replace("\"\"", "\"", StringComparison.Ordinal) : m.Groups["plain"].Value)];

    [GeneratedRegex(@"(?:^|,)(?:""(?<quoted>(?:[^""]|"""")*)""|(?<plain>[^,]*))", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Cell();

    [GeneratedRegex(@"(?<![A-Za-z0-9])(?:A|B|BL|C|F|FR|FV|G|GB|H|J|K|KM|KT|M|PV|Q|QF|R|RP|S|T|U|V|X|XE|Z)(?:[1-9][0-9]?|(?<=XE))(?![A-Za-z0-9])", RegexOptions.None, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Designator();

    [GeneratedRegex(@"^- \[ \] ", RegexOptions.Multiline, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Steps();
}
