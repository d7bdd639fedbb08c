using System.CommandLine;
using Broadcast.Cli.Api;
using Broadcast.Cli.People;

namespace Broadcast.Cli.Runs;

/// <summary>`fleet`: simulated devices over real sockets against the cloud of a data folder, or against any address.</summary>
internal static class FleetCommand
{
    public static Command Build(CliContext context)
    {
        var t = context.Texts;
        var data = Door.DataOption(t);
        var devices = new Option<int?>("--devices") { Description = t.OptionDevices, HelpName = "N" };
        var plain = new Option<bool>("--plain") { Description = t.OptionPlain };
        // What the program takes by the same name, handed on as it is; the program checks it and says what is wrong.
        Option<string?>[] handed = [.. t.FleetOptions.Select(o => new Option<string?>(o.Name) { Description = o.What, HelpName = o.Value })];
        var command = new Command("fleet", t.VerbFleet) { devices, plain, data };
        foreach (var option in handed) command.Options.Add(option);
        command.SetAction(async (parsed, ct) =>
        {
            var folder = Path.GetFullPath(parsed.GetValue(data) ?? context.House.DefaultData);
            var given = handed.Where(o => parsed.GetValue(o) is not null).ToDictionary(o => o.Name, o => parsed.GetValue(o)!);
            if (!given.ContainsKey("--host") || !given.ContainsKey("--port"))
            {
                var cloud = await CloudFile.ReadAsync(folder, ct) ?? throw new CloudUnreachableException(t.NoCloudHere(folder));
                var link = (parsed.GetValue(plain) ? cloud.LinkPlain ?? throw new UsageException(t.NoPlainLink) : cloud.Link).Split(':');
                given.TryAdd("--host", link[0]);
                given.TryAdd("--port", link[1]);
            }

            given.TryAdd("--devices-file", Path.Combine(folder, "devices.csv"));
            if (!parsed.GetValue(plain)) given.TryAdd("--ca", Path.Combine(folder, "tls", "ca.pem"));
            var arguments = given.SelectMany(g => new[] { g.Key, g.Value }).ToList();
            if (parsed.GetValue(devices) is { } number) arguments.AddRange(["--take", $"{number}"]);
            if (parsed.GetValue(plain)) arguments.Add("--plain");
            return await HouseProgram.RunAsync(context.House.FleetProgram, arguments, ct);
        });
        return command;
    }
}
