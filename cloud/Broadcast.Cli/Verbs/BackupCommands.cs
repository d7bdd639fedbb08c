using System.CommandLine;
using System.Diagnostics;
using Broadcast.Cli.Api;
using Broadcast.Cli.People;

namespace Broadcast.Cli.Verbs;

/// <summary>`backup FILE` from a running cloud; `restore FILE` into the data folder of a stopped one.</summary>
internal static class BackupCommands
{
    public static Command BuildBackup(CliContext context)
    {
        var door = new Door(context.Texts);
        var file = new Argument<string>("FILE") { Description = context.Texts.ArgumentBackup };
        var command = new Command("backup", context.Texts.VerbBackup) { file };
        door.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            using var visit = await door.EnterAsync(context, parsed, ct);
            var path = Path.GetFullPath(parsed.GetValue(file)!);
            if (File.Exists(path)) throw new UsageException(context.Texts.FileIsThere(path));
            if (Path.GetDirectoryName(path) is { } folder && !Directory.Exists(folder)) throw new UsageException(context.Texts.NoSuchFile("FILE", folder));
            using var answer = await (await visit.AsAdministratorAsync(ct)).BackupAsync(ct);
            var bytes = await SaveAsync(answer, path, context.Clock, ct);
            context.Line(context.Texts.BackedUp(path, bytes));
            return ExitCodes.Done;
        });
        return command;
    }

    public static Command BuildRestore(CliContext context)
    {
        var file = new Argument<string>("FILE") { Description = context.Texts.ArgumentBackup };
        var data = Door.DataOption(context.Texts);
        var asItWas = new Option<bool>("--as-it-was") { Description = context.Texts.OptionAsItWas };
        var command = new Command("restore", context.Texts.VerbRestore) { file, data, asItWas };
        command.SetAction(async (parsed, ct) =>
        {
            var path = Path.GetFullPath(parsed.GetValue(file)!);
            if (!File.Exists(path)) throw new UsageException(context.Texts.NoSuchFile("FILE", path));
            var folder = Path.GetFullPath(parsed.GetValue(data) ?? context.House.DefaultData);
            if (await Up.RunFolder.Of(folder).ReadAsync("cloud", ct) is { } mark && mark.IsAlive) throw new UsageException(context.Texts.StopFirst);
            var start = new ProcessStartInfo("dotnet") { ArgumentList = { context.House.CloudProgram, "restore", "--data", folder, path } };
            if (parsed.GetValue(asItWas)) start.ArgumentList.Add("--as-it-was");
            using var process = Process.Start(start) ?? throw new UsageException(context.Texts.DidNotStart("Broadcast.Cloud"));
            await process.WaitForExitAsync(ct);
            return process.ExitCode == 0 ? ExitCodes.Done : ExitCodes.Failed;
        });
        return command;
    }

    /// <summary>Under its final name only when it is whole and on disk: half a backup is worse than none.</summary>
    private static async Task<long> SaveAsync(HttpResponseMessage answer, string path, TimeProvider clock, CancellationToken ct)
    {
        var partial = path + ".partial";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        long bytes;
        try
        {
            await using var body = new ImpatientStream(await answer.Content.ReadAsStreamAsync(ct), TimeSpan.FromSeconds(60), clock);
            await using var target = new FileStream(partial, options);
            await body.CopyToAsync(target, ct);
            target.Flush(flushToDisk: true);
            bytes = target.Length;
        }
        catch (Exception e) when (e is TimeoutException or HttpRequestException or IOException)
        {
            File.Delete(partial);
            throw new CloudUnreachableException($"the backup broke off: {e.Message}", e);
        }

        if (answer.Content.Headers.ContentLength is { } whole && whole != bytes) throw new CloudUnreachableException($"the backup broke off after {bytes} of {whole} bytes");
        File.Move(partial, path);
        return bytes;
    }
}
