namespace Broadcast.Fleet;

/// <summary>Shows the counts: rewritten in place on a terminal, a line now and then in a log, and as a file for programs.</summary>
internal sealed class StatusLine(SimulatedFleet fleet, TimeProvider clock, TextWriter output, bool rewrites)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250); // A person sees it move; a test does not wait long.
    private static readonly TimeSpan LogInterval = TimeSpan.FromSeconds(5);

    /// <summary>Until <paramref name="stop"/>.</summary>
    public async Task ShowAsync(string? statusFile, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        FleetStatus? shown = null, filed = null;
        var lastLog = 0L;
        try
        {
            do
            {
                var now = fleet.Status;
                if (statusFile is not null && now != filed) WriteFile(statusFile, filed = now);
                if (now == shown || (!rewrites && shown is not null && clock.GetElapsedTime(lastLog) < LogInterval)) continue;
                lastLog = clock.GetTimestamp();
                shown = now;
                if (rewrites) await output.WriteAsync($"\r{now}   ");
                else await output.WriteLineAsync(now.ToString());
                await output.FlushAsync(stop);
            }
            while (await timer.WaitForNextTickAsync(stop));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await output.WriteLineAsync(); // Ctrl-C or SIGTERM: the line above stays readable.
        }
    }

    private static void WriteFile(string path, FleetStatus status)
    {
        File.WriteAllText(path + ".new", status.ToJson());
        File.Move(path + ".new", path, overwrite: true);
    }
}
