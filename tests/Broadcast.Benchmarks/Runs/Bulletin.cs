using System.Text.Json.Nodes;

namespace Broadcast.Benchmarks.Runs;

/// <summary>What is released: a warning of a hundred characters, about as long as those that bureaus send.</summary>
internal static class Bulletin
{
    public const string Text =
        "咸宁市气象台发布暴雨黄色预警：预计未来六小时我市将有强降雨，局地可达八十毫米以上，山洪和地质灾害风险较高。请低洼地区和山区群众注意防范，减少外出，必要时听从村组安排立即转移到安全地带，并留意后续广播通知。";

    public const string City = "421200000000";

    public static JsonObject ForRegion(string code, string level) => For(new JsonObject { ["regions"] = new JsonArray(new JsonObject { ["code"] = code, ["level"] = level }) });

    public static JsonObject ForSite(string site, string @class = "actual", string text = Text) => For(new JsonObject { ["sites"] = new JsonArray(site) }, @class, text);

    private static JsonObject For(JsonObject area, string @class = "actual", string text = Text) => new()
    {
        ["class"] = @class, ["level"] = @class == "actual" ? "yellow" : "none", ["event"] = "11B03", ["text"] = text, ["language"] = "zh-CN",
        ["repetitions"] = 1, ["volume"] = 80, ["toneMs"] = 500, ["siren"] = false, ["area"] = area, ["validMinutes"] = 60,
    };
}
