using Broadcast.Device;
using Broadcast.Device.Sensing;

namespace Broadcast.Edge;

/// <summary>The site's own watch: its thresholds, and what it says when one is reached. No thresholds, no local alarm.</summary>
internal sealed class WatchSettings
{
    /// <summary>Thresholds of rain.</summary>
    public RainLimit[] Rain { get; init; } = [];

    /// <summary>Thresholds of the water's level.</summary>
    public LevelLimit[] Level { get; init; } = [];

    /// <summary>Seconds between two readings of level and battery, 1 to 3600.</summary>
    public int ReadSeconds { get; init; } = 10;

    /// <summary>Seconds of readings that are summed into one for the cloud, 10 to 86400. Five minutes are what hydrology asks for in rain.</summary>
    public int SendSeconds { get; init; } = 300;

    /// <summary>Whether 立即转移 opens the siren.</summary>
    public bool SirenOnLeave { get; init; } = true;

    /// <summary>What is said at 准备转移; empty for the stored phrase.</summary>
    public string PreparePhrase { get; init; } = "";

    /// <summary>What is said at 立即转移; empty for the stored phrase.</summary>
    public string LeavePhrase { get; init; } = "";

    public SiteThreshold[] RainThresholds() => [.. Rain.Select(limit => new SiteThreshold((int)(limit.Hours * 60), Tenths(limit.PrepareMillimetres), Tenths(limit.LeaveMillimetres)))];

    public SiteThreshold[] LevelThresholds() => [.. Level.Select(limit => new SiteThreshold(0, limit.PrepareMillimetres, limit.LeaveMillimetres))];

    public void Check(Action<bool, string, object, string> need)
    {
        need(ReadSeconds is >= 1 and <= 3_600, "watch:readSeconds", ReadSeconds, "give 1 to 3600");
        need(SendSeconds is >= 10 and <= 86_400 && SendSeconds >= ReadSeconds, "watch:sendSeconds", SendSeconds, "give 10 to 86400, not less than watch:readSeconds");
        need(Rain.Length <= 16 && Level.Length <= 16, "watch:rain and watch:level", Rain.Length + Level.Length, "give at most 16 thresholds each");
        need(CanBeSaid(PreparePhrase), "watch:preparePhrase", PreparePhrase, $"give at most {Limits.TextBytesMax} bytes of text without control characters");
        need(CanBeSaid(LeavePhrase), "watch:leavePhrase", LeavePhrase, $"give at most {Limits.TextBytesMax} bytes of text without control characters");
        foreach (var limit in Rain)
        {
            need(limit.Hours is >= 1.0 / 60 and <= 24, "watch:rain:hours", limit.Hours, "give a window of a minute to 24 hours; 1, 3, 6 and 24 are usual");
            need(limit.PrepareMillimetres > 0 && limit.LeaveMillimetres >= limit.PrepareMillimetres, "watch:rain", $"{limit.PrepareMillimetres}/{limit.LeaveMillimetres} mm", "give millimetres of 准备转移, and not less of 立即转移");
        }
        foreach (var limit in Level)
            need(limit.PrepareMillimetres > 0 && limit.LeaveMillimetres >= limit.PrepareMillimetres, "watch:level", $"{limit.PrepareMillimetres}/{limit.LeaveMillimetres} mm", "give millimetres of 准备转移, and not less of 立即转移");
    }

    /// <summary>What the core would refuse must be found at the start, not when the water comes.</summary>
    private static bool CanBeSaid(string phrase)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(phrase);
        return bytes.Length <= Limits.TextBytesMax && Utf8.IsText(bytes, 0, bytes.Length);
    }

    private static int Tenths(double millimetres) => (int)Math.Round(millimetres * 10);
}

/// <summary>Rain in a rolling window.</summary>
internal sealed class RainLimit
{
    public double Hours { get; init; }

    /// <summary>准备转移.</summary>
    public double PrepareMillimetres { get; init; }

    /// <summary>立即转移.</summary>
    public double LeaveMillimetres { get; init; }
}

/// <summary>A level of the water.</summary>
internal sealed class LevelLimit
{
    public int PrepareMillimetres { get; init; }

    public int LeaveMillimetres { get; init; }
}
