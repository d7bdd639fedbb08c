namespace Broadcast.Ledger.Storage;

/// <summary>Which devices a township's Pi carries, with which keys it may speak to them, and what they said on its order.</summary>
internal static class SchemaV5
{
    public static readonly IReadOnlyList<string> Statements =
    [
        "CREATE TABLE township_child (child {long} PRIMARY KEY, parent {long} NOT NULL) {plain}",
        "CREATE INDEX township_parent ON township_child (parent)",
        // A row stays when the last child has gone: the Pi is told so in its next session.
        "CREATE TABLE township (parent {long} PRIMARY KEY, revision {long} NOT NULL, epoch {long} NOT NULL, expires {long} NOT NULL) {plain}",
        "CREATE TABLE revoked_delegation (child {long} PRIMARY KEY, up_to {long} NOT NULL) {plain}",
        // A ring a device, as strays are: whoever fills it overwrites only its own.
        """
        CREATE TABLE local_receipt (device {long} NOT NULL, slot {long} NOT NULL, number {long} NOT NULL, warning {bytes} NOT NULL, revision {long} NOT NULL, state {long} NOT NULL,
            reason {long} NOT NULL, attempt {long} NOT NULL, at {long} NOT NULL, clock {long} NOT NULL, ordered_by TEXT NOT NULL, class {long} NOT NULL, committed {long} NOT NULL,
            PRIMARY KEY (device, slot)) {plain}
        """,
    ];
}
