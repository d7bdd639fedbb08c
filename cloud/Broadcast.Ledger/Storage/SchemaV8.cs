namespace Broadcast.Ledger.Storage;

/// <summary>When the ledger was last put back to a backup: what was numbered after the backup is unknown here, and devices remember it.</summary>
internal static class SchemaV8
{
    public static readonly IReadOnlyList<string> Statements = ["ALTER TABLE commit_counter ADD COLUMN restored {long} NOT NULL DEFAULT 0"];
}
