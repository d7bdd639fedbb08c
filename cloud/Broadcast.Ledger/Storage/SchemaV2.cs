namespace Broadcast.Ledger.Storage;

/// <summary>What sites measure and raise by themselves. The site and village of then stay with the row: a place owns its history, whatever hardware comes later.</summary>
internal static class SchemaV2
{
    public static readonly IReadOnlyList<string> Statements =
    [
        """
        CREATE TABLE reading (device {long} NOT NULL, number {long} NOT NULL, site {long} NOT NULL, village {long} NOT NULL, at {long} NOT NULL, clock {long} NOT NULL, seconds {long} NOT NULL,
            rain {long} NOT NULL, rain_fault {long} NOT NULL, level {long} NOT NULL, level_fault {long} NOT NULL, battery {long} NOT NULL, committed {long} NOT NULL, PRIMARY KEY (device, number)) {clustered}
        """,
        "CREATE INDEX reading_place ON reading (village, at)",
        "CREATE INDEX reading_age ON reading (at)",
        """
        CREATE TABLE latest_reading (device {long} PRIMARY KEY, number {long} NOT NULL, site {long} NOT NULL, village {long} NOT NULL, at {long} NOT NULL, clock {long} NOT NULL, seconds {long} NOT NULL,
            rain {long} NOT NULL, rain_fault {long} NOT NULL, level {long} NOT NULL, level_fault {long} NOT NULL, battery {long} NOT NULL, committed {long} NOT NULL) {hot}
        """,
        // The number of a row follows the order of commits: what a watcher resumes by.
        """
        CREATE TABLE alarm (num {long} PRIMARY KEY, device {long} NOT NULL, number {long} NOT NULL, site {long} NOT NULL, village {long} NOT NULL, at {long} NOT NULL, clock {long} NOT NULL,
            stage {long} NOT NULL, cause {long} NOT NULL, minutes {long} NOT NULL, measured {long} NOT NULL, threshold {long} NOT NULL, warning {bytes}, committed {long} NOT NULL, UNIQUE (device, number)) {plain}
        """,
        "CREATE INDEX alarm_time ON alarm (at, num)",
        "CREATE INDEX alarm_warning ON alarm (device, warning)",
        // Receipts of what a site said by itself: no order of ours, and no stray either.
        """
        CREATE TABLE alarm_receipt (device {long} NOT NULL, warning {bytes} NOT NULL, number {long} NOT NULL, state {long} NOT NULL, reason {long} NOT NULL, attempt {long} NOT NULL,
            at {long} NOT NULL, clock {long} NOT NULL, committed {long} NOT NULL, PRIMARY KEY (device, warning, number)) {clustered}
        """,
    ];
}
