using Broadcast.Cloud.Demo;
using Broadcast.Device;
using Broadcast.Rules;

namespace Broadcast.Cloud.Tests;

public class DemoPlacesTests
{
    private static readonly DemoPlaces Places = DemoPlaces.Read(Path.Combine(AppContext.BaseDirectory, "Demo", "xianning"));

    [Fact]
    public void The_tree_is_the_published_one()
    {
        int Count(RegionLevel level) => Places.Regions.Count(r => r.Region.Level == level);
        (Count(RegionLevel.County), Count(RegionLevel.Township), Count(RegionLevel.Village)).ShouldBe((6, 89, 1096));
    }

    [Fact]
    public void Most_villages_have_one_site_some_three_some_none()
    {
        var sites = Places.Sites.GroupBy(s => s.Village).ToDictionary(g => g.Key, g => g.Count());
        sites.Values.Distinct().Order().ShouldBe([1, 3]);
        sites.Values.Count(n => n == 1).ShouldBeGreaterThan(900);
        sites.Values.Count(n => n == 3).ShouldBeGreaterThan(10);
        (1096 - sites.Count).ShouldBeInRange(20, 120);
        Places.Sites.Count.ShouldBeInRange(1_050, 1_150);
    }

    [Fact]
    public void The_township_whose_code_ends_in_a_zero_speaks_in_its_nineteen_villages()
    {
        var directory = new SiteDirectory(Places.Regions, Places.Sites, Places.Sites.Select((s, i) => new DeviceRecord(new DeviceId($"d{i}"), s.Id, 1, [], ServiceState.InService)));
        var resolution = Targeting.Resolve(Area.Of(Region.Create("421202100000", RegionLevel.Township)), directory);
        resolution.Villages.Count().ShouldBe(19);
        resolution.Villages.ShouldAllBe(v => v.Code.StartsWith("421202100", StringComparison.Ordinal));
    }

    [Fact]
    public void The_same_places_come_out_every_time() =>
        DemoPlaces.Read(Path.Combine(AppContext.BaseDirectory, "Demo", "xianning")).Sites.ShouldBe(Places.Sites);

    [Fact]
    public void Every_site_lies_in_the_prefecture() =>
        Places.Sites.ShouldAllBe(s => s.Longitude > 113.5 && s.Longitude < 115 && s.Latitude > 29 && s.Latitude < 30.5);
}
