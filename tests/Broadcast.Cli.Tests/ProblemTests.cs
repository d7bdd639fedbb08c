using System.Net;
using Broadcast.Cli.Api;

namespace Broadcast.Cli.Tests;

public class ProblemTests
{
    private const string TwoErrors = """
        {"title":"Not accepted","status":422,"detail":"d","errors":[{"field":"area.regions[0].level","code":"wrong-level","message":"Expected township.","messageZh":"应为乡镇级。"},
        {"field":"","code":"x","message":"Second."}]}
        """;

    [Fact]
    public void Each_problem_has_its_line_with_field_and_expectation() => Lines(TwoErrors).ShouldBe(
        ["The cloud refused (422: Not accepted).", "  area.regions[0].level: Expected township.", "  Second."]);

    [Fact]
    public void The_reader_of_Chinese_gets_Chinese_where_there_is_any() => Lines(TwoErrors, chinese: true).ShouldBe(
        ["云端拒绝（422：Not accepted）。", "  area.regions[0].level: 应为乡镇级。", "  Second."]);

    [Fact]
    public void Without_errors_the_detail_speaks() =>
        Lines("""{"title":"Storage is full","detail":"Free some space."}""").ShouldBe(["The cloud refused (422: Storage is full).", "  Free some space."]);

    [Theory]
    [InlineData("<html>Bad gateway</html>")]
    [InlineData("")]
    [InlineData("[1,2]")]
    [InlineData("{\"errors\":7,\"title\":3}")]
    public void What_is_no_problem_document_still_gives_the_status(string body) => Lines(body).Single().ShouldContain("422");

    [Fact]
    public void The_frameworks_own_form_of_errors_is_read_too() =>
        Lines("""{"title":"Bad","errors":{"$.level":["cannot be converted"]}}""")[1].ShouldContain("$.level: ");

    [Fact]
    public void What_the_cloud_says_cannot_steer_the_terminal() =>
        string.Concat(Lines("""{"title":"\u001b[2J gone","errors":[{"field":"a","message":"\u0007b"}]}""")).ShouldNotContain(c => char.IsControl(c));

    private static List<string> Lines(string body, bool chinese = false) =>
        [.. CloudProblem.Read(HttpStatusCode.UnprocessableEntity, body).Lines(new Texts(chinese))];
}
