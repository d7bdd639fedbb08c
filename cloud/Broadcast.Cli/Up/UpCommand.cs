using System.CommandLine;
using Broadcast.Cli.Api;

namespace Broadcast.Cli.Up;

/// <summary>`up`: the cloud, a prefecture of devices, and what to do with them.</summary>
internal static class UpCommand
{
    public static Command Build(CliContext context)
    {
        var options = new UpOptions(context.Texts);
        var command = new Command("up", context.Texts.VerbUp);
        options.AddTo(command);
        command.SetAction((parsed, ct) => new UpRun(context, options.Read(parsed, context)).RunAsync(ct));
        return command;
    }

    public static Command BuildDown(CliContext context)
    {
        var data = People.Door.DataOption(context.Texts);
        var command = new Command("down", context.Texts.VerbDown) { data };
        command.SetAction(async (parsed, ct) =>
        {
            var folder = Path.GetFullPath(parsed.GetValue(data) ?? context.House.DefaultData);
            var stopped = await Running.StopAllAsync(folder, context.Clock, ct);
            context.Line(stopped.Count > 0 ? context.Texts.Stopped(stopped) : context.Texts.NothingRuns(folder));
            return ExitCodes.Done;
        });
        return command;
    }
}

/// <summary>One run of `up`, from the first port to the last device.</summary>
internal sealed class UpRun(CliContext context, UpRequest request)
{
    private static readonly TimeSpan ReadyWithin = TimeSpan.FromMinutes(2); // A first start makes keys, a CA and a thousand sites.
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);
    private const int LogLinesShown = 15;
    private readonly Texts _t = context.Texts;

    public async Task<int> RunAsync(CancellationToken ct)
    {
        if (await IsUpAlreadyAsync(ct) is { } running)
        {
            context.Line(_t.UpAlready(running.Https, request.Data));
            return ExitCodes.Done;
        }

        PrepareFolder();
        if (request.FirstBusyPort() is { } busy) throw new UsageException(_t.PortBusy(busy.Port, busy.Flag));
        var started = new List<ManagedProcess>();
        var keep = false;
        try
        {
            await Running.ClaimAsync(request.Data, request.Detach, ct);
            var exit = await StartAsync(started, ct);
            keep = exit == ExitCodes.Done && request.Detach;
            return exit == ExitCodes.Done && !request.Detach ? await StayAsync(started, ct) : exit;
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            context.ErrorLine("");
            return ExitCodes.Done; // Ctrl-C is how `up` is meant to end.
        }
        finally
        {
            if (!keep) await StopAsync(started);
            foreach (var process in started) process.Dispose();
        }
    }

    private async Task<int> StartAsync(List<ManagedProcess> started, CancellationToken ct)
    {
        context.Line(_t.StartingCloud);
        var cloud = await ManagedProcess.StartAsync("cloud", request.CloudCommand(context.House), request.Data, request.Detach, ct);
        started.Add(cloud);
        if (await WaitReadyAsync(cloud, ct) is not { } file) return await DiedAsync(cloud, ct);
        var audible = await StartGatewayAsync(file, started, ct);
        var boards = await StartBoardsAsync(file, started, ct);
        var fleet = await ManagedProcess.StartAsync("fleet", request.FleetCommand(context.House, file), request.Data, request.Detach, ct);
        started.Add(fleet);
        var online = await new DevicesOnline(context, request).WaitAsync(fleet, ct);
        if (fleet.HasEnded) return await DiedAsync(fleet, ct);
        await new Welcome(context, request, file, audible, boards).WriteAsync(online, ct);
        return ExitCodes.Done;
    }

    /// <summary>One device of the demo that can be heard, where this machine can speak. The demo runs without it, too.</summary>
    private async Task<(DemoDevice Device, GatewayPlace Place, string? Code)?> StartGatewayAsync(CloudFile file, List<ManagedProcess> started, CancellationToken ct)
    {
        if (request.NoEdge || request.Devices is 0) return null;
        if (!DemoGateway.HasSpeech(context))
        {
            context.ErrorLine(_t.NoSpeechHere);
            return null;
        }

        var gateway = new DemoGateway(context, request.Data, await DemoGateway.ChooseAsync(context, request.Data, null, ct));
        gateway.Borrow();
        var process = await gateway.StartAsync(file, new GatewayWish(null, "127.0.0.1:0", null), request.Detach, ct);
        if (await gateway.WaitReadyAsync(process, ct) is { } place)
        {
            started.Add(process);
            return (gateway.Device, place, await DemoGateway.CodeAsync(process.Log, ct));
        }

        await DiedAsync(process, ct);
        await process.StopAsync(context.Clock);
        process.Dispose();
        gateway.GiveBack();
        return null;
    }

    /// <summary>A few devices that are the firmware itself. The demo runs without them, too.</summary>
    private async Task<(IReadOnlyList<DemoDevice> Devices, string Log)?> StartBoardsAsync(CloudFile file, List<ManagedProcess> started, CancellationToken ct)
    {
        var boards = new DemoBoards(context, request.Data, await DemoBoards.ChooseAsync(request.Data, request.Boards, request.Devices, ct));
        if (boards.Devices.Count == 0) return null;
        boards.Borrow();
        var process = await boards.StartAsync(file, request.Detach, ct);
        if (await boards.WaitReadyAsync(process, ct))
        {
            started.Add(process);
            return (boards.Devices, process.Log);
        }

        await DiedAsync(process, ct);
        context.ErrorLine(_t.BoardsMissing);
        await process.StopAsync(context.Clock);
        process.Dispose();
        boards.GiveBack();
        return null;
    }

    private async Task<int> StayAsync(List<ManagedProcess> started, CancellationToken ct)
    {
        context.Line(_t.CtrlCStops);
        // A gateway that ended is a device that is off line: the demo shows it, and goes on.
        var ended = await Task.WhenAny(started.Where(p => p.Name is "cloud" or "fleet").Select(async p => { await p.EndedAsync(ct); return p; }));
        return await DiedAsync(await ended, ct);
    }

    private async Task<CloudFile?> WaitReadyAsync(ManagedProcess cloud, CancellationToken ct)
    {
        var started = context.Clock.GetTimestamp();
        using var look = new PeriodicTimer(LookEvery, context.Clock);
        do
        {
            if (await CloudFile.ReadAsync(request.Data, ct) is { } file && file.Pid == cloud.Pid) return file;
            if (cloud.HasEnded) return null;
        }
        while (context.Clock.GetElapsedTime(started) < ReadyWithin && await look.WaitForNextTickAsync(ct));
        return null;
    }

    private async Task<int> DiedAsync(ManagedProcess process, CancellationToken ct)
    {
        context.ErrorLine(process.HasEnded ? _t.Ended(process.Name, process.Log) : _t.NotReady(process.Name, process.Log));
        foreach (var line in await process.LastLinesAsync(LogLinesShown, ct)) context.ErrorLine("  " + line);
        return ExitCodes.Failed;
    }

    private async Task StopAsync(List<ManagedProcess> started)
    {
        // All at once: the devices' sessions end with the cloud anyway.
        await Task.WhenAll(started.Select(p => p.StopAsync(context.Clock)));
        Running.Release(request.Data);
        if (Directory.Exists(DemoGateway.LentFolder(request.Data))) Directory.Delete(DemoGateway.LentFolder(request.Data), recursive: true);
        if (started.Count > 0) context.ErrorLine(_t.Stopped([.. started.Select(p => p.Name)]));
    }

    /// <summary>The cloud that runs here already; what a killed `up` left behind is ended first.</summary>
    private async Task<CloudFile?> IsUpAlreadyAsync(CancellationToken ct)
    {
        if (await Running.IsWholeAsync(request.Data, ct) && await CloudFile.ReadAsync(request.Data, ct) is { } file) return file;
        var left = await Running.StopAllAsync(request.Data, context.Clock, ct);
        if (left.Count > 0) context.ErrorLine(_t.LeftBehind(left));
        return null;
    }

    /// <summary>Passwords and keys lie in it: the owner's alone.</summary>
    private void PrepareFolder()
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(request.Data);
        else Directory.CreateDirectory(request.Data, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
