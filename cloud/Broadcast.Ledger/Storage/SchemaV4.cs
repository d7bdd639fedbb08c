namespace Broadcast.Ledger.Storage;

/// <summary>What is wanted of sites, and what their devices say of it. Desired belongs to the place, reported to the hardware.</summary>
internal static class SchemaV4
{
    public static readonly IReadOnlyList<string> Statements =
    [
        "CREATE TABLE site_settings (site {long} PRIMARY KEY, revision {long} NOT NULL, body {bytes} NOT NULL, author TEXT NOT NULL, at {long} NOT NULL) {plain}",
        "CREATE TABLE settings_state (device {long} PRIMARY KEY, in_force {long} NOT NULL, judged {long} NOT NULL, refusal {long} NOT NULL, at {long} NOT NULL) {plain}",
    ];
}
