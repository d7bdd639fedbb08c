namespace Broadcast.Cli.Up;

/// <summary>
/// What runs on a data folder, by the marks that `up` left there. The owner is the `up` at a terminal; a detached one has none,
/// and says so with a mark of its own, so that processes whose owner was killed are told from those that were left on purpose.
/// </summary>
internal static class Running
{
    private const string Owner = "up";
    private const string Detached = "detached";
    private static readonly string[] Programs = ["fleet", "cloud"];

    public static async Task ClaimAsync(string data, bool detach, CancellationToken ct) =>
        await RunFolder.Of(data).WriteAsync(detach ? Detached : Owner, ProcessMark.Of(Environment.ProcessId), ct);

    public static void Release(string data)
    {
        if (!Directory.Exists(Path.Combine(data, "run"))) return;
        RunFolder.Of(data).Forget(Owner);
        RunFolder.Of(data).Forget(Detached);
    }

    /// <summary>Both programs run, and somebody wants them to.</summary>
    public static async Task<bool> IsWholeAsync(string data, CancellationToken ct)
    {
        var marks = RunFolder.Of(data);
        foreach (var program in Programs)
        {
            if (await marks.ReadAsync(program, ct) is not { IsAlive: true }) return false;
        }

        return await marks.ReadAsync(Detached, ct) is not null || await marks.ReadAsync(Owner, ct) is { IsAlive: true };
    }

    /// <summary>Ends the owner, who ends its own, and then whatever is left; the names of what was ended.</summary>
    public static async Task<IReadOnlyList<string>> StopAllAsync(string data, TimeProvider clock, CancellationToken ct)
    {
        var marks = RunFolder.Of(data);
        var alive = new List<string>();
        string[] programs = [.. marks.Names("edge-"), .. marks.Names(DemoBoards.Name), .. Programs];
        foreach (var program in programs)
        {
            if (await marks.ReadAsync(program, ct) is { IsAlive: true }) alive.Add(program);
        }

        foreach (var name in (string[])[Owner, .. programs])
        {
            if (await marks.ReadAsync(name, ct) is not { } mark || mark.Pid == Environment.ProcessId) continue;
            await ManagedProcess.StopAsync(mark, clock);
            marks.Forget(name);
        }

        Release(data);
        if (Directory.Exists(DemoGateway.LentFolder(data))) Directory.Delete(DemoGateway.LentFolder(data), recursive: true);
        return alive;
    }
}
