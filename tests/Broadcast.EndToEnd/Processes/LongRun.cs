using System.Globalization;

namespace Broadcast.EndToEnd.Processes;

/// <summary>How much a run takes on: a sample in every build, everything where BROADCAST_LONG=1. The seed is printed and can be given again.</summary>
internal static class LongRun
{
    public static bool IsLong => Environment.GetEnvironmentVariable("BROADCAST_LONG") == "1";

    public static int Seed { get; } = Number("BROADCAST_SEED") ?? Environment.ProcessId;

    public static int Number(string variable, int usually, int atLength) => Number(variable) ?? (IsLong ? atLength : usually);

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
