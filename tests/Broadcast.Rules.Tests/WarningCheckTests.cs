using Broadcast.Device;

namespace Broadcast.Rules.Tests;

public class WarningCheckTests
{
    private static IReadOnlyList<Problem> Check(WarningContent content, TimeSpan? from = null, TimeSpan? until = null) =>
        WarningChecks.Check(content, Demo.Now + (from ?? TimeSpan.Zero), Demo.Now + (until ?? TimeSpan.FromHours(1)), Demo.Now);

    [Fact]
    public void A_sound_warning_has_no_problem() => Check(Demo.Content).ShouldBeEmpty();

    public static TheoryData<WarningContent> Sound { get; } =
    [
        Demo.Content with { Level = WarningLevel.Blue, Siren = true },
        Demo.Content with { Class = WarningClass.Exercise, Level = WarningLevel.Yellow },
        Demo.Content with { Class = WarningClass.Test, Level = WarningLevel.None },
        Demo.Content with { Class = WarningClass.SirenTest, Level = WarningLevel.None, Siren = true },
        Demo.Content with { Class = WarningClass.Programme, Level = WarningLevel.None },
        Demo.Content with { Class = WarningClass.LocalNotice, Level = WarningLevel.None },
        Demo.Content with { Class = WarningClass.LiveSpeech, Level = WarningLevel.None },
        Demo.Content with { Audio = AudioHash.Of([1]).Value, Language = "en-US", Text = "First.\nSecond." },
        Demo.Content with { Repetitions = 1, Volume = 0, ToneMs = 0, Language = "z", Text = "\uFFFD" },
        Demo.Content with { Repetitions = Limits.RepetitionsMax, Volume = 100, ToneMs = WarningChecks.ToneMsMax, Language = new string('z', 16) },
    ];

    [Theory]
    [MemberData(nameof(Sound))]
    public void What_a_bureau_may_say_has_no_problem(WarningContent content) => Check(content).ShouldBeEmpty();

    public static TheoryData<WarningContent, string, string> Wrong { get; } = new()
    {
        { Demo.Content with { Level = WarningLevel.None }, "level", "unknown-level" },
        { Demo.Content with { Level = (WarningLevel)9 }, "level", "unknown-level" },
        { Demo.Content with { Class = WarningClass.LocalAlarm }, "class", "unknown-class" },
        { Demo.Content with { Class = WarningClass.LiveSpeech, Level = WarningLevel.Red }, "class", "live-is-plain" },
        { Demo.Content with { Class = WarningClass.LiveSpeech, Level = WarningLevel.None, Audio = AudioHash.Of([1]).Value }, "class", "live-is-plain" },
        { Demo.Content with { Class = WarningClass.Exercise, Level = WarningLevel.None }, "level", "unknown-level" },
        { Demo.Content with { Audio = "0" }, "audio", "bad-hash" },
        { Demo.Content with { Language = "" }, "language", "unknown-language" },
        { Demo.Content with { Language = new string('z', 17) }, "language", "unknown-language" },
        { Demo.Content with { Text = "\ud800" + "\uFFFD" }, "text", "bad-characters" },
        { Demo.Content with { Class = WarningClass.Programme, Siren = true }, "siren", "siren-not-allowed" },
        { Demo.Content with { Event = "" }, "event", "unknown-event" },
        { Demo.Content with { Event = "暴雨" }, "event", "unknown-event" },
        { Demo.Content with { Event = new string('1', 17) }, "event", "unknown-event" },
        { Demo.Content with { Text = " \n" }, "text", "empty-text" },
        { Demo.Content with { Text = "a\u0007b" }, "text", "bad-characters" },
        { Demo.Content with { Text = "\ud800" }, "text", "bad-characters" },
        { Demo.Content with { Text = new string('雨', (Limits.TextBytesMax / 3) + 1) }, "text", "text-too-long" },
        { Demo.Content with { Repetitions = 0 }, "repetitions", "out-of-range" },
        { Demo.Content with { Repetitions = Limits.RepetitionsMax + 1 }, "repetitions", "out-of-range" },
        { Demo.Content with { Volume = 101 }, "volume", "out-of-range" },
        { Demo.Content with { ToneMs = -1 }, "toneMs", "out-of-range" },
        { Demo.Content with { Language = "zh_CN" }, "language", "unknown-language" },
        { Demo.Content with { Class = WarningClass.Exercise, Siren = true }, "siren", "siren-not-allowed" },
        { Demo.Content with { Class = WarningClass.Test, Siren = true }, "siren", "siren-not-allowed" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void What_a_device_cannot_speak_or_a_person_cannot_mean_is_refused_by_field(WarningContent content, string field, string code) =>
        Check(content).ShouldContain(p => p.Field == field && p.Code == code);

    [Fact]
    public void The_longest_text_that_fits_is_taken() =>
        Check(Demo.Content with { Text = new string('雨', Limits.TextBytesMax / 3) }).ShouldBeEmpty();

    [Theory]
    [InlineData(0, 0, "in-the-past")]
    [InlineData(0, -60, "in-the-past")]
    [InlineData(120, 60, "reversed")]
    [InlineData(60, 60, "reversed")]
    [InlineData(31 * 24 * 60, (31 * 24 * 60) + 60, "too-far-ahead")]
    [InlineData(0, (3 * 24 * 60) + 1, "too-long")]
    [InlineData(-60, (3 * 24 * 60) + 1, "too-long")]
    [InlineData(24 * 60, ((24 + (3 * 24)) * 60) + 1, "too-long")]
    public void A_validity_that_cannot_be_is_refused(int fromMinutes, int untilMinutes, string code) =>
        Check(Demo.Content, TimeSpan.FromMinutes(fromMinutes), TimeSpan.FromMinutes(untilMinutes)).ShouldContain(p => p.Code == code);

    [Theory]
    [InlineData(-60, 3 * 24 * 60)] // What began before now is valid from now on.
    [InlineData(24 * 60, (24 + (3 * 24)) * 60)]
    [InlineData(30 * 24 * 60, (30 * 24 * 60) + 1)]
    public void A_validity_counts_from_its_start_or_from_now(int fromMinutes, int untilMinutes) =>
        Check(Demo.Content, TimeSpan.FromMinutes(fromMinutes), TimeSpan.FromMinutes(untilMinutes)).ShouldBeEmpty();

    [Fact]
    public void The_longest_validity_is_taken() => Check(Demo.Content, null, WarningChecks.ValidityMax).ShouldBeEmpty();
}
