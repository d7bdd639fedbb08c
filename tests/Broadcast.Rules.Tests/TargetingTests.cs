using Broadcast.Device;

namespace Broadcast.Rules.Tests;

public class TargetingTests
{
    private static readonly GeoPoint[] AroundFirstTwo = [new(114.05, 28.95), new(114.25, 28.95), new(114.25, 29.05), new(114.05, 29.05), new(114.05, 28.95)];

    private static string[] Names(Resolution r) => [.. r.Targets.Select(t => t.Site.Value)];

    private static Area Polygon(params GeoPoint[] ring) => new([], [ring], [], []);

    private static Area CircleOf(double lon, double lat, double km) => new([], [], [new Circle(new GeoPoint(lon, lat), km)], []);

    [Fact]
    public void A_region_speaks_in_exactly_its_villages()
    {
        var r = Targeting.Resolve(Area.Of(Demo.Township1), Demo.Directory);
        Names(r).ShouldBe(["s01", "s02", "s03"]);
        r.Problems.ShouldBeEmpty();
    }

    public static TheoryData<Area> OneOfEach() => [
        new Area([Demo.Township1], [AroundFirstTwo], [], []),
        new Area([], [AroundFirstTwo], [new Circle(new GeoPoint(114.1, 29), 1)], []),
        new Area([Demo.Township1], [], [], [new SiteId("s01")]),
        new Area([], [], [new Circle(new GeoPoint(114.1, 29), 1)], [new SiteId("s01")])];

    [Theory]
    [MemberData(nameof(OneOfEach))]
    public void An_area_of_parts_of_two_kinds_is_not_empty(Area area) => area.IsEmpty.ShouldBeFalse();

    [Fact]
    public void As_many_parts_and_corners_as_are_allowed_are_taken()
    {
        var ring = Enumerable.Range(0, Targeting.CornersMax - 1).Select(i => i * Math.Tau / (Targeting.CornersMax - 1))
            .Select(a => new GeoPoint(114.2 + (0.5 * Math.Cos(a)), 29 + (0.5 * Math.Sin(a)))).ToList();
        var area = new Area([.. Enumerable.Repeat(Demo.County, Targeting.PartsMax)], [[.. ring, ring[0]]], [], [.. Enumerable.Repeat(new SiteId("s01"), Targeting.PartsMax)]);
        Targeting.Resolve(area, Demo.Directory).Problems.ShouldBeEmpty();
    }

    [Fact]
    public void Parts_of_an_area_are_united_and_a_site_in_several_speaks_once()
    {
        var area = new Area([Demo.Township1], [AroundFirstTwo], [], [new SiteId("s01"), new SiteId("s13")]);
        Names(Targeting.Resolve(area, Demo.Directory)).ShouldBe(["s01", "s02", "s03", "s13"]);
    }

    [Fact]
    public void A_polygon_speaks_inside_and_on_its_border()
    {
        Names(Targeting.Resolve(Polygon(AroundFirstTwo), Demo.Directory)).ShouldBe(["s01", "s02"]);
        var touching = Polygon(new(114.1, 29), new(114.15, 28.9), new(114.15, 29.05), new(114.1, 29));
        Names(Targeting.Resolve(touching, Demo.Directory)).ShouldBe(["s01"]);
    }

    [Theory]
    [InlineData(9.6, 1)] // 0.1° of longitude at 29° N is 9.72 km on the mean sphere.
    [InlineData(9.8, 3)] // The neighbours on both sides; the row above lies 11.1 km away.
    [InlineData(11.2, 4)]
    public void A_circle_speaks_by_distance_on_the_ground(double km, int sites) =>
        Targeting.Resolve(CircleOf(114.2, 29, km), Demo.Directory).Targets.Count.ShouldBe(sites);

    [Fact]
    public void Distance_is_the_great_circle() =>
        Targeting.DistanceKm(new GeoPoint(114.3, 29.85), new GeoPoint(114.3, 30.85)).ShouldBe(111.195, 0.01);

    [Fact]
    public void A_site_whose_device_is_under_maintenance_is_named_as_unserved()
    {
        var r = Targeting.Resolve(Area.Of(Demo.Township1), Demo.Build(ServiceState.Maintenance));
        Names(r).ShouldBe(["s02", "s03"]);
        r.Unserved.Single().Id.Value.ShouldBe("s01");
    }

    public static TheoryData<string, Area, string, string> Wrong { get; } = new()
    {
        { "empty", new Area([], [], [], []), "area", "empty-area" },
        { "unknown region", Area.Of(Region.Create("429999000000", RegionLevel.County)), "area.regions[0].code", "unknown-region" },
        { "wrong level", Area.Of(Region.Create("421202100000", RegionLevel.Village)), "area.regions[0].level", "wrong-level" },
        { "open ring", Polygon(AroundFirstTwo[..4]), "area.polygons[0]", "open-polygon" },
        { "two points", Polygon(new(114, 29), new(114, 29)), "area.polygons[0]", "too-few-corners" },
        { "bow tie", Polygon(new(114, 29), new(115, 30), new(115, 29), new(114, 30), new(114, 29)), "area.polygons[0]", "self-crossing" },
        { "uneven bow tie", Polygon(new(114, 29), new(115, 30), new(115, 29), new(114, 29.2), new(114, 29)), "area.polygons[0]", "self-crossing" },
        { "too many regions", Area.Of([.. Enumerable.Repeat(Demo.County, Targeting.PartsMax + 1)]), "area.regions", "too-many" },
        { "too far east", CircleOf(180.1, 29, 1), "area.circles[0].centre", "off-the-earth" },
        { "too far west", CircleOf(-180.1, 29, 1), "area.circles[0].centre", "off-the-earth" },
        { "beyond the north pole", CircleOf(114, 90.1, 1), "area.circles[0].centre", "off-the-earth" },
        { "beyond the south pole", CircleOf(114, -90.1, 1), "area.circles[0].centre", "off-the-earth" },
        { "no area", Polygon(new(114, 29), new(115, 29), new(116, 29), new(114, 29)), "area.polygons[0]", "self-crossing" },
        { "latitude first", Polygon(new(29, 114), new(30, 114), new(30, 115), new(29, 114)), "area.polygons[0]", "off-the-earth" },
        { "not a number", Polygon(new(double.NaN, 29), new(115, 29), new(115, 30), new(double.NaN, 29)), "area.polygons[0]", "off-the-earth" },
        { "no radius", CircleOf(114, 29, 0), "area.circles[0].radiusKm", "radius-out-of-range" },
        { "radius NaN", CircleOf(114, 29, double.NaN), "area.circles[0].radiusKm", "radius-out-of-range" },
        { "whole earth", CircleOf(114, 29, 20_000), "area.circles[0].radiusKm", "radius-out-of-range" },
        { "unknown site", new Area([], [], [], [new SiteId("nowhere")]), "area.sites[0]", "unknown-site" },
        { "nobody there", CircleOf(0, 0, 1), "area", "no-site" },
        { "too many corners", Polygon([.. Enumerable.Repeat(new GeoPoint(114, 29), Targeting.CornersMax + 1)]), "area.polygons", "too-many-corners" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void A_wrong_area_is_refused_by_field_and_targets_nothing(string name, Area area, string field, string code)
    {
        var r = Targeting.Resolve(area, Demo.Directory);
        r.Targets.ShouldBeEmpty(name);
        var problem = r.Problems.ShouldHaveSingleItem(name);
        (problem.Field, problem.Code).ShouldBe((field, code));
    }

    [Fact]
    public void Nobody_speaks_to_the_whole_nation_though_the_tree_may_have_it()
    {
        var nation = Region.Create("000000000000", RegionLevel.Nation);
        var directory = new SiteDirectory([new NamedRegion(nation, "中国")], Demo.Directory.Sites, Demo.Directory.Devices);
        var r = Targeting.Resolve(Area.Of(nation), directory);
        r.Targets.ShouldBeEmpty();
        r.Problems.ShouldHaveSingleItem().Code.ShouldBe("unknown-region");
    }

    [Fact]
    public void Random_polygons_agree_with_a_ray_cast()
    {
        const int seed = 20261121;
        var random = new Random(seed);
        for (var round = 0; round < 500; round++)
        {
            // Corners by angle around a centre: never crossing itself.
            var centre = new GeoPoint(114.2 + Wobble(random), 29.05 + Wobble(random));
            var corners = Enumerable.Range(0, random.Next(3, 12)).Select(_ => random.NextDouble() * Math.Tau).Order()
                .Select(a => new GeoPoint(centre.Longitude + (Math.Cos(a) * 0.15), centre.Latitude + (Math.Sin(a) * 0.15))).ToList();
            corners.Add(corners[0]);
            var r = Targeting.Resolve(Polygon([.. corners]), Demo.Directory);
            var expected = Demo.Directory.Sites.Where(s => RayCast(corners, s)).Select(s => s.Id.Value).ToArray();
            if (expected.Length > 0 || r.Problems.All(p => p.Code == "no-site")) Names(r).ShouldBe(expected, $"seed {seed}, round {round}");
        }
    }

    private static double Wobble(Random random) => (random.NextDouble() - 0.5) * 0.3;

    private static bool RayCast(List<GeoPoint> ring, Site s)
    {
        var inside = false;
        for (var i = 1; i < ring.Count; i++)
        {
            var (a, b) = (ring[i - 1], ring[i]);
            if (a.Latitude > s.Latitude == b.Latitude > s.Latitude) continue;
            if (s.Longitude < ((b.Longitude - a.Longitude) * (s.Latitude - a.Latitude) / (b.Latitude - a.Latitude)) + a.Longitude) inside = !inside;
        }

        return inside;
    }
}
