namespace Broadcast.Orleans.Tests.Grains;

public interface IFailureGrain : IGrainWithStringKey
{
    Task ThrowAtOnce(string message);

    Task<int> ThrowLater(string message);

    ValueTask<int> ThrowFromValueTask(string message);

    /// <summary>Asks the other grain, which asks this one, which is in the middle of this call.</summary>
    Task<int> CallBack(IFailureGrain via, bool allow);

    Task<int> AnswerOf(IFailureGrain other);

    Task<int> Answer();

    [ResponseTimeout("00:00:00.300")]
    Task HoldBriefly(string gate);

    Task Hold(string gate);

    Task Mark(string name);

    [OneWay]
    Task Tell(string gate);

    [OneWay]
    Task TellAndFail(string name);

    Task<string> WaitForCancellation(string name, CancellationToken token);

    Task<string> Context(string key);

    Task<string> ContextOfOther(IFailureGrain other, string key);
}

public sealed class FailureGrain : Grain, IFailureGrain
{
    private static Signals Signals => SiloFixture.Signals;

    private string Key => this.GetPrimaryKeyString();

    public Task ThrowAtOnce(string message) => throw new InvalidDataException(message);

    public async Task<int> ThrowLater(string message)
    {
        await Task.Yield();
        throw new InvalidDataException(message);
    }

    public async ValueTask<int> ThrowFromValueTask(string message)
    {
        await Task.Yield();
        throw new InvalidDataException(message);
    }

    public async Task<int> CallBack(IFailureGrain via, bool allow)
    {
        if (!allow)
            return await via.AnswerOf(this.AsReference<IFailureGrain>());
        using var _ = RequestContext.AllowCallChainReentrancy();
        return await via.AnswerOf(this.AsReference<IFailureGrain>());
    }

    public Task<int> AnswerOf(IFailureGrain other) => other.Answer();

    public Task<int> Answer() => Task.FromResult(42);

    public Task HoldBriefly(string gate) => Hold(gate);

    public async Task Hold(string gate)
    {
        Signals.Open(gate + " began");
        await Signals.Opened(gate);
    }

    public Task Mark(string name)
    {
        Signals.Note(Key, name);
        return Task.CompletedTask;
    }

    public async Task Tell(string gate)
    {
        await Signals.Opened(gate);
        Signals.Open(gate + " told");
    }

    public Task TellAndFail(string name)
    {
        Signals.Open(name);
        throw new InvalidDataException("Nobody hears of it.");
    }

    public async Task<string> WaitForCancellation(string name, CancellationToken token)
    {
        Signals.Note(Key, $"{name} began");
        Signals.Open($"{Key}/{name} began");
        var cancelled = new TaskCompletionSource();
        await using var _ = token.Register(cancelled.SetResult);
        await cancelled.Task;
        Signals.Open($"{Key}/{name} cancelled");
        return "cancelled";
    }

    public Task<string> Context(string key)
    {
        var value = RequestContext.Get(key) as string ?? "none";
        RequestContext.Set(key, "changed by the grain");
        return Task.FromResult(value);
    }

    public Task<string> ContextOfOther(IFailureGrain other, string key) => other.Context(key);
}
