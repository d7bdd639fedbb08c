using System.Globalization;

namespace Broadcast.EndToEnd.Processes;

/// <summary>How much a run takes on: a sample in every build, everything where BROADCAST_LONG=1. The seed is printed and can be given again.</summary>
internal static class LongRun
{
    public static bool IsLong => Environment.GetEnvironmentVariable("BROADCAST_LONG") == "1";

    public static int Seed { get; } = Number("BROADCAST_SEED") ?? Environment.ProcessId;

    public static int Number(string variable, int usually, int atLength) => Number(variable) ?? (IsLong ? atLength : usually);

    /// <summary>Which of how many parts this process takes on, both counted from 1, as in "2/3"; everything where the variable is not set.</summary>
    public static (int Part, int Parts) Part(string variable)
    {
        var words = (Environment.GetEnvironmentVariable(variable) ?? "1/1").Split('/');
        return words.Length == 2 && int.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out var part)
            && int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var parts) && part >= 1 && part <= parts
            ? (part, parts)
            : throw new InvalidOperationException($"{variable} is no part of a whole such as 2/3.");
    }

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
