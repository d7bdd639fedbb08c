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

    private int Wear(string sql)
    {
        using var database = new SqliteConnection($"Data Source={_folder["gateway.db"]};Pooling=False");
        database.Open();
        using var act = database.CreateCommand();
        act.CommandText = sql;
        return act.ExecuteNonQuery();
    }
}
