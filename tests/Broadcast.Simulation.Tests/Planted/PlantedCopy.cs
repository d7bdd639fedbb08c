using System.Diagnostics;
using System.Globalization;
using Broadcast.Testing;

namespace Broadcast.Simulation.Tests.Planted;

/// <summary>Seeds to live, one after the other, and how much of a day each.</summary>
internal readonly record struct Seeds(int First, int Count, double Days = 0.3);

/// <summary>A copy of the sources with every bug in it, each behind its number, built once.</summary>
internal sealed class PlantedCopy : IDisposable
{
    private const string Switch = """
        namespace Broadcast.Device;

        /// <summary>Which planted bug is on, by the environment of the process; none without.</summary>
        public static class Planted
        {
            private static readonly string On = System.Environment.GetEnvironmentVariable("BROADCAST_PLANTED") ?? "";

            /// <summary>Whether the bug of that number is on.</summary>
            public static bool Is(int number) => On == number.ToString();
        }
        """;

    private static readonly string[] Folders =
    [
        "firmware/Broadcast.Device", "edge/Broadcast.Link", "edge/Broadcast.Edge/Townships", "cloud/Broadcast.Rules", "cloud/Broadcast.Ledger", "cloud/Broadcast.Cloud", "eng/standins/Microsoft.Orleans", "tests/Broadcast.Simulation",
    ];

    private static readonly string[] Files =
    [
        "Directory.Build.props", "Directory.Packages.props", "BannedSymbols.txt", "global.json", "eng/Orleans.props", "eng/Ahead.targets", "tests/Directory.Build.props",
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("broadcast-planted-").FullName;

    public static async Task<PlantedCopy> BuildAsync()
    {
        var copy = new PlantedCopy();
        foreach (var folder in Folders) copy.CopyFolder(folder);
        foreach (var file in Files) copy.CopyFile(file);
        foreach (var props in Directory.EnumerateFiles(Path.Combine(BuiltProject.RepositoryRoot, "eng", "standins"), "*.props")) copy.CopyFile(Path.GetRelativePath(BuiltProject.RepositoryRoot, props));
        await File.WriteAllTextAsync(copy.PathOf("firmware/Broadcast.Device/Planted.cs"), Switch);
        foreach (var bug in PlantedBugs.All)
        {
            foreach (var edit in bug.Edits) await copy.ApplyAsync(bug, edit);
        }

        var (code, text) = await RunAsync(copy._folder, null,
            "build", "tests/Broadcast.Simulation", "-c", "Release", "-p:Packages=standin", "-p:RunAnalyzers=false", "-p:TreatWarningsAsErrors=false", "-v", "q", "-nologo", "-nodeReuse:false");
        code.ShouldBe(0, text);
        return copy;
    }

    /// <summary>Lives seeds with that bug (0: none) until a rule is broken; gives what the simulation said.</summary>
    public Task<(int Code, string Text)> LiveAsync(int bug, Seeds seeds) => RunAsync(_folder, bug,
        PathOf("tests/Broadcast.Simulation/bin/standin/Release/net10.0/Broadcast.Simulation.dll"), "--threads", "2", "--seed", $"{seeds.First}", "--seeds", $"{seeds.Count}", "--days", seeds.Days.ToString(CultureInfo.InvariantCulture));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static async Task<(int Code, string Text)> RunAsync(string folder, int? bug, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["BROADCAST_PLANTED"] = $"{bug}";
        using var process = Process.Start(start)!;
        var (said, complained) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await said + await complained);
    }

    private async Task ApplyAsync(PlantedBug bug, Edit edit)
    {
        var path = PathOf(edit.File);
        var text = await File.ReadAllTextAsync(path);
        text.ShouldContain(edit.Find, customMessage: $"Planted bug {bug.Number} ({bug.What}) finds its place in {edit.File} no more: move it along.");
        text = text.Replace(edit.Find, edit.Replace, StringComparison.Ordinal);
        if (!edit.File.StartsWith("firmware/", StringComparison.Ordinal) && !text.Contains("using Broadcast.Device;", StringComparison.Ordinal)) text = "using Broadcast.Device;\n" + text;
        await File.WriteAllTextAsync(path, text);
    }

    private void CopyFolder(string folder)
    {
        var root = Path.Combine(BuiltProject.RepositoryRoot, folder);
        foreach (var file in Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories))
        {
            var parts = Path.GetRelativePath(root, file).Split(Path.DirectorySeparatorChar);
            if (!parts.Contains("bin") && !parts.Contains("obj") && !parts.Contains("node_modules")) CopyFile(Path.Combine(folder, Path.Combine(parts)));
        }
    }

    private void CopyFile(string file)
    {
        var to = PathOf(file);
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        File.Copy(Path.Combine(BuiltProject.RepositoryRoot, file), to);
    }

    private string PathOf(string file) => Path.Combine(_folder, file);
}
