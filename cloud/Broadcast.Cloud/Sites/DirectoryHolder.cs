using Broadcast.Ledger;
using Broadcast.Rules;

namespace Broadcast.Cloud.Sites;

/// <summary>The directory of now, read from the ledger at start and again after a change. Readers take <see cref="Current"/> once and keep it.</summary>
public sealed class DirectoryHolder(LedgerStore ledger) : IDisposable
{
    private readonly SemaphoreSlim _one = new(1); // Of two reads at once the older could come last, and stay.
    private volatile SiteDirectory _current = SiteDirectory.Empty;

    public SiteDirectory Current => _current;

    /// <summary>Reads what is committed when it is called, or later.</summary>
    public async Task ReloadAsync(CancellationToken ct = default)
    {
        await _one.WaitAsync(ct);
        try
        {
            _current = new SiteDirectory(await ledger.RegionsAsync(ct), await ledger.SitesAsync(ct), await ledger.DevicesAsync(ct));
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();
}
