using Broadcast.Device.Sensing;

namespace Broadcast.Device.Tests;

public sealed class WatchTests
{
    private const long Minute = 60_000;
    private long _nowMs = 3_000 * Minute; // Later than a day after the clock began.

    [Theory]
    [InlineData(59, 10)]
    [InlineData(60, 0)]
    public void Rain_leaves_a_window_of_an_hour_after_an_hour(int minutes, int tips)
    {
        var windows = new RainWindows(0);
        windows.Add(10, 0);
        windows.Tips(60, minutes * Minute).ShouldBe(tips);
    }

    [Fact]
    public void Windows_agree_with_a_plain_sum_over_three_generated_days()
    {
        var random = new Random(11);
        var windows = new RainWindows(0);
        List<(long Minute, int Tips)> fell = [];
        for (long minute = 0; minute < 3 * RainWindows.MinutesMax; minute += random.Next(0, 40))
        {
            var tips = random.Next(0, 6);
            windows.Add(tips, minute * Minute);
            fell.Add((minute, tips));
            foreach (var window in new[] { 1, 60, 180, 360, 1_440 })
                windows.Tips(window, minute * Minute).ShouldBe(fell.Where(f => f.Minute > minute - window).Sum(f => f.Tips));
        }
        fell.Count.ShouldBeGreaterThan(100);
    }

    [Fact]
    public void After_a_gap_of_days_the_windows_are_empty()
    {
        var windows = new RainWindows(0);
        windows.Add(100, 0);
        windows.Tips(1_440, 30L * 24 * 60 * Minute).ShouldBe(0);
    }

    [Fact]
    public void What_fell_before_a_restart_weighs_on_until_its_hour_is_over()
    {
        var windows = new RainWindows(_nowMs);
        windows.Restore(tips: 20, minutesAgo: 30);
        windows.Restore(tips: 7, minutesAgo: 1_440);
        windows.Tips(60, _nowMs).ShouldBe(20);
        windows.Tips(1_440, _nowMs).ShouldBe(20);
        windows.Tips(60, _nowMs + (30 * Minute)).ShouldBe(0);
    }

    [Theory]
    [InlineData(299, AlarmStage.None)]
    [InlineData(300, AlarmStage.Prepare)]
    [InlineData(499, AlarmStage.Prepare)]
    [InlineData(500, AlarmStage.Leave)]
    public void A_stage_is_reached_at_its_value(int tenths, AlarmStage stage)
    {
        var threshold = new SiteThreshold(60, prepare: 300, leave: 500);
        threshold.Judge(tenths).ShouldBe(stage != AlarmStage.None);
        (threshold.Stage, threshold.Value).ShouldBe((stage, tenths));
    }

    [Fact]
    public void A_value_that_trembles_at_its_limit_alarms_once()
    {
        var threshold = new SiteThreshold(0, prepare: 300, leave: 500);
        var alarms = 0;
        for (var i = 0; i < 100; i++)
            if (threshold.Judge(i % 2 == 0 ? 500 : 499)) alarms++;
        alarms.ShouldBe(1);
        threshold.Judge(400);
        threshold.Stage.ShouldBe(AlarmStage.Leave, "not below 80 % of 500");
        threshold.Judge(399);
        threshold.Stage.ShouldBe(AlarmStage.Prepare, "below 80 % of 500, above 80 % of 300");
        threshold.Judge(240);
        threshold.Stage.ShouldBe(AlarmStage.Prepare, "not below 80 % of 300");
        threshold.Judge(239);
        threshold.Stage.ShouldBe(AlarmStage.None);
        threshold.Judge(300).ShouldBeTrue("a new rise is news again");
    }

    [Fact]
    public void Rain_raises_each_stage_once()
    {
        var watch = Watch();
        var rises = Rain(watch, minutes: 30, tipsAMinute: 10);
        rises.ShouldBe([AlarmStage.Prepare, AlarmStage.Leave]);
    }

    [Fact]
    public void A_gauge_that_is_hosed_is_a_fault_and_no_alarm()
    {
        var watch = Watch();
        Rain(watch, minutes: 3, tipsAMinute: 500).ShouldBeEmpty();
        watch.RainFault.ShouldBe(SensorFault.Impossible);
        _nowMs += 11 * Minute;
        watch.Rain(0, contactStuck: false, _nowMs);
        watch.RainFault.ShouldBe(SensorFault.None, "what is over is over");
    }

    [Fact]
    public void A_bucket_that_hangs_is_a_fault()
    {
        var watch = Watch();
        watch.Rain(0, contactStuck: true, _nowMs);
        watch.RainFault.ShouldBe(SensorFault.Stuck);
    }

    [Fact]
    public void A_level_that_jumps_is_a_fault_until_three_readings_agree()
    {
        var watch = Watch();
        watch.Level(1_000, _nowMs);
        watch.Level(9_000, _nowMs).ShouldBeFalse();
        watch.LevelFault.ShouldBe(SensorFault.Impossible);
        watch.Level(9_010, _nowMs).ShouldBeFalse();
        watch.Level(9_020, _nowMs).ShouldBeTrue("it is true after all");
        watch.Stage.ShouldBe(AlarmStage.Leave);
    }

    [Fact]
    public void A_broken_wire_is_no_all_clear()
    {
        var watch = Watch();
        watch.Level(3_000, _nowMs).ShouldBeTrue();
        watch.LevelFailed(SensorFault.WireBroken);
        watch.Stage.ShouldBe(AlarmStage.Prepare);
        watch.LevelFault.ShouldBe(SensorFault.WireBroken);
    }

    [Fact]
    public void More_tips_in_a_minute_than_a_place_holds_are_the_most_that_it_holds()
    {
        var windows = new RainWindows(_nowMs);
        windows.Add(60_000, _nowMs);
        windows.Add(60_000, _nowMs);
        windows.Tips(1, _nowMs).ShouldBe(ushort.MaxValue);
        windows.Restore(60_000, minutesAgo: 5);
        windows.Restore(60_000, minutesAgo: 5);
        windows.Tips(6, _nowMs).ShouldBe(2 * ushort.MaxValue);
    }

    [Fact]
    public void What_was_before_a_restart_and_is_no_minute_of_the_last_day_is_left_out()
    {
        var windows = new RainWindows(_nowMs);
        windows.Restore(1, minutesAgo: -1);
        windows.Restore(2, minutesAgo: RainWindows.MinutesMax - 1);
        windows.Restore(4, minutesAgo: 0);
        windows.Tips(RainWindows.MinutesMax, _nowMs).ShouldBe(6);
    }

    [Fact]
    public void A_hosed_gauge_raises_nothing_for_the_ten_minutes_in_which_it_may_still_count()
    {
        var watch = Watch();
        Rain(watch, minutes: 1, tipsAMinute: 51);
        watch.RainFault.ShouldBe(SensorFault.Impossible);
        watch.RainTenths(60, _nowMs).ShouldBe(0, "nor counts");
        Rain(watch, minutes: 9, tipsAMinute: 50).ShouldBeEmpty();
        watch.RainFault.ShouldBe(SensorFault.Impossible);
        Rain(watch, minutes: 1, tipsAMinute: 50).ShouldBe([AlarmStage.Leave], "ten millimetres a minute are rain, and were counted meanwhile");
    }

    [Fact]
    public void Other_thresholds_judge_at_once_what_was_measured()
    {
        var watch = Watch();
        watch.Level(3_000, _nowMs);
        Rain(watch, minutes: 10, tipsAMinute: 10);
        watch.Stage.ShouldBe(AlarmStage.Prepare);

        watch.Replace([new SiteThreshold(60, 300, 500)], [new SiteThreshold(0, 4_000, 5_000)], _nowMs);
        watch.Stage.ShouldBe(AlarmStage.None);
        watch.Replace([new SiteThreshold(60, 100, 200)], [new SiteThreshold(0, 4_000, 5_000)], _nowMs);
        watch.Stage.ShouldBe(AlarmStage.Leave);
        watch.Replace([new SiteThreshold(60, 300, 500)], [new SiteThreshold(0, 2_000, 3_000)], _nowMs);
        watch.Stage.ShouldBe(AlarmStage.Leave);
    }

    [Fact]
    public void Two_readings_that_agree_and_one_that_does_not_are_no_three()
    {
        var watch = Watch();
        watch.Level(1_000, _nowMs);
        watch.Level(9_000, _nowMs).ShouldBeFalse();
        watch.Level(9_010, _nowMs).ShouldBeFalse();
        watch.Level(20_000, _nowMs).ShouldBeFalse();
        watch.Level(9_020, _nowMs).ShouldBeFalse();
        watch.LevelMillimetres.ShouldBe(1_000);
        watch.Level(1_010, _nowMs);
        watch.LevelFault.ShouldBe(SensorFault.None, "back where it was");
        watch.Level(9_000, _nowMs);
        watch.Level(9_010, _nowMs).ShouldBeFalse("counted anew");
    }

    [Theory]
    [InlineData(4_000, true)]
    [InlineData(4_001, false)]
    public void A_step_that_water_can_take_is_believed_at_once(int millimetres, bool believed)
    {
        var watch = Watch();
        watch.Level(1_000, _nowMs);
        watch.Level(millimetres, _nowMs);
        watch.LevelMillimetres.ShouldBe(believed ? millimetres : 1_000);
        watch.Level(1_000, _nowMs).ShouldBeFalse();
        watch.LevelMillimetres.ShouldBe(1_000, "nor is one down less believed than one up");
        watch.Level(-millimetres + 2_000, _nowMs);
        watch.LevelMillimetres.ShouldBe(believed ? -millimetres + 2_000 : 1_000);
    }

    private SiteWatch Watch() => new([new SiteThreshold(60, 300, 500)], [new SiteThreshold(0, 2_800, 3_500)], tenthsATip: 2, _nowMs);

    private List<AlarmStage> Rain(SiteWatch watch, int minutes, int tipsAMinute)
    {
        List<AlarmStage> rises = [];
        for (var i = 0; i < minutes; i++, _nowMs += Minute)
            if (watch.Rain(tipsAMinute, contactStuck: false, _nowMs)) rises.Add(watch.Stage);
        return rises;
    }
}
