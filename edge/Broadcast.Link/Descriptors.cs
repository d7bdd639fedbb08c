using System.Runtime.InteropServices;

namespace Broadcast.Link;

/// <summary>
/// What a process may have open at once. Where nothing is left of it, more fails than the next connection: the runtime needs a pipe for every thread that it starts,
/// and ends the process when it cannot have one. So connections leave a part of it to everybody else.
/// </summary>
internal static partial class Descriptors
{
    /// <summary>The part, one in so many, that is for everything else: the people's doors, the ledger, threads.</summary>
    private const int PartKept = 4;

    /// <summary>More is not kept: the people's doors have 4,096, the rest is some hundreds.</summary>
    private const int KeptMax = 5_000;

    private const int OpenFiles = 7; // RLIMIT_NOFILE of Linux.
    private const int CloseOnExec = 0x80000; // EFD_CLOEXEC: no program that is started meanwhile has it.

    /// <summary>Whether only that part is left. The kernel gives the lowest number that is free, so a new one tells how many are in use.</summary>
    public static bool AreScarce()
    {
        if (!OperatingSystem.IsLinux() || GetLimit(OpenFiles, out var limit) != 0) return false;
        var probe = EventFd(0, CloseOnExec);
        if (probe < 0) return true;
        _ = Close(probe);
        return (ulong)probe >= limit.Now - Math.Min(limit.Now / PartKept, KeptMax);
    }

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int of, out Limit limit);

    [LibraryImport("libc", EntryPoint = "eventfd")]
    private static partial int EventFd(uint value, int flags);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);

    [StructLayout(LayoutKind.Sequential)]
    private struct Limit
    {
        public ulong Now;

        public ulong Most;
    }
}
