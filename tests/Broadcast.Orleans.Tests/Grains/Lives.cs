using Microsoft.Extensions.DependencyInjection;

namespace Broadcast.Orleans.Tests.Grains;

public interface ILifeGrain : IGrainWithStringKey
{
    Task<int> Increment();

    Task Leave();

    Task LeaveAndHold(string gate);

    Task Stay(TimeSpan time);

    Task<string> IdentityOfSilo();
}

public interface IKeptLifeGrain : ILifeGrain;

public abstract class LifeGrainBase(ILocalSiloDetails silo) : Grain
{
    private int count;

    private string Key => this.GetPrimaryKeyString();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        SiloFixture.Signals.Note(Key, "activated");
        return Task.CompletedTask;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await Task.Yield();
        SiloFixture.Signals.Note(Key, $"deactivated: {reason.ReasonCode}");
        SiloFixture.Signals.Open(Key + "/left");
    }

    public Task<int> Increment() => Task.FromResult(++count);

    public Task Leave()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public async Task LeaveAndHold(string gate)
    {
        DeactivateOnIdle();
        SiloFixture.Signals.Open(gate + " began");
        await SiloFixture.Signals.Opened(gate);
        SiloFixture.Signals.Note(Key, "held");
    }

    public Task Stay(TimeSpan time)
    {
        DelayDeactivation(time);
        return Task.CompletedTask;
    }

    public Task<string> IdentityOfSilo() =>
        Task.FromResult(ReferenceEquals(ServiceProvider.GetRequiredService<ILocalSiloDetails>(), silo) ? silo.Name : "another");
}

public sealed class LifeGrain(ILocalSiloDetails silo) : LifeGrainBase(silo), ILifeGrain;

[KeepAlive]
public sealed class KeptLifeGrain(ILocalSiloDetails silo) : LifeGrainBase(silo), IKeptLifeGrain;

public interface IFailingLifeGrain : IGrainWithStringKey
{
    Task<int> Activations();
}

/// <summary>Its first activation fails.</summary>
public sealed class FailingLifeGrain : Grain, IFailingLifeGrain
{
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var key = this.GetPrimaryKeyString();
        SiloFixture.Signals.Note(key, "tried");
        await Task.Yield();
        if (SiloFixture.Signals.NotesOn(key).Length == 1)
            throw new InvalidDataException("The first try fails.");
    }

    public Task<int> Activations() => Task.FromResult(SiloFixture.Signals.NotesOn(this.GetPrimaryKeyString()).Length);
}

public interface IUnbuildableGrain : IGrainWithStringKey
{
    Task Call();
}

public sealed class UnbuildableGrain : Grain, IUnbuildableGrain
{
    public UnbuildableGrain() => throw new InvalidDataException("It cannot be built.");

    public Task Call() => Task.CompletedTask;
}
