namespace Broadcast.Cli;

/// <summary>Where things lie: the repository, the lane it was built in, and the programs of that lane.</summary>
internal sealed record House(string Root, string Lane, string LaneReason)
{
    /// <summary>Everything that running leaves behind; ignored by git, mode 0700.</summary>
    public string DefaultData => Path.Combine(Root, ".broadcast");

    public string CloudProgram => Program("cloud", "Broadcast.Cloud");

    public string FleetProgram => Program("tests", "Broadcast.Fleet");

    public string BenchProgram => Program("tests", "Broadcast.Benchmarks");

    public string EdgeProgram => Program("edge", "Broadcast.Edge");

    public string BoardsProgram => Program("tests", "Broadcast.Firmware.Host");

    public string SimulationProgram => Program("tests", "Broadcast.Simulation");

    public string OutputOf(string projectFolder, string name) => Path.Combine(Root, projectFolder, "bin", Lane, "Release", "net10.0", name + ".dll");

    /// <summary>From what the script says, else from where this program lies.</summary>
    public static House Find()
    {
        var root = Environment.GetEnvironmentVariable("BROADCAST_ROOT") ?? FindRoot(AppContext.BaseDirectory);
        var lane = Environment.GetEnvironmentVariable("BROADCAST_LANE") ?? "standin";
        return new House(root, lane, Environment.GetEnvironmentVariable("BROADCAST_LANE_WHY") ?? "");
    }

    private static string FindRoot(string folder)
    {
        for (var at = new DirectoryInfo(folder); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "Broadcast.sln"))) return at.FullName;
        }

        return Directory.GetCurrentDirectory();
    }

    private string Program(string folder, string name) => OutputOf(Path.Combine(folder, name), name);
}
