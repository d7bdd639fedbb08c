using Broadcast.Cli.Areas;

namespace Broadcast.Cli.Tests;

public class AreaTextTests
{
    private readonly AreaText _area = new(new Texts(chinese: false));

    [Theory]
    [InlineData("421202000000", "421202000000", null)]
    [InlineData("421202100000:township", "421202100000", "township")]
    [InlineData("421202100000:Township", "421202100000", "township")]
    public void A_region_is_a_code_with_or_without_its_level(string typed, string code, string? level)
    {
        _area.Region(typed).ShouldBe(new TypedRegion(code, level));
        _area.Problems.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("42120200000")]
    [InlineData("4212020000000")]
    [InlineData("42120200000x")]
    [InlineData("４２１２０２００００００")]
    [InlineData("")]
    [InlineData("421202000000:parish")]
    [InlineData("421202000000:")]
    public void A_region_typed_wrong_is_named_with_what_was_expected(string typed)
    {
        _area.Region(typed);
        _area.Problems.Single().ShouldContain("expected");
    }

    [Fact]
    public void A_polygon_is_typed_latitude_first_and_sent_longitude_first()
    {
        var ring = _area.Polygon("29.8,114.3 29.9,114.3; 29.9,114.4 29.8,114.3");
        ring.Count.ShouldBe(4);
        ring[0].ShouldBe([114.3, 29.8]);
        _area.Problems.ShouldBeEmpty();
    }

    [Fact]
    public void An_open_polygon_is_sent_open_because_the_cloud_judges_shapes() =>
        _area.Polygon("29.8,114.3 29.9,114.3 29.9,114.4").Count.ShouldBe(3);

    [Theory]
    [InlineData("29.8")]
    [InlineData("29.8,114.3,5 29.9,114.3")]
    [InlineData("29.8,east")]
    [InlineData("NaN,114.3")]
    [InlineData("")]
    public void A_polygon_with_a_bad_point_is_refused(string typed)
    {
        _area.Polygon(typed);
        _area.Problems.Single().ShouldStartWith("--polygon");
    }

    [Theory]
    [InlineData("114.3,29.8 114.4,29.8 114.4,29.9")]
    public void Longitude_first_is_noticed_where_it_leaves_the_globe(string typed)
    {
        _area.Polygon(typed);
        _area.Problems.ShouldAllBe(p => p.Contains("latitude (±90) comes first"));
    }

    [Fact]
    public void A_circle_is_latitude_longitude_and_kilometres()
    {
        var circle = _area.Circle("29.8,114.3,2.5");
        (circle.Latitude, circle.Longitude, circle.RadiusKm).ShouldBe((29.8, 114.3, 2.5));
        _area.Problems.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("29.8,114.3")]
    [InlineData("29.8,114.3,0")]
    [InlineData("29.8,114.3,-1")]
    [InlineData("29.8,114.3,5km")]
    public void A_circle_typed_wrong_is_refused(string typed)
    {
        _area.Circle(typed);
        _area.Problems.Single().ShouldStartWith("--circle");
    }

    [Theory]
    [InlineData("90s", 90)]
    [InlineData("60m", 3600)]
    [InlineData("2h", 7200)]
    [InlineData("1d", 86400)]
    public void A_duration_has_a_number_and_a_unit(string typed, int seconds)
    {
        Duration.TryParse(typed, out var time).ShouldBeTrue();
        time.ShouldBe(TimeSpan.FromSeconds(seconds));
    }

    [Theory]
    [InlineData("60")]
    [InlineData("m")]
    [InlineData("-5m")]
    [InlineData("1.5h")]
    [InlineData("999999999d")]
    [InlineData("5w")]
    public void A_duration_typed_wrong_is_refused(string typed) => Duration.TryParse(typed, out _).ShouldBeFalse();
}
