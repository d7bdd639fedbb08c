using Broadcast.Testing;

namespace Broadcast.Edge.Tests;

/// <summary>A network namespace of the kernel with two real interfaces to this machine; the first can be cut. Needs the right to make one.</summary>
internal sealed class TwoWays : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly int _number = Environment.ProcessId % 250;

    private TwoWays()
    {
    }

    public string Namespace => $"bcast{_number}";

    /// <summary>This machine on the first way, and on the second.</summary>
    public (string First, string Second) Here => ($"10.213.{_number}.1", $"10.213.{_number}.5");

    public (string First, string Second) There => ($"10.213.{_number}.2", $"10.213.{_number}.6");

    private string First => $"bca{_number}";

    private string Second => $"bcb{_number}";

    /// <summary>Null where this machine does not allow it.</summary>
    public static async Task<TwoWays?> TryMakeAsync()
    {
        var ways = new TwoWays();
        await using var added = RunningProcess.Start("ip", ["netns", "add", ways.Namespace]);
        await added.WaitForExitAsync(Patience);
        if (added.ExitCode != 0) return null;
        await ways.WireAsync(ways.First, "wire0", ways.Here.First, ways.There.First);
        await ways.WireAsync(ways.Second, "modem0", ways.Here.Second, ways.There.Second);
        await IpAsync("netns", "exec", ways.Namespace, "ip", "link", "set", "lo", "up");
        return ways;
    }

    public Task CutFirstAsync() => IpAsync("link", "set", First, "down");

    public Task MendFirstAsync() => IpAsync("link", "set", First, "up");

    /// <summary>Starts a .NET program inside.</summary>
    public RunningProcess Start(string assembly, IEnumerable<string> arguments) =>
        RunningProcess.Start("ip", ["netns", "exec", Namespace, Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", assembly, .. arguments]);

    // Both ends of a pair go with the namespace.
    public async ValueTask DisposeAsync() => await IpAsync("netns", "del", Namespace);

    private async Task WireAsync(string here, string there, string hereAddress, string thereAddress)
    {
        await IpAsync("link", "add", here, "type", "veth", "peer", "name", there, "netns", Namespace);
        await IpAsync("addr", "add", hereAddress + "/30", "dev", here);
        await IpAsync("link", "set", here, "up");
        await IpAsync("netns", "exec", Namespace, "ip", "addr", "add", thereAddress + "/30", "dev", there);
        await IpAsync("netns", "exec", Namespace, "ip", "link", "set", there, "up");
    }

    private static Task IpAsync(params string[] arguments) => RunningProcess.RunAsync("ip", arguments, Patience);
}
