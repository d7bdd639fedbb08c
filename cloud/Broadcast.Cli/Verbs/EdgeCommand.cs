using System.CommandLine;
using Broadcast.Cli.Api;
using Broadcast.Cli.People;
using Broadcast.Cli.Up;

namespace Broadcast.Cli.Verbs;

/// <summary>`edge`: a real gateway against the running demo, in the place of one of its simulated devices, until Ctrl-C.</summary>
internal static class EdgeCommand
{
    private const int LogLinesShown = 15;

    public static Command Build(CliContext context)
    {
        var t = context.Texts;
        var data = Door.DataOption(t);
        var device = new Option<string?>("--device") { Description = t.OptionEdgeDevice, HelpName = "ID" };
        var wav = new Option<string?>("--wav") { Description = t.OptionWav, HelpName = "DIR" };
        var page = new Option<string>("--page") { Description = t.OptionEdgePage, HelpName = "ADDRESS:PORT", DefaultValueFactory = _ => "127.0.0.1:0" };
        var board = new Option<string?>("--board") { Description = t.OptionBoard, HelpName = "FILE" };
        var command = new Command("edge", t.VerbEdge) { device, wav, page, board, data };
        command.SetAction(async (parsed, ct) =>
        {
            var folder = Path.GetFullPath(parsed.GetValue(data) ?? context.House.DefaultData);
            if (await CloudFile.ReadAsync(folder, ct) is not { } cloud) throw new CloudUnreachableException(t.NoCloudHere(folder));
            var wish = new GatewayWish(FullOrNull(parsed.GetValue(wav)), parsed.GetRequiredValue(page), FullOrNull(parsed.GetValue(board)));
            var gateway = new DemoGateway(context, folder, await DemoGateway.ChooseAsync(context, folder, parsed.GetValue(device), ct));
            return await RunAsync(context, folder, gateway, cloud, wish, ct);
        });
        return command;
    }

    private static async Task<int> RunAsync(CliContext context, string folder, DemoGateway gateway, CloudFile cloud, GatewayWish wish, CancellationToken ct)
    {
        if (!DemoGateway.HasSpeech(context)) context.ErrorLine(context.Texts.NoSpeechHere);
        gateway.Borrow();
        ManagedProcess? process = null;
        try
        {
            process = await gateway.StartAsync(cloud, wish, detached: false, ct);
            if (await gateway.WaitReadyAsync(process, ct) is not { } place) return await DiedAsync(context, process, ct);
            context.Line(context.Texts.EdgeIs(gateway.Device.Id, gateway.Device.Site, gateway.Device.Village));
            context.Line(place.IsWav ? context.Texts.EdgeSoundsInto(place.Sound) : context.Texts.EdgeSoundsOn(place.Sound));
            if (place.Page is { } page) context.Line(context.Texts.EdgePageAt(page, await DemoGateway.CodeAsync(process.Log, ct) ?? "?"));
            context.Line(context.Texts.EdgeLogIn(process.Log));
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
            if (process is not null) await process.StopAsync(context.Clock);
            process?.Dispose();
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
