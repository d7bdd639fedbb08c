using Broadcast.Link;

namespace Broadcast.Cloud.Link;

/// <summary>
/// Notices that this machine's clock was set: a device takes the time once a session, and orders expire by it. So the sessions end, the devices
/// come back within seconds and ask for the time anew.
/// </summary>
public sealed partial class ClockWatch(LinkEndpoint endpoint, NodeSessions sessions, TimeProvider clock, ILogger<ClockWatch> log) : BackgroundService
{
    /// <summary>Warnings are valid for minutes at least; NTP slews what is less than a second.</summary>
    public static readonly TimeSpan StepMin = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var (wall, mark) = (clock.GetUtcNow(), clock.GetTimestamp());
        using var timer = new PeriodicTimer(Look, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var step = Step(wall, clock.GetUtcNow(), clock.GetElapsedTime(mark));
            if (step.Duration() < StepMin) continue;
            LogStepped(log, step, endpoint.Count);
            foreach (var device in sessions.All) device.Session.Close(LinkCloseReason.ClosedByAuthority);
            (wall, mark) = (clock.GetUtcNow(), clock.GetTimestamp());
        }
    }

    /// <summary>How far the wall clock went other than the time that passed.</summary>
    public static TimeSpan Step(DateTimeOffset before, DateTimeOffset now, TimeSpan passed) => now - before - passed;

    [LoggerMessage(Level = LogLevel.Error, Message = "This machine's clock was set by {Step}; {Sessions} sessions are closed, so that the devices ask for the time again.")]
    private static partial void LogStepped(ILogger log, TimeSpan step, int sessions);
}
