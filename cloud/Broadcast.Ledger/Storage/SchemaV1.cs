namespace Broadcast.Ledger.Storage;

/// <summary>
/// Times are UTC milliseconds, region codes of villages integers (a region is then one range), ids of devices, sites and revisions small integers:
/// an order is about 60 bytes, and the orders of one revision lie side by side.
/// </summary>
internal static class SchemaV1
{
    public static readonly IReadOnlyList<string> Statements =
    [
        // One row. Its lock makes the writers of several nodes take turns, so that commit numbers follow the order of commits.
        "CREATE TABLE commit_counter (one {long} PRIMARY KEY, n {long} NOT NULL, sequence {long} NOT NULL) {plain}",
        "INSERT INTO commit_counter (one, n, sequence) VALUES (1, 0, 0)",
        "CREATE TABLE region (code TEXT NOT NULL, level {long} NOT NULL, name TEXT NOT NULL, PRIMARY KEY (code, level)) {clustered}",
        "CREATE TABLE site (num {long} PRIMARY KEY, id TEXT NOT NULL UNIQUE, village {long} NOT NULL, name TEXT NOT NULL, longitude {real} NOT NULL, latitude {real} NOT NULL, resource TEXT) {plain}",
        """
        CREATE TABLE device (num {long} PRIMARY KEY, id TEXT NOT NULL UNIQUE, site TEXT NOT NULL, key_epoch {long} NOT NULL, verifier {bytes} NOT NULL, service {long} NOT NULL,
            high_water {long} NOT NULL, refused_mark {long} NOT NULL, epoch {long} NOT NULL) {plain}
        """,
        "CREATE TABLE person (id TEXT PRIMARY KEY, name TEXT NOT NULL, duties {long} NOT NULL, region TEXT NOT NULL, level {long} NOT NULL, verifier {bytes} NOT NULL, one_time {long} NOT NULL) {plain}",
        """
        CREATE TABLE warning (num {long} PRIMARY KEY, id {bytes} NOT NULL, revision {long} NOT NULL, kind {long} NOT NULL, class {long} NOT NULL, level {long} NOT NULL,
            state {long} NOT NULL, issuer TEXT NOT NULL, issuer_level {long} NOT NULL, not_before {long} NOT NULL, expires {long} NOT NULL,
            author TEXT NOT NULL, approver TEXT, created {long} NOT NULL, released {long}, body TEXT NOT NULL, swept {long} NOT NULL, changed {long} NOT NULL,
            UNIQUE (id, revision)) {plain}
        """,
        "CREATE INDEX warning_life ON warning (state, expires)",
        "CREATE INDEX warning_sweep ON warning (swept, expires)",
        """
        CREATE TABLE orders (revision {long} NOT NULL, device {long} NOT NULL, sequence {long} NOT NULL, kind {long} NOT NULL, site {long} NOT NULL, village {long} NOT NULL,
            expires {long} NOT NULL, state {long} NOT NULL, reason {long} NOT NULL, attempt {long} NOT NULL, receipt {long} NOT NULL, seen {long} NOT NULL, changed {long} NOT NULL,
            PRIMARY KEY (revision, device)) {hot}
        """,
        "CREATE INDEX orders_device ON orders (device, expires)", // None of its columns ever changes: a receipt touches the row alone.
        """
        CREATE TABLE receipt (revision {long} NOT NULL, device {long} NOT NULL, number {long} NOT NULL, sequence {long} NOT NULL, state {long} NOT NULL, reason {long} NOT NULL,
            attempt {long} NOT NULL, at {long} NOT NULL, clock {long} NOT NULL, committed {long} NOT NULL, PRIMARY KEY (revision, device, number)) {clustered}
        """,
        "CREATE TABLE progress (revision {long} NOT NULL, state {long} NOT NULL, first {long} NOT NULL, last {long} NOT NULL, n {long} NOT NULL, PRIMARY KEY (revision, state)) {hot}",
        """
        CREATE TABLE stray (device {long} NOT NULL, slot {long} NOT NULL, warning {bytes} NOT NULL, revision {long} NOT NULL, sequence {long} NOT NULL, state {long} NOT NULL,
            reason {long} NOT NULL, attempt {long} NOT NULL, at {long} NOT NULL, clock {long} NOT NULL, number {long} NOT NULL, committed {long} NOT NULL, PRIMARY KEY (device, slot)) {clustered}
        """,
        """
        CREATE TABLE session (device {long} NOT NULL, epoch {long} NOT NULL, node TEXT NOT NULL, opened {long} NOT NULL, heard {long} NOT NULL, closed {long}, why {long} NOT NULL,
            PRIMARY KEY (device, epoch)) {hot}
        """,
        "CREATE TABLE report (device {long} PRIMARY KEY, at {long} NOT NULL, body {bytes} NOT NULL) {plain}",
        """
        CREATE TABLE audit (node TEXT NOT NULL, number {long} NOT NULL, at {long} NOT NULL, actor TEXT NOT NULL, act TEXT NOT NULL, subject TEXT NOT NULL, detail TEXT NOT NULL,
            hash {bytes} NOT NULL, PRIMARY KEY (node, number)) {plain}
        """,
        "CREATE TABLE idempotency (actor TEXT NOT NULL, key TEXT NOT NULL, hash {bytes} NOT NULL, revision {long} NOT NULL, commit_number {long} NOT NULL, at {long} NOT NULL, PRIMARY KEY (actor, key)) {clustered}",
        "CREATE INDEX idempotency_age ON idempotency (at)",
    ];
}
