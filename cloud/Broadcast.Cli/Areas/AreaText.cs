using System.Globalization;
using Broadcast.Cli.Api;

namespace Broadcast.Cli.Areas;

/// <summary>A region as typed: the level is asked of the cloud where it is left out.</summary>
internal readonly record struct TypedRegion(string Code, string? Level);

/// <summary>
/// The areas of a command line. Latitude comes first, as people say and CAP writes it; the API wants GeoJSON's order, and the turn happens here only.
/// What is typed wrong is reported all at once, each with what was expected. Whether a shape makes sense is the cloud's to judge.
/// </summary>
internal sealed class AreaText(Texts texts)
{
    private static readonly string[] Levels = ["province", "city", "county", "township", "village"];
    private static readonly char[] PointBreaks = [' ', ';', '\t', '\n'];
    private readonly List<string> _problems = [];

    public IReadOnlyList<string> Problems => _problems;

    public TypedRegion Region(string text)
    {
        var parts = text.Split(':', 2);
        if (parts[0].Length != 12 || !parts[0].All(char.IsAsciiDigit)) _problems.Add(texts.BadRegion(text));
        else if (parts.Length == 2 && !Levels.Contains(parts[1], StringComparer.OrdinalIgnoreCase)) _problems.Add(texts.BadLevelOfRegion(text, Levels));
        return new TypedRegion(parts[0], parts.Length == 2 ? parts[1].ToLowerInvariant() : null);
    }

    /// <summary>"lat,lon lat,lon …" as [longitude, latitude] pairs, left open or closed as it was typed.</summary>
    public IReadOnlyList<double[]> Polygon(string text)
    {
        var ring = new List<double[]>();
        foreach (var point in text.Split(PointBreaks, StringSplitOptions.RemoveEmptyEntries))
        {
            if (Numbers(point, 2) is not [var latitude, var longitude])
            {
                _problems.Add(texts.BadPoint("--polygon", point));
                return [];
            }

            CheckPosition("--polygon", point, latitude, longitude);
            ring.Add([longitude, latitude]);
        }

        if (ring.Count == 0) _problems.Add(texts.BadPoint("--polygon", text));
        return ring;
    }

    /// <summary>"lat,lon,km".</summary>
    public CircleShape Circle(string text)
    {
        if (Numbers(text, 3) is not [var latitude, var longitude, var km])
        {
            _problems.Add(texts.BadCircle(text));
            return new CircleShape(0, 0, 0);
        }

        CheckPosition("--circle", text, latitude, longitude);
        if (km <= 0) _problems.Add(texts.BadCircle(text));
        return new CircleShape(longitude, latitude, km);
    }

    private void CheckPosition(string option, string text, double latitude, double longitude)
    {
        if (Math.Abs(latitude) > 90 || Math.Abs(longitude) > 180) _problems.Add(texts.OffTheGlobe(option, text));
    }

    private static double[]? Numbers(string text, int count)
    {
        var parts = text.Split(',');
        if (parts.Length != count) return null;
        var numbers = new double[count];
        for (var i = 0; i < count; i++)
        {
            if (!double.TryParse(parts[i].Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out numbers[i]) || !double.IsFinite(numbers[i])) return null;
        }

        return numbers;
    }
}
