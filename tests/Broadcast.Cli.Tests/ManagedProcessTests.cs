using System.Net;
using System.Net.Sockets;
using Broadcast.Cli.Up;

namespace Broadcast.Cli.Tests;

public sealed class ManagedProcessTests : IDisposable
{
    private readonly Bench _bench = new();

    public void Dispose() => _bench.Dispose();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_started_process_is_found_by_its_mark_and_stopped()
    {
        using var process = await ManagedProcess.StartAsync("cloud", ["sleep", "600"], _bench.Folder, detached: false, Ct);
        var mark = await RunFolder.Of(_bench.Folder).ReadAsync("cloud", Ct);
        mark!.IsAlive.ShouldBeTrue();
        (await Running.StopAllAsync(_bench.Folder, TimeProvider.System, Ct)).ShouldBe(["cloud"]);
        mark.IsAlive.ShouldBeFalse();
        (await RunFolder.Of(_bench.Folder).ReadAsync("cloud", Ct)).ShouldBeNull();
    }

    [Fact]
    public async Task A_process_that_only_has_the_number_is_left_alone()
    {
        using var other = await ManagedProcess.StartAsync("other", ["sleep", "600"], _bench.Folder, detached: false, Ct);
        await RunFolder.Of(_bench.Folder).WriteAsync("cloud", new ProcessMark(other.Pid, "another boot/42"), Ct);
        (await Running.StopAllAsync(_bench.Folder, TimeProvider.System, Ct)).ShouldBeEmpty();
        other.HasEnded.ShouldBeFalse();
        await other.StopAsync(TimeProvider.System);
    }

    [Fact]
    public async Task What_a_killed_up_left_behind_is_not_whole()
    {
        using var cloud = await ManagedProcess.StartAsync("cloud", ["sleep", "600"], _bench.Folder, detached: false, Ct);
        using var fleet = await ManagedProcess.StartAsync("fleet", ["sleep", "600"], _bench.Folder, detached: false, Ct);
        (await Running.IsWholeAsync(_bench.Folder, Ct)).ShouldBeFalse();
        await RunFolder.Of(_bench.Folder).WriteAsync("up", ProcessMark.Of(Environment.ProcessId), Ct);
        (await Running.IsWholeAsync(_bench.Folder, Ct)).ShouldBeTrue();
        (await Running.StopAllAsync(_bench.Folder, TimeProvider.System, Ct)).ShouldBe(["fleet", "cloud"]);
    }

    [Fact]
    public async Task What_a_process_says_is_in_its_log()
    {
        using var process = await ManagedProcess.StartAsync("cloud", ["sh", "-c", "echo one; echo two >&2; exit 3"], _bench.Folder, detached: false, Ct);
        await process.EndedAsync(Ct);
        (await process.LastLinesAsync(5, Ct)).ShouldBe(["one", "two"]);
    }

    [Fact]
    public async Task A_busy_port_is_named_with_the_flag_that_changes_it()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        (await _bench.RunAsync("up", "--data", _bench.Folder, "--https", "0", "--http", "0", "--link", $"{port}")).ShouldBe(ExitCodes.Refused);
        _bench.Error.ShouldContain($"Port {port}");
        _bench.Error.ShouldContain("--link PORT");
    }

    [Fact]
    public async Task Down_on_nothing_is_no_mistake()
    {
        (await _bench.RunAsync("down", "--data", _bench.Folder)).ShouldBe(ExitCodes.Done);
        _bench.Out.ShouldContain("Nothing runs");
    }
}
