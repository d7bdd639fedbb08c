namespace Broadcast.Ledger.Storage;

/// <summary>Which program is wanted of a site's gateway, and what its device says of it. Desired belongs to the place, reported to the hardware, as with settings.</summary>
internal static class SchemaUpdates
{
    public static readonly IReadOnlyList<string> Statements =
    [
        "CREATE TABLE site_update (site {long} PRIMARY KEY, revision {long} NOT NULL, package TEXT NOT NULL, bytes {long} NOT NULL, version TEXT NOT NULL, author TEXT NOT NULL, at {long} NOT NULL) {plain}",
        "CREATE TABLE update_state (device {long} PRIMARY KEY, revision {long} NOT NULL, stage {long} NOT NULL, why TEXT NOT NULL, version TEXT NOT NULL, number {long} NOT NULL, target TEXT NOT NULL, got {long} NOT NULL, at {long} NOT NULL) {plain}",
    ];
}
