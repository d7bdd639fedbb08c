using System.CommandLine;
using System.Text.Json;
using Broadcast.Cli.Api;
using Broadcast.Cli.People;

namespace Broadcast.Cli.Verbs;

/// <summary>`device rekey ID` and `device service ID STATE`: takes a stolen device out of the wrong hands while everything runs.</summary>
internal static class DeviceCommand
{
    public static Command Build(CliContext context)
    {
        var t = context.Texts;
        var state = new Argument<string>("STATE") { Description = t.ArgumentService };
        state.AcceptOnlyFromAmong("in-service", "maintenance", "decommissioned");
        return new Command("device", t.VerbDevice)
        {
            Act(context, new Command("rekey", t.VerbRekey), (_, cloud, id, reason, ct) => cloud.RekeyAsync(id, reason, ct)),
            Act(context, new Command("service", t.VerbService) { state }, (parsed, cloud, id, reason, ct) => cloud.SetServiceAsync(id, Camel(parsed.GetValue(state)!), reason, ct)),
        };
    }

    private static Command Act(CliContext context, Command command, Func<ParseResult, CloudClient, string, string, CancellationToken, Task<CustodyShape>> act)
    {
        var t = context.Texts;
        var door = new Door(t);
        var id = new Argument<string>("ID") { Description = t.OptionDevice };
        var reason = new Option<string>("--reason") { Description = t.OptionReason, HelpName = "TEXT", Required = true };
        var json = new Option<bool>("--json") { Description = t.OptionJson };
        command.Arguments.Insert(0, id);
        command.Options.Add(reason);
        command.Options.Add(json);
        door.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            using var visit = await door.EnterAsync(context, parsed, ct);
            var answer = await act(parsed, await visit.AsAdministratorAsync(ct), parsed.GetValue(id)!, parsed.GetValue(reason)!, ct);
            context.Line(parsed.GetValue(json) ? JsonSerializer.Serialize(answer, Output.Indented) : t.Custody(answer));
            return ExitCodes.Done;
        });
        return command;
    }

    private static string Camel(string state) => state == "in-service" ? "inService" : state;
}
