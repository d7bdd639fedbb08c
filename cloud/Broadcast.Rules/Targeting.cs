using NetTopologySuite.Geometries;
using NetTopologySuite.Geometries.Prepared;
using NetTopologySuite.Operation.Valid;

namespace Broadcast.Rules;

/// <summary>What an area comes to: the sites that speak, the sites in it that nothing serves, and the villages.</summary>
/// <param name="Unserved">Sites inside the area without a device in service: said to the operator, never hidden.</param>
public sealed record Resolution(IReadOnlyList<Target> Targets, IReadOnlyList<Site> Unserved, IReadOnlyList<Problem> Problems)
{
    public IEnumerable<Region> Villages => Targets.Select(t => t.Village).Distinct();
}

/// <summary>From an area to exactly the sites inside it, and no other. Pure: the same area and directory give the same targets, in the same order.</summary>
public static class Targeting
{
    /// <summary>Corners of all polygons together. A county outline of the demo has 1,500; more than this is a mistake or an attack.</summary>
    public const int CornersMax = 10_000;

    /// <summary>Regions, polygons, circles and sites an area may name, each.</summary>
    public const int PartsMax = 2_000; // A prefecture has 1,096 villages; naming each one still works.

    public const double RadiusKmMax = 1_000;

    private const double EarthRadiusKm = 6_371.0088; // Mean radius R1 (IUGG); the error against the ellipsoid stays under 0.6 %.

    private static readonly GeometryFactory Geometries = new(new PrecisionModel(), 4326);

    public static Resolution Resolve(Area area, SiteDirectory directory)
    {
        var problems = new List<Problem>();
        CheckSizes(area, problems);
        if (problems.Count > 0) return new([], [], problems);

        CheckRegions(area, directory, problems);
        var polygons = ReadPolygons(area, problems);
        CheckCircles(area, problems);
        CheckSites(area, directory, problems);
        if (problems.Count > 0) return new([], [], problems);

        var named = area.Sites.ToHashSet();
        var targets = new List<Target>();
        var unserved = new List<Site>();
        foreach (var site in directory.Sites)
        {
            if (!named.Contains(site.Id) && !InRegions(area, site) && !InPolygons(polygons, site) && !InCircles(area, site)) continue;
            if (directory.Serving(site.Id) is { } device) targets.Add(new Target(site.Id, device.Id, site.Village));
            else unserved.Add(site);
        }

        if (targets.Count == 0)
            problems.Add(new("area", "no-site", "No site with a device in service lies in this area.", "该区域内没有在用终端的站点。"));
        return new(targets, unserved, problems);
    }

    /// <summary>Great-circle distance in kilometres on the mean sphere (haversine).</summary>
    public static double DistanceKm(GeoPoint a, GeoPoint b)
    {
        var (lat1, lat2) = (double.DegreesToRadians(a.Latitude), double.DegreesToRadians(b.Latitude));
        var half = Math.Sin((lat2 - lat1) / 2);
        var across = Math.Sin(double.DegreesToRadians(b.Longitude - a.Longitude) / 2);
        var h = (half * half) + (Math.Cos(lat1) * Math.Cos(lat2) * across * across);
        return 2 * EarthRadiusKm * Math.Asin(Math.Min(1, Math.Sqrt(h)));
    }

    private static void CheckSizes(Area area, List<Problem> problems)
    {
        if (area.IsEmpty)
            problems.Add(new("area", "empty-area", "The area names nothing; give at least one region, polygon, circle or site.", "区域为空：请至少指定一个行政区、多边形、圆或站点。"));
        foreach (var (field, count) in new[]
        {
            ("area.regions", area.Regions.Count), ("area.polygons", area.Polygons.Count), ("area.circles", area.Circles.Count), ("area.sites", area.Sites.Count),
        })
        {
            if (count > PartsMax) problems.Add(new(field, "too-many", $"{count} entries; at most {PartsMax}.", $"共 {count} 项，最多 {PartsMax} 项。"));
        }

        var corners = area.Polygons.Sum(p => (long)p.Count);
        if (corners > CornersMax)
            problems.Add(new("area.polygons", "too-many-corners", $"{corners} corners; at most {CornersMax}.", $"共 {corners} 个顶点，最多 {CornersMax} 个。"));
    }

    private static void CheckRegions(Area area, SiteDirectory directory, List<Problem> problems)
    {
        for (var i = 0; i < area.Regions.Count; i++)
        {
            var region = area.Regions[i];
            var known = directory.Find(region.Code);
            if (region.Level == Device.RegionLevel.Nation || known is null)
                problems.Add(new($"area.regions[{i}].code", "unknown-region", $"No region has the code {region.Code}.", $"没有代码为 {region.Code} 的行政区。"));
            else if (known.Region.Level != region.Level)
                problems.Add(new($"area.regions[{i}].level", "wrong-level", $"{region.Code} {known.Name} is a {known.Region.Level}, not a {region.Level}.", $"{region.Code} {known.Name} 的级别是 {known.Region.Level}，不是 {region.Level}。"));
        }
    }

    private static List<IPreparedGeometry> ReadPolygons(Area area, List<Problem> problems)
    {
        var read = new List<IPreparedGeometry>();
        for (var i = 0; i < area.Polygons.Count; i++)
        {
            var field = $"area.polygons[{i}]";
            var corners = area.Polygons[i];
            if (!corners.All(IsOnEarth))
                problems.Add(new(field, "off-the-earth", "Longitude must lie in -180..180 and latitude in -90..90 (WGS 84).", "经度须在 -180..180，纬度须在 -90..90（WGS 84）。"));
            else if (corners.Count < 4)
                problems.Add(new(field, "too-few-corners", $"{corners.Count} points; a closed ring has at least 4.", $"仅 {corners.Count} 个点；闭合多边形至少 4 个点。"));
            else if (corners[0] != corners[^1])
                problems.Add(new(field, "open-polygon", "The last point must equal the first.", "多边形未闭合：末点须与首点相同。"));
            else
                AddIfValid(corners, field, read, problems);
        }

        return read;
    }

    private static void AddIfValid(IReadOnlyList<GeoPoint> corners, string field, List<IPreparedGeometry> read, List<Problem> problems)
    {
        var polygon = Geometries.CreatePolygon([.. corners.Select(c => new Coordinate(c.Longitude, c.Latitude))]);
        var check = new IsValidOp(polygon);
        if (check.IsValid)
        {
            read.Add(PreparedGeometryFactory.Prepare(polygon));
            return;
        }

        var at = check.ValidationError?.Coordinate is { } c ? FormattableString.Invariant($" near {c.Y:F5},{c.X:F5}") : "";
        problems.Add(new(field, "self-crossing", $"The ring crosses or touches itself{at}, or has no area.", $"多边形自相交或面积为零{at}。"));
    }

    private static void CheckCircles(Area area, List<Problem> problems)
    {
        for (var i = 0; i < area.Circles.Count; i++)
        {
            if (!IsOnEarth(area.Circles[i].Centre))
                problems.Add(new($"area.circles[{i}].centre", "off-the-earth", "Longitude must lie in -180..180 and latitude in -90..90 (WGS 84).", "经度须在 -180..180，纬度须在 -90..90（WGS 84）。"));
            if (!(area.Circles[i].RadiusKm is > 0 and <= RadiusKmMax))
                problems.Add(new($"area.circles[{i}].radiusKm", "radius-out-of-range", $"The radius must be above 0 and at most {RadiusKmMax} km.", $"半径须大于 0 且不超过 {RadiusKmMax} 千米。"));
        }
    }

    private static void CheckSites(Area area, SiteDirectory directory, List<Problem> problems)
    {
        for (var i = 0; i < area.Sites.Count; i++)
        {
            if (directory.Find(area.Sites[i]) is null)
                problems.Add(new($"area.sites[{i}]", "unknown-site", $"No site has the id {area.Sites[i]}.", $"没有编号为 {area.Sites[i]} 的站点。"));
        }
    }

    private static bool IsOnEarth(GeoPoint p) => p is { Longitude: >= -180 and <= 180, Latitude: >= -90 and <= 90 };

    private static bool InRegions(Area area, Site site)
    {
        // Asked for every site of a prefecture, four times on the way to a release: an enumerator each would be garbage in the burst.
        for (var i = 0; i < area.Regions.Count; i++)
        {
            if (area.Regions[i].Contains(site.Village)) return true;
        }

        return false;
    }

    private static bool InPolygons(List<IPreparedGeometry> polygons, Site site)
    {
        if (polygons.Count == 0) return false;
        var point = Geometries.CreatePoint(new Coordinate(site.Longitude, site.Latitude));
        foreach (var polygon in polygons)
        {
            if (polygon.Covers(point)) return true; // The border belongs to the area: warned too much is better than too little.
        }

        return false;
    }

    private static bool InCircles(Area area, Site site)
    {
        foreach (var circle in area.Circles)
        {
            if (DistanceKm(circle.Centre, new GeoPoint(site.Longitude, site.Latitude)) <= circle.RadiusKm) return true;
        }

        return false;
    }
}
