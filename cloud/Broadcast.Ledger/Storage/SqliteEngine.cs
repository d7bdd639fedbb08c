using System.Data.Common;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Broadcast.Ledger.Storage;

/// <summary>SQLite in one process: write-ahead log, full synchronisation, readers that the writer never blocks.</summary>
internal sealed class SqliteEngine : Engine
{
    private const int FullCode = 13, IoErrorCode = 10, CannotOpenCode = 14, BusyCode = 5, LockedCode = 6, NoMemoryCode = 7;

    private readonly string _path;
    private readonly LedgerFiles _files;
    private readonly IDisposable _lock;
    private readonly long _freeBytesMin;

    /// <summary>
    /// A connection is used by one thread at a time, so SQLite need not lock each call; and nobody asks it how much memory it has, which costs a
    /// lock on every allocation. Both must be said before its first use in the process; later SQLite says no, and goes on with its locks.
    /// </summary>
    static SqliteEngine()
    {
        Batteries_V2.Init();
        _ = raw.sqlite3_config(raw.SQLITE_CONFIG_MULTITHREAD);
        _ = raw.sqlite3_config(raw.SQLITE_CONFIG_MEMSTATUS, 0);
    }

    public SqliteEngine(LedgerOptions options)
    {
        (_path, _files, _freeBytesMin) = (options.SqlitePath, options.Files, options.FreeBytesMin);
        _lock = Lock(_path, _files);
    }

    /// <summary>Where a restore puts its copy before it takes the ledger's place.</summary>
    public static string Restoring(string path) => path + ".restoring";

    /// <summary>Throws where a restore was broken off between the old ledger and the new: an empty one, begun in their place, would know no device and say that all is well.</summary>
    public void CheckThere()
    {
        if (!_files.Exists(_path) && _files.Exists(Restoring(_path)))
            throw new LedgerSchemaException($"A restore into '{_path}' was broken off and there is no ledger now; run it again. What was there before is beside it, named '.before-restore-…'.");
    }

    public override string Begin => "BEGIN IMMEDIATE";

    public override string BeginRead => "BEGIN";

    public override (string Take, string Give) MigrationLock => ("SELECT 1", "SELECT 1"); // The file's lock holds every other process off already.

    /// <summary>Holds the database for one process: a second writer would not corrupt it, but would stall this one and double its sessions.</summary>
    public static IDisposable Lock(string path, LedgerFiles files)
    {
        try
        {
            return files.Lock(path + ".lock");
        }
        catch (IOException e) // Held elsewhere: whoever starts this process must know which other one to stop.
        {
            throw new LedgerUnavailableException($"Ledger setting ConnectionString is 'sqlite:{path}': another process holds that ledger; stop it, or name another file ({e.Message})", e);
        }
    }

    public override async Task<SqlSession> OpenAsync(bool write, CancellationToken cancel)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = _path, Pooling = false, DefaultTimeout = 30 }.ToString());
        var session = new SqlSession(connection, this);
        try
        {
            await connection.OpenAsync(cancel);
            await using var pragma = connection.CreateCommand();
            pragma.CommandText = write
                // FULL: an acknowledged commit survives a power cut. 4,000 pages: a checkpoint every 16 MB keeps its cost off most commits.
                ? "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=4000; PRAGMA journal_size_limit=33554432; PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY; PRAGMA foreign_keys=OFF;"
                : "PRAGMA query_only=1; PRAGMA cache_size=-8192; PRAGMA temp_store=MEMORY;";
            await pragma.ExecuteNonQueryAsync(cancel);
            return session;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    public override string Translate(string sql) => sql
        .Replace("{long}", "INTEGER", StringComparison.Ordinal)
        .Replace("{real}", "REAL", StringComparison.Ordinal)
        .Replace("{bytes}", "BLOB", StringComparison.Ordinal)
        .Replace("{clustered}", "STRICT, WITHOUT ROWID", StringComparison.Ordinal)
        .Replace("{hot}", "STRICT, WITHOUT ROWID", StringComparison.Ordinal)
        .Replace("{plain}", "STRICT", StringComparison.Ordinal);

    public override BulkStatement Prepare(DbConnection connection, string sql, Rows rows, string? changed) =>
        new SqliteBulk(((SqliteConnection)connection).Handle!, Translate(SqliteBulk.Expand(sql)), rows, changed);

    public override Fault Classify(Exception e) => e is not SqliteException s ? Fault.Act : s.SqliteErrorCode switch
    {
        FullCode => Fault.Full,
        // A write, a flush or the growth of the shared index that fails for want of room is reported as an I/O error.
        IoErrorCode or CannotOpenCode => FreeBytes() < Math.Max(_freeBytesMin, 1 << 20) ? Fault.Full : Fault.Unavailable,
        BusyCode or LockedCode or NoMemoryCode => Fault.Unavailable,
        _ => Fault.Act,
    };

    public override long FreeBytes() => _files.FreeBytes(_path);

    public override async Task BackupAsync(string path, CancellationToken cancel)
    {
        var part = path + ".part";
        _files.Delete(part);
        RequireRoomFor(path);
        await using (var session = await OpenAsync(write: false, cancel))
        await using (var target = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = part, Pooling = false }.ToString()))
        {
            await target.OpenAsync(cancel);
            await Task.Run(() => ((SqliteConnection)session.Connection).BackupDatabase(target), cancel);
        }

        _files.FlushToDisk(part);
        _files.Move(part, path);
    }

    // What the copy took of the margin, ordinary warnings would be refused for; what of the reserve, the vital ones.
    private void RequireRoomFor(string copy)
    {
        var (needed, free) = (SizeOf(_path) + SizeOf(_path + "-wal"), _files.FreeBytes(copy));
        if (free - needed < _freeBytesMin) throw new StorageFullException($"A copy of the ledger takes {needed} bytes, and {_freeBytesMin} must stay free beside it; there are {free}.");
    }

    private long SizeOf(string path) => _files.Exists(path) ? _files.LengthOf(path) : 0;

    /// <summary>Throws unless the file is a whole database; asks SQLite itself.</summary>
    public static async Task CheckAsync(string path, CancellationToken cancel)
    {
        await using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        await connection.OpenAsync(cancel);
        await using var check = connection.CreateCommand();
        check.CommandText = "PRAGMA journal_mode=DELETE; PRAGMA integrity_check(1);";
        await using var reader = await check.ExecuteReaderAsync(cancel);
        await reader.NextResultAsync(cancel);
        var verdict = await reader.ReadAsync(cancel) ? reader.GetString(0) : "no answer";
        if (verdict != "ok") throw new LedgerSchemaException($"The backup is damaged: {verdict}");
    }

    /// <summary>Another database of the same kind, to be read; null where SQLite cannot open it. Nobody may be writing it.</summary>
    public async Task<SqlSession?> OpenOtherAsync(string path, CancellationToken cancel)
    {
        var session = new SqlSession(new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString()), this);
        try
        {
            await session.Connection.OpenAsync(cancel);
            return session;
        }
        catch (SqliteException)
        {
            await session.DisposeAsync();
            return null;
        }
    }

    /// <summary>Throws unless every table that this version makes is there with its columns: to SQLite a file whose text of a table was damaged is whole.</summary>
    public async Task CheckTablesAsync(SqlSession restored, CancellationToken cancel)
    {
        await using var model = new SqlSession(new SqliteConnection("Data Source=:memory:"), this);
        await model.Connection.OpenAsync(cancel);
        await Schema.MigrateAsync(model, this, DateTimeOffset.UnixEpoch);
        var there = (await ColumnsAsync(restored)).ToHashSet();
        foreach (var (table, column, type, isNotNull, place) in await ColumnsAsync(model))
        {
            if (!there.Contains((table, column, type, isNotNull, place))) throw new LedgerSchemaException($"The backup is damaged: table {table} has no such column {column} as it should.");
        }
    }

    private static Task<List<(string Table, string Column, string Type, long IsNotNull, long PlaceInKey)>> ColumnsAsync(SqlSession sql) => sql.QueryAsync(
        "SELECT t.name, c.name, c.type, c.\"notnull\", c.pk FROM sqlite_schema t, pragma_table_info(t.name) c WHERE t.type = 'table' ORDER BY t.name, c.cid",
        r => (r.GetString(0), r.GetString(1), r.GetString(2), r.GetInt64(3), r.GetInt64(4)));

    public override ValueTask DisposeAsync()
    {
        _lock.Dispose();
        return ValueTask.CompletedTask;
    }
}
