using Broadcast.Device;
using Broadcast.Device.Sensing;
using Broadcast.Edge;
using Broadcast.Edge.Sensors;
using Broadcast.Edge.Storage;
using Broadcast.Edge.Townships;
using Broadcast.Hostile.Tests.Fuzzing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broadcast.Hostile.Tests.Targets;

/// <summary>
/// A gateway's store on a worn card, or in strange hands: rows of other types and beyond their ranges, pages with flipped bits. The gateway starts all the same, and
/// sends the cloud nothing that this would cut it off for.
/// </summary>
internal sealed class GatewayDatabase : FileTarget
{
    private const int Page = 4_096;
    private static readonly SiteReading Dry = new(new LevelReading(SensorFault.None, 1_250, ""), 12_600, [0, 0, 0, 0], SensorFault.None, SensorFault.None, AlarmStage.None);
    private static readonly string[] Columns =
    [
        "state.content", "site_alarm.at", "site_alarm.clock", "site_alarm.stage", "site_alarm.cause", "site_alarm.minutes", "site_alarm.measured", "site_alarm.warning", "site_alarm.said", "cloud_reading.at", "cloud_reading.seconds",
        "cloud_reading.rain", "cloud_reading.rain_fault", "cloud_reading.battery", "cloud_reading.offered", "sound_test.result", "sound_test.milliohms", "sound_test.clock", "line_nominal.milliohms", "site_settings.body",
        "site_settings.judged", "site_settings.refusal", "township.body", "township_order.body", "township_order.expires", "reading.at", "reading.tips", "summed.reading", "probe.at",
    ];
    private static readonly string[] Values = ["'x'", "''", "x''", "x'a0'", "randomblob(40)", "zeroblob(2000)", "-1", "77", "2147483648", "-9223372036854775808", "9223372036854775807", "1e300", "substr({0}, 2)", "cast({0} as text)", "{0} || x'00'", "{0} + 100"];

    private readonly byte[] _good;
    private int _round;

    public GatewayDatabase()
    {
        var settings = SettingsIn("good");
        using (var store = new GatewayStore(new DataFolder(settings), NullLogger<GatewayStore>.Instance)) Fill(store);
        _good = System.IO.File.ReadAllBytes(Path.Combine(settings.Data, "gateway.db"));
    }

    public override long AllocatedBytesMax => 8 << 20;

    public override int InputsUsual => 500; // Each is a database of its own with its flushes.

    // The input is a program: the seed of the dice that do the damage. A replay needs no more.
    public override byte[] Make(Dice dice) => dice.Bytes(8);

    public override bool Take(byte[] input)
    {
        var dice = new Dice(BitConverter.ToUInt64(input), 5);
        var settings = SettingsIn($"round-{_round++ % 2}");
        Directory.Delete(settings.Data, recursive: true);
        Directory.CreateDirectory(settings.Data);
        var file = Path.Combine(settings.Data, "gateway.db");
        var isWorn = dice.OneIn(3);
        System.IO.File.WriteAllBytes(file, isWorn ? Worn(dice) : _good);
        if (!isWorn && !dice.OneIn(4)) Misfill(file, dice);
        using var store = new GatewayStore(new DataFolder(settings), NullLogger<GatewayStore>.Instance);
        Restart(store, settings);
        Drain(store, isWorn);
        // Begun anew it keeps what comes; taken is what could be gone on with.
        return store.KeepReading(DateTimeOffset.UnixEpoch.AddDays(20_000), 1, Dry) && !System.IO.File.Exists(file + ".damaged");
    }

    // What a start asks of it.
    private static void Restart(GatewayStore store, EdgeSettings settings)
    {
        var core = new DeviceCore(settings.Device.Id, new byte[32], 1, new WatchfulBody(new Dice(1, 1)), store.LoadState());
        core.Start(0, 1_795_000_000_000, ClockQuality.Network, 0);
        Must(Enum.IsDefined(store.LastStage()), "a stage that none is: every alarm would be one that people know already");
        Must(store.Unsaid() is null or { WarningId.Length: Limits.WarningIdBytes, Stage: not AlarmStage.None }, "an alarm that nobody can say");
        Must(store.TipsSince(DateTimeOffset.UnixEpoch).All(t => t.Tips >= 0), "rain below none");
        Must(new TownshipList(TownshipParts.PiOf(settings), store, NullLogger<TownshipList>.Instance).Current.Children.Count <= Limits.ChildrenMax, "a township larger than any");
        _ = store.TownshipOrders(0);
        _ = store.LoadNominal();
        _ = store.Alarms();
        _ = store.Totals();
        var (body, _, refusal) = store.LoadSettings();
        Must(Enum.IsDefined(refusal) && (body is null || body.Length < Page), "settings that none are");
    }

    private static void Drain(GatewayStore store, bool isWorn)
    {
        var whole = true;
        for (var sent = 0; store.NextToSend([], 4) is { Count: > 0 } due; sent++)
        {
            whole &= due.All(w => w.Type switch { MessageType.Alarm => Alarm.Decode(w.Body) is not null, MessageType.SoundTest => SoundTest.Decode(w.Body) is not null, _ => Reading.Decode(w.Body) is not null });
            foreach (var message in due) store.MarkSent(message.Type, message.Number);
            if (store.HasFailed || sent > 200) break; // A page that cannot be written: the disk's fault, and told as such.
        }

        Must(whole, "the cloud would refuse it, and cut this gateway off after a few");
        Must(store.HasFailed || isWorn || store.WaitingAlarms() == 0, "an alarm waits for ever");
    }

    private byte[] Worn(Dice dice)
    {
        var bytes = (byte[])_good.Clone();
        if (dice.OneIn(8)) bytes = bytes[..dice.Below(bytes.Length)];
        for (var changes = dice.Below(5); changes > 0 && bytes.Length > 0; changes--)
        {
            var page = dice.Below(1 + (bytes.Length / Page)) * Page;
            var at = dice.Below(3) switch { 0 => dice.Below(100), 1 => page + dice.Below(60), _ => page + dice.Below(Page) };
            if (at < bytes.Length) bytes[at] ^= (byte)(1 << dice.Below(8));
        }

        return bytes;
    }

    private static void Misfill(string file, Dice dice)
    {
        using var database = new SqliteConnection($"Data Source={file};Pooling=False");
        database.Open();
        for (var changes = 1 + dice.Below(4); changes > 0; changes--)
        {
            var (table, column) = dice.Of(Columns).Split('.') is [var t, var c] ? (t, c) : ("", "");
            using var act = database.CreateCommand();
            act.CommandText = $"PRAGMA ignore_check_constraints = ON; UPDATE {table} SET {column} = {string.Format(System.Globalization.CultureInfo.InvariantCulture, dice.Of(Values), column)} WHERE rowid % {1 + dice.Below(3)} = 0";
            try
            {
                act.ExecuteNonQuery();
            }
            catch (SqliteException)
            {
                return; // Worn already, or a value that no column takes.
            }
        }
    }

    private static void Fill(GatewayStore store)
    {
        var body = new WatchfulBody(new Dice(7, 7));
        var core = new DeviceCore("gateway-1", new byte[32], 1, body, null);
        core.Start(0, 1_795_000_000_000, ClockQuality.Network, 0);
        core.RaiseLocalAlarm(Orders.Proper(new Dice(7, 8), 1_795_000_000_000), 60_000, 5);
        if (body.Saved is { } state) store.SaveState(state);
        for (var n = 1; n <= 12; n++)
        {
            var when = Stamp.At(n * 1_000, 1_795_000_000_000, n % 3 == 0 ? ClockQuality.Unknown : ClockQuality.Cloud);
            store.KeepReading(DateTimeOffset.FromUnixTimeMilliseconds(1_795_000_000_000 + (n * 10_000)), n % 4, Dry);
            store.SumReadings(when, Dry, 2, 10);
            store.KeepAlarm(when, n % 2 == 0 ? AlarmStage.Leave : AlarmStage.Prepare, new SiteThreshold(60, 300, 500), [.. Enumerable.Repeat((byte)n, 16)]);
            store.KeepSoundTest(when, SoundTestResult.Passed, 8_000 + n, 8_000, 70_000);
        }

        store.SaveNominal(8_000);
        store.SaveSettings(new SiteSettings { Revision = 3 }.Encode(), 3, SettingsRefusal.None);
        store.SaveTownship([new Township { Revision = 5, Children = [new TownshipChild { Id = "xn-1", KeyEpoch = 1 }] }.Encode()]);
        store.KeepTownshipOrder(Orders.Proper(new Dice(7, 9), 1_795_000_000_000), 1_795_003_600_000, 1_795_000_000_000, 16);
        store.Probe();
    }

    private EdgeSettings SettingsIn(string folder)
    {
        var data = Path.Combine(Folder, folder);
        Directory.CreateDirectory(data);
        return new EdgeSettings { Device = new DeviceSettings { Id = "gateway-1", OrderKey = new string('a', 64) }, Data = data };
    }
}
