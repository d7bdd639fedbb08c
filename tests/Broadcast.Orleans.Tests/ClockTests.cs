using Broadcast.Orleans.Tests.Grains;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Broadcast.Orleans.Tests;

public sealed class ClockTests
{
    [Fact]
    public async Task A_grains_timer_keeps_the_clock_that_the_host_was_given()
    {
        var clock = new StillClock();
        await using var cluster = await SiloFixture.StartAsync(silo => silo.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(clock)));
        var key = Guid.NewGuid().ToString("N");
        var grain = cluster.GetSiloServiceProvider().GetRequiredService<IGrainFactory>().GetGrain<ITimerGrain>(key);
        await grain.Start("tick", TimeSpan.FromHours(7), Timeout.InfiniteTimeSpan, interleave: false, keepAlive: false);
        SiloFixture.Signals.NotesOn(key).ShouldBeEmpty();
        clock.Fire(TimeSpan.FromHours(7));
        await SiloFixture.Signals.Opened(key + "/tick 1");
    }

    /// <summary>The machine's clock, but a timer that is set for hours waits until it is fired by hand.</summary>
    private sealed class StillClock : TimeProvider
    {
        private readonly List<HeldTimer> held = [];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = new HeldTimer(base.CreateTimer(callback, state, dueTime, period), () => callback(state));
            lock (held)
                held.Add(timer);
            return timer;
        }

        public void Fire(TimeSpan dueTime)
        {
            HeldTimer[] due;
            lock (held)
                due = [.. held.Where(t => t.DueTime == dueTime)];
            due.ShouldHaveSingleItem().Fire();
        }

        private sealed class HeldTimer(ITimer timer, Action fire) : ITimer
        {
            public TimeSpan DueTime { get; private set; }

            public void Fire() => fire();

            public bool Change(TimeSpan dueTime, TimeSpan period)
            {
                DueTime = dueTime;
                return timer.Change(dueTime, period);
            }

            public void Dispose() => timer.Dispose();

            public ValueTask DisposeAsync() => timer.DisposeAsync();
        }
    }
}
