namespace Broadcast.Ledger.Storage;

/// <summary>Recordings, in parts: no transaction that brings one is long, and a release never waits behind 16 MB.</summary>
internal static class SchemaV3
{
    public static readonly IReadOnlyList<string> Statements =
    [
        "CREATE TABLE audio (hash TEXT PRIMARY KEY, format {long} NOT NULL, bytes {long} NOT NULL, length {long} NOT NULL, name TEXT NOT NULL, author TEXT NOT NULL, at {long} NOT NULL) {plain}",
        "CREATE TABLE audio_part (hash TEXT NOT NULL, part {long} NOT NULL, at {long} NOT NULL, content {bytes} NOT NULL, PRIMARY KEY (hash, part)) {plain}",
    ];
}
