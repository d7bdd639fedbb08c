using System.Collections.Concurrent;
using Broadcast.Rules;

namespace Broadcast.Ledger.Storage;

/// <summary>The small integers that stand for devices and sites. They are given once and never change, so every node may remember them.</summary>
internal sealed class Numbers
{
    private readonly ConcurrentDictionary<string, long> _devices = new(StringComparer.Ordinal), _sites = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<long, string> _deviceIds = [], _siteIds = [];

    /// <summary>Reads what was added since; the newest number known says where to begin.</summary>
    public async Task RefreshAsync(SqlSession sql)
    {
        await ReadAsync(sql, "SELECT id, num FROM device WHERE num > @known", _devices, _deviceIds);
        await ReadAsync(sql, "SELECT id, num FROM site WHERE num > @known", _sites, _siteIds);
    }

    public void Forget()
    {
        _devices.Clear();
        _sites.Clear();
        _deviceIds.Clear();
        _siteIds.Clear();
    }

    public bool TryDevice(DeviceId id, out long number) => _devices.TryGetValue(id.Value, out number);

    public bool TrySite(SiteId id, out long number) => _sites.TryGetValue(id.Value, out number);

    public ValueTask<long?> DeviceAsync(SqlSession sql, DeviceId id) => TryDevice(id, out var number) ? new(number) : NewDeviceAsync(sql, id);

    private async ValueTask<long?> NewDeviceAsync(SqlSession sql, DeviceId id)
    {
        await RefreshAsync(sql);
        return TryDevice(id, out var number) ? number : null;
    }

    public async Task<DeviceId> DeviceAsync(SqlSession sql, long number)
    {
        if (!_deviceIds.ContainsKey(number)) await RefreshAsync(sql);
        return new DeviceId(_deviceIds[number]);
    }

    public async Task<SiteId> SiteAsync(SqlSession sql, long number)
    {
        if (!_siteIds.ContainsKey(number)) await RefreshAsync(sql);
        return new SiteId(_siteIds[number]);
    }

    public DeviceId Device(long number) => new(_deviceIds[number]);

    public SiteId Site(long number) => new(_siteIds[number]);

    public bool Knows(long device, long site) => _deviceIds.ContainsKey(device) && _siteIds.ContainsKey(site);

    private static async Task ReadAsync(SqlSession sql, string query, ConcurrentDictionary<string, long> byId, ConcurrentDictionary<long, string> byNumber)
    {
        var known = byNumber.IsEmpty ? 0 : byNumber.Keys.Max();
        foreach (var (id, number) in await sql.QueryAsync(query, r => (r.GetString(0), r.GetInt64(1)), ("known", known)))
        {
            byId[id] = number;
            byNumber[number] = id;
        }
    }
}
