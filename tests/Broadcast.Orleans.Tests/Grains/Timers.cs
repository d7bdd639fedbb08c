namespace Broadcast.Orleans.Tests.Grains;

public interface ITimerGrain : IGrainWithStringKey
{
    Task Start(string name, TimeSpan due, TimeSpan period, bool interleave, bool keepAlive);

    Task StartFailing(string name, TimeSpan period);

    Task StartHeld(string name, string gate);

    Task Change(TimeSpan due, TimeSpan period);

    Task StopFromTick(string name, TimeSpan period);

    Task Stop();

    Task Hold(string name, string gate);

    Task Leave();
}

/// <summary>Each tick is noted under the grain's key; the third opens a gate.</summary>
public sealed class TimerGrain : Grain, ITimerGrain
{
    private IGrainTimer? timer;
    private int ticks;

    private static Signals Signals => SiloFixture.Signals;

    private string Key => this.GetPrimaryKeyString();

    public Task Start(string name, TimeSpan due, TimeSpan period, bool interleave, bool keepAlive)
    {
        timer = this.RegisterGrainTimer(
            Tick, name, new GrainTimerCreationOptions(due, period) { Interleave = interleave, KeepAlive = keepAlive });
        return Task.CompletedTask;
    }

    public Task StartFailing(string name, TimeSpan period)
    {
        timer = this.RegisterGrainTimer(
            async () =>
            {
                await Tick(name, CancellationToken.None);
                throw new InvalidDataException("A tick fails.");
            },
            TimeSpan.Zero, period);
        return Task.CompletedTask;
    }

    public Task StartHeld(string name, string gate)
    {
        timer = this.RegisterGrainTimer(
            async token =>
            {
                Signals.Open($"{Key}/{name} began");
                await Signals.Opened(gate);
                Signals.Note(Key, token.IsCancellationRequested ? "cancelled" : "not cancelled");
                Signals.Open($"{Key}/{name} ended");
            },
            new GrainTimerCreationOptions(TimeSpan.Zero, Timeout.InfiniteTimeSpan));
        return Task.CompletedTask;
    }

    public Task Change(TimeSpan due, TimeSpan period)
    {
        timer!.Change(due, period);
        return Task.CompletedTask;
    }

    public Task StopFromTick(string name, TimeSpan period)
    {
        timer = this.RegisterGrainTimer(
            async () =>
            {
                await Tick(name, CancellationToken.None);
                timer!.Dispose();
            },
            TimeSpan.Zero, period);
        return Task.CompletedTask;
    }

    public Task Stop()
    {
        timer!.Dispose();
        return Task.CompletedTask;
    }

    public async Task Hold(string name, string gate)
    {
        Signals.Note(Key, $"{name} began");
        Signals.Open($"{Key}/{name} began");
        await Signals.Opened(gate);
        Signals.Note(Key, $"{name} ended");
    }

    public Task Leave()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Signals.Note(Key, "left");
        Signals.Open(Key + "/left");
        return Task.CompletedTask;
    }

    private Task Tick(string name, CancellationToken token)
    {
        Signals.Note(Key, name);
        ticks++;
        Signals.Open($"{Key}/tick {ticks}");
        return Task.CompletedTask;
    }
}
