using Broadcast.Device;
using Broadcast.Device.Sensing;
using Broadcast.Edge.Sensors;
using Broadcast.Edge.Storage;
using Broadcast.Edge.Update;
using Broadcast.Link.Update;
using Broadcast.Testing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broadcast.Edge.Tests.Storage;

/// <summary>A card that gives back something else than was written: the gateway starts, says what it lost, and what is whole gets through.</summary>
public sealed class WornCardTests : IDisposable
{
    private static readonly SiteReading Dry = new(new LevelReading(SensorFault.None, 1_250, ""), 12_600, [0, 0, 0, 0], SensorFault.None, SensorFault.None, AlarmStage.None);
    private static readonly byte[] Said = [.. Enumerable.Repeat((byte)7, Limits.WarningIdBytes)];

    private readonly TempFolder _folder = new("worn");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("UPDATE site_alarm SET warning = 'text' WHERE number % 2 = 0")]
    [InlineData("UPDATE site_alarm SET clock = 9000000000 WHERE number % 2 = 0")]
    [InlineData("UPDATE site_alarm SET stage = 77 WHERE number % 2 = 0")]
    public void A_damaged_alarm_is_dropped_and_the_others_reach_the_cloud(string wear)
    {
        using (var store = Open())
        {
            for (var n = 0; n < 10; n++) store.KeepAlarm(Stamp.At(n, 1_795_000_000_000, ClockQuality.Cloud), AlarmStage.Prepare, new SiteThreshold(60, 300, 500), Said).ShouldNotBeNull();
        }

        Wear(wear).ShouldBe(5);
        using var again = Open();

        var sent = 0;
        while (again.NextToSend([], 4) is { Count: > 0 } due)
        {
            due.ShouldAllBe(w => Alarm.Decode(w.Body) != null);
            foreach (var message in due) again.MarkSent(message.Type, message.Number);
            sent += due.Count;
        }

        sent.ShouldBe(5);
        again.WaitingAlarms().ShouldBe(0, "the cloud cuts off who sends it what it cannot read");
        again.LastStage().ShouldBeOneOf(AlarmStage.None, AlarmStage.Prepare);
    }

    [Theory]
    [InlineData("UPDATE state SET content = 'text'")]
    [InlineData("UPDATE site_settings SET body = 'text', refusal = 200")]
    [InlineData("UPDATE township SET body = 'text'")]
    [InlineData("UPDATE reading SET at = 9223372036854775807, tips = 9000000000")]
    [InlineData("UPDATE line_nominal SET milliohms = 9000000000")]
    public void A_value_of_another_type_keeps_no_gateway_from_starting(string wear)
    {
        using (var store = Open())
        {
            store.SaveState([1, 2, 3]).ShouldBeTrue();
            store.SaveSettings(new SiteSettings().Encode(), 1, SettingsRefusal.None).ShouldBeTrue();
            store.SaveTownship([new Township().Encode()]).ShouldBeTrue();
            store.SaveNominal(8_000).ShouldBeTrue();
            store.KeepReading(DateTimeOffset.FromUnixTimeMilliseconds(1_795_000_000_000), 1, Dry).ShouldBeTrue();
        }

        Wear(wear).ShouldBe(1);
        using var again = Open();

        again.LoadState().ShouldNotBeNull("what cannot be read was lost; it is no first start");
        Enum.IsDefined(again.LoadSettings().Refusal).ShouldBeTrue();
        again.LoadTownship().Count.ShouldBe(1);
        again.TipsSince(DateTimeOffset.UnixEpoch).ShouldAllBe(t => t.Tips >= 0 && t.Tips <= ushort.MaxValue);
        _ = again.LoadNominal();
    }

    [Fact]
    public void A_file_that_is_no_database_any_more_is_set_aside_and_the_core_hears_that_it_lost_its_memory()
    {
        using (var store = Open()) store.SaveState([1, 2, 3]).ShouldBeTrue();
        var file = _folder["gateway.db"];
        var bytes = File.ReadAllBytes(file);
        bytes[3] ^= 1;
        File.WriteAllBytes(file, bytes);

        using var again = Open();

        again.LoadState().ShouldBe([]);
        again.SaveState([4]).ShouldBeTrue();
        File.ReadAllBytes(file + ".damaged").ShouldBe(bytes, "for a person to look at");
    }

    [Theory]
    [InlineData("state")]
    [InlineData("reading")]
    [InlineData("site_alarm")]
    [InlineData("cloud_reading")]
    public void A_page_that_the_card_has_lost_keeps_nothing_from_being_kept_and_told(string table)
    {
        using (var store = Open())
        {
            store.SaveState([1, 2, 3]).ShouldBeTrue();
            store.KeepReading(DateTimeOffset.FromUnixTimeMilliseconds(1_795_000_000_000), 1, Dry).ShouldBeTrue();
            store.SumReadings(Stamp.At(1, 1_795_000_000_000, ClockQuality.Cloud), Dry, 2, 10).ShouldBeTrue();
            store.KeepAlarm(Stamp.At(1, 1_795_000_000_000, ClockQuality.Cloud), AlarmStage.Prepare, null, Said).ShouldNotBeNull();
        }

        LosePageOf(table);
        using var again = Open();

        var number = again.KeepAlarm(Stamp.At(2, 1_795_000_000_000, ClockQuality.Cloud), AlarmStage.Leave, null, Said).ShouldNotBeNull();
        again.KeepReading(DateTimeOffset.FromUnixTimeMilliseconds(1_795_000_010_000), 4, Dry).ShouldBeTrue();
        again.SumReadings(Stamp.At(2, 1_795_000_000_000, ClockQuality.Cloud), Dry, 2, 10).ShouldBeTrue();
        var due = again.NextToSend([], 10);
        due.ShouldContain(message => message.Type == MessageType.Alarm && message.Number == number);
        due.Where(message => message.Type == MessageType.Reading).ShouldContain(message => Reading.Decode(message.Body)!.RainTenths == 8);
        if (table == "state") again.SaveState([4]).ShouldBeTrue();
        again.LoadState().ShouldBe(table == "state" ? [4] : [1, 2, 3], "what is whole is not thrown away with the rest");
    }

    [Theory]
    [InlineData("stage=Downloading\npackage=xyz\nrevision=4\n")]
    [InlineData("stage=99\nrevision=4\n")]
    [InlineData("stage=Downloading\nrevision=4\n")]
    public void A_damaged_record_of_updates_counts_as_none(string text)
    {
        File.WriteAllText(_folder["update"], text);
        (UpdateRecord.Open(_folder["update"]) is { Revision: 0, Package: "", Stage: UpdateStage.None }).ShouldBeTrue();
    }

    [Fact]
    public void A_reason_that_the_cloud_would_refuse_is_made_one_that_it_takes()
    {
        var record = UpdateRecord.Open(_folder["update"]);
        record.Set(4, new string('a', 64), UpdateStage.Refused, "a\tb\u0007" + new string('c', 300));
        (record.Why.Length, record.Why.Any(char.IsControl)).ShouldBe((200, false));
        UpdateRecord.Open(_folder["update"]).Why.ShouldBe(record.Why);
    }

    private GatewayStore Open() => new(new DataFolder(new EdgeSettings { Data = _folder.Path }), NullLogger<GatewayStore>.Instance);

    [Fact]
    public void Who_reads_the_file_beside_the_gateway_holds_its_loop_up_for_a_moment_only()
    {
        using var store = Open();
        store.SaveState([1]).ShouldBeTrue();
        using var technician = new SqliteConnection($"Data Source={_folder["gateway.db"]};Pooling=False");
        technician.Open();
        using (technician.BeginTransaction(deferred: true))
        {
            using var look = technician.CreateCommand();
            look.CommandText = "SELECT count(*) FROM state";
            look.ExecuteScalar();
            var began = TimeProvider.System.GetTimestamp();
            store.SaveState([2]).ShouldBeFalse("it cannot be written while somebody reads");
            TimeProvider.System.GetElapsedTime(began).ShouldBeLessThan(TimeSpan.FromSeconds(25), "after 30 s without an answer of the loop systemd ends the gateway, whatever it says just then");
        }

        store.SaveState([3]).ShouldBeTrue();
    }

    private void LosePageOf(string table)
    {
        long page;
        using (var database = new SqliteConnection($"Data Source={_folder["gateway.db"]};Pooling=False"))
        {
            database.Open();
            using var ask = database.CreateCommand();
            ask.CommandText = "SELECT (rootpage - 1) * (SELECT page_size FROM pragma_page_size) FROM sqlite_schema WHERE name = $table";
            ask.Parameters.AddWithValue("$table", table);
            page = (long)ask.ExecuteScalar()!;
        }

        using var file = new FileStream(_folder["gateway.db"], FileMode.Open, FileAccess.Write);
        file.Position = page;
        file.Write(Enumerable.Repeat((byte)0xFF, 4_096).ToArray()); // As erased flash reads.
    }

    private int Wear(string sql)
    {
        using var database = new SqliteConnection($"Data Source={_folder["gateway.db"]};Pooling=False");
        database.Open();
        using var act = database.CreateCommand();
        act.CommandText = sql;
        return act.ExecuteNonQuery();
    }
}
