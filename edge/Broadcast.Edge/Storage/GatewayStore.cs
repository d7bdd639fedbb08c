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

    private SqliteConnection NewConnection() => new(new SqliteConnectionStringBuilder { DataSource = Path.Combine(_folder.Path, FileName), Pooling = false }.ToString());

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
        }
        catch (SqliteException damaged) when (damaged.SqliteErrorCode is SqlError or ReadOnly or Corrupt or NoDatabase)
        {
            // A site whose card is worn speaks all the same, without its memory; what is left of that is for a person to look at.
            SetAside(Path.Combine(_folder.Path, FileName), damaged.Message);
            OpenTables();
            _isLost = true;
        }
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
