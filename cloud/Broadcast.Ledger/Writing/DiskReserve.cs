using Broadcast.Ledger.Storage;
using Microsoft.Extensions.Logging;

namespace Broadcast.Ledger.Writing;

/// <summary>Disk held back beside the database (R1): while it is low, ordinary acts are refused; when it is full, the reserve makes room for the vital ones.</summary>
internal sealed class DiskReserve(Engine engine, LedgerOptions options, ILogger log)
{
    private const long StartBytesMin = 2L << 20; // The index of the write-ahead log, the file of checkpoints cut anew, and what else a process writes before it serves.

    private readonly string? _path = options.IsSqlite && options.ReserveBytes > 0 ? options.SqlitePath + ".reserve" : null;
    private volatile bool _low; // The writer's alone to change; others look.

    /// <summary>What the last group found; safe to ask from anywhere.</summary>
    public bool WasLow => _low;

    /// <summary>Before anything is opened: on a full disk not even that would go.</summary>
    public void MakeRoomToStart()
    {
        if (engine.FreeBytes() < StartBytesMin) GiveUp();
    }

    /// <summary>Builds the reserve where it is missing and there is room for it beside the margin.</summary>
    public void Open() => _low = !TryBuild(engine.FreeBytes());

    /// <summary>Whether only vital acts may go on. Asked once a group: the answer costs one system call.</summary>
    public bool IsLow()
    {
        var free = engine.FreeBytes();
        if (free < options.FreeBytesMin)
        {
            if (!_low) Log.DiskLow(log, free, options.FreeBytesMin);
            _low = true;
        }
        else if (_low && TryBuild(free))
        {
            _low = false;
            Log.DiskRecovered(log, free);
        }

        return _low;
    }

    /// <summary>The disk is full: its bytes go to what must succeed.</summary>
    public void GiveUp()
    {
        _low = true;
        if (_path is null || !options.Files.Exists(_path)) return;
        options.Files.Delete(_path);
        Log.ReserveGivenUp(log, options.ReserveBytes);
    }

    private bool TryBuild(long free)
    {
        if (_path is null) return true;
        if (options.Files.Exists(_path) && options.Files.LengthOf(_path) == options.ReserveBytes) return free >= options.FreeBytesMin;
        if (free < options.FreeBytesMin + options.ReserveBytes) return false;
        try
        {
            options.Files.Preallocate(_path, options.ReserveBytes);
            return true;
        }
        catch (IOException e) // The room went to somebody else meanwhile; the next group asks again.
        {
            options.Files.Delete(_path);
            Log.ReserveNotBuilt(log, e);
            return false;
        }
    }
}
