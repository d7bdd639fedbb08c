using System.Text;
using Broadcast.Device;

namespace Broadcast.Rules;

/// <summary>Holds what a bureau wrote to what a device can speak and a person can mean, before anything is kept.</summary>
public static class WarningChecks
{
    /// <summary>The longest validity: the device remembers an order's id until it expires, and its memory is bounded.</summary>
    public static readonly TimeSpan ValidityMax = TimeSpan.FromDays(3);

    /// <summary>The farthest a warning may be prepared ahead.</summary>
    public static readonly TimeSpan AheadMax = TimeSpan.FromDays(30);

    public const int ToneMsMax = 25_000; // The longest published alert tone runs 25 s.

    public static IReadOnlyList<Problem> Check(WarningContent content, DateTimeOffset notBefore, DateTimeOffset expires, DateTimeOffset now)
    {
        var problems = new List<Problem>();
        CheckKind(content, problems);
        CheckText(content, problems);
        CheckRange("repetitions", content.Repetitions, 1, Limits.RepetitionsMax, problems);
        CheckRange("volume", content.Volume, 0, 100, problems);
        CheckRange("toneMs", content.ToneMs, 0, ToneMsMax, problems);
        CheckTimes(notBefore, expires, now, problems);
        return problems;
    }

    /// <summary>
    /// Null where an update may begin when it says. It stops at once what it replaces: one that began later would leave silence between.
    /// </summary>
    public static Problem? CheckUpdate(DateTimeOffset notBefore, Warning replaced, DateTimeOffset now) => notBefore <= now || replaced.NotBefore > now
        ? null
        : new("notBefore", "update-starts-later", "What this updates speaks now and would fall silent at once: an update of it begins at once, too.", "被更新的预警正在播发，更新须立即生效，不能延后开始。");

    private static void CheckKind(WarningContent content, List<Problem> problems)
    {
        if (content.Class > WarningClass.LocalNotice && content.Class != WarningClass.LiveSpeech)
            problems.Add(new("class", "unknown-class", "Expected actual, exercise, test, sirenTest, programme, localNotice or liveSpeech.", "类别须为：实发、演练、测试、警报器测试、定时节目、本地通知、现场喊话之一。"));
        if (content.Class == WarningClass.LiveSpeech && (content.Level != WarningLevel.None || content.Audio is not null))
            problems.Add(new("class", "live-is-plain", "Live speech has no level and no recording.", "现场喊话不带级别和录音。"));
        var leveled = content.Class is WarningClass.Actual or WarningClass.Exercise;
        if (content.Level > WarningLevel.Blue || (leveled && content.Level == WarningLevel.None))
            problems.Add(new("level", "unknown-level", "Expected red, orange, yellow or blue.", "级别须为红、橙、黄、蓝之一。"));
        if (content.Event.Length is 0 or > Limits.EventCharsMax || !content.Event.All(char.IsAsciiLetterOrDigit))
            problems.Add(new("event", "unknown-event", $"Expected an event code of 1–{Limits.EventCharsMax} letters and digits, such as 11B03.", $"事件代码须为 1–{Limits.EventCharsMax} 位字母数字，例如 11B03。"));
        if (content.Siren && content.Class is not (WarningClass.Actual or WarningClass.SirenTest))
            problems.Add(new("siren", "siren-not-allowed", "Only an actual warning or a siren test opens the siren.", "只有实发预警或警报器测试可以鸣响警报器。"));
    }

    private static void CheckText(WarningContent content, List<Problem> problems)
    {
        if (string.IsNullOrWhiteSpace(content.Text))
        {
            problems.Add(new("text", "empty-text", "There is nothing to say; give a text.", "播发内容为空。"));
            return;
        }

        // Unpaired surrogates have no UTF-8 form: refused here, where a person can mend them.
        var bytes = IsWellFormed(content.Text) ? Encoding.UTF8.GetByteCount(content.Text) : -1;
        if (bytes < 0 || content.Text.Any(c => char.IsControl(c) && c != '\n'))
            problems.Add(new("text", "bad-characters", "The text holds control characters or broken surrogates.", "播发内容含有控制字符或无效字符。"));
        else if (bytes > Limits.TextBytesMax)
            problems.Add(new("text", "text-too-long", $"{bytes} bytes in UTF-8; at most {Limits.TextBytesMax} (about {Limits.TextBytesMax / 3} Chinese characters).", $"内容过长：{bytes} 字节，最多 {Limits.TextBytesMax} 字节（约 {Limits.TextBytesMax / 3} 个汉字）。"));
        if (content.Audio is not null && !AudioHash.TryParse(content.Audio, out _))
            problems.Add(new("audio", "bad-hash", $"Expected the hash of a recording: {AudioHash.Digits} lower-case hex digits.", $"录音须以 {AudioHash.Digits} 位小写十六进制哈希指明。"));
        if (content.Language.Length is 0 or > 16 || !content.Language.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'))
            problems.Add(new("language", "unknown-language", "Expected a language tag such as zh-CN.", "语言须为语言标签，例如 zh-CN。"));
    }

    private static void CheckTimes(DateTimeOffset notBefore, DateTimeOffset expires, DateTimeOffset now, List<Problem> problems)
    {
        if (expires <= now)
            problems.Add(new("expires", "in-the-past", $"The validity ended at {expires:O}; it must end after now ({now:O}).", "有效期已过：结束时间须晚于当前时间。"));
        if (expires <= notBefore)
            problems.Add(new("expires", "reversed", "The validity ends before it begins.", "有效期颠倒：结束时间早于开始时间。"));
        if (notBefore > now + AheadMax)
            problems.Add(new("notBefore", "too-far-ahead", $"A warning begins at most {AheadMax.TotalDays:F0} days ahead.", $"开始时间最多提前 {AheadMax.TotalDays:F0} 天。"));
        var start = notBefore > now ? notBefore : now;
        if (expires - start > ValidityMax)
            problems.Add(new("expires", "too-long", $"A warning is valid for at most {ValidityMax.TotalHours:F0} hours; update it to go on.", $"有效期最长 {ValidityMax.TotalHours:F0} 小时，需要延长请更新。"));
    }

    // An unpaired surrogate reads as the replacement character, which may also stand there itself.
    private static bool IsWellFormed(string text) =>
        text.EnumerateRunes().Count(rune => rune == Rune.ReplacementChar) == text.Count(c => c == '\uFFFD');

    private static void CheckRange(string field, int value, int min, int max, List<Problem> problems)
    {
        if (value < min || value > max)
            problems.Add(new(field, "out-of-range", $"{value}; expected {min}–{max}.", $"{value} 超出范围，应为 {min}–{max}。"));
    }
}
