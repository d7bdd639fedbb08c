using System.Text.RegularExpressions;
using System.Reflection;

namespace Broadcast.Link.Tests;

/// <summary>docs/mqtt.md is the table of the standard's clauses; it and the tests hold one another.</summary>
public sealed partial class ClauseTable
{
    private static readonly string[] Statuses = ["kept", "deviates", "client", "absent"];

    [Fact]
    public void Every_clause_that_is_kept_or_deviated_from_has_a_test_and_every_tested_clause_is_in_the_table()
    {
        var rows = Rows();
        var tested = TestedClauses();
        rows.Where(row => row.Status is "kept" or "deviates").Select(row => row.Clause).Except(tested).ShouldBeEmpty("in the table, without a test");
        tested.Except(rows.Where(row => row.Status is "kept" or "deviates").Select(row => row.Clause)).ShouldBeEmpty("with a test, not in the table as kept or deviating");
    }

    [Fact]
    public void Every_row_has_a_status_and_says_what_happens()
    {
        var rows = Rows();
        rows.Select(row => row.Clause).ShouldBeUnique();
        rows.Where(row => !Statuses.Contains(row.Status)).ShouldBeEmpty();
        rows.Where(row => row.What.Length < 10).ShouldBeEmpty();
    }

    [Fact]
    public void Table_holds_as_many_clauses_as_the_standard_numbers()
    {
        // MQTT 3.1.1 (29 October 2014), appendix B, by section.
        var perSection = Rows().GroupBy(row => row.Clause[..row.Clause.LastIndexOf('-')]).ToDictionary(group => group.Key, group => group.Count());
        perSection["MQTT-1.5.3"].ShouldBe(3);
        perSection["MQTT-2.3.1"].ShouldBe(7);
        perSection["MQTT-3.1.2"].ShouldBe(24);
        perSection["MQTT-3.3.1"].ShouldBe(12);
        perSection["MQTT-3.8.4"].ShouldBe(6);
        perSection["MQTT-4.6.0"].ShouldBe(6);
        perSection["MQTT-6.0.0"].ShouldBe(4);
        Rows().Count.ShouldBe(140);
    }

    private static List<(string Clause, string Status, string What)> Rows() =>
    [
        .. Row().Matches(File.ReadAllText(Path.Combine(Repository.Root, "docs", "mqtt.md")))
            .Select(match => (match.Groups["clause"].Value, match.Groups["status"].Value.Trim(), match.Groups["what"].Value.Trim())),
    ];

    private static HashSet<string> TestedClauses() =>
    [
        .. typeof(ClauseTable).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance))
            .Where(method => method.GetCustomAttributes<FactAttribute>().Any())
            .SelectMany(method => method.GetCustomAttributes<TraitAttribute>())
            .Where(trait => trait.Name == "clause")
            .Select(trait => trait.Value),
    ];

    [GeneratedRegex(@"^\| (?<clause>MQTT-[\d.]+-\d+) \|(?<status>[^|]*)\|(?<what>[^|]*)\|", RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Row();
}
