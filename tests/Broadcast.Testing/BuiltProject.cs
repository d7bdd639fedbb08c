namespace Broadcast.Testing;

/// <summary>Finds what the build made of a project, in the same package lane and configuration as the running test.</summary>
public static class BuiltProject
{
    /// <summary>The repository root: the folder of Broadcast.sln above the running test.</summary>
    public static string RepositoryRoot { get; } = FindRoot(AppContext.BaseDirectory);

    /// <summary>The path of the assembly of <paramref name="projectFolder"/>, such as cloud/Broadcast.Cloud.</summary>
    /// <exception cref="FileNotFoundException">The project was not built in this lane and configuration.</exception>
    public static string Assembly(string projectFolder)
    {
        var name = Path.GetFileName(projectFolder) + ".dll";
        var path = Path.Combine(RepositoryRoot, projectFolder, LaneAndConfiguration(), name);
        return File.Exists(path) ? path : throw new FileNotFoundException($"{projectFolder} is not built: {path} is missing; build Broadcast.sln first.", path);
    }

    // A test runs from tests/X/bin/<lane>/<configuration>/net10.0/; what it starts lies under the same three names.
    private static string LaneAndConfiguration()
    {
        var own = Path.GetRelativePath(RepositoryRoot, AppContext.BaseDirectory).Split(Path.DirectorySeparatorChar);
        var bin = Array.IndexOf(own, "bin");
        return bin < 0 || own.Length < bin + 4
            ? throw new InvalidOperationException($"{AppContext.BaseDirectory} is not …/bin/<lane>/<configuration>/<framework>/.")
            : Path.Combine(own[bin], own[bin + 1], own[bin + 2], own[bin + 3]);
    }

    private static string FindRoot(string from)
    {
        for (var folder = new DirectoryInfo(from); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Broadcast.sln"))) return folder.FullName;
        }

        throw new InvalidOperationException($"No Broadcast.sln above {from}.");
    }
}
