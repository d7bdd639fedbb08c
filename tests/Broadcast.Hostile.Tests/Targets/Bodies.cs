using System.Text.Json;
using System.Text.Json.Serialization;
using Broadcast.Cloud.Http;
using Broadcast.Cloud.Warnings;
using Broadcast.Device;
using Broadcast.Hostile.Tests.Fuzzing;
using Broadcast.Rules;

namespace Broadcast.Hostile.Tests.Targets;

/// <summary>A draft as the API reads it, down to the order: what the checks let through every device takes.</summary>
internal sealed class WarningDraft : FuzzTarget
{
    private const string Good = """
        {"class":"actual","level":"yellow","event":"11B03","text":"山洪预警请立即转移","language":"zh-CN","repetitions":2,"volume":80,"toneMs":500,"siren":false,
        "area":{"regions":[{"code":"421202100000","level":"township"}],"polygons":[[[114.2,29.8],[114.4,29.8],[114.4,30.0],[114.2,29.8]]],"circles":[{"longitude":114.3,"latitude":29.8,"radiusKm":5}],"sites":["s-1"]},
        "notBefore":"2026-07-01T00:00:00Z","validMinutes":60}
        """;
    private static readonly DateTimeOffset Now = new(2026, 7, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { MaxDepth = 16, Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) } };

    // Polygons are checked by a geometry library that builds a graph of each, of a triangle some 28 KB; the corners of a body are bounded, and so is this.
    public override long AllocatedBytesMax => 4 << 20;

    public override int AllocatedBytesOfByte => 500;

    public override int InputsUsual => 50_000;

    public override byte[] Make(Dice dice) => JsonMutation.Of(Good, dice);

    public override bool Take(byte[] input)
    {
        WarningBody? body;
        try
        {
            body = JsonSerializer.Deserialize<WarningBody>(input, Format);
        }
        catch (JsonException)
        {
            return false; // What the framework answers with 400.
        }

        if (body is null) return false;
        var problems = new List<Problem>();
        var (content, area, notBefore, expires) = body.Read(Now, problems);
        problems.AddRange(WarningChecks.Check(content, notBefore, expires, Now));
        problems.AddRange(Targeting.Resolve(area, Places.Directory).Problems);
        if (problems.Count > 0) return false;
        SpokenByEveryDevice(content, notBefore, expires);
        return true;
    }

    private static void SpokenByEveryDevice(WarningContent content, DateTimeOffset notBefore, DateTimeOffset expires)
    {
        var order = new Order
        {
            WarningId = new byte[16], Revision = int.MaxValue, Class = content.Class, Level = content.Level, Issuer = RegionLevel.Village, Event = content.Event, Sequence = long.MaxValue,
            NotBeforeMs = notBefore.ToUnixTimeMilliseconds(), ExpiresMs = expires.ToUnixTimeMilliseconds(), Language = content.Language, Text = content.Text, Repetitions = content.Repetitions,
            Volume = content.Volume, ToneMs = content.ToneMs, Siren = content.Siren,
        };
        Must(order.Check() == Refusal.None, $"let through, and every device refuses it: {order.Check()}");
        var read = Order.Decode(order.Encode());
        Must(read is not null && read.Text == content.Text, "let through, and no device reads it");
        Envelope.Seal(new byte[32], int.MaxValue, Direction.Down, new string('d', Limits.DeviceIdCharsMax), MessageType.Order, order.Encode());
    }
}

/// <summary>Areas of shapes: crossing themselves, over the date line, huge, tiny, on one line, not numbers.</summary>
internal sealed class AreaShapes : FuzzTarget
{
    private static readonly double[] Edges = [0, -0.0, 180, -180, 179.9999999, 90, -90, 114.3, 29.8, double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.Epsilon, double.MaxValue, 1e-300, 1e17, 360, 540];

    public override long AllocatedBytesMax => 8 << 20;

    public override int InputsUsual => 20_000;

    public override byte[] Make(Dice dice) => dice.Bytes(8);

    public override bool Take(byte[] input)
    {
        var dice = new Dice(BitConverter.ToUInt64(input), 1);
        var rings = Enumerable.Range(0, dice.Below(3)).Select(_ => Ring(dice)).ToArray();
        var circles = Enumerable.Range(0, dice.Below(3)).Select(_ => new Circle(Point(dice), dice.OneIn(3) ? dice.Of(Edges) : dice.Below(1_000) / 7.0)).ToArray();
        var resolution = Targeting.Resolve(new Area([], rings, circles, []), Places.Directory);
        Must(resolution.Problems.Count > 0 || resolution.Targets.Count > 0, "neither a target nor a problem");
        Must(resolution.Targets.Select(t => t.Site).Distinct().Count() == resolution.Targets.Count, "a site twice");
        foreach (var target in resolution.Targets)
        {
            var site = Places.Directory.Find(target.Site)!;
            Must(circles.Any(c => Targeting.DistanceKm(c.Centre, new GeoPoint(site.Longitude, site.Latitude)) <= c.RadiusKm) || rings.Any(r => InBox(r, site)), "a site outside of everything");
        }

        return resolution.Problems.Count == 0;
    }

    private static IReadOnlyList<GeoPoint> Ring(Dice dice)
    {
        if (dice.OneIn(3)) return Star(dice);
        var corners = Enumerable.Range(0, dice.OneIn(40) ? 2_000 : dice.Below(9)).Select(_ => Point(dice)).ToList();
        if (corners.Count > 0 && !dice.OneIn(6)) corners.Add(corners[0]);
        return corners;
    }

    // A ring that does not cross itself: by angle around a middle.
    private static IReadOnlyList<GeoPoint> Star(Dice dice)
    {
        var (lon, lat, corners) = (114.0 + (dice.Below(100) / 100.0), 29.5 + (dice.Below(100) / 100.0), 3 + dice.Below(60));
        var ring = Enumerable.Range(0, corners).Select(i => (Angle: 2 * Math.PI * i / corners, Radius: (1 + dice.Below(50)) / 100.0))
            .Select(p => new GeoPoint(lon + (p.Radius * Math.Cos(p.Angle)), lat + (p.Radius * Math.Sin(p.Angle)))).ToList();
        return [.. ring, ring[0]];
    }

    private static GeoPoint Point(Dice dice) => dice.Below(4) switch
    {
        0 => new(dice.Of(Edges), dice.Of(Edges)),
        1 => new(BitConverter.UInt64BitsToDouble(dice.Bits()), BitConverter.UInt64BitsToDouble(dice.Bits())),
        _ => new(114 + (dice.Below(1_000) / 1_000.0), 29.3 + (dice.Below(1_000) / 1_000.0)),
    };

    private static bool InBox(IReadOnlyList<GeoPoint> ring, Site site) => ring.Count > 0
        && ring.Min(p => p.Longitude) <= site.Longitude && site.Longitude <= ring.Max(p => p.Longitude) && ring.Min(p => p.Latitude) <= site.Latitude && site.Latitude <= ring.Max(p => p.Latitude);
}

/// <summary>Two hundred sites of two townships.</summary>
internal static class Places
{
    public static SiteDirectory Directory { get; } = Make();

    private static SiteDirectory Make()
    {
        var township = Region.Create("421202100000", RegionLevel.Township);
        var villages = Enumerable.Range(1, 200).Select(n => Region.Create(FormattableString.Invariant($"4212021{n / 100}0{n % 100 + 1:D3}"), RegionLevel.Village)).Distinct().ToArray();
        var sites = villages.Select((v, n) => new Site(new SiteId(FormattableString.Invariant($"s-{n}")), v, v.Code, 114 + ((n % 20) / 20.0), 29.3 + ((n / 20) / 10.0))).ToArray();
        return new SiteDirectory(
            [new NamedRegion(township, "t"), .. villages.Select(v => new NamedRegion(v, v.Code))], sites,
            sites.Select((s, n) => new DeviceRecord(new DeviceId(FormattableString.Invariant($"d-{n}")), s.Id, 1, new byte[32], n % 17 == 0 ? ServiceState.Maintenance : ServiceState.InService)));
    }
}
