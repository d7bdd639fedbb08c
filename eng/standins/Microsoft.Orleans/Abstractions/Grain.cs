using System.Diagnostics.CodeAnalysis;
using Orleans.Runtime;

namespace Orleans;

/// <summary>What every grain class is or derives from.</summary>
public interface IGrainBase
{
    IGrainContext GrainContext { get; }

    Task OnActivateAsync(CancellationToken token) => Task.CompletedTask;

    Task OnDeactivateAsync(DeactivationReason reason, CancellationToken token) => Task.CompletedTask;
}

/// <summary>The base of the grain classes: one turn at a time, an identity, a life between activation and deactivation.</summary>
public abstract class Grain : IGrainBase, IAddressable
{
    protected Grain() => GrainContext = Activation.Current!;

    /// <summary>Null only for an instance that was made with <c>new</c>, outside the silo.</summary>
    [AllowNull]
    public IGrainContext GrainContext { get; }

    public string IdentityString => GrainContext.GrainId.ToString();

    protected IGrainFactory GrainFactory => Own.Silo.Factory;

    protected internal IServiceProvider ServiceProvider => GrainContext.ActivationServices;

    private Activation Own => GrainContext as Activation
        ?? throw new InvalidOperationException("Grain was created outside of the Orleans creation process and no runtime was specified.");

    public virtual Task OnActivateAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public virtual Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => Task.CompletedTask;

    protected void DeactivateOnIdle() => GrainBaseExtensions.DeactivateOnIdle(this);

    protected void DelayDeactivation(TimeSpan timeSpan) => Own.DelayDeactivation(timeSpan);
}
