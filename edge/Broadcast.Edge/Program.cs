using Broadcast.Edge;
using Broadcast.Edge.Gateway;
using Microsoft.Extensions.Hosting;

try
{
    var settings = SettingsReader.Read(args);
    using var host = GatewayHost.Build(settings);
    await host.RunAsync();
    return 0;
}
catch (Exception refused) when (refused is SettingsException or IOException)
{
    // What a technician can put right is said without a stack trace.
    await Console.Error.WriteLineAsync(refused.Message);
    return 2;
}
