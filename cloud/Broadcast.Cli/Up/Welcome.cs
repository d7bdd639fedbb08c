using Broadcast.Cli.Api;
using Broadcast.Cli.People;
using Spectre.Console;

namespace Broadcast.Cli.Up;

/// <summary>What a person sees when everything runs: where, who, in which lane, and what to try.</summary>
internal sealed class Welcome(CliContext context, UpRequest request, CloudFile cloud, (DemoDevice Device, GatewayPlace Place, string? Code)? audible, (IReadOnlyList<DemoDevice> Devices, string Log)? boards)
{
    private readonly Texts _t = context.Texts;

    public async Task WriteAsync((int Online, int Expected) devices, CancellationToken ct)
    {
        var people = await DemoPeople.ReadAsync(request.Data, ct);
        context.Out.Write(new Panel(Addresses(devices)).Header(Markup.Escape(_t.UpTitle)).Border(context.Interactive ? BoxBorder.Rounded : BoxBorder.Ascii));
        context.Line(_t.PeopleTitle);
        context.Out.Write(People(people));
        context.Line();
        context.Line(_t.TryNext);
        foreach (var line in Tries()) context.Line("  " + line);
        context.Line();
    }

    private Grid Addresses((int Online, int Expected) devices)
    {
        var grid = new Grid().AddColumn(new GridColumn().NoWrap()).AddColumn();
        void Row(string name, string value) => grid.AddRow(new Text(name, new Style(decoration: Decoration.Bold)), new Text(value));
        Row("API", $"{cloud.Https}   {cloud.Http}");
        Row("OpenAPI", $"{cloud.Https}/openapi/v1.json");
        Row(_t.LabelLink, cloud.LinkPlain is { } plain ? $"{cloud.Link} (TLS)   {plain} ({_t.WithoutTls})" : $"{cloud.Link} (TLS)");
        Row(_t.LabelDevices, _t.DevicesOnline(devices.Online, devices.Expected));
        Row("", _t.PositionsAreGenerated);
        if (audible is { } a)
        {
            Row(_t.LabelAudible, _t.EdgeRow(a.Device.Id, a.Device.Site, a.Place.Sound));
            if (a.Place.Page is { } page) Row("", _t.EdgePageAt(page, a.Code ?? "?"));
        }

        if (boards is { } b) Row(_t.LabelBoards, _t.BoardsRow(string.Join(", ", b.Devices.Select(d => d.Id)), b.Log));
        Row(_t.LabelLane, $"{cloud.Lane} ({context.House.LaneReason})");
        Row(_t.LabelData, request.Data);
        return grid;
    }

    private Table People(DemoPeople people)
    {
        var table = new Table().Border(context.Interactive ? TableBorder.Rounded : TableBorder.Ascii)
            .AddColumn(new TableColumn(_t.ColumnName).NoWrap()).AddColumns(_t.ColumnDuty, _t.ColumnRegion).AddColumn(new TableColumn(_t.ColumnPassword).NoWrap());
        foreach (var person in people.All)
            table.AddRow(new Text(person.Name), new Text(string.Join(", ", person.Duties)), new Text($"{person.Region} {person.Display}"), new Text(person.Password));
        return table;
    }

    private IEnumerable<string> Tries()
    {
        var data = request.Data == context.House.DefaultData ? "" : $" --data {request.Data}";
        yield return $"./broadcast warn{data} --region 421202100000 --dry-run";
        yield return $"./broadcast warn{data} --region 421202000000 --level yellow --event 11B03 --text \"{Texts.SampleWarning}\"";
        if (audible is { } a) yield return $"./broadcast warn{data} --site {a.Device.Site} --level yellow --event 11B03 --text \"{Texts.SampleWarning}\"";
        if (boards is { Devices: [var board, ..] }) yield return $"./broadcast warn{data} --site {board.Site} --level red --event 11B03 --text \"{Texts.SampleWarning}\"";
        yield return $"./broadcast status{data}";
    }
}
