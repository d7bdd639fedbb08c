using System.Text.Json.Nodes;

namespace Broadcast.EndToEnd.Processes;

/// <summary>Bodies of warnings: short enough that a run is quick, long enough that playing is a time in which things can happen.</summary>
internal static class Bulletin
{
    /// <summary>At 20 characters a second: half a second of tone, twice half a second of speech, and a breath.</summary>
    public static JsonObject For(JsonObject area, Action<JsonObject>? change = null)
    {
        var body = new JsonObject
        {
            ["class"] = "actual", ["level"] = "yellow", ["event"] = "11B03", ["text"] = "山洪预警请立即转移", ["language"] = "zh-CN",
            ["repetitions"] = 2, ["volume"] = 80, ["toneMs"] = 500, ["siren"] = false, ["area"] = area, ["validMinutes"] = 60,
        };
        change?.Invoke(body);
        return body;
    }

    public static JsonObject Region(string code, string level) =>
        new() { ["regions"] = new JsonArray(new JsonObject { ["code"] = code, ["level"] = level }) };

    public static JsonObject Polygon(params double[][] ring) =>
        new() { ["polygons"] = new JsonArray(new JsonArray([.. ring.Select(p => new JsonArray(p[0], p[1]))])) };

    public static JsonObject Circle(double longitude, double latitude, double radiusKm) =>
        new() { ["circles"] = new JsonArray(new JsonObject { ["longitude"] = longitude, ["latitude"] = latitude, ["radiusKm"] = radiusKm }) };

    public static JsonObject Sites(params string[] sites) => new() { ["sites"] = new JsonArray([.. sites.Select(s => (JsonNode)s)]) };
}
