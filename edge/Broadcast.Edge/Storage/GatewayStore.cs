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

    private readonly Lock _gate = new();
    private readonly SqliteConnection _connection;
    private readonly ILogger<GatewayStore> _logger;
    private readonly bool _isLost;

    /// <exception cref="IOException">The folder or the file cannot be used.</exception>
    public GatewayStore(EdgeSettings settings, ILogger<GatewayStore> logger)
    {
        _logger = logger;
        try
        {
            Directory.CreateDirectory(settings.Data, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            var file = Path.Combine(settings.Data, "gateway.db");
            _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
            try
            {
                OpenTables();
            }
            catch (SqliteException damaged) when (damaged.SqliteErrorCode is SqlError or ReadOnly or Corrupt or NoDatabase)
            {
                // A site whose card is worn speaks all the same, without its memory; what is left of that is for a person to look at.
                SetAside(file, damaged.Message);
                OpenTables();
                _isLost = true;
            }
        }
        catch (Exception failed) when (failed is SqliteException or UnauthorizedAccessException)
        {
            _connection?.Dispose();
            throw new IOException($"The data folder {settings.Data} cannot be used: {failed.Message}", failed);
        }
    }

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
    public bool SaveState(byte[] state)
    {
        lock (_gate)
        {
            try
            {
                using var command = _connection.CreateCommand();
                command.CommandText = "INSERT INTO state (id, content) VALUES (1, $content) ON CONFLICT (id) DO UPDATE SET content = $content";
                command.Parameters.AddWithValue("$content", state);
                command.ExecuteNonQuery();
                HasFailed = false;
                return true;
            }
            catch (SqliteException failed)
            {
                HasFailed = true;
                LogStorage(failed.Message);
                return false;
            }
        }
    }

    /// <summary>Whether the last write failed: the disk is full, or worn out.</summary>
    public bool HasFailed { get; private set; }

    public void Dispose() => _connection.Dispose();

    private void OpenTables()
    {
        _connection.Open();
        // A rollback journal, not WAL: the file is small, and a card that lies about a sync loses less.
        Run("PRAGMA journal_mode=TRUNCATE; PRAGMA synchronous=FULL; PRAGMA cache_size=-512; CREATE TABLE IF NOT EXISTS state (id INTEGER PRIMARY KEY CHECK (id = 1), content BLOB NOT NULL);");
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

    [LoggerMessage(1, LogLevel.Error, "The disk did not take or give the state: {Why}")]
    private partial void LogStorage(string why);
}
