using System.Text.RegularExpressions;

namespace Broadcast.Device.Tests;

/// <summary>R10: what is not as wire.cddl says is no message, field by field.</summary>
public sealed partial class DecoderTests
{
    private const int MillisecondsMax = 10_000; // For a pattern over one file of ours, on a machine that is busy.

    private static readonly string Cddl = Comment().Replace(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "wire.cddl")), "");

    public static TheoryData<string> Frames() => [.. Vectors.FromCode.Keys.Where(name => name.EndsWith("-frame", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Frames))]
    public void A_golden_frame_decodes_and_encodes_to_the_same_bytes(string name)
    {
        (MessageType type, byte[] body) = BodyMap.OfFrame(name);
        Messages.DecodeAndEncode(type, body).ShouldBe(body);
    }

    [Theory]
    [MemberData(nameof(Frames))]
    public void A_body_cut_short_or_with_something_behind_it_is_none(string name)
    {
        (MessageType type, byte[] body) = BodyMap.OfFrame(name);
        for (int length = 0; length < body.Length; length++)
            Messages.DecodeAndEncode(type, body[..length]).ShouldBeNull($"{length} of {body.Length} bytes");
        Messages.DecodeAndEncode(type, [.. body, 0]).ShouldBeNull();
    }

    [Theory]
    [MemberData(nameof(Frames))]
    public void A_field_that_lacks_stands_elsewhere_or_is_of_another_kind_makes_no_message(string name)
    {
        (MessageType type, byte[] body) = BodyMap.OfFrame(name);
        BodyMap map = BodyMap.Read(body);
        for (int i = 0; i < map.Pairs.Count; i++)
        {
            string field = $"{type}, key {map.Pairs[i].Key}";
            if (map.Pairs[i].Key < Limits.IgnorableKeyMin)
                Messages.DecodeAndEncode(type, map.Without(i)).ShouldBeNull(field);
            Messages.DecodeAndEncode(type, map.With(i, map.IsNumber(i) ? BodyMap.Text("7") : BodyMap.Number(7))).ShouldBeNull(field);
            if (i + 1 < map.Pairs.Count)
                Messages.DecodeAndEncode(type, map.Swapped(i)).ShouldBeNull(field);
        }
    }

    [Theory]
    [MemberData(nameof(Frames))]
    public void A_later_versions_field_is_ignored_from_64_on_in_every_message(string name)
    {
        (MessageType type, byte[] body) = BodyMap.OfFrame(name);
        BodyMap map = BodyMap.Read(body);
        Messages.DecodeAndEncode(type, map.Plus(1_000)).ShouldBe(body);
        if (map.Pairs.TrueForAll(p => p.Key < Limits.IgnorableKeyMin))
            Messages.DecodeAndEncode(type, map.Plus(Limits.IgnorableKeyMin - 1)).ShouldBeNull("a critical field that nobody knows");
    }

    [Theory]
    [InlineData("order", 6, Limits.EventCharsMax)]
    [InlineData("order", 10, Limits.LanguageCharsMax)]
    [InlineData("hello", 2, Limits.NameCharsMax)]
    [InlineData("hello", 3, Limits.NameCharsMax)]
    [InlineData("report", 0, Limits.NameCharsMax)]
    [InlineData("report", 72, Limits.NameCharsMax)]
    [InlineData("report", 74, Limits.NameCharsMax)]
    public void A_name_is_printable_ASCII_of_a_bounded_length(string rule, int key, int charsMax)
    {
        (MessageType type, BodyMap map) = WithKey(rule, key);
        int at = map.Pairs.FindIndex(p => p.Key == key);
        Decodes(type, map.With(at, BodyMap.Text(new string('~', charsMax)))).ShouldBeTrue();
        foreach (string wrong in new[] { new string('a', charsMax + 1), "水", "\u0007", "\u007f", "\n" })
            Decodes(type, map.With(at, BodyMap.Text(wrong))).ShouldBeFalse(wrong);
    }

    [Theory]
    [InlineData("delegated", 0)]
    [InlineData("child-gone", 0)]
    [InlineData("receipt", 64)]
    public void Who_is_named_in_a_body_has_an_id_that_is_safe_in_a_topic(string rule, int key)
    {
        (MessageType type, BodyMap map) = WithKey(rule, key);
        int at = map.Pairs.FindIndex(p => p.Key == key);
        Decodes(type, map.With(at, BodyMap.Text("pi-2"))).ShouldBeTrue();
        foreach (string wrong in new[] { "", "a/b", "#", new string('a', Limits.DeviceIdCharsMax + 1) })
            Decodes(type, map.With(at, BodyMap.Text(wrong))).ShouldBeFalse(wrong);
    }

    public static TheoryData<string, int, long, long> Ranges()
    {
        TheoryData<string, int, long, long> ranges = [];
        foreach (string rule in new[]
        {
            "order", "welcome", "settings", "township", "revocation", "delegated", "hello", "receipt", "report", "audio-ticket", "alarm", "reading", "settings-state", "child-gone", "sound-test",
        })
        {
            foreach (Match field in Field().Matches(RuleOf(rule)))
            {
                int key = int.Parse(field.Groups["key"].Value);
                // A receipt's reason: its range is its state's, and what a later version adds is taken and not understood.
                if (RangeOf(field.Groups["type"].Value.Trim()) is { } range && (rule, key) != ("receipt", 4))
                    ranges.Add(rule, key, range.Least, range.Most);
            }
        }

        return ranges;
    }

    [Theory]
    [MemberData(nameof(Ranges))]
    public void A_number_is_taken_within_its_range_and_not_beyond(string rule, int key, long least, long most)
    {
        (MessageType type, BodyMap map) = WithKey(rule, key);
        int at = map.Pairs.FindIndex(p => p.Key == key);
        if (least > long.MinValue)
            Decodes(type, map.With(at, BodyMap.Number(least - 1))).ShouldBeFalse($"{least} is the least");
        if (most < long.MaxValue)
            Decodes(type, map.With(at, BodyMap.Number(most + 1))).ShouldBeFalse($"{most} is the most");
        if (DependsOnAnother(rule, key))
            return;
        Decodes(type, map.With(at, BodyMap.Number(least))).ShouldBeTrue($"{least} is within");
        Decodes(type, map.With(at, BodyMap.Number(most))).ShouldBeTrue($"{most} is within");
    }

    [Fact]
    public void The_ranges_were_read() => Ranges().Count.ShouldBeGreaterThan(60);

    /// <summary>Numbers of orders and settings from a later version are read, and refused by name.</summary>
    private static bool Decodes(MessageType type, byte[] body) =>
        type == MessageType.Order ? Order.Decode(body)?.Check() == Refusal.None
        : type == MessageType.Settings ? SiteSettings.Decode(body)?.Check() == SettingsRefusal.None
        : Messages.DecodeAndEncode(type, body) is not null;

    // Within its range, and held to another field besides.
    private static bool DependsOnAnother(string rule, int key) => (rule, key) is ("order", 2 or 8 or 9 or 12) or ("township", 1 or 2 or 3) or ("settings-state", 0 or 1) or ("settings", 2 or 8);

    private static (MessageType Type, BodyMap Map) WithKey(string rule, int key)
    {
        MessageType type = Enum.Parse<MessageType>(rule.Replace("-", "", StringComparison.Ordinal), ignoreCase: true);
        foreach (string name in Frames().Select(row => row.Data))
        {
            (MessageType its, byte[] body) = BodyMap.OfFrame(name);
            BodyMap map = BodyMap.Read(body);
            if (its == type && map.Pairs.Exists(p => p.Key == key) && Decodes(its, body))
                return (type, map);
        }

        throw new ShouldAssertException($"no golden frame has {rule} with key {key}");
    }

    private static string RuleOf(string name) => Regex.Match(Cddl, $@"^{name} = (?<what>\{{.*?^\}}|.*?$)", RegexOptions.Singleline | RegexOptions.Multiline, TimeSpan.FromMilliseconds(MillisecondsMax)).Groups["what"].Value.Trim();

    private static (long Least, long Most)? RangeOf(string type)
    {
        if (Bounds().Match(type) is { Success: true } bounds)
            return (long.Parse(bounds.Groups[1].Value), long.Parse(bounds.Groups[2].Value));
        if (type.StartsWith("&(", StringComparison.Ordinal))
        {
            long[] numbers = [.. Member().Matches(type).Select(m => long.Parse(m.Groups[1].Value))];
            return (numbers.Min(), numbers.Max());
        }

        return type.Length > 0 && char.IsAsciiLetter(type[0]) && !type.Contains(' ') && RuleOf(type) is { Length: > 0 } rule ? RangeOf(rule) : null;
    }

    [GeneratedRegex(";.*$", RegexOptions.Multiline, MillisecondsMax)]
    private static partial Regex Comment();

    [GeneratedRegex(@"(?<key>\d+): (?<type>&\([^)]*\)|[^,\[\](){}/]+)[,\s]", RegexOptions.None, MillisecondsMax)]
    private static partial Regex Field();

    [GeneratedRegex(@"^(-?\d+)\.\.(-?\d+)$", RegexOptions.None, MillisecondsMax)]
    private static partial Regex Bounds();

    [GeneratedRegex(@": (\d+)", RegexOptions.None, MillisecondsMax)]
    private static partial Regex Member();

    [Theory]
    [InlineData(5)]
    [InlineData(32)]
    public void Counters_that_an_earlier_version_has_not_are_zero_and_those_of_a_later_are_kept(int count)
    {
        Report report = Vectors.Report();
        report.Refusals = [.. Enumerable.Range(1, count)];
        Report.Decode(report.Encode()).ShouldNotBeNull().Refusals.ShouldBe(Enumerable.Range(1, count).Concat(Enumerable.Repeat(0, Math.Max(0, Report.RefusalCounters - count))));
    }

    [Theory]
    [InlineData(ReceiptState.Received, 0, false)]
    [InlineData(ReceiptState.Playing, 0, false)]
    [InlineData(ReceiptState.Interrupted, 0, false)]
    [InlineData(ReceiptState.Played, 0, true)]
    [InlineData(ReceiptState.Stopped, StopReason.Expired, true)]
    [InlineData(ReceiptState.Failed, Failure.Amplifier, true)]
    [InlineData(ReceiptState.Refused, Refusal.Expired, true)]
    [InlineData(ReceiptState.Refused, Refusal.NotYetKnownTime, false)] // Owed again at the next welcome.
    public void A_receipt_after_which_nothing_comes_is_final(ReceiptState state, byte reason, bool final) => new Receipt { State = state, Reason = reason }.IsFinal.ShouldBe(final);

    [Theory]
    [InlineData(0, 1, true)]
    [InlineData(1, 1, false)]
    [InlineData(Limits.TownshipPartsMax - 1, Limits.TownshipPartsMax, true)]
    [InlineData(0, Limits.TownshipPartsMax + 1, false)]
    public void A_part_of_a_list_is_one_of_its_parts(int part, int parts, bool taken) =>
        (Township.Decode(new Township { Revision = 3, Part = part, Parts = parts, Children = [] }.Encode()) is not null).ShouldBe(taken);
}
