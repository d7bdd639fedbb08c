using System.Text.Json;
using Broadcast.Device;
using Broadcast.Rules;
using NetTopologySuite.Geometries;
using NetTopologySuite.Geometries.Prepared;

namespace Broadcast.Cloud.Demo;

/// <summary>
/// The demo's places: the real region tree of Xianning, and sites at generated positions inside the county outlines.
/// Most villages have one site, some three, some none. The same data give the same places on every machine.
/// </summary>
public sealed class DemoPlaces
{
    /// <summary>Townships stay together on the map: their villages lie about this far (degrees, one sigma) around a generated centre.</summary>
    private const double TownshipSpreadDegrees = 0.03;

    /// <summary>The township that the documentation quotes; each of its villages has a site.</summary>
    private const string QuotedTownship = "421202100";

    private const int Seed = 421200;

    private readonly GeometryFactory _geometries = new(new PrecisionModel(), 4326);
    private readonly Random _random = new(Seed);

    private DemoPlaces(IReadOnlyList<NamedRegion> regions, string geoJson)
    {
        Regions = regions;
        var counties = ReadOutlines(geoJson);
        var sites = new List<Site>();
        foreach (var township in regions.Where(r => r.Region.Level == RegionLevel.Township))
            AddSites(township.Region, counties[township.Region.Ancestor(RegionLevel.County).Code], sites);
        Sites = sites;
    }

    public IReadOnlyList<NamedRegion> Regions { get; }

    public IReadOnlyList<Site> Sites { get; }

    /// <summary>Reads the files in <paramref name="folder"/> (see SOURCES.md there).</summary>
    public static DemoPlaces Read(string folder) =>
        new(ReadRegions(Path.Combine(folder, "regions.csv")), File.ReadAllText(Path.Combine(folder, "counties.geojson")));

    /// <summary>The sites, and more beside them until there are so many: what a measurement needs and no prefecture has.</summary>
    public IReadOnlyList<Site> AtLeast(int count)
    {
        var sites = new List<Site>(Sites);
        for (var n = 0; sites.Count < count; n++)
        {
            var beside = Sites[n % Sites.Count];
            sites.Add(beside with { Id = new SiteId($"{beside.Id}-{(n / Sites.Count) + 1}"), Name = $"{beside.Name}-{(n / Sites.Count) + 1}" });
        }

        return sites;
    }

    private static List<NamedRegion> ReadRegions(string path)
    {
        var regions = new List<NamedRegion>();
        foreach (var line in File.ReadLines(path).Skip(1))
        {
            var cells = line.Split(','); // Our own file: no cell holds a comma or a quote.
            if (cells.Length != 4 || !Enum.TryParse<RegionLevel>(cells[2], ignoreCase: true, out var level) || !Region.TryCreate(cells[0], level, out var region))
                throw new InvalidDataException($"{path}: '{line}' is no region");
            regions.Add(new NamedRegion(region, cells[3]));
        }

        return regions;
    }

    private Dictionary<string, IPreparedGeometry> ReadOutlines(string geoJson)
    {
        using var document = JsonDocument.Parse(geoJson);
        var outlines = new Dictionary<string, IPreparedGeometry>(StringComparer.Ordinal);
        foreach (var feature in document.RootElement.GetProperty("features").EnumerateArray())
        {
            var geometry = feature.GetProperty("geometry");
            var coordinates = geometry.GetProperty("coordinates");
            var polygons = geometry.GetProperty("type").GetString() == "Polygon" ? [coordinates] : coordinates.EnumerateArray().ToArray();
            Geometry outline = _geometries.CreateMultiPolygon([.. polygons.Select(p => _geometries.CreatePolygon(Ring(p[0])))]);
            // Simplified outlines may touch themselves; a zero buffer mends that.
            outlines[feature.GetProperty("properties").GetProperty("code").GetString()!] = PreparedGeometryFactory.Prepare(outline.Buffer(0));
        }

        return outlines;
    }

    private static Coordinate[] Ring(JsonElement ring) => [.. ring.EnumerateArray().Select(p => new Coordinate(p[0].GetDouble(), p[1].GetDouble()))];

    private void AddSites(Region township, IPreparedGeometry county, List<Site> sites)
    {
        var bounds = county.Geometry.EnvelopeInternal;
        var centre = Inside(county, () => new Coordinate(
            bounds.MinX + (_random.NextDouble() * bounds.Width), bounds.MinY + (_random.NextDouble() * bounds.Height)));
        foreach (var village in Regions.Where(r => r.Region.Level == RegionLevel.Village && township.Contains(r.Region)))
        {
            var count = SitesOf(village.Region);
            for (var n = 1; n <= count; n++)
            {
                var at = Inside(county, () => new Coordinate(centre.X + Normal(TownshipSpreadDegrees), centre.Y + Normal(TownshipSpreadDegrees)));
                sites.Add(new Site(new SiteId($"s{village.Region.Code}-{n}"), village.Region, $"{village.Name}{n}号广播点", Math.Round(at.X, 5), Math.Round(at.Y, 5)));
            }
        }
    }

    /// <summary>About 5 in 100 villages have none, 3 in 100 three.</summary>
    private int SitesOf(Region village)
    {
        var draw = _random.Next(100);
        if (village.Code.StartsWith(QuotedTownship, StringComparison.Ordinal)) return draw < 10 ? 3 : 1;
        return draw switch { < 5 => 0, < 8 => 3, _ => 1 };
    }

    private Coordinate Inside(IPreparedGeometry county, Func<Coordinate> draw)
    {
        while (true)
        {
            var at = draw();
            if (county.Contains(_geometries.CreatePoint(at))) return at;
        }
    }

    /// <summary>Box–Muller.</summary>
    private double Normal(double sigma) =>
        sigma * Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble());
}
