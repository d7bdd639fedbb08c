using Broadcast.Device;
using Broadcast.Ledger.Writing;
using Broadcast.Rules;

namespace Broadcast.Ledger;

/// <summary>A self-test of amplifier and loudspeakers as kept.</summary>
/// <param name="IsTrueTime">False where the device's clock could not be believed: At is when the cloud got it.</param>
public sealed record KeptSoundTest(DateTimeOffset At, bool IsTrueTime, SoundTestResult Result, int Milliohms, int NominalMilliohms, int Millivolts, DateTimeOffset Committed);

/// <summary>Self-tests of amplifiers and loudspeakers: the newest of each device.</summary>
public sealed partial class LedgerStore
{
    /// <summary>Self-tests kept of a device: a month at one a day. A hostile one overwrites only its own.</summary>
    public const int SoundTestsOfADevice = 32;

    /// <summary>Keeps a self-test; false where the ledger had it, or a newer one of its slot, already, or knows no such device. Either way it may be acknowledged.</summary>
    public Task<bool> SoundTestAsync(DeviceId device, SoundTest test, CancellationToken cancel = default) => WriteAsync(vital: true, async tx =>
    {
        var (at, clock) = TimeOf(tx, test.AtMs, test.Clock);
        return await tx.Sql.ExecuteAsync(
            """
            INSERT INTO sound_test (device, slot, number, at, clock, result, milliohms, nominal, millivolts, committed)
                SELECT d.num, @slot, @number, @at, @clock, @result, @milliohms, @nominal, @millivolts, @committed FROM device d WHERE d.id = @device
            ON CONFLICT (device, slot) DO UPDATE SET number = excluded.number, at = excluded.at, clock = excluded.clock, result = excluded.result, milliohms = excluded.milliohms,
                nominal = excluded.nominal, millivolts = excluded.millivolts, committed = excluded.committed WHERE excluded.number > sound_test.number
            """,
            ("slot", test.Number % SoundTestsOfADevice), ("number", test.Number), ("at", at), ("clock", (long)clock), ("result", (long)test.Result), ("milliohms", (long)test.Milliohms),
            ("nominal", (long)test.NominalMilliohms), ("millivolts", (long)test.Millivolts), ("committed", tx.NowMs), ("device", device.Value)) > 0;
    }, cancel);

    /// <summary>The newest self-tests of a device by its own numbers, newest first.</summary>
    public Task<IReadOnlyList<KeptSoundTest>> SoundTestsAsync(DeviceId device, int max, CancellationToken cancel = default) => _readers.ReadAsync<IReadOnlyList<KeptSoundTest>>(async sql =>
        await sql.QueryAsync(
            "SELECT t.at, t.clock, t.result, t.milliohms, t.nominal, t.millivolts, t.committed FROM device d JOIN sound_test t ON t.device = d.num WHERE d.id = @device ORDER BY t.committed DESC, t.number DESC LIMIT @max",
            r => new KeptSoundTest(DateTimeOffset.FromUnixTimeMilliseconds(r.GetInt64(0)), r.GetInt64(1) != (long)ClockQuality.Unknown, (SoundTestResult)r.GetInt64(2), (int)r.GetInt64(3), (int)r.GetInt64(4),
                (int)r.GetInt64(5), DateTimeOffset.FromUnixTimeMilliseconds(r.GetInt64(6))),
            ("device", device.Value), ("max", (long)PageOf(max))), cancel);
}
