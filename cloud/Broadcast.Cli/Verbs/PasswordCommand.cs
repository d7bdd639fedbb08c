using System.CommandLine;
using Broadcast.Cli.Api;
using Broadcast.Cli.People;
using Spectre.Console;

namespace Broadcast.Cli.Verbs;

/// <summary>`password --as-operator NAME`: replaces a person's own password. Neither the old nor the new one is ever an argument: other users can read those.</summary>
internal static class PasswordCommand
{
    public const string Variable = "BROADCAST_NEW_PASSWORD";

    public static Command Build(CliContext context)
    {
        var door = new Door(context.Texts);
        var command = new Command("password", context.Texts.VerbPassword);
        door.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            using var visit = await door.EnterAsync(context, parsed, ct);
            var cloud = await visit.AsReaderAsync(ct);
            var name = cloud.Person!.Id;
            await cloud.SetPasswordAsync(await NewPasswordAsync(context, name, ct), ct);
            context.Line(context.Texts.PasswordSet(name));
            return ExitCodes.Done;
        });
        return command;
    }

    private static async Task<string> NewPasswordAsync(CliContext context, string name, CancellationToken ct)
    {
        if (context.Environment(Variable) is { Length: > 0 } given) return given;
        if (!context.Interactive) throw new UsageException(context.Texts.NoNewPassword(Variable));
        var first = await new TextPrompt<string>(Markup.Escape(context.Texts.NewPasswordOf(name))).Secret().ShowAsync(context.Error, ct);
        var second = await new TextPrompt<string>(Markup.Escape(context.Texts.NewPasswordAgain)).Secret().ShowAsync(context.Error, ct);
        return first == second ? first : throw new UsageException(context.Texts.PasswordsDiffer);
    }
}
