using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using Broadcast.Device;
using Broadcast.Link.Update;

namespace Broadcast.Edge.Update;

/// <summary>The new program, until it has proved itself.</summary>
/// <param name="Slot">Where it is.</param>
/// <param name="Back">Where the one before is: <c>a</c>, <c>b</c> or <c>factory</c>.</param>
/// <param name="Package">Hash of its package.</param>
/// <param name="Faults">What was wrong with the site under the old one: that alone does not condemn the new.</param>
internal sealed record Trial(string Slot, string Back, string Package, FaultFlags Faults);

/// <summary>
/// The two slots of the program and the link between them. <c>broadcast-edge-start</c> reads the same files at each start; it is the one
/// that puts the old program back when the new one cannot even begin. Every change that counts is one rename.
/// </summary>
internal sealed class ProgramSlots(string root, string running)
{
    public const string Factory = "factory";

    private const string WholeMark = ".whole"; // Written last of a slot, with the package's head: what is signed of it.

    /// <summary>A program unpacked: five times the largest package. A bomb stops here.</summary>
    private const long UnpackedBytesMax = 5 * UpdatePackage.BytesMax;

    private const int EntriesMax = 5_000;

    private const int TarBlock = 512;
    private const int NamesBytesMax = 64 << 10; // A hundred times the longest path.

    /// <summary>Longest name of a file or folder: every file system takes 255 bytes, of three a character at most.</summary>
    private const int NameCharsMax = 85;

    /// <summary>Longest way to a file within a program: far below what Linux takes.</summary>
    private const int PathCharsMax = 400;

    /// <summary>Where slots, link and files are.</summary>
    public string Root => root;

    /// <summary>The slot that this process was started from.</summary>
    public string Running => running;

    /// <summary>As the starter said; null where it did not start this process: then nothing can be installed.</summary>
    public static ProgramSlots? OfThisProcess() =>
        Environment.GetEnvironmentVariable("BROADCAST_PROGRAM") is { Length: > 0 } root && Environment.GetEnvironmentVariable("BROADCAST_SLOT") is "a" or "b" or Factory
            ? new ProgramSlots(root, Environment.GetEnvironmentVariable("BROADCAST_SLOT")!) : null;

    /// <summary>What runs; null for the program that the machine came with.</summary>
    public UpdateManifest? RunningManifest => running == Factory ? null : ManifestOf(running);

    /// <summary>The greatest number that ever proved itself here: nothing at or below it is installed again.</summary>
    public long HighestNumber =>
        SmallFile.Read(PathOf("proved")) is { } proved && long.TryParse(proved.GetValueOrDefault("number"), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    /// <summary>Hash of the package of the newest that proved itself here; empty for none.</summary>
    public string ProvedPackage => SmallFile.Read(PathOf("proved"))?.GetValueOrDefault("package", "") ?? "";

    /// <summary>The trial that is under way, if this process is it.</summary>
    public Trial? OwnTrial => ReadTrial() is { } trial && trial.Slot == running ? trial : null;

    /// <summary>Unpacks a verified package into the slot that does not run, and hands the program over to it; the next start is its trial.</summary>
    /// <exception cref="IOException">No room, or the disk is broken: what runs is as it was.</exception>
    /// <exception cref="InvalidDataException">The payload is no program.</exception>
    public void Install(UpdatePackage package, string file, string hash, FaultFlags faults)
    {
        var slot = running == "a" ? "b" : "a";
        Unpack(package, file, slot);
        SmallFile.Write(PathOf("trial"), ("slot", slot), ("back", running), ("package", hash), ("starts", "0"), ("faults", ((int)faults).ToString(CultureInfo.InvariantCulture)));
        Point(slot);
    }

    /// <summary>The program of this process has proved itself.</summary>
    public void Prove(Trial trial)
    {
        if (ManifestOf(trial.Slot) is { } manifest && manifest.Number > HighestNumber)
            SmallFile.Write(PathOf("proved"), ("package", trial.Package), ("number", manifest.Number.ToString(CultureInfo.InvariantCulture)), ("version", manifest.Version));
        // A power cut before this line is one more start on trial.
        File.Delete(PathOf("trial"));
        Disk.SyncFolder(root);
    }

    /// <summary>The program of this process has not proved itself: the next start is the one before. In the order of the starter's own way back.</summary>
    /// <exception cref="IOException">The link could not be changed: the trial is still there, and the starter goes back.</exception>
    public void GoBack(Trial trial, string why)
    {
        NoteFallen(trial, why);
        if (trial.Back is "a" or "b") Point(trial.Back);
        else File.Delete(PathOf("current"));
        File.Delete(PathOf("trial"));
        Disk.SyncFolder(root);
    }

    // A full disk keeps the note, not the way back.
    private void NoteFallen(Trial trial, string why)
    {
        try
        {
            SmallFile.Write(PathOf("fallen"), ("package", trial.Package), ("why", why));
        }
        catch (IOException)
        {
            return; // The cloud hears that the old program runs, and not why.
        }
    }

    /// <summary>Which package did not prove itself, and why; null for none.</summary>
    public (string Package, string Why)? Fallen =>
        SmallFile.Read(PathOf("fallen")) is { } fallen ? (fallen.GetValueOrDefault("package", ""), fallen.GetValueOrDefault("why", "")) : null;

    public void ForgetFallen() => File.Delete(PathOf("fallen"));

    private UpdateManifest? ManifestOf(string slot)
    {
        try
        {
            return UpdatePackage.ReadHead(Path.Combine(root, slot, WholeMark))?.Manifest;
        }
        catch (IOException)
        {
            return null; // No slot there.
        }
    }

    private Trial? ReadTrial() => SmallFile.Read(PathOf("trial")) is { } values && values.TryGetValue("slot", out var slot)
        ? new Trial(slot, values.GetValueOrDefault("back", Factory), values.GetValueOrDefault("package", ""),
            int.TryParse(values.GetValueOrDefault("faults"), NumberStyles.None, CultureInfo.InvariantCulture, out var faults) ? (FaultFlags)faults : FaultFlags.None)
        : null;

    private string PathOf(string name) => Path.Combine(root, name);

    private void Point(string slot)
    {
        var half = PathOf("current.new");
        File.Delete(half);
        File.CreateSymbolicLink(half, slot);
        Disk.Rename(half, PathOf("current"));
        Disk.SyncFolder(root);
    }

    private void Unpack(UpdatePackage package, string file, string slot)
    {
        var (half, whole) = (PathOf(slot + ".new"), PathOf(slot));
        foreach (var old in new[] { half, whole })
            if (Directory.Exists(old)) Directory.Delete(old, recursive: true);
        Directory.CreateDirectory(half);
        using (var source = File.OpenRead(file))
        {
            source.Position = package.HeadBytes;
            ExtractTo(half, source);
        }
        if (!File.Exists(Path.Combine(half, "Broadcast.Edge.dll")) && !File.Exists(Path.Combine(half, "Broadcast.Edge")))
            throw new InvalidDataException("there is no Broadcast.Edge in it");
        File.WriteAllBytes(Path.Combine(half, WholeMark), [.. package.Signed, .. package.Signature]);
        Disk.SyncAll();
        Directory.Move(half, whole);
        Disk.SyncFolder(root);
    }

    /// <summary>Unpacks a payload. Plain files and folders only, and only inside: who signs is believed, but a slip of theirs must not write elsewhere.</summary>
    /// <exception cref="InvalidDataException">It is no program's: another try would find the same.</exception>
    /// <exception cref="IOException">The disk does not take it.</exception>
    internal static void ExtractTo(string folder, Stream payload)
    {
        try
        {
            var begin = payload.Position;
            CheckHeads(payload);
            payload.Position = begin;
            using var unzipped = new GZipStream(payload, CompressionMode.Decompress);
            using var reader = new TarReader(unzipped);
            long bytes = 0;
            var files = new HashSet<string>(StringComparer.Ordinal);
            for (var entries = 1; reader.GetNextEntry() is { } entry; entries++)
            {
                if (entries > EntriesMax || (bytes += entry.Length) > UnpackedBytesMax) throw new InvalidDataException("it is larger than any program");
                Extract(entry, folder, files);
            }
        }
        catch (Exception odd) when (odd is EndOfStreamException or FormatException or ArgumentException or OverflowException or NotSupportedException)
        {
            throw new InvalidDataException($"it cannot be unpacked: {odd.Message}", odd); // Not the disk: nobody has to make room and try again.
        }
    }

    // The framework's reader takes as much memory for a head that lengthens a name as that one says of itself: 134 MB for 200 bytes were seen.
    private static void CheckHeads(Stream payload)
    {
        using var unzipped = new GZipStream(payload, CompressionMode.Decompress, leaveOpen: true);
        var block = new byte[TarBlock];
        while (unzipped.ReadAtLeast(block, TarBlock, throwOnEndOfStream: false) == TarBlock)
        {
            var size = OctalOf(block.AsSpan(124, 12));
            if (size is < 0 or > UnpackedBytesMax || (block[156] is (byte)'x' or (byte)'g' or (byte)'L' or (byte)'K' && size > NamesBytesMax)) throw new InvalidDataException("it is larger than any program");
            for (var left = (size + TarBlock - 1) / TarBlock; left > 0 && unzipped.ReadAtLeast(block, TarBlock, throwOnEndOfStream: false) == TarBlock;) left--;
        }
    }

    /// <summary>A number of a tar's head; -1 for one of more than eight gigabytes, which is written otherwise.</summary>
    private static long OctalOf(ReadOnlySpan<byte> digits)
    {
        if (digits[0] >= 0x80) return -1;
        long number = 0;
        foreach (var digit in digits)
        {
            if (digit is >= (byte)'0' and <= (byte)'7') number = (number * 8) + (digit - '0');
        }

        return number;
    }

    private static void Extract(TarEntry entry, string folder, HashSet<string> files)
    {
        if (entry.Name.Length > PathCharsMax || entry.Name.Split('/').Any(name => name.Length > NameCharsMax)) throw new InvalidDataException("a name in it is too long");
        var path = Path.GetFullPath(Path.Combine(folder, entry.Name)).TrimEnd('/');
        if (path != folder && !path.StartsWith(folder + "/", StringComparison.Ordinal)) throw new InvalidDataException($"{entry.Name} does not belong into a program");
        if (Parents(path, folder).Any(files.Contains)) throw new InvalidDataException($"{entry.Name} lies in a file");
        if (entry.EntryType == TarEntryType.Directory && !files.Contains(path))
        {
            Directory.CreateDirectory(path);
            return;
        }
        if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile)) throw new InvalidDataException($"{entry.Name} is no plain file");
        if (Directory.Exists(path) || !files.Add(path)) throw new InvalidDataException($"{entry.Name} is there twice");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        entry.ExtractToFile(path, overwrite: false);
    }

    private static IEnumerable<string> Parents(string path, string folder)
    {
        for (var parent = Path.GetDirectoryName(path); parent?.Length > folder.Length; parent = Path.GetDirectoryName(parent)) yield return parent;
    }
}
