using System.IO.MemoryMappedFiles;
using Broadcast.Testing;

namespace Broadcast.EndToEnd.Processes;

/// <summary>Kinds of calls that faults.c counts; the numbers are its own.</summary>
internal enum FaultKind : long
{
    None = 0,
    LedgerWrite = 1,
    LedgerFlush = 2,
    LedgerTruncate = 3,
    SocketSend = 4,
}

/// <summary>What becomes of the call; the numbers are faults.c's.</summary>
internal enum FaultAction : long
{
    None = 0,
    FailEio = 1,
    FailEnospc = 2,
    FailEconnreset = 3,
    KillBefore = 4,
    KillAfter = 5,
    Tear = 6,
}

/// <summary>
/// The test's side of faults.c: compiles it, tells the process to load it, arms it and reads what it counted. The page is
/// shared memory over a file, so that it is armed at a moment of the test's choosing and read after a kill.
/// </summary>
internal sealed class FaultPage : IDisposable
{
    private const int PageBytes = 4096;
    private const int Armed = 0, Nth = 8, Action = 16, Last = 24, Fired = 32, Loaded = 40, Counts = 64; // Offsets of struct page.
    private static readonly TimeSpan CompilePatience = TimeSpan.FromMinutes(1);

    private readonly string _path;
    private readonly string _library;
    private readonly string _ledgerPrefix;
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _page;

    private FaultPage(string path, string library, string ledgerPrefix)
    {
        _path = path;
        _library = library;
        _ledgerPrefix = ledgerPrefix;
        using (var zeros = File.Create(path)) zeros.SetLength(PageBytes);
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.Open);
        _page = _file.CreateViewAccessor(0, PageBytes);
    }

    /// <summary>The environment that puts the shim into a process.</summary>
    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string>
    {
        ["LD_PRELOAD"] = _library,
        ["BROADCAST_FAULTS"] = _path,
        ["BROADCAST_FAULTS_LEDGER"] = _ledgerPrefix,
    };

    /// <summary>The process that the shim was last loaded in; 0 where it never was.</summary>
    public long LoadedIn => _page.ReadInt64(Loaded);

    /// <summary>How often the armed fault has struck.</summary>
    public long Struck => _page.ReadInt64(Fired);

    /// <param name="folder">A folder of the test for the library and the page.</param>
    /// <param name="ledgerPrefix">Paths that begin with this are the ledger's.</param>
    public static async Task<FaultPage> CompileAsync(string folder, string ledgerPrefix)
    {
        var library = Path.Combine(folder, "faults.so");
        await RunningProcess.RunAsync(
            "cc", ["-shared", "-fPIC", "-O2", "-Wall", "-Werror", "-o", library, Path.Combine(AppContext.BaseDirectory, "faults", "faults.c"), "-ldl"], CompilePatience);
        return new FaultPage(Path.Combine(folder, "faults.page"), library, ledgerPrefix);
    }

    public long Count(FaultKind kind) => _page.ReadInt64(Counts + (8 * (int)kind));

    /// <summary>Counts from zero again, and strikes the n-th call of the kind from now (up to the <paramref name="last"/>-th).</summary>
    public void Arm(FaultKind kind, FaultAction action, long nth, long? last = null)
    {
        Disarm();
        _page.Write(Fired, 0L);
        foreach (var counted in Enum.GetValues<FaultKind>()) _page.Write(Counts + (8 * (int)counted), 0L);
        _page.Write(Nth, nth);
        _page.Write(Last, last ?? nth);
        _page.Write(Action, (long)action);
        _page.Write(Armed, (long)kind);
    }

    public void Disarm() => _page.Write(Armed, (long)FaultKind.None);

    public void Dispose()
    {
        _page.Dispose();
        _file.Dispose();
    }
}
