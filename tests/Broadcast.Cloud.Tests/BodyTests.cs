using Broadcast.Cloud.Http;
using Broadcast.Cloud.Warnings;
using Broadcast.Device;
using Broadcast.Ledger;
using Broadcast.Rules;

namespace Broadcast.Cloud.Tests;

public class BodyTests
{
    private static readonly DateTimeOffset Now = new(2026, 7, 1, 0, 0, 0, TimeSpan.Zero);

    private static WarningBody Body(string? level = "yellow", string? @class = null, DateTimeOffset? expires = null, int? minutes = null) =>
        new(@class, level, "11B03", "暴雨", null, null, null, null, null, null, null, expires, minutes);

    [Fact]
    public void What_is_left_out_has_the_default_of_a_bureau()
    {
        var problems = new List<Problem>();
        var (content, _, notBefore, expires) = Body().Read(Now, problems);
        problems.ShouldBeEmpty();
        content.ShouldBe(new WarningContent(WarningClass.Actual, WarningLevel.Yellow, "11B03", "暴雨", "zh-CN", 3, 100, 3_000, false));
        (notBefore, expires).ShouldBe((Now, Now.AddHours(1)));
    }

    [Theory]
    [InlineData("3")] // A number is no word: 3 would be yellow here and blue elsewhere.
    [InlineData("purple")]
    [InlineData("red,orange")]
    [InlineData("")]
    public void A_level_that_is_no_word_of_ours_is_refused(string level)
    {
        var problems = new List<Problem>();
        Body(level).Read(Now, problems);
        problems.ShouldContain(p => p.Field == "level" && p.Code == "unknown-level");
    }

    [Fact]
    public void Two_ends_of_validity_are_one_too_many()
    {
        var problems = new List<Problem>();
        Body(expires: Now.AddHours(1), minutes: 60).Read(Now, problems);
        problems.ShouldContain(p => p.Code == "ambiguous");
    }

    /// <summary>A client that leaves its own date unset sends the year 1; the wire has no time before 1970, and no loudspeaker would read such an order.</summary>
    [Theory]
    [InlineData("0001-01-01T00:00:00Z")]
    [InlineData("1969-12-31T23:59:59Z")]
    [InlineData("2023-12-31T23:59:59Z")]
    public void A_beginning_before_there_was_any_warning_is_refused(string text)
    {
        var (notBefore, problems) = (DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture), new List<Problem>());
        (Body(expires: Now.AddHours(1)) with { NotBefore = notBefore }).Read(Now, problems);
        problems.ShouldHaveSingleItem().Field.ShouldBe("notBefore");
    }

    [Theory]
    [InlineData("2024-01-01T00:00:00Z")]
    [InlineData("2026-06-30T23:59:59Z")]
    public void Whatever_beginning_is_taken_a_device_can_read(string text)
    {
        var (notBefore, problems) = (DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture), new List<Problem>());
        var (content, area, from, expires) = (Body(expires: Now.AddHours(1)) with { NotBefore = notBefore }).Read(Now, problems);
        problems.ShouldBeEmpty();
        var warning = new Warning(WarningId.New(TimeProvider.System), 1, OrderKind.Alert, content, area, DeskBench.City, from, expires, WarningState.Released, DeskBench.Author.Id, null, Now, Now);
        Order.Decode(OrderSender.OrderOf(warning, OrderKind.Alert, 1, expires).Encode()).ShouldNotBeNull().NotBeforeMs.ShouldBe(notBefore.ToUnixTimeMilliseconds());
    }

    public static TheoryData<AreaBody, string, string> Unreadable { get; } = new()
    {
        { new AreaBody(Regions: [new RegionBody("421202100000", null)]), "area.regions[0].level", "unknown-level" },
        { new AreaBody(Regions: [new RegionBody("421202100000", "nation")]), "area.regions[0].level", "unknown-level" },
        { new AreaBody(Regions: [new RegionBody("4212021", "township")]), "area.regions[0].code", "bad-code" },
        { new AreaBody(Regions: [new RegionBody("421202100000", "county")]), "area.regions[0].level", "wrong-level" },
        { new AreaBody(Regions: [null]), "area.regions[0].level", "unknown-level" },
        { new AreaBody(Polygons: [[[114, 29, 5]]]), "area.polygons[0]", "bad-polygon" },
        { new AreaBody(Polygons: [null]), "area.polygons[0]", "bad-polygon" },
        { new AreaBody(Polygons: [[[double.NaN, 29]]]), "area.polygons[0]", "bad-polygon" },
        { new AreaBody(Circles: [new CircleBody(114, null, 5)]), "area.circles[0]", "bad-circle" },
        { new AreaBody(Sites: ["A B"]), "area.sites[0]", "bad-site" },
        { new AreaBody(Sites: [null]), "area.sites[0]", "bad-site" },
    };

    [Theory]
    [MemberData(nameof(Unreadable))]
    public void An_unreadable_shape_is_named_by_its_place(AreaBody body, string field, string code)
    {
        var problems = new List<Problem>();
        AreaBody.Read(body, problems);
        problems.ShouldContain(p => p.Field == field && p.Code == code);
    }

    [Fact]
    public void An_area_comes_back_as_it_was_written()
    {
        var body = new AreaBody([new RegionBody("421202100000", "township")], [[[114, 29], [115, 29], [115, 30], [114, 29]]], [new CircleBody(114, 29, 5)], ["s1"]);
        var problems = new List<Problem>();
        var area = AreaBody.Read(body, problems);
        problems.ShouldBeEmpty();
        System.Text.Json.JsonSerializer.Serialize(AreaBody.Of(area)).ShouldBe(System.Text.Json.JsonSerializer.Serialize(body));
    }

    [Theory]
    [InlineData(OrderState.Refused, (byte)Refusal.Expired, "expired")]
    [InlineData(OrderState.Failed, (byte)Failure.NoSpeech, "noSpeech")]
    [InlineData(OrderState.Stopped, (byte)StopReason.Cancelled, "cancelled")]
    [InlineData(OrderState.Played, (byte)0, null)]
    public void A_reason_is_said_in_a_word(OrderState state, byte reason, string? word) => Reasons.Of(state, reason).ShouldBe(word);
}
