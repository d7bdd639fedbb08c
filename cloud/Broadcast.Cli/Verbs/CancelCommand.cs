using System.CommandLine;
using System.Text.Json;
using Broadcast.Cli.People;

namespace Broadcast.Cli.Verbs;

/// <summary>`cancel ID`: silences what a warning started, and keeps it silent where it has not arrived yet.</summary>
internal static class CancelCommand
{
    public static Command Build(CliContext context)
    {
        var t = context.Texts;
        var door = new Door(t);
        var id = new Argument<string>("ID") { Description = t.ArgumentWarning };
        var reason = new Option<string>("--reason") { Description = t.OptionReason, HelpName = "TEXT", DefaultValueFactory = _ => t.DefaultReason };
        var json = new Option<bool>("--json") { Description = t.OptionJson };
        var command = new Command("cancel", t.VerbCancel) { id, reason, json };
        door.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            using var visit = await door.EnterAsync(context, parsed, ct);
            var cloud = await visit.AsReaderAsync(ct);
            var warning = parsed.GetValue(id)!;
            // One key for all attempts: a lost answer cancels once.
            var answer = await cloud.CancelAsync(warning, parsed.GetValue(reason)!, Guid.NewGuid().ToString("N"), ct);
            context.Line(parsed.GetValue(json) ? JsonSerializer.Serialize(answer, Output.Indented) : t.CancelSaid(warning));
            return ExitCodes.Done;
        });
        return command;
    }
}
