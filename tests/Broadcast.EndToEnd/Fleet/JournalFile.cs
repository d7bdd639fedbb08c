using System.Globalization;

namespace Broadcast.EndToEnd.Fleet;

/// <summary>One line of a fleet's journal. Siren lines have no warning.</summary>
/// <param name="What">play, ended, failed or stopped; siren-on or siren-off.</param>
internal sealed record Sounding(long Ms, string Device, string What, string Warning, int Revision, int Attempt);

/// <summary>Reads what the devices really did. A last line that is still being written is left for the next reading.</summary>
internal static class JournalFile
{
    public static IReadOnlyList<Sounding> Read(string path)
    {
        if (!File.Exists(path)) return [];
        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        var text = reader.ReadToEnd();
        return [.. text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(ReadLine)];
    }

    private static Sounding ReadLine(string line)
    {
        var parts = line.Split(' ');
        var ms = long.Parse(parts[0], CultureInfo.InvariantCulture);
        return parts[2] == "siren"
            ? new Sounding(ms, parts[1], "siren-" + parts[3], "", 0, 0)
            : new Sounding(ms, parts[1], parts[2], parts[3], int.Parse(parts[4], CultureInfo.InvariantCulture), int.Parse(parts[5], CultureInfo.InvariantCulture));
    }
}
