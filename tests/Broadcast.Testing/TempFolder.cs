namespace Broadcast.Testing;

/// <summary>A data folder of one test, gone when the test is; kept where BROADCAST_KEEP=1 asks to look at it afterwards.</summary>
public sealed class TempFolder : IDisposable
{
    private const string Memory = "/dev/shm";

    public TempFolder(string name = "broadcast") => Path = Directory.CreateTempSubdirectory(name + "-").FullName;

    private TempFolder(DirectoryInfo folder) => Path = folder.FullName;

    /// <summary>A folder in memory where there is such a place, for files that are written a million times; what a disk does is not asked there.</summary>
    public static TempFolder InMemory(string name) => Directory.Exists(Memory) ? new(Directory.CreateDirectory(System.IO.Path.Combine(Memory, $"{name}-{Guid.NewGuid():N}"))) : new(name);

    public string Path { get; }

    /// <summary>The full path of something inside; the folder above it is there.</summary>
    public string this[string relative]
    {
        get
        {
            var full = System.IO.Path.Combine(Path, relative);
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(full)!);
            return full;
        }
    }

    public void Dispose()
    {
        if (string.Equals(Environment.GetEnvironmentVariable("BROADCAST_KEEP"), "1", StringComparison.Ordinal)) return;
        if (Directory.Exists(Path)) Directory.Delete(Path, recursive: true);
    }
}
