using System.Text.Json;
using Broadcast.Cli.Api;

namespace Broadcast.Cli.People;

/// <summary>Somebody of the demo, with the password that was made for them.</summary>
internal sealed record DemoPerson(string Name, string Password, IReadOnlyList<string> Duties, string Region, string RegionLevel, string? Display)
{
    public bool Has(string duty) => Duties.Contains(duty, StringComparer.OrdinalIgnoreCase);
}

/// <summary>The demo's people, and who of them to ask. The cloud alone decides who may; a wrong guess here is refused there.</summary>
internal sealed class DemoPeople(IReadOnlyList<DemoPerson> all)
{
    private static readonly string[] Ranks = ["nation", "province", "city", "county", "township", "village"];

    // Digits of a code that count at each rank; trailing zeros say nothing.
    private static readonly int[] SignificantDigits = [0, 2, 4, 6, 9, 12];
    private static readonly int County = Array.IndexOf(Ranks, "county");

    public IReadOnlyList<DemoPerson> All { get; } = all;

    public static async Task<DemoPeople> ReadAsync(string data, CancellationToken ct)
    {
        try
        {
            return new DemoPeople(JsonSerializer.Deserialize<List<DemoPerson>>(await File.ReadAllTextAsync(Path.Combine(data, "people.json"), ct), JsonSerializerOptions.Web) ?? []);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // No demo here: people sign in by name.
            return new DemoPeople([]);
        }
    }

    /// <summary>
    /// Who covers all <paramref name="villages"/> with the duty: the nearest bureau of county rank or above, since emergencies belong to those;
    /// else the nearest below. Null where nobody covers them.
    /// </summary>
    public DemoPerson? Choose(string duty, IReadOnlyCollection<string> villages) => All
        .Where(p => p.Has(duty) && villages.All(v => Covers(p, v)))
        .OrderBy(p => Rank(p) > County ? 1 : 0)
        .ThenByDescending(Rank)
        .FirstOrDefault();

    /// <summary>Who sees most with one of the duties, first duty first.</summary>
    public DemoPerson? Widest(params ReadOnlySpan<string> duties)
    {
        foreach (var duty in duties)
        {
            if (All.Where(p => p.Has(duty)).MinBy(Rank) is { } person) return person;
        }

        return null;
    }

    private static int Rank(DemoPerson person) => Array.IndexOf(Ranks, person.RegionLevel);

    private static bool Covers(DemoPerson person, string village) =>
        Rank(person) >= 0 && village.Length == 12 && person.Region.Length == 12
        && string.CompareOrdinal(person.Region, 0, village, 0, SignificantDigits[Rank(person)]) == 0;
}
