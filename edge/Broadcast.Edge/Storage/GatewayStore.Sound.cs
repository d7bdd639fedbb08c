using Broadcast.Device;
using Microsoft.Data.Sqlite;

namespace Broadcast.Edge.Storage;

// What was measured of amplifier and loudspeakers: the line as it was at commissioning, and self-tests until the cloud has them.
internal sealed partial class GatewayStore
{
    /// <summary>Self-tests that wait: a year of one a day. Of more, the oldest go: what counts is how the loudspeakers are now.</summary>
    public const int SoundTestsMax = 400;

    private const string SoundTables = """
        CREATE TABLE IF NOT EXISTS line_nominal (id INTEGER PRIMARY KEY CHECK (id = 1), milliohms INTEGER NOT NULL);
        CREATE TABLE IF NOT EXISTS sound_test (number INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, clock INTEGER NOT NULL, mono INTEGER NOT NULL, run INTEGER NOT NULL, result INTEGER NOT NULL,
            milliohms INTEGER NOT NULL, nominal INTEGER NOT NULL, millivolts INTEGER NOT NULL);
        """;

    /// <summary>The line's impedance as it was learned, in milliohms; null where it never was.</summary>
    public int? LoadNominal() => Query("SELECT milliohms FROM line_nominal", row => IntOf(row, 0)) is [var milliohms] ? milliohms : null;

    /// <summary>Keeps the impedance that was learned; false when the disk did not take it.</summary>
    public bool SaveNominal(int milliohms) => Try("INSERT INTO line_nominal (id, milliohms) VALUES (1, $milliohms) ON CONFLICT (id) DO UPDATE SET milliohms = $milliohms", ("$milliohms", milliohms));

    /// <summary>Keeps a self-test for the cloud; false when the disk did not take it.</summary>
    public bool KeepSoundTest(Stamp when, SoundTestResult result, int milliohms, int nominal, int millivolts) => Try("""
        INSERT INTO sound_test (at, clock, mono, run, result, milliohms, nominal, millivolts) VALUES ($at, $clock, $mono, $run, $result, $milliohms, $nominal, $millivolts);
        DELETE FROM sound_test WHERE number IN (SELECT number FROM sound_test ORDER BY number LIMIT max(0, (SELECT count(*) FROM sound_test) - $max));
        """,
        ("$at", when.AtMs), ("$clock", (int)when.Clock), ("$mono", when.MonotonicMs), ("$run", _run), ("$result", (int)result), ("$milliohms", milliohms), ("$nominal", nominal),
        ("$millivolts", Math.Clamp(millivolts, 0, Limits.BatteryMillivoltsMax)), ("$max", SoundTestsMax));

    public long WaitingSoundTests() => Query("SELECT count(*) FROM sound_test", row => LongOf(row, 0)) is [var count] ? count : 0;

    private void OpenSound()
    {
        Run(SoundTables);
        BeginAt("sound_test");
    }

    private IEnumerable<Waiting> SoundToSend(int most) =>
        Query("SELECT number, at, clock, result, milliohms, nominal, millivolts FROM sound_test ORDER BY number LIMIT $max", ReadSoundTest, ("$max", most));

    private static Waiting ReadSoundTest(SqliteDataReader row)
    {
        var test = new SoundTest
        {
            Number = LongOf(row, 0), AtMs = LongOf(row, 1), Clock = (ClockQuality)IntOf(row, 2), Result = (SoundTestResult)IntOf(row, 3), Milliohms = IntOf(row, 4),
            NominalMilliohms = IntOf(row, 5), Millivolts = IntOf(row, 6),
        };
        return new Waiting(MessageType.SoundTest, test.Number, test.Encode());
    }
}
