using System.Data.Common;

namespace Broadcast.Ledger.Storage;

/// <summary>The schema as a list of migrations, portable but for the words in braces. A migration that was released is never edited; a new one follows it.</summary>
internal static class Schema
{
    public static readonly IReadOnlyList<IReadOnlyList<string>> Migrations = [SchemaV1.Statements, SchemaV2.Statements, SchemaV3.Statements, SchemaV4.Statements, SchemaV5.Statements, SchemaV6.Statements, SchemaV7.Statements, SchemaV8.Statements, SchemaV9.Statements];

    public static int Newest => Migrations.Count;

    /// <summary>Brings the database to <paramref name="to"/> (the newest by default), each migration in its own transaction; refuses a newer one.</summary>
    public static async Task MigrateAsync(SqlSession session, Engine engine, DateTimeOffset now, int? to = null)
    {
        await session.ExecuteAsync(engine.MigrationLock.Take); // Where a migration fails, the connection is closed, and the lock with it.
        await session.ExecuteAsync("CREATE TABLE IF NOT EXISTS schema_version (version {long} PRIMARY KEY, applied {long} NOT NULL) {plain}");
        var current = await CurrentAsync(session);
        if (current > Newest)
            throw new LedgerSchemaException($"The ledger has schema {current}; this version knows up to {Newest}. Start the newer version, or restore a backup of before.");
        for (var version = current + 1; version <= (to ?? Newest); version++)
        {
            await session.ExecuteAsync(engine.Begin);
            await session.ExecuteAsync("INSERT INTO schema_version (version, applied) VALUES (@version, @applied)", ("version", (long)version), ("applied", now.ToUnixTimeMilliseconds()));
            foreach (var statement in Migrations[version - 1]) await session.ExecuteAsync(statement);
            await session.ExecuteAsync("COMMIT");
        }

        await session.ExecuteAsync(engine.MigrationLock.Give);
    }

    public static async Task<int> CurrentAsync(SqlSession session) =>
        (int)await session.FirstAsync("SELECT COALESCE(MAX(version), 0) FROM schema_version", (RowReader r) => r.GetInt64(0));
}
