using System.Text.RegularExpressions;

namespace Broadcast.Cli.Runs;

/// <summary>A project that holds tests, and the command that runs it; its report goes where the command's last argument says.</summary>
internal sealed record TestProject(string Name, IReadOnlyList<string> Command)
{
    private static readonly Regex Line = new(@"""(?<path>[^""]+\.csproj)""", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));

    /// <summary>Those of the solution that end in Tests, and EndToEnd; the same rule as tests/Directory.Build.props.</summary>
    public static IReadOnlyList<TestProject> InSolution(House house)
    {
        var projects = new List<TestProject>();
        foreach (var line in File.ReadLines(Path.Combine(house.Root, "Broadcast.sln")))
        {
            if (Line.Match(line) is not { Success: true } match) continue;
            var path = match.Groups["path"].Value.Replace('\\', '/');
            var name = Path.GetFileNameWithoutExtension(path);
            if (name.EndsWith("Tests", StringComparison.Ordinal) || name.EndsWith("EndToEnd", StringComparison.Ordinal))
                projects.Add(new TestProject(name, ["dotnet", house.OutputOf(Path.GetDirectoryName(path)!, name), "-noColor", "-noLogo"]));
        }

        return [.. projects.OrderBy(p => p.Name.EndsWith("EndToEnd", StringComparison.Ordinal)).ThenBy(p => p.Name, StringComparer.Ordinal)];
    }
}
