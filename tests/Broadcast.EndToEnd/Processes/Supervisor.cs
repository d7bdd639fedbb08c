namespace Broadcast.EndToEnd.Processes;

/// <summary>Starts the service again when it has died, as systemd does; a service that lives and does not work is left alone.</summary>
internal sealed class Supervisor : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    private readonly CancellationTokenSource _stop = new();
    private readonly Task _watching;

    /// <param name="beforeRestart">Called before each start.</param>
    public Supervisor(CloudProcess cloud, Action beforeRestart) => _watching = WatchAsync(cloud, beforeRestart);

    /// <summary>Ends the watch, and waits for a start that is under way.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _watching;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private async Task WatchAsync(CloudProcess cloud, Action beforeRestart)
    {
        while (!_stop.IsCancellationRequested)
        {
            if (cloud.HasExited)
            {
                beforeRestart();
                await cloud.StartAsync();
            }

            await Task.Delay(Interval, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
