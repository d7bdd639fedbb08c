using System.CommandLine;
using System.Diagnostics;
using Broadcast.Cli.Api;
using Broadcast.Cli.People;

namespace Broadcast.Cli.Verbs;

/// <summary>`update key|sign|offer|show`: the gateways' own program, from the key to the sites.</summary>
internal static class UpdateCommand
{
    public static Command Build(CliContext context) =>
        new("update", context.Texts.VerbUpdate) { BuildKey(context), BuildSign(context), BuildOffer(context), BuildShow(context) };

    private static Command BuildKey(CliContext context)
    {
        var folder = new Argument<string>("DIR") { Description = context.Texts.ArgumentKeyFolder };
        var command = new Command("key", context.Texts.VerbUpdateKey) { folder };
        command.SetAction((parsed, ct) => CloudAsync(context, ["update-key", parsed.GetValue(folder)!], ct));
        return command;
    }

    private static Command BuildSign(CliContext context)
    {
        var t = context.Texts;
        var (program, package) = (new Argument<string>("DIR") { Description = t.ArgumentProgram }, new Argument<string>("FILE") { Description = t.ArgumentPackage });
        var key = new Option<string>("--key") { Description = t.OptionUpdateKey, Required = true };
        var release = new Option<string>("--release") { Description = t.OptionRelease, Required = true };
        var number = new Option<long>("--number") { Description = t.OptionNumber, Required = true };
        var target = new Option<string?>("--target") { Description = t.OptionTarget };
        var command = new Command("sign", t.VerbUpdateSign) { program, package, key, release, number, target };
        command.SetAction((parsed, ct) =>
        {
            List<string> arguments = ["sign-update", parsed.GetValue(program)!, parsed.GetValue(package)!, "--key", parsed.GetValue(key)!, "--release", parsed.GetValue(release)!, "--number", $"{parsed.GetValue(number)}"];
            if (parsed.GetValue(target) is { } machine) arguments.AddRange(["--target", machine]);
            return CloudAsync(context, arguments, ct);
        });
        return command;
    }

    private static Command BuildOffer(CliContext context)
    {
        var door = new Door(context.Texts);
        var package = new Argument<string>("FILE") { Description = context.Texts.ArgumentPackage };
        var sites = new Option<string[]>("--site") { Description = context.Texts.OptionSites, Required = true };
        var command = new Command("offer", context.Texts.VerbUpdateOffer) { package, sites };
        door.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            var file = Path.GetFullPath(parsed.GetValue(package)!);
            if (!File.Exists(file)) throw new UsageException(context.Texts.NoSuchFile("FILE", file));
            using var visit = await door.EnterAsync(context, parsed, ct);
            var administrator = await visit.AsAdministratorAsync(ct);
            var brought = await administrator.BringUpdateAsync(file, ct);
            foreach (var site in parsed.GetValue(sites)!)
            {
                var wanted = await administrator.WantUpdateAsync(site, brought.Hash, ct);
                context.Line(context.Texts.Offered(brought.Version, site, wanted.Desired?.Revision ?? 0));
            }

            return ExitCodes.Done;
        });
        return command;
    }

    private static Command BuildShow(CliContext context)
    {
        var door = new Door(context.Texts);
        var site = new Argument<string>("SITE") { Description = context.Texts.ArgumentSite };
        var command = new Command("show", context.Texts.VerbUpdateShow) { site };
        door.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            using var visit = await door.EnterAsync(context, parsed, ct);
            var update = await (await visit.AsAdministratorAsync(ct)).UpdateAsync(parsed.GetValue(site)!, ct);
            context.Line($"{update.Site}: {update.State}{(update.Desired is { } wanted ? $"; wanted {wanted.Version} (revision {wanted.Revision})" : "")}"
                + (update.Reported is { } said ? $"; runs {said.Version} (number {said.Number}, {said.Target}){(said.Why is null ? "" : ": " + said.Why)}" : ""));
            return ExitCodes.Done;
        });
        return command;
    }

    // The cloud's program knows the format; it needs no running cloud for it.
    private static async Task<int> CloudAsync(CliContext context, IReadOnlyList<string> arguments, CancellationToken ct)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [context.House.CloudProgram, .. arguments])) ?? throw new UsageException(context.Texts.DidNotStart("Broadcast.Cloud"));
        await process.WaitForExitAsync(ct);
        return process.ExitCode;
    }
}
