using System.Text.RegularExpressions;

namespace Broadcast.Architecture.Tests;

/// <summary>What the documents name exists: a link leads to a file, a name in code font is a type, a member or a folder of ours.</summary>
public partial class DocumentTests
{
    private static readonly string Root = FindRoot();

    public static TheoryData<string> Documents { get; } =
        [.. Directory.EnumerateFiles(Path.Combine(Root, "docs"), "*.md", SearchOption.AllDirectories).Append(Path.Combine(Root, "README.md")).Where(File.Exists).Select(f => Path.GetRelativePath(Root, f))];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Links_lead_to_files(string document)
    {
        var folder = Path.GetDirectoryName(Path.Combine(Root, document))!;
        var broken = Link().Matches(File.ReadAllText(Path.Combine(Root, document))).Select(m => m.Groups[1].Value.Split('#')[0])
            .Where(target => target.Length > 0 && !target.Contains("://", StringComparison.Ordinal) && !Path.Exists(Path.Combine(folder, target)));
        broken.ShouldBeEmpty($"{document} links to what is not there.");
    }

    [Fact]
    public void Types_that_the_architecture_page_and_the_decisions_name_exist()
    {
        var known = new[] { "Broadcast.Device", "Broadcast.Link", "Broadcast.Rules", "Broadcast.Ledger", "Broadcast.Cloud", "Broadcast.Cli" }
            .SelectMany(a => System.Reflection.Assembly.Load(a).GetTypes()).Select(t => t.Name.Split('`')[0]).ToHashSet(StringComparer.Ordinal);
        var pages = Directory.EnumerateFiles(Path.Combine(Root, "docs", "adr"), "*.md").Append(Path.Combine(Root, "docs", "architecture.md"));
        var missing = pages.SelectMany(p => TypeName().Matches(File.ReadAllText(p)).Select(m => m.Groups[1].Value).Distinct()
            .Where(n => !known.Contains(n)).Select(n => $"{Path.GetFileName(p)}: {n}"));
        missing.ShouldBeEmpty("A page names a type that is gone: rename it there too.");
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Broadcast.sln"))) return folder.FullName;
        }

        throw new InvalidOperationException("The tests do not run inside the repository.");
    }

    [GeneratedRegex(@"\]\(([^)\s]+)\)", RegexOptions.None, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Link();

    // `Type` or `Type.Member…` in code font; words with a dot that begin "Broadcast." are projects and are not meant here.
    [GeneratedRegex(@"`(?!Broadcast\.)([A-Z][A-Za-z]+[a-z][A-Za-z]*)(?:\.[A-Za-z]+)?`", RegexOptions.None, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex TypeName();
}
