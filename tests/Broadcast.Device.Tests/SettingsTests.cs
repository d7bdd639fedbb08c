namespace Broadcast.Device.Tests;

/// <summary>Settings of a site: which values can be used, and what the core holds back.</summary>
public sealed class SettingsTests
{
    [Fact]
    public void Authenticated_settings_are_the_bodys_to_take_once_and_forged_ones_never()
    {
        Bench bench = new();
        byte[] body = Vectors.Settings().Encode();
        bench.Core.Received(Bench.Frame(MessageType.Settings, body), bench.NowMs);
        bench.Core.TakeSettings().ShouldBe(body);
        bench.Core.TakeSettings().ShouldBeNull();
        byte[] forged = Bench.Frame(MessageType.Settings, body);
        forged[^1] ^= 1;
        bench.Core.Received(forged, bench.NowMs);
        bench.Core.TakeSettings().ShouldBeNull();
        bench.Core.RefusalCount(Refusal.Forged).ShouldBe(1);
        bench.Core.RefusalCount(Refusal.Unsupported).ShouldBe(0);
    }

    [Fact]
    public void In_quiet_hours_a_programme_waits_and_an_actual_warning_does_not()
    {
        Bench bench = new();
        bench.Core.Hold(programmes: false, all: true, bench.NowMs);
        Order programme = bench.Alert(WarningLevel.None, WarningClass.Programme);
        Order test = bench.Alert(WarningLevel.Yellow, WarningClass.Test, validMs: 10_000);
        bench.Send(programme);
        bench.Send(test);
        bench.Body.Current.ShouldBeNull();
        Order actual = bench.Alert();
        bench.Send(actual);
        bench.Body.Current!.Order.Sequence.ShouldBe(actual.Sequence);
        bench.EndPlayback();
        bench.Body.Current.ShouldBeNull("still quiet");
        bench.Advance(20_000);
        bench.StatesOf(test).ShouldBe("Received Stopped(Expired)");
        bench.Core.Hold(programmes: false, all: false, bench.NowMs);
        bench.Body.Current!.Order.Sequence.ShouldBe(programme.Sequence);
    }

    [Fact]
    public void Outside_their_times_only_programmes_wait_and_what_plays_goes_on()
    {
        Bench bench = new();
        Order playing = bench.Alert(WarningLevel.None, WarningClass.Programme);
        bench.Send(playing);
        bench.Core.Hold(programmes: true, all: false, bench.NowMs);
        bench.Body.Current!.Order.Sequence.ShouldBe(playing.Sequence);
        bench.EndPlayback();
        bench.Send(bench.Alert(WarningLevel.None, WarningClass.Programme));
        bench.Body.Current.ShouldBeNull();
        Order notice = bench.Alert(WarningLevel.None, WarningClass.LocalNotice);
        bench.Send(notice);
        bench.Body.Current!.Order.Sequence.ShouldBe(notice.Sequence);
    }

    public static TheoryData<string, Action<SiteSettings>, SettingsRefusal> Wrong => new()
    {
        { "as they are", _ => { }, SettingsRefusal.None },
        { "volume 100", s => s.VolumeByHour[3] = 100, SettingsRefusal.None },
        { "volume 101", s => s.VolumeByHour[3] = 101, SettingsRefusal.Volume },
        { "volume -1", s => s.VolumeByHour[3] = -1, SettingsRefusal.Volume },
        { "23 hours", s => s.VolumeByHour = new int[23], SettingsRefusal.Volume },
        { "least above most", s => s.ActualVolumeMin = 91, SettingsRefusal.Volume },
        { "least at most", s => s.ActualVolumeMin = 90, SettingsRefusal.None },
        { "most 100", s => s.ActualVolumeMax = 100, SettingsRefusal.None },
        { "most 101", s => s.ActualVolumeMax = 101, SettingsRefusal.Volume },
        { "never louder than nothing", s => s.ActualVolumeMin = s.ActualVolumeMax = 0, SettingsRefusal.Volume },
        { "never louder than a whisper", s => s.ActualVolumeMin = s.ActualVolumeMax = 1, SettingsRefusal.None },
        { "least 0", s => s.ActualVolumeMin = 0, SettingsRefusal.None },
        { "least -1", s => s.ActualVolumeMin = -1, SettingsRefusal.Volume },
        { "minute -1", s => s.QuietFromMinute = -1, SettingsRefusal.Times },
        { "self-tests less than never", s => s.SelfTestMinutes = -2, SettingsRefusal.Times },
        { "minute 1440", s => s.QuietToMinute = 1_440, SettingsRefusal.Times },
        { "no quiet", s => s.QuietToMinute = s.QuietFromMinute = 0, SettingsRefusal.None },
        { "half a programme", s => s.Programmes = [1], SettingsRefusal.Times },
        { "a programme of no length", s => s.Programmes = [60, 60], SettingsRefusal.Times },
        { "a programme until midnight", s => s.Programmes = [0, 1_440], SettingsRefusal.Times },
        { "a programme over midnight", s => s.Programmes = [1_439, 0], SettingsRefusal.None },
        { "eight programmes", s => s.Programmes = [.. Enumerable.Range(0, 16)], SettingsRefusal.None },
        { "nine programmes", s => s.Programmes = [.. Enumerable.Range(0, 18)], SettingsRefusal.Times },
        { "tone 3", s => s.Tone = (SiteTone)3, SettingsRefusal.Tone },
        { "window of a day", s => s.Rain[0] = 1_440, SettingsRefusal.None },
        { "window beyond a day", s => s.Rain[0] = 1_441, SettingsRefusal.Threshold },
        { "leave below prepare", s => s.Rain[2] = s.Rain[1] - 1, SettingsRefusal.Threshold },
        { "prepare 0", s => s.Level[0] = 0, SettingsRefusal.Threshold },
        { "half a threshold", s => s.Level = [1], SettingsRefusal.Threshold },
        { "a level to leave at below that to prepare at", s => s.Level = [10, 9], SettingsRefusal.Threshold },
        { "a window of a minute", s => s.Rain = [1, 1, 1], SettingsRefusal.None },
        { "a window of no time", s => s.Rain = [0, 1, 1], SettingsRefusal.Threshold },
        { "eight thresholds each", s => (s.Rain, s.Level) = ([.. Enumerable.Repeat(5, 24)], [.. Enumerable.Repeat(5, 16)]), SettingsRefusal.None },
        { "nine of rain", s => s.Rain = [.. Enumerable.Repeat(5, 27)], SettingsRefusal.Threshold },
        { "nine of level", s => s.Level = [.. Enumerable.Repeat(5, 18)], SettingsRefusal.Threshold },
        { "a stage that nothing measures", s => s.Level = [5, Limits.SensorValueMax + 1], SettingsRefusal.Threshold },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Values_are_judged(string name, Action<SiteSettings> change, SettingsRefusal refusal)
    {
        SiteSettings settings = Vectors.Settings();
        change(settings);
        settings.Check().ShouldBe(refusal, name);
    }

    [Theory]
    [InlineData(1_349, false)]
    [InlineData(1_350, true)]
    [InlineData(1_439, true)]
    [InlineData(0, true)]
    [InlineData(359, true)]
    [InlineData(360, false)]
    public void Quiet_hours_go_over_midnight(int minute, bool quiet) => Vectors.Settings().IsQuietAt(minute).ShouldBe(quiet);

    [Theory]
    [InlineData(419, false)]
    [InlineData(420, true)]
    [InlineData(429, true)]
    [InlineData(430, false)]
    [InlineData(1_080, true)]
    public void Programmes_have_their_times(int minute, bool may) => Vectors.Settings().MayBeginProgrammeAt(minute).ShouldBe(may);

    [Theory]
    [InlineData(SiteSettings.NoWish, SettingsRefusal.None)]
    [InlineData(0, SettingsRefusal.None)]
    [InlineData(1_440, SettingsRefusal.None)]
    [InlineData(1_441, SettingsRefusal.Times)]
    public void The_time_between_two_self_tests_is_at_most_a_day_and_may_be_left_to_the_device(int minutes, SettingsRefusal refusal)
    {
        SiteSettings settings = Vectors.Settings();
        settings.SelfTestMinutes = minutes;
        settings.Check().ShouldBe(refusal);
        SiteSettings.Decode(settings.Encode()).ShouldNotBeNull().SelfTestMinutes.ShouldBe(minutes);
    }

    [Fact]
    public void Settings_with_a_wish_of_later_are_taken_without_it()
    {
        byte[] later = Vectors.Tested().Encode();
        later.AsSpan().IndexOf([(byte)0x18, (byte)64, (byte)0x18, (byte)180]).ShouldBe(later.Length - 4);
        later[^3] = 99; // A key that nobody knows yet.
        SiteSettings.Decode(later).ShouldNotBeNull().SelfTestMinutes.ShouldBe(SiteSettings.NoWish);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(600)]
    public void From_a_minute_to_the_same_it_is_never_quiet(int minute)
    {
        SiteSettings settings = Vectors.Settings();
        settings.QuietFromMinute = settings.QuietToMinute = minute;
        Enumerable.Range(0, 1_440).ShouldAllBe(m => !settings.IsQuietAt(m));
    }

    [Fact]
    public void Without_any_wish_a_site_is_as_loud_as_it_can_be_at_every_hour()
    {
        new SiteSettings().VolumeByHour.ShouldBe(Enumerable.Repeat(100, 24));
        new SiteSettings().Check().ShouldBe(SettingsRefusal.None);
    }

    [Fact]
    public void Quiet_hours_have_a_beginning_and_an_end()
    {
        BodyMap map = BodyMap.Read(Vectors.Settings().Encode());
        CborWriter one = new(8);
        one.Array(1);
        one.Int(60);
        SiteSettings.Decode(map.With(3, one.ToArray())).ShouldBeNull();
    }

    [Theory]
    [InlineData(5, 5, true)]
    [InlineData(5, 6, true)]
    [InlineData(5, 4, false)]
    public void A_revision_in_force_was_judged(int inForce, int judged, bool taken) =>
        (SettingsState.Decode(new SettingsState { InForce = inForce, Judged = judged }.Encode()) is not null).ShouldBe(taken);
}
