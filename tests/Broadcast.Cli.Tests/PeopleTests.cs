using Broadcast.Cli.People;

namespace Broadcast.Cli.Tests;

public sealed class PeopleTests : IDisposable
{
    private readonly Bench _bench = new();

    public PeopleTests() => WarnTests.WritePeople(_bench);

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData("op-421202", "421202100001", "421202001001")]
    [InlineData("op-421221", "421221100001")]
    [InlineData("op-city", "421202100001", "421221100001")]
    public async Task The_nearest_bureau_of_county_rank_that_covers_everything_speaks(string expected, params string[] villages)
    {
        var people = await DemoPeople.ReadAsync(_bench.Folder, TestContext.Current.CancellationToken);
        people.Choose("operator", villages)!.Name.ShouldBe(expected);
    }

    [Fact]
    public async Task Nobody_is_chosen_where_nobody_covers_it()
    {
        var people = await DemoPeople.ReadAsync(_bench.Folder, TestContext.Current.CancellationToken);
        people.Choose("operator", ["429004100001"]).ShouldBeNull();
    }

    [Theory]
    [InlineData(new[] { "warn", "--lang", "zh" }, "en_US.UTF-8", true)]
    [InlineData(new[] { "warn", "--lang=en" }, "zh_CN.UTF-8", false)]
    [InlineData(new[] { "warn" }, "zh_CN.UTF-8", true)]
    [InlineData(new[] { "warn" }, "de_DE.UTF-8", false)]
    [InlineData(new[] { "warn" }, null, false)]
    public void The_language_is_the_one_asked_for_else_the_environments(string[] args, string? lang, bool chinese) =>
        Texts.Choose(args, name => name == "LANG" ? lang : null).Chinese.ShouldBe(chinese);
}
