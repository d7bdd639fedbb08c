using Broadcast.Device;
using Broadcast.Device.Sensing;
using Broadcast.Rules;

namespace Broadcast.Ledger.Tests;

public sealed class ReadingTests
{
    private static readonly Region County = Region.Create("421202000000", RegionLevel.County);

    public static TheoryData<Database> Both => TestLedger.Both;

    [Theory, MemberData(nameof(Both))]
    public async Task A_reading_is_kept_once_however_often_it_comes_and_also_when_it_comes_twice_at_once(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        var site = (await ledger.CountyAsync(2))[0];
        var reading = Reading(ledger, 1, rainTenths: 12);
        var news = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => ledger.Store.ReadingAsync(site.Device, reading).AsTask()));
        news.Count(isNew => isNew).ShouldBe(1);
        await ledger.ReopenAsync();
        (await ledger.Store.ReadingAsync(site.Device, reading)).ShouldBeFalse();
        (await ledger.Store.ReadingAsync(new DeviceId("nobody"), reading)).ShouldBeFalse();
        var kept = (await ledger.Store.ReadingsAsync(site.Site, site.Village, ledger.Now.AddDays(-1), ledger.Now.AddDays(1), null, 100)).Items.ShouldHaveSingleItem();
        kept.ShouldBe(new KeptReading(site.Device, site.Site, ledger.Now, true, reading, ledger.Now));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Rain_is_summed_by_hours_and_the_latest_reading_is_the_latest_by_its_own_time(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        var targets = await ledger.CountyAsync(11); // The last lies in another village.
        var now = ledger.Now;
        var hours = new[] { 0.5, 2, 5, 20, 30 };
        for (var i = hours.Length - 1; i >= 0; i--) (await ledger.Store.ReadingAsync(targets[0].Device, Reading(ledger, i + 1, 1 << i, now.AddHours(-hours[i])))).ShouldBeTrue();
        (await ledger.Store.ReadingAsync(targets[10].Device, Reading(ledger, 1, 100, now.AddHours(-1.5)))).ShouldBeTrue();
        // One that was held back for long comes last and is not the latest.
        (await ledger.Store.ReadingAsync(targets[0].Device, Reading(ledger, 9, 0, now.AddHours(-40)))).ShouldBeTrue();

        var rain = await ledger.Store.RainAsync(County, now);
        rain[targets[0].Site].ShouldBe(new RainSums(1, 3, 7, 15));
        rain[targets[10].Site].ShouldBe(new RainSums(0, 100, 100, 100));
        (await ledger.Store.RainAsync(targets[10].Village, now)).Keys.ShouldBe([targets[10].Site]);
        var latest = await ledger.Store.LatestReadingsAsync(targets[0].Village);
        latest.ShouldHaveSingleItem().Reading.Number.ShouldBe(1);
        (await ledger.Store.LatestReadingsAsync(County)).Count.ShouldBe(2);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_time_that_cannot_be_is_replaced_by_that_of_the_commit_and_says_so(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        var site = (await ledger.CountyAsync(1))[0];
        await ledger.Store.ReadingAsync(site.Device, Reading(ledger, 1, 0, ledger.Now.AddYears(30)));
        await ledger.Store.ReadingAsync(site.Device, Reading(ledger, 2, 0) with { AtMs = 1_000 });
        await ledger.Store.ReadingAsync(site.Device, Reading(ledger, 3, 0) with { AtMs = 0, Clock = ClockQuality.Unknown });
        await ledger.Store.ReadingAsync(site.Device, Reading(ledger, 4, 0, ledger.Now.AddMinutes(1)));
        var kept = (await ledger.Store.ReadingsAsync(site.Site, site.Village, ledger.Now.AddDays(-1), ledger.Now.AddDays(1), null, 100)).Items;
        kept.Select(k => (k.Reading.Number, k.At, k.IsTrueTime)).ShouldBe([(1, ledger.Now, false), (2, ledger.Now, false), (3, ledger.Now, false), (4, ledger.Now.AddMinutes(1), true)]);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_series_is_read_page_by_page_and_nothing_is_missed_at_a_boundary(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        var site = (await ledger.CountyAsync(1))[0];
        // Pairs share a millisecond, so that a page of five would cut one.
        for (var i = 0; i < 20; i++) await ledger.Store.ReadingAsync(site.Device, Reading(ledger, i + 1, i, ledger.Now.AddMinutes(-20 + (i / 2))));
        var seen = new List<long>();
        long? after = null;
        do
        {
            var page = await ledger.Store.ReadingsAsync(site.Site, site.Village, ledger.Now.AddDays(-1), ledger.Now, after, 5);
            seen.AddRange(page.Items.Select(r => r.Reading.Number));
            after = page.Next;
        }
        while (after is not null);
        seen.ShouldBe(Enumerable.Range(1, 20).Select(n => (long)n));

        (await ledger.Store.PruneReadingsAsync(ledger.Now.AddMinutes(-15), 4)).ShouldBe(4);
        (await ledger.Store.PruneReadingsAsync(ledger.Now.AddMinutes(-15), 100)).ShouldBe(6);
        (await ledger.Store.PruneReadingsAsync(ledger.Now.AddMinutes(-15), 100)).ShouldBe(0);
        (await ledger.Store.ReadingsAsync(site.Site, site.Village, ledger.Now.AddDays(-1), ledger.Now, null, 100)).Items.Count.ShouldBe(10);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task An_alarm_is_kept_once_with_its_true_time_and_a_watcher_resumes_where_it_stopped(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        var targets = await ledger.CountyAsync(11);
        var alarm = Alarm(ledger, 5, ledger.Now.AddHours(-3));
        (await ledger.Store.AlarmAsync(targets[0].Device, alarm)).ShouldBeTrue();
        (await ledger.Store.AlarmAsync(targets[0].Device, alarm)).ShouldBeFalse();
        (await ledger.Store.AlarmAsync(targets[10].Device, alarm with { AtMs = alarm.AtMs - 1 })).ShouldBeTrue("another device's number 5 is another alarm");
        await ledger.ReopenAsync();
        (await ledger.Store.AlarmAsync(targets[0].Device, alarm)).ShouldBeFalse();

        var (alarms, next) = await ledger.Store.AlarmsAsync(County, ledger.Now.AddDays(-1), null, 1);
        var first = alarms.ShouldHaveSingleItem();
        (first.Device, first.Site, first.Village, first.At, first.IsTrueTime, first.Alarm, first.SaidState).ShouldBe(
            (targets[0].Device, targets[0].Site, targets[0].Village, ledger.Now.AddHours(-3), true, alarm, null));
        (await ledger.Store.AlarmsAsync(County, ledger.Now.AddDays(-1), next, 1)).Alarms.ShouldHaveSingleItem().Device.ShouldBe(targets[10].Device);
        (await ledger.Store.AlarmsAsync(targets[10].Village, ledger.Now.AddDays(-1), null, 10)).Alarms.ShouldHaveSingleItem().Device.ShouldBe(targets[10].Device);

        var newest = await ledger.Store.NewestAlarmAsync();
        (await ledger.Store.AlarmsSinceAsync(0, 100)).Select(a => a.Device).ShouldBe([targets[0].Device, targets[10].Device]);
        (await ledger.Store.AlarmsSinceAsync(newest, 100)).ShouldBeEmpty();
        await ledger.Store.AlarmAsync(targets[1].Device, alarm);
        (await ledger.Store.AlarmsSinceAsync(newest, 100)).ShouldHaveSingleItem().Device.ShouldBe(targets[1].Device);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Receipts_of_what_a_site_said_are_found_by_its_alarm_whichever_came_first(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        var device = (await ledger.CountyAsync(1))[0].Device;
        var said = WarningId.New(ledger.Clock);
        ReceiptRecord Receipt(ReceiptState state, long number) => new(said, 0, 77, state, 0, 1, ledger.Now.ToUnixTimeMilliseconds(), ClockQuality.Cloud, number);
        (await ledger.Store.ReceiptAsync(device, Receipt(ReceiptState.Received, 10))).ShouldBeOfType<ReceiptOutcome.UnknownOrder>();
        await ledger.Store.ReceiptAsync(device, Receipt(ReceiptState.Playing, 11));
        await ledger.Store.AlarmAsync(device, Alarm(ledger, 1, ledger.Now) with { Said = said });
        (await ledger.Store.AlarmsSinceAsync(0, 10))[0].SaidState.ShouldBe(ReceiptState.Playing);
        await ledger.Store.ReceiptAsync(device, Receipt(ReceiptState.Played, 12));
        await ledger.Store.ReceiptAsync(device, Receipt(ReceiptState.Played, 12));
        (await ledger.Store.AlarmsSinceAsync(0, 10))[0].SaidState.ShouldBe(ReceiptState.Played);
        (await ledger.Store.AlarmReceiptsAsync(device, said)).Select(r => (r.Receipt.Number, r.Receipt.State)).ShouldBe([(10, ReceiptState.Received), (11, ReceiptState.Playing), (12, ReceiptState.Played)]);
        (await ledger.Store.AlarmReceiptsAsync(device, WarningId.New(ledger.Clock))).ShouldBeEmpty();
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_stage_that_is_over_is_no_longer_active(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        var targets = await ledger.CountyAsync(2);
        await ledger.Store.AlarmAsync(targets[0].Device, Alarm(ledger, 1, ledger.Now.AddHours(-2)) with { Stage = AlarmStage.Prepare });
        await ledger.Store.AlarmAsync(targets[0].Device, Alarm(ledger, 2, ledger.Now.AddHours(-1)));
        await ledger.Store.AlarmAsync(targets[1].Device, Alarm(ledger, 1, ledger.Now.AddHours(-1)));
        async Task<IEnumerable<(DeviceId, AlarmStage)>> ActiveAsync() =>
            (await ledger.Store.AlarmsAsync(County, ledger.Now.AddDays(-1), null, 10, activeOnly: true)).Alarms.Select(a => (a.Device, a.Alarm.Stage));
        (await ActiveAsync()).ShouldBe([(targets[1].Device, AlarmStage.Leave), (targets[0].Device, AlarmStage.Leave)]);
        await ledger.Store.AlarmAsync(targets[0].Device, Alarm(ledger, 3, ledger.Now) with { Stage = AlarmStage.None });
        (await ActiveAsync()).ShouldBe([(targets[1].Device, AlarmStage.Leave)]);
    }

    [Fact]
    public async Task On_a_disk_that_is_low_alarms_are_taken_and_readings_are_not()
    {
        await using var ledger = await TestLedger.OpenAsync(Database.Sqlite, options => options with { FreeBytesMin = 1L << 40 });
        var device = new DeviceId("d0");
        await Should.ThrowAsync<StorageFullException>(ledger.Store.ReadingAsync(device, Reading(ledger, 1, 0)).AsTask());
        (await ledger.Store.AlarmAsync(device, Alarm(ledger, 1, ledger.Now))).ShouldBeFalse("there is no such device, but the act was taken");
    }

    private static ReadingRecord Reading(TestLedger ledger, long number, int rainTenths, DateTimeOffset? at = null) => new(
        number, (at ?? ledger.Now).ToUnixTimeMilliseconds(), ClockQuality.Cloud, 300, rainTenths, SensorFault.None, 1_250, SensorFault.None, 12_600);

    private static AlarmRecord Alarm(TestLedger ledger, long number, DateTimeOffset at) => new(
        number, at.ToUnixTimeMilliseconds(), ClockQuality.Cloud, AlarmStage.Leave, AlarmCause.Rain, 60, 512, 500, null);
}
