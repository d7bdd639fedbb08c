using Broadcast.Cli;

return await CommandLine.RunAsync(args, CliContext.OfProcess(args));
