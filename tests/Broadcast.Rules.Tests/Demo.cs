using Broadcast.Device;

namespace Broadcast.Rules.Tests;

/// <summary>A small county on a grid: two townships with three villages each, one site a village, 0.1° apart.</summary>
internal static class Demo
{
    public static readonly Region County = Region.Create("421202000000", RegionLevel.County);
    public static readonly Region Township1 = Region.Create("421202100000", RegionLevel.Township);
    public static readonly Region Township2 = Region.Create("421202101000", RegionLevel.Township);
    public static readonly DateTimeOffset Now = new(2026, 7, 1, 2, 0, 0, TimeSpan.Zero);

    public static SiteDirectory Directory { get; } = Build(ServiceState.InService);

    public static SiteDirectory Build(ServiceState firstDevice)
    {
        var regions = new List<NamedRegion> { new(County, "咸安区"), new(Township1, "汀泗桥镇"), new(Township2, "向阳湖镇") };
        var sites = new List<Site>();
        foreach (var (township, row) in new[] { (Township1, 0), (Township2, 1) })
        {
            for (var n = 1; n <= 3; n++)
            {
                var village = Region.Create(FormattableString.Invariant($"{township.Code[..9]}{n:D3}"), RegionLevel.Village);
                regions.Add(new NamedRegion(village, $"village {row}{n}"));
                sites.Add(new Site(new SiteId($"s{row}{n}"), village, $"site {row}{n}", 114 + (n * 0.1), 29 + (row * 0.1)));
            }
        }

        var devices = sites.Select((s, i) => new DeviceRecord(new DeviceId("d" + s.Id.Value), s.Id, 1, [], i == 0 ? firstDevice : ServiceState.InService));
        return new SiteDirectory(regions, sites, devices);
    }

    public static Person Person(Duties duties, Region region, string id = "li-wei") => new(new PersonId(id), id, duties, region);

    public static WarningContent Content { get; } = new(WarningClass.Actual, WarningLevel.Red, "11B03", "暴雨红色预警");

    public static Warning Warning(WarningState state, WarningContent? content = null) => new(
        new WarningId(Guid.Parse("00112233445566778899aabbccddeeff")), 1, OrderKind.Alert, content ?? Content, Area.Of(County), County,
        Now, Now.AddHours(1), state, new PersonId("li-wei"), null, Now, null);
}
