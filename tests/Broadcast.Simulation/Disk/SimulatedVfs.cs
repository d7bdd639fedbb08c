using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Broadcast.Simulation.Disk;

/// <summary>
/// SQLite's door to the simulated disk: a virtual file system that becomes the process's default, so that the ledger opens its files with
/// not one line of its own changed. Structures and codes are those of SQLite's public interface (sqlite3.h, https://sqlite.org/c3ref/vfs.html).
/// </summary>
internal static unsafe class SimulatedVfs
{
    private const int Ok = 0, IoError = 10, Full = 13, CannotOpen = 14, Busy = 5, ShortRead = 522, NotFound = 12;
    private const int OpenCreate = 0x4, OpenDeleteOnClose = 0x8;
    private const int PowersafeOverwrite = 0x1000; // A torn write harms none of the bytes around it.
    private const int PathBytesMax = 512;

    private static readonly ConcurrentDictionary<int, OpenFile> Opened = new();
    private static readonly ConcurrentDictionary<string, SharedIndex> Indexes = new(StringComparer.Ordinal);
    private static readonly Lock Gate = new();
    private static int _handles;
    private static bool _registered;
    private static IoMethods* _methods;

    [StructLayout(LayoutKind.Sequential)]
    private struct FileHandle
    {
        public IoMethods* Methods;
        public int Number;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct IoMethods
    {
        public int Version;
        public delegate* unmanaged<FileHandle*, int> Close;
        public delegate* unmanaged<FileHandle*, byte*, int, long, int> Read;
        public delegate* unmanaged<FileHandle*, byte*, int, long, int> Write;
        public delegate* unmanaged<FileHandle*, long, int> Truncate;
        public delegate* unmanaged<FileHandle*, int, int> Sync;
        public delegate* unmanaged<FileHandle*, long*, int> FileSize;
        public delegate* unmanaged<FileHandle*, int, int> Lock;
        public delegate* unmanaged<FileHandle*, int, int> Unlock;
        public delegate* unmanaged<FileHandle*, int*, int> CheckReservedLock;
        public delegate* unmanaged<FileHandle*, int, void*, int> FileControl;
        public delegate* unmanaged<FileHandle*, int> SectorSize;
        public delegate* unmanaged<FileHandle*, int> DeviceCharacteristics;
        public delegate* unmanaged<FileHandle*, int, int, int, void**, int> ShmMap;
        public delegate* unmanaged<FileHandle*, int, int, int, int> ShmLock;
        public delegate* unmanaged<FileHandle*, void> ShmBarrier;
        public delegate* unmanaged<FileHandle*, int, int> ShmUnmap;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Vfs
    {
        public int Version;
        public int FileBytes;
        public int PathBytesMax;
        public Vfs* Next;
        public byte* Name;
        public void* AppData;
        public delegate* unmanaged<Vfs*, byte*, FileHandle*, int, int*, int> Open;
        public delegate* unmanaged<Vfs*, byte*, int, int> Delete;
        public delegate* unmanaged<Vfs*, byte*, int, int*, int> Access;
        public delegate* unmanaged<Vfs*, byte*, int, byte*, int> FullPathname;
        public void* DlOpen, DlError, DlSym, DlClose;
        public delegate* unmanaged<Vfs*, int, byte*, int> Randomness;
        public delegate* unmanaged<Vfs*, int, int> Sleep;
        public delegate* unmanaged<Vfs*, double*, int> CurrentTime;
        public delegate* unmanaged<Vfs*, int, byte*, int> GetLastError;
    }

    private sealed record OpenFile(SimulatedDisk Disk, string Path, SimulatedFile File, bool DeleteOnClose)
    {
        private readonly int _boot = Disk.Boots;

        /// <summary>Its process is dead: it reaches the disk no more, and holds nothing against its successor.</summary>
        public bool IsGone => Disk.IsOff || Disk.Boots != _boot;

        public string Key { get; } = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Path}#{Disk.Boots}");

        public int LockLevel { get; set; }

        public SharedIndex? Index { get; set; }

        public ushort SharedSlots { get; set; }

        public ushort OwnSlots { get; set; }
    }

    /// <summary>The memory that connections to one database share; gone with the process that they are in, as a real one is.</summary>
    private sealed class SharedIndex
    {
        public readonly List<nint> Regions = [];
        public readonly int[] Shared = new int[8];
        public readonly bool[] Exclusive = new bool[8];
        public int Users;
    }

    /// <summary>Makes it the default. Once a process; nothing of it is taken back.</summary>
    public static void Register()
    {
        lock (Gate)
        {
            if (_registered) return;
            _registered = true;
            SQLitePCL.Batteries_V2.Init();
            _methods = (IoMethods*)NativeMemory.AllocZeroed((nuint)sizeof(IoMethods));
            *_methods = new IoMethods
            {
                Version = 2, Close = &CloseFile, Read = &ReadFile, Write = &WriteFile, Truncate = &TruncateFile, Sync = &SyncFile, FileSize = &SizeOfFile,
                Lock = &LockFile, Unlock = &UnlockFile, CheckReservedLock = &IsReserved, FileControl = &ControlFile, SectorSize = &SectorBytes,
                DeviceCharacteristics = &Characteristics, ShmMap = &MapShared, ShmLock = &LockShared, ShmBarrier = &Barrier, ShmUnmap = &UnmapShared,
            };
            var name = Encoding.UTF8.GetBytes("simulated\0");
            var kept = (byte*)NativeMemory.Alloc((nuint)name.Length);
            name.CopyTo(new Span<byte>(kept, name.Length));
            var vfs = (Vfs*)NativeMemory.AllocZeroed((nuint)sizeof(Vfs));
            *vfs = new Vfs
            {
                Version = 1, FileBytes = sizeof(FileHandle), PathBytesMax = PathBytesMax, Name = kept, Open = &Open, Delete = &Delete, Access = &Exists,
                FullPathname = &FullPath, Randomness = &NoRandomness, Sleep = &NoSleep, CurrentTime = &FixedTime, GetLastError = &NoLastError,
            };
            if (sqlite3_vfs_register(vfs, 1) != Ok) throw new InvalidOperationException("SQLite did not take the simulated file system.");
        }
    }

    [DllImport("e_sqlite3", CallingConvention = CallingConvention.Cdecl)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    private static extern int sqlite3_vfs_register(Vfs* vfs, int makeDefault);

    [UnmanagedCallersOnly]
    private static int Open(Vfs* vfs, byte* name, FileHandle* file, int flags, int* outFlags)
    {
        file->Methods = null;
        var path = Text(name);
        if (SimulatedDisk.Of(path) is not { IsOff: false } disk) return CannotOpen;
        if (disk.Find(path) is not { } found)
        {
            if ((flags & OpenCreate) == 0) return CannotOpen;
            if (disk.Operate() != DiskAnswer.Done) return CannotOpen;
            found = disk.OpenOrCreate(path);
        }

        file->Number = Interlocked.Increment(ref _handles);
        Opened[file->Number] = new OpenFile(disk, path, found, (flags & OpenDeleteOnClose) != 0);
        file->Methods = _methods;
        if (outFlags != null) *outFlags = flags;
        return Ok;
    }

    [UnmanagedCallersOnly]
    private static int Delete(Vfs* vfs, byte* name, int syncFolder)
    {
        var path = Text(name);
        if (SimulatedDisk.Of(path) is not { } disk || disk.Operate() != DiskAnswer.Done) return IoError;
        disk.Delete(path);
        return Ok;
    }

    [UnmanagedCallersOnly]
    private static int Exists(Vfs* vfs, byte* name, int flags, int* answer)
    {
        var path = Text(name);
        *answer = SimulatedDisk.Of(path)?.Find(path) is null ? 0 : 1;
        return Ok;
    }

    [UnmanagedCallersOnly]
    private static int FullPath(Vfs* vfs, byte* name, int bytesMax, byte* into)
    {
        var length = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name).Length;
        if (length >= bytesMax) return CannotOpen;
        Unsafe.CopyBlock(into, name, (uint)length + 1);
        return Ok;
    }

    // The same bytes at every run: what SQLite draws from them (the salts of its log) changes nothing that is looked at.
    [UnmanagedCallersOnly]
    private static int NoRandomness(Vfs* vfs, int bytes, byte* into)
    {
        new Span<byte>(into, bytes).Fill(7);
        return bytes;
    }

    [UnmanagedCallersOnly]
    private static int NoSleep(Vfs* vfs, int microseconds) => microseconds;

    [UnmanagedCallersOnly]
    private static int FixedTime(Vfs* vfs, double* julianDay)
    {
        *julianDay = 2_461_000.5; // Only SQL's own clock functions ask, and the ledger has none.
        return Ok;
    }

    [UnmanagedCallersOnly]
    private static int NoLastError(Vfs* vfs, int bytes, byte* into) => 0;

    [UnmanagedCallersOnly]
    private static int CloseFile(FileHandle* file)
    {
        if (!Opened.TryRemove(file->Number, out var open)) return Ok;
        if (open.DeleteOnClose && !open.IsGone) open.Disk.Delete(open.Path);
        return Ok;
    }

    [UnmanagedCallersOnly]
    private static int ReadFile(FileHandle* file, byte* into, int count, long offset)
    {
        var open = Opened[file->Number];
        if (open.IsGone) return IoError;
        var room = new Span<byte>(into, count);
        var got = open.File.Read(offset, room);
        room[got..].Clear();
        return got == count ? Ok : ShortRead;
    }

    [UnmanagedCallersOnly]
    private static int WriteFile(FileHandle* file, byte* from, int count, long offset)
    {
        var open = Opened[file->Number];
        if (open.IsGone) return IoError;
        var answer = open.Disk.Operate(Math.Max(0, offset + count - open.File.Length));
        if (answer == DiskAnswer.Done) open.File.Write(offset, new ReadOnlySpan<byte>(from, count));
        return Code(answer);
    }

    [UnmanagedCallersOnly]
    private static int TruncateFile(FileHandle* file, long length)
    {
        var open = Opened[file->Number];
        if (open.IsGone) return IoError;
        var answer = open.Disk.Operate();
        if (answer == DiskAnswer.Done) open.File.Truncate(length);
        return Code(answer);
    }

    [UnmanagedCallersOnly]
    private static int SyncFile(FileHandle* file, int flags)
    {
        var open = Opened[file->Number];
        if (open.IsGone) return IoError;
        var answer = open.Disk.Operate();
        if (answer == DiskAnswer.Done) open.File.Flush();
        return Code(answer);
    }

    [UnmanagedCallersOnly]
    private static int SizeOfFile(FileHandle* file, long* bytes)
    {
        *bytes = Opened[file->Number].File.Length;
        return Ok;
    }

    // One process holds the ledger (its own lock sees to it) and one thread runs the simulation: levels are kept, not waited for.
    [UnmanagedCallersOnly]
    private static int LockFile(FileHandle* file, int level)
    {
        var open = Opened[file->Number];
        foreach (var (_, other) in Opened)
        {
            if (ReferenceEquals(other, open) || other.Key != open.Key) continue;
            if (level >= 2 && other.LockLevel >= 2) return Busy;
            if (level == 4 && other.LockLevel >= 1) return Busy;
            if (level == 1 && other.LockLevel >= 3) return Busy;
        }

        open.LockLevel = Math.Max(open.LockLevel, level);
        return Ok;
    }

    [UnmanagedCallersOnly]
    private static int UnlockFile(FileHandle* file, int level)
    {
        var open = Opened[file->Number];
        open.LockLevel = Math.Min(open.LockLevel, level);
        return Ok;
    }

    [UnmanagedCallersOnly]
    private static int IsReserved(FileHandle* file, int* answer)
    {
        var key = Opened[file->Number].Key;
        *answer = Opened.Any(o => o.Value.Key == key && o.Value.LockLevel >= 2) ? 1 : 0;
        return Ok;
    }

    [UnmanagedCallersOnly]
    private static int ControlFile(FileHandle* file, int what, void* argument) => NotFound;

    [UnmanagedCallersOnly]
    private static int SectorBytes(FileHandle* file) => SimulatedFile.SectorBytes;

    [UnmanagedCallersOnly]
    private static int Characteristics(FileHandle* file) => PowersafeOverwrite;

    [UnmanagedCallersOnly]
    private static int MapShared(FileHandle* file, int region, int bytes, int extend, void** into)
    {
        var open = Opened[file->Number];
        *into = null;
        lock (Gate)
        {
            if (open.Index is null)
            {
                open.Index = Indexes.GetOrAdd(open.Key, static _ => new SharedIndex());
                open.Index.Users++;
            }

            while (open.Index.Regions.Count <= region)
            {
                if (extend == 0) return Ok;
                open.Index.Regions.Add((nint)NativeMemory.AllocZeroed((nuint)bytes));
            }

            *into = (void*)open.Index.Regions[region];
        }

        return Ok;
    }

    [UnmanagedCallersOnly]
    private static int LockShared(FileHandle* file, int offset, int count, int flags)
    {
        const int unlock = 1, shared = 4;
        var open = Opened[file->Number];
        if (open.Index is not { } index) return IoError;
        lock (Gate)
        {
            for (var slot = offset; (flags & unlock) == 0 && slot < offset + count; slot++)
            {
                var bit = (ushort)(1 << slot);
                var sharedByOthers = index.Shared[slot] - ((open.SharedSlots & bit) != 0 ? 1 : 0);
                var heldByOther = index.Exclusive[slot] && (open.OwnSlots & bit) == 0;
                if (heldByOther || ((flags & shared) == 0 && sharedByOthers > 0)) return Busy;
            }

            for (var slot = offset; slot < offset + count; slot++) Move(open, index, slot, (flags & unlock) == 0, (flags & shared) != 0);
        }

        return Ok;
    }

    private static void Move(OpenFile open, SharedIndex index, int slot, bool take, bool shared)
    {
        var bit = (ushort)(1 << slot);
        if (shared)
        {
            if (take == ((open.SharedSlots & bit) != 0)) return;
            index.Shared[slot] += take ? 1 : -1;
            open.SharedSlots ^= bit;
        }
        else
        {
            if (take == ((open.OwnSlots & bit) != 0)) return;
            index.Exclusive[slot] = take;
            open.OwnSlots ^= bit;
        }
    }

    [UnmanagedCallersOnly]
    private static void Barrier(FileHandle* file) => Interlocked.MemoryBarrier();

    [UnmanagedCallersOnly]
    private static int UnmapShared(FileHandle* file, int delete)
    {
        var open = Opened[file->Number];
        lock (Gate)
        {
            if (open.Index is not { } index) return Ok;
            open.Index = null;
            for (var slot = 0; slot < 8; slot++)
            {
                var bit = (ushort)(1 << slot);
                if ((open.SharedSlots & bit) != 0) index.Shared[slot]--;
                if ((open.OwnSlots & bit) != 0) index.Exclusive[slot] = false;
            }

            open.SharedSlots = open.OwnSlots = 0;
            if (--index.Users > 0) return Ok;
            foreach (var region in index.Regions) NativeMemory.Free((void*)region);
            Indexes.TryRemove(new KeyValuePair<string, SharedIndex>(open.Key, index));
        }

        return Ok;
    }

    private static int Code(DiskAnswer answer) => answer switch { DiskAnswer.Done => Ok, DiskAnswer.Full => Full, _ => IoError };

    private static string Text(byte* name) => name == null ? "" : Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name));
}
