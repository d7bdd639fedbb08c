namespace Orleans.Runtime;

/// <summary>One activation of a grain, as its own code sees it.</summary>
public interface IGrainContext : IEquatable<IGrainContext>
{
    GrainId GrainId { get; }

    object? GrainInstance { get; }

    IServiceProvider ActivationServices { get; }

    /// <summary>Completes when the activation is gone.</summary>
    Task Deactivated { get; }

    void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default);
}
