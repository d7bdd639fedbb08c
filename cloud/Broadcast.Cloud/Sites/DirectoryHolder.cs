using Broadcast.Ledger;
using Broadcast.Rules;

namespace Broadcast.Cloud.Sites;

/// <summary>The directory of now, read from the ledger at start and again after a change. Readers take <see cref="Current"/> once and keep it.</summary>
public sealed class DirectoryHolder(LedgerStore ledger)
{
    private volatile SiteDirectory _current = SiteDirectory.Empty;

    public SiteDirectory Current => _current;

    public async Task ReloadAsync(CancellationToken ct = default) =>
        _current = new SiteDirectory(await ledger.RegionsAsync(ct), await ledger.SitesAsync(ct), await ledger.DevicesAsync(ct));
}
