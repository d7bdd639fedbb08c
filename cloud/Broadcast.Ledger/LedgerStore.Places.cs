using Broadcast.Device;
using Broadcast.Ledger.Storage;
using Broadcast.Ledger.Writing;
using Broadcast.Rules;

namespace Broadcast.Ledger;

/// <summary>Somebody who signs in, with what a password is checked against.</summary>
/// <param name="OneTime">The password was given out and must be replaced at the first sign-in.</param>
public sealed record PersonRecord(Person Person, byte[] PasswordVerifier, bool OneTime);

/// <summary>Regions, sites, devices and people.</summary>
public sealed partial class LedgerStore
{
    private const int NameCharsMax = 200; // Longer than any official name of a place; the console shows it on one line.
    private const int VerifierBytesMax = 256;

    /// <summary>Adds regions or renames them.</summary>
    public Task PutRegionsAsync(IReadOnlyList<NamedRegion> regions, CancellationToken cancel = default)
    {
        foreach (var region in regions) CheckText(region.Name, NameCharsMax, "region.name");
        return WriteAsync(vital: false, async tx =>
        {
            await tx.Sql.BulkAsync(
                "INSERT INTO region (code, level, name) SELECT r.code, r.level, r.name FROM {rows} WHERE true ON CONFLICT (code, level) DO UPDATE SET name = excluded.name",
                Rows.Of(Newest(regions, r => r.Region)).Text("code", r => r.Region.Code).Long("level", r => (long)r.Region.Level).Text("name", r => r.Name));
            return 0;
        }, cancel);
    }

    /// <summary>Adds sites or replaces what is known of them. A site's village must be a village.</summary>
    public Task PutSitesAsync(IReadOnlyList<Site> sites, CancellationToken cancel = default)
    {
        foreach (var site in sites)
        {
            CheckText(site.Id.Value, 32, "site.id");
            CheckText(site.Name, NameCharsMax, "site.name");
            if (site.ResourceCode is { } code) CheckText(code, 32, "site.resourceCode");
            if (site.Village.Level != RegionLevel.Village) throw new ArgumentException($"site.village is {site.Village}: a site lies in a village.", nameof(sites));
        }

        return WriteAsync(vital: false, async tx =>
        {
            var next = await tx.Sql.FirstAsync("SELECT COALESCE(MAX(num), 0) FROM site", r => r.GetInt64(0));
            await tx.Sql.BulkAsync(
                """
                INSERT INTO site (num, id, village, name, longitude, latitude, resource) SELECT r.num, r.id, r.village, r.name, r.longitude, r.latitude, r.resource FROM {rows} WHERE true
                ON CONFLICT (id) DO UPDATE SET village = excluded.village, name = excluded.name, longitude = excluded.longitude, latitude = excluded.latitude, resource = excluded.resource
                """,
                Rows.Of(Newest(sites, s => s.Id)).Long("num", _ => ++next).Text("id", s => s.Id.Value).Long("village", s => OrderRow.CodeOf(s.Village)).Text("name", s => s.Name)
                    .Real("longitude", s => s.Longitude).Real("latitude", s => s.Latitude).Text("resource", s => s.ResourceCode));
            return 0;
        }, cancel);
    }

    /// <summary>Adds devices or replaces what is known of them; what they reported and their sessions stay.</summary>
    public Task PutDevicesAsync(IReadOnlyList<DeviceRecord> devices, CancellationToken cancel = default)
    {
        foreach (var device in devices)
        {
            CheckText(device.Id.Value, 32, "device.id");
            CheckText(device.Site.Value, 32, "device.site");
            if (device.LinkVerifier.Length > VerifierBytesMax) throw new ArgumentException($"device.linkVerifier has {device.LinkVerifier.Length} bytes; at most {VerifierBytesMax}.", nameof(devices));
        }

        return WriteAsync(vital: false, async tx =>
        {
            var next = await tx.Sql.FirstAsync("SELECT COALESCE(MAX(num), 0) FROM device", r => r.GetInt64(0));
            await tx.Sql.BulkAsync(
                """
                INSERT INTO device (num, id, site, key_epoch, verifier, service, high_water, refused_mark, epoch)
                SELECT r.num, r.id, r.site, r.key_epoch, r.verifier, r.service, 0, 0, 0 FROM {rows} WHERE true
                ON CONFLICT (id) DO UPDATE SET site = excluded.site, key_epoch = excluded.key_epoch, verifier = excluded.verifier, service = excluded.service
                """,
                Rows.Of(Newest(devices, d => d.Id)).Long("num", _ => ++next).Text("id", d => d.Id.Value).Text("site", d => d.Site.Value).Long("key_epoch", d => d.KeyEpoch)
                    .Bytes("verifier", d => d.LinkVerifier).Long("service", d => (long)d.Service));
            return 0;
        }, cancel);
    }

    /// <summary>Adds a person or replaces what is known of them.</summary>
    public Task PutPersonAsync(Person person, byte[] passwordVerifier, bool oneTime, Actor actor, CancellationToken cancel = default)
    {
        CheckText(person.Id.Value, 32, "person.id");
        CheckText(person.Name, NameCharsMax, "person.name");
        if (passwordVerifier.Length is 0 or > VerifierBytesMax) throw new ArgumentException($"The password verifier has {passwordVerifier.Length} bytes; expected 1–{VerifierBytesMax}.", nameof(passwordVerifier));
        return WriteAsync(vital: false, tx =>
        {
            Note(tx, actor, "put-person", person.Id.Value, $"{person.Duties} {person.Region}");
            return tx.Sql.ExecuteAsync(
                """
                INSERT INTO person (id, name, duties, region, level, verifier, one_time) VALUES (@id, @name, @duties, @region, @level, @verifier, @one_time)
                ON CONFLICT (id) DO UPDATE SET name = excluded.name, duties = excluded.duties, region = excluded.region, level = excluded.level, verifier = excluded.verifier, one_time = excluded.one_time
                """,
                ("id", person.Id.Value), ("name", person.Name), ("duties", (long)person.Duties), ("region", person.Region.Code), ("level", (long)person.Region.Level),
                ("verifier", passwordVerifier), ("one_time", oneTime ? 1L : 0L));
        }, cancel);
    }

    /// <summary>Replaces a person's own password, unless it was replaced meanwhile: false then, and nothing is changed.</summary>
    public Task<bool> ReplacePasswordAsync(PersonId person, byte[] oldVerifier, byte[] newVerifier, CancellationToken cancel = default)
    {
        if (newVerifier.Length is 0 or > VerifierBytesMax) throw new ArgumentException($"The password verifier has {newVerifier.Length} bytes; expected 1–{VerifierBytesMax}.", nameof(newVerifier));
        return WriteAsync(vital: false, async tx =>
        {
            var changed = await tx.Sql.ExecuteAsync("UPDATE person SET verifier = @new, one_time = 0 WHERE id = @id AND verifier = @old", ("id", person.Value), ("old", oldVerifier), ("new", newVerifier));
            if (changed > 0) Note(tx, Actor.Of(person), "new-password", person.Value, "");
            return changed > 0;
        }, cancel);
    }

    public Task<IReadOnlyList<NamedRegion>> RegionsAsync(CancellationToken cancel = default) => ListAsync(
        "SELECT code, level, name FROM region ORDER BY code, level", r => new NamedRegion(Region.Create(r.GetString(0), (RegionLevel)r.GetInt64(1)), r.GetString(2)), cancel);

    public Task<IReadOnlyList<Site>> SitesAsync(CancellationToken cancel = default) => ListAsync(
        "SELECT id, village, name, longitude, latitude, resource FROM site ORDER BY id",
        r => new Site(new SiteId(r.GetString(0)), OrderRow.VillageOf(r.GetInt64(1)), r.GetString(2), r.GetDouble(3), r.GetDouble(4), r.IsDBNull(5) ? null : r.GetString(5)), cancel);

    public Task<IReadOnlyList<DeviceRecord>> DevicesAsync(CancellationToken cancel = default) => ListAsync(
        """
        SELECT d.id, d.site, d.key_epoch, d.verifier, d.service, p.id, COALESCE(v.up_to, 0), COALESCE(t.parent, 0) FROM device d
        LEFT JOIN township_child c ON c.child = d.num LEFT JOIN device p ON p.num = c.parent LEFT JOIN revoked_delegation v ON v.child = d.num LEFT JOIN township t ON t.parent = d.num ORDER BY d.id
        """,
        r => new DeviceRecord(new DeviceId(r.GetString(0)), new SiteId(r.GetString(1)), (int)r.GetInt64(2), r.GetBytes(3), (ServiceState)r.GetInt64(4))
        {
            Parent = r.IsDBNull(5) ? null : new DeviceId(r.GetString(5)), RevokedUpTo = r.GetInt64(6), IsTownship = r.GetInt64(7) > 0,
        }, cancel);

    /// <summary>Null where nobody has that id.</summary>
    public Task<PersonRecord?> PersonAsync(PersonId id, CancellationToken cancel = default) => _readers.ReadAsync(sql => sql.FirstAsync(
        "SELECT id, name, duties, region, level, verifier, one_time FROM person WHERE id = @id",
        r => new PersonRecord(new Person(new PersonId(r.GetString(0)), r.GetString(1), (Duties)r.GetInt64(2), Region.Create(r.GetString(3), (RegionLevel)r.GetInt64(4))), r.GetBytes(5), r.GetInt64(6) == 1),
        ("id", Storable(id.Value) ? id.Value : "")), cancel);

    private Task<IReadOnlyList<T>> ListAsync<T>(string query, Func<RowReader, T> read, CancellationToken cancel) =>
        _readers.ReadAsync<IReadOnlyList<T>>(async sql => await sql.QueryAsync(query, read), cancel);

    /// <summary>One row a key, the last one given: PostgreSQL refuses to update a row twice in one statement.</summary>
    private static List<T> Newest<T, TKey>(IReadOnlyList<T> rows, Func<T, TKey> key) where TKey : notnull
    {
        var byKey = new Dictionary<TKey, T>(rows.Count);
        foreach (var row in rows) byKey[key(row)] = row;
        return [.. byKey.Values];
    }

    /// <summary>Whether both databases can hold the text: PostgreSQL has no NUL, and half a surrogate pair has no UTF-8.</summary>
    private static bool Storable(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\0') return false;
            if (!char.IsSurrogate(text[i])) continue;
            if (!char.IsHighSurrogate(text[i]) || i + 1 == text.Length || !char.IsLowSurrogate(text[i + 1])) return false;
            i++;
        }

        return true;
    }

    private static void CheckText(string text, int charsMax, string field)
    {
        if (text.Length == 0 || text.Length > charsMax) throw new ArgumentException($"{field} has {text.Length} characters; expected 1–{charsMax}.", field);
        if (!Storable(text)) throw new ArgumentException($"{field} holds a NUL or half a character; expected text.", field);
    }
}
