namespace Broadcast.Ledger.Storage;

/// <summary>What devices measured of their own amplifiers and loudspeakers: the newest few of each, in slots that are used again.</summary>
internal static class SchemaV6
{
    public static readonly IReadOnlyList<string> Statements =
    [
        """
        CREATE TABLE sound_test (device {long} NOT NULL, slot {long} NOT NULL, number {long} NOT NULL, at {long} NOT NULL, clock {long} NOT NULL, result {long} NOT NULL, milliohms {long} NOT NULL,
            nominal {long} NOT NULL, millivolts {long} NOT NULL, committed {long} NOT NULL, PRIMARY KEY (device, slot)) {clustered}
        """,
    ];
}
