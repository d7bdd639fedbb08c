using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Broadcast.Cli.Api;
using Broadcast.Cli.Runs;
using Broadcast.Cli.Up;
using Broadcast.Cli.Verbs;
using Broadcast.Cli.Warn;

namespace Broadcast.Cli;

/// <summary>The verbs, and the one place where what went wrong becomes lines and an exit code.</summary>
internal static class CommandLine
{
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(30); // Longer than a process of ours takes to stop.

    private static readonly ParserConfiguration AsTyped = new() { ResponseFileTokenReplacer = null }; // What begins with @ names no file of more words.

    public static async Task<int> RunAsync(string[] args, CliContext context, CancellationToken ct = default)
    {
        var root = Build(context);
        var parsed = root.Parse(args.Length == 0 ? ["--help"] : args, AsTyped);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors) context.ErrorLine(error.Message);
            context.ErrorLine(context.Texts.HelpHint(parsed.CommandResult.Command == root ? "help" : parsed.CommandResult.Command.Name));
            return ExitCodes.Refused;
        }

        var invocation = new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = StopWithin,
            Output = context.Out.Profile.Out.Writer,
            Error = context.Error.Profile.Out.Writer,
        };
        try
        {
            return await parsed.InvokeAsync(invocation, ct);
        }
        catch (UsageException e)
        {
            foreach (var line in e.Lines) context.ErrorLine(line);
            return ExitCodes.Refused;
        }
        catch (CloudRefusedException e)
        {
            foreach (var line in e.Problem.Lines(context.Texts)) context.ErrorLine(line);
            return ExitCodes.Refused;
        }
        catch (CloudUnreachableException e)
        {
            context.ErrorLine(context.Texts.Unreachable(e.Message));
            return ExitCodes.Unreachable;
        }
        catch (OperationCanceledException)
        {
            return ExitCodes.Interrupted;
        }
    }

    private static RootCommand Build(CliContext context)
    {
        var root = new RootCommand(context.Texts.Root)
        {
            UpCommand.Build(context), UpCommand.BuildDown(context), WarnCommand.Build(context), CancelCommand.Build(context), StatusCommand.Build(context),
            EdgeCommand.Build(context), BackupCommands.BuildBackup(context), BackupCommands.BuildRestore(context), PasswordCommand.Build(context), TestCommand.Build(context),
            FleetCommand.Build(context), BenchCommand.Build(context), SimulateCommand.Build(context), ProvisionCommand.Build(context), FirmwareCommand.Build(context),
            BoardCommand.Build(context), UpdateCommand.Build(context), DeviceCommand.Build(context),
        };
        root.Options.Add(new Option<string?>("--lang") { Description = context.Texts.OptionLang, HelpName = "zh|en", Recursive = true });
        NameHelp(root, context.Texts);
        var verb = new Argument<string?>("VERB") { Arity = ArgumentArity.ZeroOrOne };
        var help = new Command("help", context.Texts.VerbHelp) { verb };
        help.SetAction((parsed, ct) => root.Parse(parsed.GetValue(verb) is { } name && !name.StartsWith('-') ? [name, "--help"] : ["--help"], AsTyped).InvokeAsync(parsed.InvocationConfiguration, ct));
        root.Subcommands.Add(help);
        return root;
    }

    private static void NameHelp(RootCommand root, Texts texts)
    {
        foreach (var option in root.Options)
        {
            if (option is VersionOption) option.Description = texts.OptionVersion;
            if (option is not HelpOption help) continue;
            help.Description = texts.OptionHelp;
            help.Action = new HelpInOurName((HelpAction)help.Action!);
        }
    }

    /// <summary>Help that calls the program what people type, and not what its file is called.</summary>
    private sealed class HelpInOurName(HelpAction inner) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            var (configuration, output) = (parseResult.InvocationConfiguration, parseResult.InvocationConfiguration.Output);
            using var text = new StringWriter();
            configuration.Output = text;
            var exit = inner.Invoke(parseResult);
            configuration.Output = output;
            output.Write(text.ToString().Replace(RootCommand.ExecutableName, "./broadcast", StringComparison.Ordinal));
            return exit;
        }
    }
}
