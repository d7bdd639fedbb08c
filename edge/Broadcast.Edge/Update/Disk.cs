using System.Runtime.InteropServices;

namespace Broadcast.Edge.Update;

/// <summary>What .NET cannot ask of a disk: that a rename is on it, and that a whole tree is.</summary>
internal static partial class Disk
{
    private const int DirectoryReadOnly = 0x10000; // O_RDONLY | O_DIRECTORY.

    /// <summary>Returns once renames and new files of the folder are on the disk.</summary>
    public static void SyncFolder(string folder)
    {
        var handle = Open(folder, DirectoryReadOnly);
        if (handle < 0) return; // The folder is gone: then there is nothing to keep.
        _ = FSync(handle);
        _ = Close(handle);
    }

    /// <summary>Returns once everything that was written is on the disk, a freshly unpacked tree too.</summary>
    public static void SyncAll() => Sync();

    /// <summary>Puts a link in the place of another at once; .NET's own move follows the link and finds no file.</summary>
    /// <exception cref="IOException">The disk did not take it.</exception>
    public static void Rename(string from, string to)
    {
        if (RenameFile(from, to) != 0) throw new IOException($"{from} cannot become {to}: error {Marshal.GetLastPInvokeError()}");
    }

    [LibraryImport("libc", EntryPoint = "rename", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int RenameFile(string from, string to);

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int FSync(int handle);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int handle);

    [LibraryImport("libc", EntryPoint = "sync")]
    private static partial void Sync();
}
