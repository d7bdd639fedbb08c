using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Broadcast.Edge.Storage;

/// <summary>
/// What outlives a power cut, in one SQLite file with a full sync at each commit: a transaction is on the disk or it never was.
/// Used from the gateway's loop and from the page, one call at a time.
/// </summary>
internal sealed partial class GatewayStore : IDisposable
{
    // SQLite's own numbers: tables that are not ours, a head that forbids writing, damaged pages, and what is no database at all.
    private const int SqlError = 1, ReadOnly = 8, Corrupt = 11, NoDatabase = 26;

    // What a card that takes no more writes makes of one, beside ReadOnly: the file or its journal cannot be written.
    private const int InputOutput = 10, CannotOpen = 14;

    /// <summary>How long a write waits for who reads the file beside the gateway. The loop waits with it, and a cancel behind the loop: far below the watchdog's 30 s.</summary>
    private const int BusySecondsMax = 2;

    private const string FileName = "gateway.db", JournalName = "gateway.db-journal";

    private readonly Lock _gate = new();
    private readonly DataFolder _folder;
    private readonly ILogger<GatewayStore> _logger;
    private SqliteConnection _connection;
    private bool _isLost;
    private bool _hasFailed;

    /// <exception cref="IOException">Neither the card nor the memory can be used.</exception>
    public GatewayStore(DataFolder folder, ILogger<GatewayStore> logger)
    {
        (_folder, _logger) = (folder, logger);
        _connection = NewConnection();
        try
        {
            var why = folder.Objection();
            if (why.Length == 0) why = OpenOnCard();
            if (why.Length == 0) return;
            _connection.Dispose();
            MoveToMemory(why, isStart: true);
        }
        catch (Exception failed) when (failed is SqliteException or UnauthorizedAccessException or IOException)
        {
            _connection.Dispose();
            throw new IOException($"The data folder {folder.Card} cannot be used, and the memory in its place neither: {failed.Message}", failed);
        }
    }

    /// <summary>Told when the card began to take no writes. Any thread.</summary>
    public event Action? Moved;

    /// <summary>What the core last saved; null when it never did, or when the file cannot be read, which the core reports as lost.</summary>
    public byte[]? LoadState()
    {
        lock (_gate)
        {
            try
            {
                using var command = _connection.CreateCommand();
                command.CommandText = "SELECT content FROM state";
                return command.ExecuteScalar() switch { null => _isLost ? [] : null, byte[] content => content, _ => [] }; // Something else than it saved is as good as lost.
            }
            catch (SqliteException failed)
            {
                LogStorage(failed.Message);
                return []; // Not null: an empty state is one that was lost, and the core says so.
            }
        }
    }

    /// <summary>Replaces the core's state; false when the disk did not take it.</summary>
    public bool SaveState(byte[] state) => Try("INSERT INTO state (id, content) VALUES (1, $content) ON CONFLICT (id) DO UPDATE SET content = $content", ("$content", state));

    /// <summary>Whether a power cut now would forget something: the last write failed, since the disk is full or worn out, or the card takes none at all.</summary>
    public bool HasFailed => _hasFailed || _folder.IsReadOnly;

    public void Dispose()
    {
        _connection.Dispose();
        _folder.Leave();
    }

    private SqliteConnection NewConnection() => new(new SqliteConnectionStringBuilder { DataSource = Path.Combine(_folder.Path, FileName), Pooling = false, DefaultTimeout = BusySecondsMax }.ToString());

    /// <summary>Says why it could not; empty where it is open.</summary>
    private string OpenOnCard()
    {
        try
        {
            OpenOrSetAside();
            _folder.ForgetMemory();
            return "";
        }
        catch (Exception failed) when (failed is SqliteException or UnauthorizedAccessException or IOException)
        {
            return failed.Message;
        }
    }

    private void OpenOrSetAside()
    {
        try
        {
            OpenTables();
            CheckPages();
        }
        catch (SqliteException damaged) when (damaged.SqliteErrorCode is SqlError or ReadOnly or Corrupt or NoDatabase)
        {
            BeginAnew(damaged.Message);
        }
    }

    // A site whose card is worn speaks all the same, with what little can still be read of its memory; the rest is for a person to look at.
    private void BeginAnew(string why)
    {
        var kept = Readable();
        SetAside(Path.Combine(_folder.Path, FileName), why);
        OpenTables();
        _isLost = true;
        foreach (var (table, row) in kept) PutBack(table, row);
    }

    /// <summary>A page was found damaged: true where a new file takes the place of this one, and it can be tried again. Once a run: a card that damages that one too is past help.</summary>
    private bool HasBegunAnew(SqliteException failed)
    {
        if (_isLost || failed.SqliteErrorCode is not (Corrupt or NoDatabase)) return false;
        try
        {
            BeginAnew(failed.Message);
            return true;
        }
        catch (Exception worn) when (worn is SqliteException or UnauthorizedAccessException or IOException)
        {
            LogStorage(worn.Message);
            return false;
        }
    }

    // A power cut on a worn card leaves pages that nobody reads for months, and then nothing of their table is kept or told any more. What is only an odd value is judged where it is read.
    private void CheckPages()
    {
        using var check = Command("PRAGMA quick_check(8)", []);
        using var found = check.ExecuteReader();
        while (found.Read())
            if (found.GetString(0) is var what && what.Contains("page", StringComparison.OrdinalIgnoreCase)) throw new SqliteException(what, Corrupt);
    }

    /// <summary>What is small and not made up for by the next hour: what was accepted, settings, children, the line's nominal value.</summary>
    private List<(string Table, object[] Row)> Readable()
    {
        List<(string Table, object[] Row)> rows = [];
        foreach (var table in (ReadOnlySpan<string>)["state", "site_settings", "township", "township_order", "line_nominal"])
        {
            try
            {
                using var command = Command($"SELECT * FROM {table}", []);
                using var reader = command.ExecuteReader();
                while (reader.Read())
                {
                    var row = new object[reader.FieldCount];
                    reader.GetValues(row);
                    rows.Add((table, row));
                }
            }
            catch (Exception unreadable) when (unreadable is SqliteException or InvalidOperationException)
            {
                continue; // It is damaged itself, or the file is no database; the others may be whole.
            }
        }

        return rows;
    }

    private void PutBack(string table, object[] row)
    {
        using var put = Command($"INSERT OR IGNORE INTO {table} VALUES ({string.Join(", ", row.Select((_, column) => $"${column}"))})", []);
        for (var column = 0; column < row.Length; column++) put.Parameters.AddWithValue($"${column}", row[column]);
        put.ExecuteNonQuery();
    }

    /// <summary>A write failed: true where it was the card's end, and it can be tried again in memory.</summary>
    private bool HasMoved(SqliteException failed)
    {
        if (_folder.IsReadOnly || failed.SqliteErrorCode is not (ReadOnly or InputOutput or CannotOpen) || _folder.Objection() is not { Length: > 0 } why) return false;
        var old = _connection;
        try
        {
            MoveToMemory(why, isStart: false);
            old.Dispose();
            return true;
        }
        catch (Exception full) when (full is SqliteException or UnauthorizedAccessException or IOException)
        {
            // It goes on as it is, keeping nothing; the next write tries both again.
            _folder.MoveBack();
            if (_connection != old) _connection.Dispose();
            _connection = old;
            LogStorage(full.Message);
            return false;
        }
    }

    private void MoveToMemory(string why, bool isStart)
    {
        _folder.MoveToMemory();
        var isFresh = CopyFromCard();
        _connection = NewConnection();
        OpenOrSetAside();
        if (isFresh) SkipNumbers();
        if (isFresh && isStart) LeaveWhatMayBeSent();
        _folder.Seal();
        LogReadOnly(_folder.Path, why);
        Moved?.Invoke();
    }

    private bool CopyFromCard()
    {
        try
        {
            return _folder.Copy(FileName, JournalName);
        }
        catch (Exception unreadable) when (unreadable is UnauthorizedAccessException or IOException)
        {
            // The card gives nothing either: without its memory the gateway speaks all the same.
            LogStorage(unreadable.Message);
            _folder.Clear(FileName, JournalName);
            _isLost = true;
            return true;
        }
    }

    private void OpenTables()
    {
        _connection.Open();
        // A rollback journal, not WAL: the file is small, and a card that lies about a sync loses less. Nothing goes to a temp folder, which may lie on a card that takes nothing.
        Run("PRAGMA journal_mode=TRUNCATE; PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-512; CREATE TABLE IF NOT EXISTS state (id INTEGER PRIMARY KEY CHECK (id = 1), content BLOB NOT NULL);");
        Run(JournalTables);
        OpenOutbox();
        Run(SettingsTable);
        Run(TownshipTables);
        OpenSound();
    }

    private void SetAside(string file, string why)
    {
        LogSetAside(file, why);
        _connection.Close();
        File.Move(file, file + ".damaged", overwrite: true);
        File.Delete(file + "-journal");
    }

    private void Run(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    [LoggerMessage(2, LogLevel.Critical, "{File} is damaged and set aside; this gateway has lost its memory: {Why}")]
    private partial void LogSetAside(string file, string why);

    [LoggerMessage(3, LogLevel.Critical, "card read-only: nothing is kept over a power cut; what is kept until then is in {Folder}: {Why}")]
    private partial void LogReadOnly(string folder, string why);

    [LoggerMessage(1, LogLevel.Error, "The disk did not take or give the state: {Why}")]
    private partial void LogStorage(string why);
}
