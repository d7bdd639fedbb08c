using System.Collections.Concurrent;
using Broadcast.Rules;

namespace Broadcast.Ledger.Storage;

/// <summary>The small integers that stand for devices and sites. They are given once and never change, so every node may remember them.</summary>
internal sealed class Numbers
{
    // Forgotten whole: what is being read for an older one stays in it. A mixture would know the newest, read nothing before it, and miss the others for ever.
    private volatile Known _known = new();

    /// <summary>Reads what was added since; the newest number known says where to begin.</summary>
    public Task RefreshAsync(SqlSession sql) => _known.RefreshAsync(sql);

    public void Forget() => _known = new Known();

    public bool TryDevice(DeviceId id, out long number) => _known.Devices.TryNumber(id.Value, out number);

    public bool TrySite(SiteId id, out long number) => _known.Sites.TryNumber(id.Value, out number);

    public ValueTask<long?> DeviceAsync(SqlSession sql, DeviceId id) => TryDevice(id, out var number) ? new(number) : NewDeviceAsync(sql, id);

    private async ValueTask<long?> NewDeviceAsync(SqlSession sql, DeviceId id)
    {
        var known = _known;
        await known.RefreshAsync(sql);
        return known.Devices.TryNumber(id.Value, out var number) ? number : null;
    }

    public DeviceId Device(long number) => new(_known.Devices.Id(number));

    public SiteId Site(long number) => new(_known.Sites.Id(number));

    public bool Knows(long device, long site) => _known is var known && known.Devices.Knows(device) && known.Sites.Knows(site);

    private sealed class Known
    {
        public Names Devices { get; } = new();

        public Names Sites { get; } = new();

        public async Task RefreshAsync(SqlSession sql)
        {
            await Devices.ReadAsync(sql, "SELECT id, num FROM device WHERE num > @known ORDER BY num");
            await Sites.ReadAsync(sql, "SELECT id, num FROM site WHERE num > @known ORDER BY num");
        }
    }

    private sealed class Names
    {
        private readonly ConcurrentDictionary<string, long> _byId = new(StringComparer.Ordinal);
        private readonly ConcurrentDictionary<long, string> _byNumber = [];

        public bool TryNumber(string id, out long number) => _byId.TryGetValue(id, out number);

        public string Id(long number) => _byNumber[number];

        public bool Knows(long number) => _byNumber.ContainsKey(number);

        /// <param name="query">Lowest number first: who sees the newest while others are still added here must find all before it.</param>
        public async Task ReadAsync(SqlSession sql, string query)
        {
            var newest = _byNumber.IsEmpty ? 0 : _byNumber.Keys.Max();
            foreach (var (id, number) in await sql.QueryAsync(query, r => (r.GetString(0), r.GetInt64(1)), ("known", newest)))
            {
                _byId[id] = number;
                _byNumber[number] = id;
            }
        }
    }
}
