namespace Broadcast.Link.Tests;

/// <summary>Where the repository's own files are, seen from the built tests.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    private static string Find()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
            if (File.Exists(Path.Combine(at.FullName, "Broadcast.sln")))
                return at.FullName;
        throw new InvalidOperationException("Broadcast.sln is in no folder above the tests: build them inside the repository.");
    }
}
