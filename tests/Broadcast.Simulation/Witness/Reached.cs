using System.Collections.Concurrent;

namespace Broadcast.Simulation.Witness;

/// <summary>What the simulated worlds came to, each with its count: an unreached branch shows as a name that is missing.</summary>
internal sealed class Reached
{
    private readonly ConcurrentDictionary<string, long> _counts = new(StringComparer.Ordinal);

    public IEnumerable<KeyValuePair<string, long>> All => _counts.OrderBy(c => c.Key, StringComparer.Ordinal);

    public long this[string what] => _counts.GetValueOrDefault(what);

    public void Count(string what, long n = 1) => _counts.AddOrUpdate(what, n, (_, before) => before + n);
}
