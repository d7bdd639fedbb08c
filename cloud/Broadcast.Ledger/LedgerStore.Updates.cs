using Broadcast.Ledger.Writing;
using Broadcast.Rules;

namespace Broadcast.Ledger;

/// <summary>The program that is wanted of a site's gateway.</summary>
/// <param name="Revision">Above every earlier wish.</param>
/// <param name="Package">SHA-256 of the package, as 64 hexadecimal digits.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Version">What it says of itself, for people.</param>
public sealed record DesiredUpdate(SiteId Site, int Revision, string Package, long Bytes, string Version, string Author, DateTimeOffset At);

/// <summary>What a device said last of its program.</summary>
/// <param name="Stage">The number of its stage; the names are the wire's.</param>
public sealed record ReportedUpdate(DeviceId Device, int Revision, int Stage, string Why, string Version, long Number, string Target, long Got, DateTimeOffset At);

/// <summary>Programs of gateways, desired and reported.</summary>
public sealed partial class LedgerStore
{
    private const int UpdateWordCharsMax = 64;
    private const int UpdateWhyCharsMax = 400;

    /// <summary>Wants a package of a site's gateway, under the next revision, audited. Null where there is no such site.</summary>
    public async Task<DesiredUpdate?> PutUpdateAsync(SiteId site, string package, long bytes, string version, Actor author, CancellationToken cancel = default)
    {
        CheckText(package, UpdateWordCharsMax, nameof(package));
        CheckText(version, UpdateWordCharsMax, nameof(version));
        return await WriteAsync(vital: false, async tx =>
        {
            // A ledger that was put back to a backup may know less than the devices.
            var newest = await tx.Sql.FirstAsync(
                "SELECT COALESCE(MAX(u.revision), 0) FROM site s JOIN site_update u ON u.site = s.num WHERE s.id = @site", r => r.GetInt64(0), ("site", site.Value));
            var heard = await tx.Sql.FirstAsync("SELECT COALESCE(MAX(p.revision), 0) FROM device d JOIN update_state p ON p.device = d.num WHERE d.site = @site", r => r.GetInt64(0), ("site", site.Value));
            var revision = checked((int)Math.Max(newest, heard) + 1);
            var put = await tx.Sql.ExecuteAsync(
                """
                INSERT INTO site_update (site, revision, package, bytes, version, author, at) SELECT s.num, @revision, @package, @bytes, @version, @author, @at FROM site s WHERE s.id = @site
                ON CONFLICT (site) DO UPDATE SET revision = excluded.revision, package = excluded.package, bytes = excluded.bytes, version = excluded.version, author = excluded.author, at = excluded.at
                """,
                ("revision", (long)revision), ("package", package), ("bytes", bytes), ("version", version), ("author", author.Name), ("at", tx.NowMs), ("site", site.Value));
            if (put == 0) return null;
            Note(tx, author, "put-update", site.Value, $"revision {revision}: {version}, package {package}");
            return new DesiredUpdate(site, revision, package, bytes, version, author.Name, DateTimeOffset.FromUnixTimeMilliseconds(tx.NowMs));
        }, cancel);
    }

    /// <summary>Every package that is wanted of some site's gateway.</summary>
    public Task<IReadOnlySet<string>> WantedPackagesAsync(CancellationToken cancel = default) => _readers.ReadAsync<IReadOnlySet<string>>(async sql =>
        (await sql.QueryAsync("SELECT DISTINCT package FROM site_update", r => r.GetString(0))).ToHashSet(StringComparer.Ordinal), cancel);

    /// <summary>Audits that a package is brought.</summary>
    public Task PackageBroughtAsync(string package, string version, Actor actor, CancellationToken cancel = default) => NotePackageAsync("bring-update", package, version, actor, cancel);

    /// <summary>Audits that a package is dropped to make room for another.</summary>
    public Task PackageDroppedAsync(string package, string version, Actor actor, CancellationToken cancel = default) => NotePackageAsync("drop-update", package, version, actor, cancel);

    private async Task NotePackageAsync(string act, string package, string version, Actor actor, CancellationToken cancel)
    {
        CheckText(package, UpdateWordCharsMax, nameof(package));
        CheckText(version, UpdateWordCharsMax, nameof(version));
        await WriteAsync(vital: false, tx =>
        {
            Note(tx, actor, act, package, version);
            return Task.FromResult(true);
        }, cancel);
    }

    /// <summary>What is wanted of a site's gateway; null where nothing ever was.</summary>
    public Task<DesiredUpdate?> DesiredUpdateAsync(SiteId site, CancellationToken cancel = default) => _readers.ReadAsync(async sql =>
        await sql.FirstAsync("SELECT u.revision, u.package, u.bytes, u.version, u.author, u.at FROM site s JOIN site_update u ON u.site = s.num WHERE s.id = @site",
            r => new DesiredUpdate(site, (int)r.GetInt64(0), r.GetString(1), r.GetInt64(2), r.GetString(3), r.GetString(4), DateTimeOffset.FromUnixTimeMilliseconds(r.GetInt64(5))), ("site", site.Value)), cancel);

    /// <summary>What a device said last of its program; null where it never did.</summary>
    public Task<ReportedUpdate?> ReportedUpdateAsync(DeviceId device, CancellationToken cancel = default) => _readers.ReadAsync(async sql =>
        await sql.FirstAsync("SELECT u.revision, u.stage, u.why, u.version, u.number, u.target, u.got, u.at FROM device d JOIN update_state u ON u.device = d.num WHERE d.id = @device",
            r => new ReportedUpdate(device, (int)r.GetInt64(0), (int)r.GetInt64(1), r.GetString(2), r.GetString(3), r.GetInt64(4), r.GetString(5), r.GetInt64(6), DateTimeOffset.FromUnixTimeMilliseconds(r.GetInt64(7))),
            ("device", device.Value)), cancel);

    /// <summary>Keeps what a device says of its program; false where it is not known, or said the same before.</summary>
    public async Task<bool> PutUpdateStateAsync(ReportedUpdate said, CancellationToken cancel = default)
    {
        CheckText(said.Version, UpdateWordCharsMax, "version");
        CheckText(said.Target, UpdateWordCharsMax, "target");
        if (said.Why.Length > 0) CheckText(said.Why, UpdateWhyCharsMax, "why");
        return await WriteAsync(vital: false, async tx => await tx.Sql.ExecuteAsync(
            """
            INSERT INTO update_state (device, revision, stage, why, version, number, target, got, at) SELECT d.num, @revision, @stage, @why, @version, @number, @target, @got, @at FROM device d WHERE d.id = @device
            ON CONFLICT (device) DO UPDATE SET revision = excluded.revision, stage = excluded.stage, why = excluded.why, version = excluded.version, number = excluded.number, target = excluded.target, got = excluded.got, at = excluded.at
                WHERE update_state.revision <> excluded.revision OR update_state.stage <> excluded.stage OR update_state.why <> excluded.why OR update_state.version <> excluded.version OR update_state.got <> excluded.got
            """,
            ("revision", (long)said.Revision), ("stage", (long)said.Stage), ("why", said.Why), ("version", said.Version), ("number", said.Number), ("target", said.Target), ("got", said.Got), ("at", tx.NowMs),
            ("device", said.Device.Value)) > 0, cancel);
    }
}
