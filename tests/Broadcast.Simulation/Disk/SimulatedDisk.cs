using System.Collections.Concurrent;
using System.Globalization;

namespace Broadcast.Simulation.Disk;

/// <summary>
/// A disk in memory that keeps apart what was written and what was flushed. Faults are armed from outside: the power goes at the n-th
/// write or flush, the disk is full, one operation fails. Paths begin with <see cref="Root"/>, so that SQLite's files find it.
/// </summary>
internal sealed class SimulatedDisk : IDisposable
{
    public const string Prefix = "/simulated/";

    private static readonly ConcurrentDictionary<int, SimulatedDisk> All = new();
    private static int _numbers;

    private readonly Dictionary<string, SimulatedFile> _files = new(StringComparer.Ordinal);
    private readonly int _number = Interlocked.Increment(ref _numbers);

    public SimulatedDisk()
    {
        Root = string.Create(CultureInfo.InvariantCulture, $"{Prefix}{_number}");
        All[_number] = this;
        SimulatedVfs.Register();
    }

    public string Root { get; }

    /// <summary>Bytes that all files together may have.</summary>
    public long CapacityBytes { get; set; } = long.MaxValue;

    public long UsedBytes => _files.Values.Sum(f => f.Length);

    public long FreeBytes => Math.Max(0, CapacityBytes - UsedBytes);

    /// <summary>Writes, flushes, truncations and deletions so far.</summary>
    public long Operations { get; private set; }

    /// <summary>The operation at which the power goes; what comes after it fails. <see cref="long.MaxValue"/> for never.</summary>
    public long PowerCutAt { get; set; } = long.MaxValue;

    /// <summary>The operation that fails by itself, once.</summary>
    public long GlitchAt { get; set; } = long.MaxValue;

    /// <summary>Nothing can be read or written any more until <see cref="PowerOn"/>.</summary>
    public bool IsOff { get; private set; }

    /// <summary>How often it came back; a file opened before is no door to it any more.</summary>
    public int Boots { get; private set; }

    /// <summary>The disk that a path lies on; null where it was thrown away.</summary>
    public static SimulatedDisk? Of(string path)
    {
        if (!path.StartsWith(Prefix, StringComparison.Ordinal)) return null;
        var rest = path.AsSpan(Prefix.Length);
        var end = rest.IndexOf('/');
        return end > 0 && int.TryParse(rest[..end], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? All.GetValueOrDefault(number) : null;
    }

    public SimulatedFile? Find(string path) => IsOff ? null : _files.GetValueOrDefault(path);

    public SimulatedFile OpenOrCreate(string path)
    {
        if (!_files.TryGetValue(path, out var file)) _files[path] = file = new SimulatedFile();
        return file;
    }

    /// <summary>What the next changing operation comes to.</summary>
    public DiskAnswer Operate(long growsBy = 0)
    {
        if (IsOff) return DiskAnswer.Broken;
        if (growsBy > 0 && UsedBytes + growsBy > CapacityBytes) return DiskAnswer.Full;
        Operations++;
        if (Operations >= PowerCutAt)
        {
            IsOff = true;
            return DiskAnswer.Broken;
        }

        return Operations == GlitchAt ? DiskAnswer.Broken : DiskAnswer.Done;
    }

    public void Delete(string path) => _files.Remove(path);

    public void Move(string from, string to)
    {
        _files[to] = _files[from];
        _files.Remove(from);
    }

    public void Copy(string from, string to) => _files[to] = _files[from].Copy();

    /// <summary>Cuts the power now, if it is not gone already.</summary>
    public void CutPower() => IsOff = true;

    /// <summary>What the medium kept is there again.</summary>
    /// <param name="wholeMachine">False where only the process died: then the operating system wrote everything in the end.</param>
    public void PowerOn(Random dice, bool wholeMachine)
    {
        foreach (var (path, file) in _files.OrderBy(f => f.Key, StringComparer.Ordinal).ToList())
        {
            if (wholeMachine) file.LosePower(dice);
            else file.LoseProcess();
            if (!file.IsKnownToTheMedium) _files.Remove(path);
        }

        IsOff = false;
        Boots++;
        PowerCutAt = GlitchAt = long.MaxValue;
    }

    public void Dispose()
    {
        IsOff = true;
        All.TryRemove(_number, out _);
    }
}

internal enum DiskAnswer { Done, Full, Broken }
