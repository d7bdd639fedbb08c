using Broadcast.Ledger.Tests;

return args is [CrashWriter.Argument, var connection, var anchor]
    ? await CrashWriter.RunAsync(connection, anchor)
    : await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args);
