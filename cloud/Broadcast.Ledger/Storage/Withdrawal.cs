namespace Broadcast.Ledger.Storage;

/// <summary>
/// What the ledger that a backup replaces knows of who may still speak: devices' keys and service, townships and what is revoked in them, people's duties and
/// passwords. Put back with all the rest, it would let a thief's keys in again, and lock out whoever has the new ones.
/// </summary>
internal sealed class Withdrawal
{
    private const long RestoreMs = 3_600_000; // More revisions than one warning gets between two restores, at one a second.

    private readonly byte[] _root;
    private readonly long _newestMs;
    private List<(string Id, long KeyEpoch, byte[] Verifier, long Service)> _devices = [];
    private List<(string Child, long UpTo)> _revoked = [];
    private List<(string Parent, long Revision, long Epoch, long Expires)> _townships = [];
    private List<(string Child, string Parent)> _children = [];
    private List<(string Id, long Duties, string Region, long Level, byte[] Verifier, long OneTime)> _people = [];

    private long _restoredMs;

    private Withdrawal((byte[] Root, long NewestMs) trail) => (_root, _newestMs) = trail;

    public static async Task<Withdrawal> ReadAsync(SqlSession replaced) => new(await TrailAsync(replaced))
    {
        _restoredMs = await replaced.FirstAsync("SELECT restored FROM commit_counter WHERE one = 1", r => r.GetInt64(0)),
        _devices = await replaced.QueryAsync("SELECT id, key_epoch, verifier, service FROM device ORDER BY id", r => (r.GetString(0), r.GetInt64(1), r.GetBytes(2), r.GetInt64(3))),
        _revoked = await replaced.QueryAsync("SELECT d.id, v.up_to FROM revoked_delegation v JOIN device d ON d.num = v.child ORDER BY d.id", r => (r.GetString(0), r.GetInt64(1))),
        _townships = await replaced.QueryAsync("SELECT d.id, t.revision, t.epoch, t.expires FROM township t JOIN device d ON d.num = t.parent ORDER BY d.id", r => (r.GetString(0), r.GetInt64(1), r.GetInt64(2), r.GetInt64(3))),
        _children = await replaced.QueryAsync("SELECT c.id, p.id FROM township_child t JOIN device c ON c.num = t.child JOIN device p ON p.num = t.parent ORDER BY c.id", r => (r.GetString(0), r.GetString(1))),
        _people = await replaced.QueryAsync("SELECT id, duties, region, level, verifier, one_time FROM person ORDER BY id", r => (r.GetString(0), r.GetInt64(1), r.GetString(2), r.GetInt64(3), r.GetBytes(4), r.GetInt64(5))),
    };

    /// <summary>Puts it into the restored ledger, in one transaction. Null where the replaced one is another ledger, or no newer: then it says nothing of this one.</summary>
    public async Task<Restored?> ApplyAsync(SqlSession restored, string begin)
    {
        var (root, newestMs) = await TrailAsync(restored);
        if ((root.Length > 0 && !root.AsSpan().SequenceEqual(_root)) || _newestMs < newestMs) return null; // Nobody had done anything before the backup: every ledger began so.
        var (kept, lost) = (new List<string>(), new List<string>());
        await restored.ExecuteAsync(begin);
        // Put back again: the numbers of revisions go on above those that were given after the last time, whatever the clock says.
        if (_restoredMs > 0) await restored.ExecuteAsync("UPDATE commit_counter SET restored = @least WHERE one = 1 AND restored < @least", ("least", _restoredMs + RestoreMs));
        var there = (await restored.QueryAsync("SELECT id, num FROM device", r => (Id: r.GetString(0), Number: r.GetInt64(1)))).ToDictionary(d => d.Id, d => d.Number, StringComparer.Ordinal);
        foreach (var device in _devices)
        {
            if (!there.ContainsKey(device.Id)) lost.Add(device.Id);
            else if (await KeepAsync(restored, device) is { } what) kept.Add(what);
        }

        foreach (var (child, upTo) in _revoked.Where(r => there.ContainsKey(r.Child)))
        {
            await restored.ExecuteAsync("INSERT INTO revoked_delegation (child, up_to) VALUES (@child, @up_to) ON CONFLICT (child) DO UPDATE SET up_to = excluded.up_to WHERE revoked_delegation.up_to < excluded.up_to",
                ("child", there[child]), ("up_to", upTo));
        }

        foreach (var township in _townships.Where(t => there.ContainsKey(t.Parent)))
        {
            if (await KeepAsync(restored, township, there)) kept.Add($"{township.Parent}: township {(township.Epoch == 0 ? "without delegation" : "as delegated last")}");
        }

        foreach (var person in _people)
        {
            if (await restored.FirstAsync("SELECT 1 FROM person WHERE id = @id", r => r.GetInt64(0), ("id", person.Id)) == 0) lost.Add(person.Id);
            else if (await KeepAsync(restored, person)) kept.Add($"{person.Id}: duties and password");
        }

        await restored.ExecuteAsync("COMMIT");
        return new Restored(kept, lost);
    }

    private static async Task<string?> KeepAsync(SqlSession restored, (string Id, long KeyEpoch, byte[] Verifier, long Service) device)
    {
        var rekeyed = await restored.ExecuteAsync("UPDATE device SET key_epoch = @epoch, verifier = @verifier WHERE id = @id AND key_epoch < @epoch", ("id", device.Id), ("epoch", device.KeyEpoch), ("verifier", device.Verifier));
        var moved = await restored.ExecuteAsync("UPDATE device SET service = @service WHERE id = @id AND service <> @service", ("id", device.Id), ("service", device.Service));
        return (rekeyed, moved) switch
        {
            (0, 0) => null,
            (_, 0) => $"{device.Id}: key epoch {device.KeyEpoch}",
            (0, _) => $"{device.Id}: {(Rules.ServiceState)device.Service}",
            _ => $"{device.Id}: key epoch {device.KeyEpoch}, {(Rules.ServiceState)device.Service}",
        };
    }

    private async Task<bool> KeepAsync(SqlSession restored, (string Parent, long Revision, long Epoch, long Expires) township, Dictionary<string, long> there)
    {
        var parent = there[township.Parent];
        var changed = await restored.ExecuteAsync(
            """
            INSERT INTO township (parent, revision, epoch, expires) VALUES (@parent, @revision, @epoch, @expires)
            ON CONFLICT (parent) DO UPDATE SET revision = excluded.revision, epoch = excluded.epoch, expires = excluded.expires WHERE township.revision < excluded.revision
            """,
            ("parent", parent), ("revision", township.Revision), ("epoch", township.Epoch), ("expires", township.Expires));
        if (changed == 0) return false;
        await restored.ExecuteAsync("DELETE FROM township_child WHERE parent = @parent", ("parent", parent));
        foreach (var (child, _) in _children.Where(c => c.Parent == township.Parent && there.ContainsKey(c.Child)))
            await restored.ExecuteAsync("INSERT INTO township_child (child, parent) VALUES (@child, @parent) ON CONFLICT (child) DO UPDATE SET parent = excluded.parent", ("child", there[child]), ("parent", parent));
        return true;
    }

    private static async Task<bool> KeepAsync(SqlSession restored, (string Id, long Duties, string Region, long Level, byte[] Verifier, long OneTime) person) => await restored.ExecuteAsync(
        """
        UPDATE person SET duties = @duties, region = @region, level = @level, verifier = @verifier, one_time = @one_time
        WHERE id = @id AND (duties <> @duties OR region <> @region OR level <> @level OR verifier <> @verifier OR one_time <> @one_time)
        """,
        ("id", person.Id), ("duties", person.Duties), ("region", person.Region), ("level", person.Level), ("verifier", person.Verifier), ("one_time", person.OneTime)) > 0;

    // The first entry of the trail is one ledger's alone: its hash covers the time to the millisecond, and what was done.
    private static async Task<(byte[] Root, long NewestMs)> TrailAsync(SqlSession sql) =>
        (await sql.FirstAsync("SELECT hash FROM audit WHERE number = 1 ORDER BY at, node LIMIT 1", r => r.GetBytes(0)) ?? [],
            await sql.FirstAsync("SELECT COALESCE(MAX(at), 0) FROM audit", r => r.GetInt64(0)));
}
