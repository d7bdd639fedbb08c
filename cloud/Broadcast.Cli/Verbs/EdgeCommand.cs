using System.CommandLine;
using Broadcast.Cli.Api;
using Broadcast.Cli.People;
using Broadcast.Cli.Up;

namespace Broadcast.Cli.Verbs;

/// <summary>`edge`: a real gateway against the running demo, in the place of one of its simulated devices, until Ctrl-C.</summary>
internal static class EdgeCommand
{
    private const int LogLinesShown = 15;
    private const int ChildrenMax = 64; // What a gateway carries.

    public static Command Build(CliContext context)
    {
        var t = context.Texts;
        var data = Door.DataOption(t);
        var device = new Option<string?>("--device") { Description = t.OptionEdgeDevice, HelpName = "ID" };
        var wav = new Option<string?>("--wav") { Description = t.OptionWav, HelpName = "DIR" };
        var page = new Option<string>("--page") { Description = t.OptionEdgePage, HelpName = "ADDRESS:PORT", DefaultValueFactory = _ => "127.0.0.1:0" };
        var board = new Option<string?>("--board") { Description = t.OptionBoard, HelpName = "FILE" };
        var township = new Option<int?>("--township") { Description = t.OptionTownship, HelpName = "N" };
        var command = new Command("edge", t.VerbEdge) { device, wav, page, board, township, data };
        command.SetAction(async (parsed, ct) =>
        {
            var folder = Path.GetFullPath(parsed.GetValue(data) ?? context.House.DefaultData);
            if (await CloudFile.ReadAsync(folder, ct) is not { } cloud) throw new CloudUnreachableException(t.NoCloudHere(folder));
            var count = parsed.GetValue(township);
            if (count is < 1 or > ChildrenMax) throw new UsageException(t.BadNumber("--township", $"{count}"));
            var wish = new GatewayWish(FullOrNull(parsed.GetValue(wav)), parsed.GetRequiredValue(page), FullOrNull(parsed.GetValue(board)), count is not null);
            var gateway = new DemoGateway(context, folder, await DemoGateway.ChooseAsync(context, folder, parsed.GetValue(device), ct));
            var children = count is { } n ? await DemoTownship.ChooseAsync(context, folder, gateway.Device, n, ct) : null;
            return await RunAsync(context, folder, gateway, children, cloud, wish, ct);
        });
        return command;
    }

    private static async Task<int> RunAsync(CliContext context, string folder, DemoGateway gateway, DemoTownship? township, CloudFile cloud, GatewayWish wish, CancellationToken ct)
    {
        if (!DemoGateway.HasSpeech(context)) context.ErrorLine(context.Texts.NoSpeechHere);
        gateway.Borrow();
        township?.Borrow();
        ManagedProcess? process = null, children = null;
        try
        {
            if (township is not null) await township.SayAsync(ct);
            process = await gateway.StartAsync(cloud, wish, detached: false, ct);
            if (await gateway.WaitReadyAsync(process, ct) is not { } place) return await DiedAsync(context, process, ct);
            context.Line(context.Texts.EdgeIs(gateway.Device.Id, gateway.Device.Site, gateway.Device.Village));
            context.Line(place.IsWav ? context.Texts.EdgeSoundsInto(place.Sound) : context.Texts.EdgeSoundsOn(place.Sound));
            if (place.Page is { } page) context.Line(context.Texts.EdgePageAt(page, await DemoGateway.CodeAsync(process.Log, ct) ?? "?"));
            context.Line(context.Texts.EdgeLogIn(process.Log));
            if (township is not null && place.Township is { } door)
            {
                children = await township.StartAsync(place, ct);
                context.Line(context.Texts.TownshipAt(door, township.Children.Select(c => c.Id)));
                context.Line(context.Texts.TownshipJournal(township.JournalFile));
            }

            context.Line($"./broadcast warn{(folder == context.House.DefaultData ? "" : $" --data {folder}")} --site {gateway.Device.Site} --level yellow --event 11B03 --text \"{Texts.SampleWarning}\"");
            context.Line(context.Texts.CtrlCStops);
            await process.EndedAsync(ct);
            return await DiedAsync(context, process, ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            return ExitCodes.Done; // Ctrl-C is how it is meant to end.
        }
        finally
        {
            foreach (var started in new[] { children, process })
            {
                if (started is not null) await started.StopAsync(context.Clock);
                started?.Dispose();
            }

            township?.GiveBack();
            gateway.GiveBack();
        }
    }

    private static async Task<int> DiedAsync(CliContext context, ManagedProcess process, CancellationToken ct)
    {
        context.ErrorLine(process.HasEnded ? context.Texts.Ended(process.Name, process.Log) : context.Texts.NotReady(process.Name, process.Log));
        foreach (var line in await process.LastLinesAsync(LogLinesShown, ct)) context.ErrorLine("  " + line);
        return ExitCodes.Failed;
    }

    private static string? FullOrNull(string? path) => path is null ? null : Path.GetFullPath(path);
}
