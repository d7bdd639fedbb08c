using System.Collections.Frozen;

namespace Broadcast.Rules;

/// <summary>The regions, sites and devices of the installation at one moment: read often, replaced whole when anything changes.</summary>
public sealed class SiteDirectory
{
    private readonly FrozenDictionary<string, NamedRegion> _byCode;
    private readonly FrozenDictionary<SiteId, DeviceRecord[]> _devicesBySite;
    private readonly FrozenDictionary<SiteId, Site> _sites;
    private readonly FrozenDictionary<DeviceId, DeviceRecord> _devices;
    private readonly FrozenDictionary<DeviceId, DeviceRecord[]> _children;

    public SiteDirectory(IEnumerable<NamedRegion> regions, IEnumerable<Site> sites, IEnumerable<DeviceRecord> devices)
    {
        _byCode = regions.ToFrozenDictionary(r => r.Region.Code, StringComparer.Ordinal);
        _sites = sites.ToFrozenDictionary(s => s.Id);
        var all = devices.ToArray();
        _devices = all.ToFrozenDictionary(d => d.Id);
        _devicesBySite = all.GroupBy(d => d.Site).ToFrozenDictionary(g => g.Key, g => g.OrderBy(d => d.Id).ToArray());
        _children = all.Where(d => d.Parent is not null).GroupBy(d => d.Parent!.Value).ToFrozenDictionary(g => g.Key, g => g.OrderBy(d => d.Id).ToArray());
        Sites = [.. _sites.Values.OrderBy(s => s.Village.Code, StringComparer.Ordinal).ThenBy(s => s.Id)];
        Regions = [.. _byCode.Values.OrderBy(r => r.Region.Code, StringComparer.Ordinal)];
    }

    public static SiteDirectory Empty { get; } = new([], [], []);

    /// <summary>Ordered by village, then by id.</summary>
    public IReadOnlyList<Site> Sites { get; }

    /// <summary>Ordered by code.</summary>
    public IReadOnlyList<NamedRegion> Regions { get; }

    public IEnumerable<DeviceRecord> Devices => _devices.Values;

    /// <summary>The region of a code; null where the tree has none.</summary>
    public NamedRegion? Find(string code) => _byCode.GetValueOrDefault(code);

    public Site? Find(SiteId id) => _sites.GetValueOrDefault(id);

    public DeviceRecord? Find(DeviceId id) => _devices.GetValueOrDefault(id);

    /// <summary>The devices that a township's Pi may carry, by id.</summary>
    public IReadOnlyList<DeviceRecord> ChildrenOf(DeviceId parent) => _children.GetValueOrDefault(parent) ?? [];

    /// <summary>The device that serves a site now: the one in service; null where there is none.</summary>
    public DeviceRecord? Serving(SiteId site)
    {
        foreach (var device in _devicesBySite.GetValueOrDefault(site) ?? [])
        {
            if (device.Service == ServiceState.InService) return device;
        }

        return null;
    }

    /// <summary>The direct children of a region in the tree, by code.</summary>
    public IReadOnlyList<NamedRegion> Children(Region parent) =>
        [.. Regions.Where(r => r.Region.Level == parent.Level + 1 && parent.Contains(r.Region))];
}
