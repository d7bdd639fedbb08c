using Broadcast.Device;
using Broadcast.Device.Sensing;
using Broadcast.Firmware.Hardware;
using Broadcast.Firmware.Link;
using Broadcast.Firmware.Site;
using Broadcast.Firmware.Storage;

namespace Broadcast.Firmware.Tests.Gateways;

/// <summary>What the cloud gets of a site: every alarm and every tenth of a millimetre, once, with its true time, whenever power and link go.</summary>
public sealed class JournalTests
{
    private const int Tenths = Board.RainTenthsATip;

    [Fact]
    public void A_reading_goes_every_five_minutes_with_rain_level_and_battery()
    {
        var bench = new BoardBench("level=90000:100000\n");
        bench.Run(2_000);
        Tip(bench, 3);
        bench.Run(650_000);
        bench.Readings.Count.ShouldBe(2);
        bench.Readings.Sum(r => r.RainTenths).ShouldBe(3 * Tenths);
        bench.Readings.ShouldAllBe(r => r.Seconds >= 295 && r.Seconds <= 305 && r.LevelFault == SensorFault.None && r.BatteryMillivolts > 12_500 && r.Clock == ClockQuality.Cloud);
        bench.Readings[1].LevelMillimetres.ShouldBeInRange(4_990, 5_010);
        bench.Gateway.Journal.Count.ShouldBe(0, "what the cloud has is kept no longer");
    }

    [Fact]
    public void A_day_without_link_and_with_power_cuts_loses_no_rain_and_doubles_none()
    {
        var bench = new BoardBench();
        bench.Run(5_000);
        bench.Unplug();
        var tips = 0;
        for (var hour = 0; hour < 24; hour++)
        {
            Tip(bench, hour % 5);
            tips += hour % 5;
            bench.Run(3_600_000 - (hour % 5 * 1_000));
            if (hour % 7 == 3) bench.PowerOn();
        }

        bench.NetworkUp = true;
        bench.Run(400_000);
        bench.Gateway.Journal.Readings.ShouldBe(0);
        bench.Readings.Sum(r => r.RainTenths).ShouldBe(tips * Tenths);
        bench.Readings.Select(r => r.Number).Distinct().Count().ShouldBe(bench.Readings.Count);
        bench.Readings.Select(r => r.AtMs).ShouldBeInOrder();
        bench.Readings.ShouldAllBe(r => r.Clock != ClockQuality.Unknown, "the battery clock knew it");
        bench.Readings.Count.ShouldBeLessThanOrEqualTo(FirmwareLimits.JournalReadingsMax + 2);
        bench.Gateway.Journal.Dropped.ShouldBe(0);
    }

    [Fact]
    public void Sixty_days_without_link_are_thinned_to_days_and_lose_no_rain()
    {
        var bench = new BoardBench();
        var journal = NewJournal(bench.JournalFlash);
        for (var at = 0L; at < 60L * 86_400_000; at += 300_000) journal.Add(new Reading { Seconds = 300, RainTenths = 1 }, at);
        journal.Readings.ShouldBe(FirmwareLimits.JournalReadingsMax);
        Enumerable.Range(0, journal.Count).Sum(i => journal.At(i).Reading!.RainTenths).ShouldBe(60 * 288);
        journal.Dropped.ShouldBe(0);
    }

    [Fact]
    public void What_was_offered_once_goes_again_under_its_number_and_as_it_was()
    {
        var bench = new BoardBench();
        bench.Run(5_000);
        bench.LosesAcknowledgements = true;
        Tip(bench, 2);
        bench.Run(310_000);
        var first = bench.Readings.ShouldHaveSingleItem();
        bench.Unplug();
        bench.PowerOn();
        bench.Run(1_000);
        bench.LosesAcknowledgements = false;
        bench.NetworkUp = true;
        bench.Run(400_000);
        var again = bench.Readings.Where(r => r.Number == first.Number).ToList();
        again.Count.ShouldBe(2, "the cloud knows it by its number");
        again.ShouldAllBe(r => r.RainTenths == 2 * Tenths && r.AtMs == first.AtMs);
        bench.Readings.DistinctBy(r => r.Number).Sum(r => r.RainTenths).ShouldBe(2 * Tenths);
    }

    [Fact]
    public void What_was_under_way_goes_again_where_one_link_took_the_place_of_another_without_a_word()
    {
        var bench = new BoardBench();
        bench.Run(5_000);
        bench.LosesAcknowledgements = true;
        bench.Run(1_300_000);
        bench.Gateway.Journal.Readings.ShouldBe(JournalPost.WindowMax);
        bench.LosesAcknowledgements = false;
        ((IUplink)bench).Begin(); // An attempt that was given up came through after all, and the next one has closed it.
        bench.Run(400_000);
        bench.Gateway.Journal.Count.ShouldBe(0, "an alarm behind them would wait for as long as the link holds");
    }

    [Fact]
    public void Readings_that_the_cloud_may_have_are_never_put_together()
    {
        var journal = NewJournal(new NorSlots(FirmwareLimits.JournalSlotBytes, new Random(1)));
        for (var i = 0; i < 10; i++)
        {
            journal.Add(new Reading { Seconds = 300, RainTenths = 1 }, i);
            journal.At(i).WasOffered = true;
        }

        for (var i = 0; i < 500; i++) journal.Add(new Reading { Seconds = 300, RainTenths = 1 }, i);
        var kept = Enumerable.Range(0, journal.Count).Select(i => journal.At(i)).ToList();
        kept.Where(e => e.WasOffered).Select(e => (e.Reading!.Seconds, e.Reading.RainTenths)).ShouldBe(Enumerable.Repeat((300, 1), 10));
        kept.Sum(e => e.Reading!.RainTenths).ShouldBe(510);
    }

    [Fact]
    public void An_alarm_is_told_with_what_raised_it_and_the_warning_that_was_said()
    {
        var bench = new BoardBench("rain=60:20:40\n") { NetworkUp = false };
        bench.Run(1_000);
        Tip(bench, 10);
        bench.Run(30_000);
        var raisedMs = bench.TrueMs;
        bench.NetworkUp = true;
        bench.Run(300_000);
        var alarm = bench.Alarms.ShouldHaveSingleItem();
        (alarm.Stage, alarm.Cause, alarm.WindowMinutes, alarm.Value, alarm.Threshold).ShouldBe((AlarmStage.Prepare, AlarmCause.Rain, 60, 20, 20));
        alarm.AtMs.ShouldBeInRange(raisedMs - 40_000, raisedMs, "before the time was known, told afterwards with its true one");
        alarm.Clock.ShouldBe(ClockQuality.Cloud);
        bench.Receipts.Where(r => r.WarningId.AsSpan().SequenceEqual(alarm.WarningId)).Select(r => r.State).ShouldContain(ReceiptState.Played);
    }

    [Fact]
    public void Water_that_stays_high_is_not_said_again_after_a_power_cut_and_its_end_is_told()
    {
        var bench = new BoardBench("level=4000:6000\n");
        bench.Run(60_000);
        var said = bench.Chip.Said.Count();
        said.ShouldBeGreaterThan(0);
        bench.PowerOn();
        bench.Run(60_000);
        bench.Chip.Said.Count().ShouldBe(said);
        bench.SetLevel(6_000);
        bench.Run(30_000);
        bench.Alarms.DistinctBy(a => a.Number).Select(a => a.Stage).ShouldBe([AlarmStage.Prepare, AlarmStage.None]);
    }

    [Fact]
    public void Rain_before_a_power_cut_weighs_on_after_it()
    {
        var bench = new BoardBench("rain=60:20:40\n");
        bench.Run(5_000);
        Tip(bench, 10);
        bench.Run(310_000);
        bench.PowerOn();
        bench.Parts.Sensors.Watch.RainTenths(60, bench.Clock.MonotonicMs).ShouldBe(10 * Tenths);
        Tip(bench, 10);
        bench.Run(30_000);
        bench.SirenIsOn.ShouldBeTrue("twice two millimetres are four, power cut or not");
    }

    [Fact]
    public void Rain_of_hours_ago_is_no_rain_of_now_after_a_power_cut()
    {
        var bench = new BoardBench("rain=60:40:80\n");
        bench.Run(5_000);
        Tip(bench, 10);
        bench.Run(3 * 3_600_000);
        bench.PowerOn();
        bench.Parts.Sensors.Watch.RainTenths(60, bench.Clock.MonotonicMs).ShouldBe(0, "nobody is sent out of bed for it");
        bench.Parts.Sensors.Watch.RainTenths(360, bench.Clock.MonotonicMs).ShouldBe(10 * Tenths);
    }

    [Fact]
    public void An_alarm_that_was_kept_and_not_said_when_the_power_went_is_said_after_it()
    {
        var bench = new BoardBench(start: false);
        var journal = NewJournal(bench.JournalFlash);
        journal.Told = AlarmStage.Leave;
        journal.Unsaid = [.. Enumerable.Range(1, 16).Select(i => (byte)i)];
        journal.UnsaidMs = bench.TrueMs - 60_000;
        journal.Save(bench.TrueMs).ShouldBeTrue();
        bench.PowerOn();
        bench.Run(20_000);
        bench.SirenIsOn.ShouldBeTrue();
        bench.Receipts.Where(r => r.WarningId.AsSpan().SequenceEqual(journal.Unsaid)).Select(r => r.State).ShouldContain(ReceiptState.Playing);
    }

    [Fact]
    public void A_journal_full_of_the_largest_entries_fits_its_slot()
    {
        var flash = new NorSlots(FirmwareLimits.JournalSlotBytes, new Random(9));
        var journal = NewJournal(flash);
        for (var i = 0; i < FirmwareLimits.JournalAlarmsMax + 5; i++)
        {
            journal.Add(
                new Alarm { AtMs = Limits.WallMsMax, Clock = ClockQuality.Cloud, Stage = AlarmStage.Leave, Cause = AlarmCause.Rain, WindowMinutes = 1_440, Value = -Limits.SensorValueMax, Threshold = Limits.SensorValueMax, WarningId = [.. Enumerable.Repeat((byte)0xFF, 16)] }, 0);
        }

        for (var i = 0; i < FirmwareLimits.JournalReadingsMax + 5; i++)
            journal.Add(new Reading { AtMs = Limits.WallMsMax, Clock = ClockQuality.Cloud, Seconds = Limits.ReadingSecondsMax, RainTenths = Limits.SensorValueMax, LevelMillimetres = -Limits.SensorValueMax, BatteryMillivolts = Limits.BatteryMillivoltsMax }, 0);
        for (var i = 0; i < RainHistory.Stretches; i++) journal.Rain.Add(60_000, i * 1_800_000L);
        (journal.Alarms, journal.Readings, journal.Dropped).ShouldBe((FirmwareLimits.JournalAlarmsMax, FirmwareLimits.JournalReadingsMax, 10));
        journal.Save(Limits.WallMsMax).ShouldBeTrue();
        new TwoSlotStore(flash).Load().ShouldNotBeNull().Length.ShouldBeLessThan(FirmwareLimits.JournalBytesMax);
        NewJournal(flash).Count.ShouldBe(journal.Count, "and is read again");
    }

    [Fact]
    public void Noise_in_the_journal_begins_a_new_one_with_numbers_of_its_own_and_the_board_works()
    {
        var bench = new BoardBench(start: false);
        bench.JournalFlash.Ruin();
        bench.PowerOn();
        bench.Run(320_000);
        bench.Readings.ShouldHaveSingleItem().Number.ShouldBeGreaterThan(1L << 31);
        new TwoSlotStore(bench.JournalFlash).Load().ShouldNotBeNull();
    }

    [Fact]
    public void Flash_that_takes_nothing_keeps_no_alarm_from_people_or_cloud()
    {
        var bench = new BoardBench("rain=60:20:40\n");
        bench.Run(5_000);
        bench.JournalFlash.IsWornOut = true;
        Tip(bench, 10);
        bench.Run(60_000);
        bench.Alarms.ShouldHaveSingleItem();
        bench.Chip.Said.Count().ShouldBeGreaterThan(2);
        ((FaultFlags)bench.Reports[^1].Faults & FaultFlags.Storage).ShouldBe(FaultFlags.Storage);
    }

    [Fact]
    public void Sixty_power_cuts_at_random_bytes_of_the_journal_double_no_rain_and_lose_no_more_than_was_not_yet_written()
    {
        var bench = new BoardBench();
        var random = new Random(20);
        var (tips, cuts) = (0, 0);
        for (; cuts < 60; cuts++)
        {
            bench.JournalFlash.StepsToPowerCut = random.Next(1, 4_000);
            if (random.Next(3) == 0) bench.Unplug();
            else bench.NetworkUp = true;
            for (var slice = 0; slice < 4_000 && bench.JournalFlash.StepsToPowerCut != 0; slice++)
            {
                if (slice % 50 == 0)
                {
                    Tip(bench, 1);
                    tips++;
                }

                bench.Run(500);
            }

            bench.JournalFlash.StepsToPowerCut = -1;
            bench.PowerOn();
        }

        bench.NetworkUp = true;
        bench.Run(1_000_000);
        bench.Gateway.Journal.Readings.ShouldBe(0);
        var told = bench.Readings.DistinctBy(r => r.Number).Sum(r => r.RainTenths) / Tenths;
        told.ShouldBeLessThanOrEqualTo(tips);
        told.ShouldBeGreaterThanOrEqualTo(tips - (cuts * FirmwareLimits.ReadingTipsMax));
        foreach (var same in bench.Readings.GroupBy(r => r.Number)) same.Select(r => (r.RainTenths, r.Seconds)).Distinct().Count().ShouldBe(1, "a number is one reading for ever");
    }

    private static Journal NewJournal(NorSlots flash)
    {
        var journal = new Journal(new TwoSlotStore(flash), 0);
        journal.Load(new RainWindows(0), 0, [1, 2, 3, 4]);
        return journal;
    }

    private static void Tip(BoardBench bench, int times)
    {
        for (var i = 0; i < times; i++)
        {
            bench.Machine.Pin(Board.RainPin).Drive(false);
            bench.Run(100);
            bench.Machine.Pin(Board.RainPin).Drive(true);
            bench.Run(900);
        }
    }
}
