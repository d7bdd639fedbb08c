namespace Broadcast.Orleans.Tests.Grains;

public interface ITurnGrain : IGrainWithStringKey
{
    /// <summary>Notes that it began, waits for the gate, notes that it ended.</summary>
    Task Hold(string name, string gate);

    Task Mark(string name);

    [AlwaysInterleave]
    Task MarkBetween(string name);

    [ReadOnly]
    Task HoldReading(string name, string gate);

    [ReadOnly]
    Task MarkReading(string name);

    /// <summary>How many of <paramref name="steps"/> increments with an await inside survive.</summary>
    Task<int> Count(int steps);

    Task<int> Counted();

    Task<string> SchedulerStays();
}

public interface IReentrantTurnGrain : ITurnGrain;

public abstract class TurnGrainBase : Grain
{
    private int count;

    private Signals Signals => SiloFixture.Signals;

    private string Key => this.GetPrimaryKeyString();

    public async Task Hold(string name, string gate)
    {
        Signals.Note(Key, $"{name} began");
        Signals.Open($"{Key}/{name} began");
        await Signals.Opened(gate);
        Signals.Note(Key, $"{name} ended");
    }

    public Task Mark(string name)
    {
        Signals.Note(Key, name);
        return Task.CompletedTask;
    }

    public Task MarkBetween(string name) => Mark(name);

    public Task HoldReading(string name, string gate) => Hold(name, gate);

    public Task MarkReading(string name) => Mark(name);

    public async Task<int> Count(int steps)
    {
        for (var i = 0; i < steps; i++)
        {
            var before = count;
            await Task.Yield();
            count = before + 1;
        }
        return count;
    }

    public Task<int> Counted() => Task.FromResult(count);

    public async Task<string> SchedulerStays()
    {
        var before = TaskScheduler.Current;
        await Task.Delay(1);
        var after = TaskScheduler.Current;
        await Task.Run(() => { });
        return ReferenceEquals(before, after) && ReferenceEquals(after, TaskScheduler.Current) && before != TaskScheduler.Default
            ? "stays" : "strays";
    }
}

public sealed class TurnGrain : TurnGrainBase, ITurnGrain;

[Reentrant]
public sealed class ReentrantTurnGrain : TurnGrainBase, IReentrantTurnGrain;
