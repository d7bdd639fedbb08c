namespace Orleans.Runtime
{
    /// <summary>Asks the silo about its grains; key 0.</summary>
    public interface IManagementGrain : IGrainWithIntegerKey
    {
        Task ForceActivationCollection(TimeSpan ageLimit);

        Task<int> GetTotalActivationCount();

        ValueTask<SiloAddress?> GetActivationAddress(IAddressable reference);
    }

    [Concurrency.StatelessWorker]
    internal sealed class ManagementGrain(Silo silo, ILocalSiloDetails details) : Grain, IManagementGrain
    {
        public Task ForceActivationCollection(TimeSpan ageLimit) => silo.Collect(ageLimit);

        public Task<int> GetTotalActivationCount() => Task.FromResult(silo.Activations.Count());

        public ValueTask<SiloAddress?> GetActivationAddress(IAddressable reference) =>
            new(silo.ActivationsOf(reference.GetGrainId()).Any() ? details.SiloAddress : null);
    }
}
