using Broadcast.Device;
using Broadcast.Rules;

namespace Broadcast.Cloud.Http;

public sealed record RegionBody(string? Code, string? Level);

public sealed record CircleBody(double? Longitude, double? Latitude, double? RadiusKm);

/// <summary>An area as clients write it; positions are [longitude, latitude] in WGS 84 degrees, as in GeoJSON.</summary>
public sealed record AreaBody(
    IReadOnlyList<RegionBody?>? Regions = null,
    IReadOnlyList<IReadOnlyList<IReadOnlyList<double>>?>? Polygons = null,
    IReadOnlyList<CircleBody?>? Circles = null,
    IReadOnlyList<string?>? Sites = null)
{
    /// <summary>Reads the shapes; what cannot even be read is a problem here, what makes no sense is one in <see cref="Targeting"/>.</summary>
    public static Area Read(AreaBody? body, List<Problem> problems) => new(
        [.. Each(body?.Regions, "regions", problems, ReadRegion)],
        [.. Each(body?.Polygons, "polygons", problems, ReadRing)],
        [.. Each(body?.Circles, "circles", problems, ReadCircle)],
        [.. Each(body?.Sites, "sites", problems, ReadSite)]);

    public static AreaBody Of(Area area) => new(
        [.. area.Regions.Select(r => new RegionBody(r.Code, Wording.Camel(r.Level)))],
        [.. area.Polygons.Select(p => (IReadOnlyList<IReadOnlyList<double>>)[.. p.Select(c => (IReadOnlyList<double>)[c.Longitude, c.Latitude])])],
        [.. area.Circles.Select(c => new CircleBody(c.Centre.Longitude, c.Centre.Latitude, c.RadiusKm))],
        [.. area.Sites.Select(s => s.Value)]);

    private static List<TOut> Each<TIn, TOut>(IReadOnlyList<TIn>? list, string name, List<Problem> problems, Func<TIn, (TOut Value, Problem? Problem)> read)
    {
        var values = new List<TOut>();
        // A body of a megabyte holds a hundred thousand wrong entries, and a list of them helps nobody.
        for (var i = 0; i < (list?.Count ?? 0) && problems.Count < Problems.Max; i++)
        {
            var (value, problem) = read(list![i]);
            if (problem is null) values.Add(value);
            else problems.Add(problem with { Field = $"area.{name}[{i}]{(problem.Field.Length > 0 ? "." : "")}{problem.Field}" });
        }

        return values;
    }

    private static (Region, Problem?) ReadRegion(RegionBody? body)
    {
        if (!Wording.TryRead<RegionLevel>(body?.Level, out var level) || level == RegionLevel.Nation)
            return (default, new("level", "unknown-level", "Expected province, city, county, township or village.", "级别须为 province、city、county、township 或 village。"));
        if (body!.Code is not { Length: 12 } code || !code.All(char.IsAsciiDigit))
            return (default, new("code", "bad-code", "A region code has 12 digits.", "行政区代码须为 12 位数字。"));
        return Region.TryCreate(code, level, out var region)
            ? (region, null)
            : (default, new("level", "wrong-level", $"{code} cannot be a {Wording.Camel(level)}: the digits after the {Region.SignificantDigits(level)}th must be zero.", $"{code} 不是 {Wording.Camel(level)} 级代码：第 {Region.SignificantDigits(level)} 位之后须为零。"));
    }

    private static (IReadOnlyList<GeoPoint>, Problem?) ReadRing(IReadOnlyList<IReadOnlyList<double>>? ring) =>
        ring is null || ring.Any(p => p is not { Count: 2 } || !p.All(double.IsFinite))
            ? ([], new("", "bad-polygon", "A polygon is a list of [longitude, latitude] pairs.", "多边形须为 [经度, 纬度] 数组。"))
            : ([.. ring.Select(p => new GeoPoint(p[0], p[1]))], null);

    private static (Circle, Problem?) ReadCircle(CircleBody? body) => body is { Longitude: { } lon, Latitude: { } lat, RadiusKm: { } km }
        ? (new Circle(new GeoPoint(lon, lat), km), null)
        : (default, new("", "bad-circle", "A circle needs longitude, latitude and radiusKm.", "圆须包含 longitude、latitude 和 radiusKm。"));

    private static (SiteId, Problem?) ReadSite(string? text) => SiteId.TryParse(text, out var id)
        ? (id, null)
        : (default, new("", "bad-site", "A site id has 1–32 characters of a–z, 0–9 and '-'.", "站点编号须为 1–32 位小写字母、数字或“-”。"));
}
