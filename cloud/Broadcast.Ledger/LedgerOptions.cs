using Broadcast.Ledger.Storage;

namespace Broadcast.Ledger;

/// <summary>Where the ledger is and how it is kept. Checked when the ledger opens; an error names the setting, its value and the fix.</summary>
/// <param name="ConnectionString"><c>sqlite:/path/ledger.db</c> for one process on one machine, or <c>postgres:Host=…</c> (Npgsql's form) for several.</param>
/// <param name="Node">The name of this process in the audit trail; one name is used by one running process.</param>
/// <param name="AnchorPath">The file that keeps keyed checkpoints of the audit trail; outside the database, better on another disk.</param>
/// <param name="AuditKey">The key of those checkpoints; at least 32 bytes, kept outside the database.</param>
/// <param name="ReserveBytes">Disk held back beside an SQLite ledger, and given up when the disk is full.</param>
/// <param name="FreeBytesMin">Below this much free disk ordinary acts are refused, so that cancels, red warnings, receipts and the audit trail go on.</param>
/// <param name="QueueActsMax">Acts that may wait for the writer; whoever comes later awaits.</param>
/// <param name="GroupActsMax">Acts that one transaction may hold.</param>
/// <param name="GroupRowsMax">Rows (receipts, sends, words heard) that one transaction may hold, so that one commit stays within tens of milliseconds.</param>
/// <param name="ReadersMax">Reads that run at once; the others await.</param>
/// <param name="BurstWaitMax">How long at most a group waits for more in a burst (see <see cref="Writing.GroupWriter"/>); null for not at all.</param>
/// <param name="AnchorEvery">How often at most a checkpoint is written while there are new entries.</param>
public sealed record LedgerOptions(
    string ConnectionString,
    string Node,
    string AnchorPath,
    byte[] AuditKey,
    long ReserveBytes = 64L << 20,
    long FreeBytesMin = 32L << 20,
    int QueueActsMax = 16_384,
    int GroupActsMax = 4_096,
    int GroupRowsMax = 16_384,
    int ReadersMax = 8,
    TimeSpan? AnchorEvery = null,
    TimeSpan? BurstWaitMax = null)
{
    /// <summary>Where its files are; only a simulation has others than the system's.</summary>
    internal LedgerFiles Files { get; init; } = LedgerFiles.OfTheSystem;

    /// <summary>Runs the ledger's own loops where it is opened and not on the pool: a simulation has one thread, and its order is the seed's.</summary>
    internal bool OnCallersContext { get; init; }

    /// <summary>A commit of so many acts is one of a burst: more than a quiet day has in minutes. A simulated county is smaller.</summary>
    internal int BurstActsMin { get; init; } = 32;

    internal Task Run(Func<Task> loop) => OnCallersContext ? loop() : Task.Run(loop);

    internal const string SqlitePrefix = "sqlite:";
    internal const string PostgresPrefix = "postgres:";

    /// <summary>A crash between two checkpoints leaves at most this much of the trail's end without proof against cutting off.</summary>
    public static readonly TimeSpan AnchorEveryDefault = TimeSpan.FromSeconds(1);

    internal bool IsSqlite => ConnectionString.StartsWith(SqlitePrefix, StringComparison.Ordinal);

    internal string SqlitePath => Path.GetFullPath(ConnectionString[SqlitePrefix.Length..]);

    internal string Npgsql => ConnectionString[PostgresPrefix.Length..];

    /// <summary>Throws where a setting cannot work; each message names the setting, its value and the fix.</summary>
    public void Validate()
    {
        var postgres = ConnectionString.StartsWith(PostgresPrefix, StringComparison.Ordinal);
        Require(IsSqlite || postgres, nameof(ConnectionString), Redacted, "start it with 'sqlite:' and a path, or with 'postgres:' and an Npgsql connection string");
        Require(!IsSqlite || ConnectionString.Length > SqlitePrefix.Length, nameof(ConnectionString), Redacted, "write the path of the file after 'sqlite:'");
        Require(Node.Length is > 0 and <= 64 && Node.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.'), nameof(Node), Node, "use 1–64 letters, digits, '-' and '.'");
        Require(!string.IsNullOrWhiteSpace(AnchorPath), nameof(AnchorPath), AnchorPath, "name a file outside the database");
        Require(AuditKey.Length >= 32, nameof(AuditKey), $"{AuditKey.Length} bytes", "give at least 32 random bytes");
        RequireRange(ReserveBytes, 0, 1L << 40, nameof(ReserveBytes));
        RequireRange(FreeBytesMin, 0, 1L << 40, nameof(FreeBytesMin));
        RequireRange(QueueActsMax, 1, 1 << 20, nameof(QueueActsMax));
        RequireRange(GroupActsMax, 1, 1 << 16, nameof(GroupActsMax));
        RequireRange(GroupRowsMax, 1, 1 << 18, nameof(GroupRowsMax));
        RequireRange(ReadersMax, 1, 64, nameof(ReadersMax));
        RequireRange((long)(BurstWaitMax?.TotalMilliseconds ?? 0), 0, 1_000, nameof(BurstWaitMax));
    }

    /// <summary>The scheme alone: a connection string may carry a password.</summary>
    private string Redacted => ConnectionString.Split(':')[0] + ":…";

    private static void RequireRange(long value, long min, long max, string setting) =>
        Require(value >= min && value <= max, setting, $"{value}", $"use {min}–{max}");

    private static void Require(bool holds, string setting, string value, string fix)
    {
        if (!holds) throw new ArgumentException($"Ledger setting {setting} is '{value}': {fix}.", setting);
    }
}
