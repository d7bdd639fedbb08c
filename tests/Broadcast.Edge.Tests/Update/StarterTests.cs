using Broadcast.Testing;

namespace Broadcast.Edge.Tests.Update;

/// <summary>What the starter does with a program that has proved itself and then breaks: a card loses blocks of it.</summary>
public sealed class StarterTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly TempFolder _folder = new("starter");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_program_that_no_longer_starts_gives_way_to_the_one_that_the_machine_came_with()
    {
        Program("program/a", "exit 1");
        Program("factory", $"echo factory >>'{_folder["said"]}'");
        File.WriteAllText(_folder["program/a/.whole"], "");
        File.CreateSymbolicLink(_folder["program/current"], "a");
        for (var start = 0; start < 30 && !File.Exists(_folder["said"]); start++) await StartAsync();
        File.Exists(_folder["said"]).ShouldBeTrue("a loudspeaker with a good program on its card must not be silent until somebody drives there");
        new FileInfo(_folder["program/current"]).LinkTarget.ShouldBe("a", "it is tried again: a night of short power cuts looks the same");
    }

    private async Task StartAsync()
    {
        var starter = Path.Combine(BuiltProject.RepositoryRoot, "edge/Broadcast.Edge/Service/broadcast-edge-start");
        await using var process = RunningProcess.Start("sh", [starter, _folder["program/x"][..^2], _folder["factory/x"][..^2]], new Dictionary<string, string>(), "starter");
        await process.WaitForExitAsync(Patience);
    }

    private void Program(string folder, string script)
    {
        var path = _folder[folder + "/Broadcast.Edge"];
        File.WriteAllText(path, $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
