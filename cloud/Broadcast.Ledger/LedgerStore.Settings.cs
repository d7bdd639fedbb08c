using Broadcast.Device;
using Broadcast.Ledger.Writing;
using Broadcast.Rules;

namespace Broadcast.Ledger;

/// <summary>What is wanted of a site: its newest revision.</summary>
/// <param name="Body">The settings as they go to the device (<see cref="SiteSettings.Encode"/>).</param>
public sealed record DesiredSettings(SiteId Site, int Revision, byte[] Body, string Author, DateTimeOffset At);

/// <summary>What a device said last of its settings.</summary>
public sealed record ReportedSettings(DeviceId Device, int InForce, int Judged, SettingsRefusal Refusal, DateTimeOffset At);

/// <summary>Settings of sites, desired and reported.</summary>
public sealed partial class LedgerStore
{
    private const int ForgottenMax = 10_000; // Revisions of settings that a ledger may have forgotten which was put back to a backup.

    private const int SettingsBytesMax = 1_024; // Far above the largest that can be encoded.

    /// <summary>
    /// Makes a site's settings those, under the next revision that its devices have not judged yet, audited. Null, and nothing done, where that is not
    /// the newest any more: somebody else was first.
    /// </summary>
    /// <param name="basedOn">The revision that the author saw; 0 for none.</param>
    public async Task<DesiredSettings?> PutSettingsAsync(SiteId site, int basedOn, SiteSettings settings, Actor author, CancellationToken cancel = default)
    {
        if (settings.Check() is not SettingsRefusal.None and var wrong) throw new ArgumentException($"The settings cannot be used: {wrong}.", nameof(settings));
        if (settings.Encode().Length > SettingsBytesMax) throw new ArgumentException($"The settings have more than {SettingsBytesMax} bytes.", nameof(settings));
        return await WriteAsync(vital: false, tx => PutSettingsAsync(tx, site, basedOn, settings, author), cancel);
    }

    /// <summary>What is wanted of a site; null where nothing is.</summary>
    public Task<DesiredSettings?> DesiredSettingsAsync(SiteId site, CancellationToken cancel = default) => _readers.ReadAsync(async sql =>
        await sql.FirstAsync("SELECT d.revision, d.body, d.author, d.at FROM site s JOIN site_settings d ON d.site = s.num WHERE s.id = @site",
            r => new DesiredSettings(site, (int)r.GetInt64(0), r.GetBytes(1), r.GetString(2), DateTimeOffset.FromUnixTimeMilliseconds(r.GetInt64(3))), ("site", site.Value)), cancel);

    /// <summary>What a device said last of its settings; null where it never did.</summary>
    public Task<ReportedSettings?> ReportedSettingsAsync(DeviceId device, CancellationToken cancel = default) => _readers.ReadAsync(async sql =>
        await sql.FirstAsync("SELECT s.in_force, s.judged, s.refusal, s.at FROM device d JOIN settings_state s ON s.device = d.num WHERE d.id = @device",
            r => new ReportedSettings(device, (int)r.GetInt64(0), (int)r.GetInt64(1), (SettingsRefusal)r.GetInt64(2), DateTimeOffset.FromUnixTimeMilliseconds(r.GetInt64(3))), ("device", device.Value)), cancel);

    /// <summary>Keeps what a device says of its settings; false where it said the same before, or is not known.</summary>
    public Task<bool> PutSettingsStateAsync(DeviceId device, SettingsState state, CancellationToken cancel = default) => WriteAsync(vital: true, async tx =>
        await tx.Sql.ExecuteAsync(
            """
            INSERT INTO settings_state (device, in_force, judged, refusal, at) SELECT d.num, @in_force, @judged, @refusal, @at FROM device d WHERE d.id = @device
            ON CONFLICT (device) DO UPDATE SET in_force = excluded.in_force, judged = excluded.judged, refusal = excluded.refusal, at = excluded.at
                WHERE settings_state.in_force <> excluded.in_force OR settings_state.judged <> excluded.judged OR settings_state.refusal <> excluded.refusal
            """,
            ("in_force", (long)state.InForce), ("judged", (long)state.Judged), ("refusal", (long)state.Refusal), ("at", tx.NowMs), ("device", device.Value)) > 0, cancel);

    private static async Task<DesiredSettings?> PutSettingsAsync(GroupTransaction tx, SiteId site, int basedOn, SiteSettings settings, Actor author)
    {
        var newest = await tx.Sql.FirstAsync("SELECT d.revision FROM site s JOIN site_settings d ON d.site = s.num WHERE s.id = @site", r => r.GetInt64(0), ("site", site.Value));
        if (newest != basedOn) return null;
        // A ledger that was put back to a backup may know less than the devices: they take nothing that is not above what they judged. One that says it has judged
        // what there can never have been would end all settings of its site.
        var judged = await tx.Sql.FirstAsync("SELECT COALESCE(MAX(p.judged), 0) FROM device d JOIN settings_state p ON p.device = d.num WHERE d.site = @site AND p.judged <= @known",
            r => r.GetInt64(0), ("site", site.Value), ("known", newest + ForgottenMax));
        settings.Revision = checked((int)Math.Max(newest, judged) + 1);
        var body = settings.Encode();
        var put = await tx.Sql.ExecuteAsync(
            """
            INSERT INTO site_settings (site, revision, body, author, at) SELECT s.num, @revision, @body, @author, @at FROM site s WHERE s.id = @site
            ON CONFLICT (site) DO UPDATE SET revision = excluded.revision, body = excluded.body, author = excluded.author, at = excluded.at
            """,
            ("revision", (long)settings.Revision), ("body", body), ("author", author.Name), ("at", tx.NowMs), ("site", site.Value));
        if (put == 0) return null;
        Note(tx, author, "put-settings", site.Value, $"revision {settings.Revision}: {Convert.ToHexStringLower(body)}");
        return new DesiredSettings(site, settings.Revision, body, author.Name, DateTimeOffset.FromUnixTimeMilliseconds(tx.NowMs));
    }
}
