using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Broadcast.EndToEnd.Processes;
using Broadcast.Testing;

namespace Broadcast.EndToEnd;

/// <summary>One running prefecture for the whole table: nothing in it may change, so nothing needs to be made anew.</summary>
public sealed class BadInputPrefecture : IAsyncLifetime
{
    internal Prefecture Running { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Running = await Prefecture.StartAsync();

    public ValueTask DisposeAsync() => Running.DisposeAsync();
}

/// <summary>Bad input gets a clear problem (which field, what was expected), the right status, and changes nothing.</summary>
public sealed class BadInputTests(BadInputPrefecture shared) : IClassFixture<BadInputPrefecture>
{
    private Prefecture Prefecture => shared.Running;

    /// <summary>Each row: what is wrong, how the body is spoilt, the field that the problem must name.</summary>
    private static readonly Dictionary<string, (Action<JsonObject> Spoil, string Field)> Drafts = new()
    {
        ["an unknown region"] = (b => b["area"] = Bulletin.Region("421299000000", "county"), "area.regions[0]"),
        ["a code with the wrong level"] = (b => b["area"] = Bulletin.Region(Prefecture.Township, "county"), "area.regions[0]"),
        ["a code that is no code"] = (b => b["area"] = Bulletin.Region("42120210", "township"), "area.regions[0]"),
        ["an unknown level of region"] = (b => b["area"] = Bulletin.Region(Prefecture.Township, "parish"), "area.regions[0]"),
        ["an empty area"] = (b => b["area"] = new JsonObject(), "area"),
        ["no area"] = (b => b.Remove("area"), "area"),
        ["a self-crossing polygon"] = (b => b["area"] = Bulletin.Polygon([114.2, 29.8], [114.4, 30.0], [114.4, 29.8], [114.2, 30.0], [114.2, 29.8]), "area.polygons[0]"),
        ["an open polygon"] = (b => b["area"] = Bulletin.Polygon([114.2, 29.8], [114.4, 29.8], [114.4, 30.0], [114.2, 30.0]), "area.polygons[0]"),
        ["a circle off the earth"] = (b => b["area"] = Bulletin.Circle(214.2, 29.8, 5), "area.circles[0]"),
        ["a circle without a radius"] = (b => b["area"] = Bulletin.Circle(114.2, 29.8, 0), "area.circles[0]"),
        ["no site in the area"] = (b => b["area"] = Bulletin.Circle(100, 20, 1), "area"),
        ["an unknown site"] = (b => b["area"] = Bulletin.Sites("no-such-site"), "area.sites[0]"),
        ["an over-long text"] = (b => b["text"] = new string('山', 501), "text"),
        ["an empty text"] = (b => b["text"] = "  ", "text"),
        ["a control character in the text"] = (b => b["text"] = "山\u0007洪", "text"),
        ["an unknown level"] = (b => b["level"] = "purple", "level"),
        ["no level for an actual warning"] = (b => b.Remove("level"), "level"),
        ["an unknown class"] = (b => b["class"] = "rumour", "class"),
        ["an unknown event"] = (b => b["event"] = "??", "event"),
        ["a validity in the past"] = (b => SetTimes(b, null, -60), "expires"),
        ["a reversed validity"] = (b => SetTimes(b, 7200, 3600), "expires"),
        ["a validity of a month"] = (b => b["validMinutes"] = 43_200, "expires"),
        ["a beginning at the end of the calendar"] = (b => b["notBefore"] = "9999-12-31T23:59:59Z", "notBefore"),
        ["too many repetitions"] = (b => b["repetitions"] = 21, "repetitions"),
        ["no repetition"] = (b => b["repetitions"] = 0, "repetitions"),
        ["a volume above full"] = (b => b["volume"] = 101, "volume"),
        ["a negative tone"] = (b => b["toneMs"] = -1, "toneMs"),
        ["a siren in a test"] = (b => (b["class"], b["siren"]) = ("test", true), "siren"),
    };

    public static TheoryData<string> DraftRows() => [.. Drafts.Keys];

    [Theory]
    [MemberData(nameof(DraftRows))]
    public async Task A_spoilt_draft_is_refused_with_the_field_named_and_changes_nothing(string what)
    {
        var (spoil, field) = Drafts[what];
        await RefusedAsync(
            () => Prefecture.Operator.PostAsync("/api/warnings", Bulletin.For(Bulletin.Region(Prefecture.Township, "township"), spoil)),
            HttpStatusCode.UnprocessableEntity, field);
    }

    [Theory]
    [InlineData("{", "body")]
    [InlineData("[]", "body")]
    [InlineData("{\"repetitions\":\"many\"}", "body")]
    [InlineData("{\"expires\":\"tomorrow\"}", "body")]
    public async Task A_body_that_cannot_be_read_is_a_bad_request(string body, string field) => await RefusedAsync(
        () => Prefecture.Operator.PostRawAsync("/api/warnings", new StringContent(body, Encoding.UTF8, "application/json")), HttpStatusCode.BadRequest, field);

    [Fact]
    public async Task A_body_of_fifty_megabytes_is_too_large() => await RefusedAsync(
        () => Prefecture.Operator.PostRawAsync("/api/warnings", new StringContent($"{{\"text\":\"{new string('a', 50_000_000)}\"}}", Encoding.UTF8, "application/json")),
        HttpStatusCode.RequestEntityTooLarge, "body");

    [Fact]
    public async Task Without_credentials_or_with_wrong_ones_nothing_opens()
    {
        var body = Bulletin.For(Bulletin.Region(Prefecture.Township, "township"));
        using var stranger = Prefecture.Stranger();
        await RefusedAsync(() => stranger.PostAsync("/api/warnings", body.DeepClone()), HttpStatusCode.Unauthorized, null);
        await RefusedAsync(() => stranger.GetAsync("/api/status"), HttpStatusCode.Unauthorized, null);
        stranger.UseToken("not.a.token");
        await RefusedAsync(() => stranger.PostAsync("/api/warnings", body.DeepClone()), HttpStatusCode.Unauthorized, null);
        using var guesser = Prefecture.Stranger();
        await RefusedAsync(() => guesser.SignInAsync("monitor", "password"), HttpStatusCode.Unauthorized, "password");
        await RefusedAsync(() => guesser.SignInAsync("nobody-of-that-name", "password"), HttpStatusCode.Unauthorized, "password");
    }

    [Fact]
    public async Task The_audit_trail_and_the_backup_are_not_for_everybody_who_signs_in()
    {
        foreach (var path in new[] { "/api/audit", "/api/audit/verify", "/api/backup" })
            await RefusedAsync(() => Prefecture.Operator.GetAsync(path), HttpStatusCode.Forbidden, "person");
        var monitor = await Prefecture.SignInAsync("monitor");
        (await monitor.GetAsync("/api/audit")).Status.ShouldBe(HttpStatusCode.OK);
        await RefusedAsync(() => monitor.GetAsync("/api/backup"), HttpStatusCode.Forbidden, "person");
    }

    [Fact]
    public async Task Guessing_passwords_is_slowed()
    {
        using var guesser = Prefecture.Stranger();
        ApiAnswer answer;
        var tries = 0;
        do answer = await guesser.SignInAsync("op-421221", $"guess-{tries++}");
        while (answer.Status == HttpStatusCode.Unauthorized && tries < 50);

        answer.Status.ShouldBe(HttpStatusCode.TooManyRequests);
    }

    [Fact]
    public async Task The_author_does_not_approve_even_with_both_duties()
    {
        var both = await Prefecture.SignInAsync("duty-421202");
        var draft = (await both.PostAsync("/api/warnings", Bulletin.For(Bulletin.Region(Prefecture.Township, "township"), b => b["level"] = "red"))).Ensure();
        var id = (string)draft.Json["id"]!;
        (await both.PostAsync($"/api/warnings/{id}/submit")).Ensure();
        await RefusedAsync(() => both.PostAsync($"/api/warnings/{id}/approve"), HttpStatusCode.Forbidden, "person");
        await RefusedAsync(() => both.PostAsync($"/api/warnings/{id}/release", idempotencyKey: "alone"), HttpStatusCode.Conflict, "state");
        (await both.GetAsync($"/api/warnings/{id}")).Ensure().Json["current"]!["state"]!.GetValue<string>().ShouldBe("submitted");
    }

    [Fact]
    public async Task Nobody_warns_outside_their_own_region()
    {
        var township = await Prefecture.SignInAsync("op-421202001");
        await RefusedAsync(
            () => township.PostAsync("/api/warnings", Bulletin.For(Bulletin.Region("421221000000", "county"))), HttpStatusCode.Forbidden, null);
    }

    [Fact]
    public async Task The_same_release_twice_happens_once_and_another_key_is_a_conflict()
    {
        var id = await Prefecture.ApprovedAsync(Bulletin.For(Bulletin.Region(Prefecture.Township, "township")));
        await RefusedAsync(() => Prefecture.Operator.PostAsync($"/api/warnings/{id}/release"), HttpStatusCode.BadRequest, "Idempotency-Key");
        await RefusedAsync(() => Prefecture.ReleaseAsync(id, new string('k', 65)), HttpStatusCode.BadRequest, "Idempotency-Key");

        var key = Guid.NewGuid().ToString("N");
        var first = (await Prefecture.ReleaseAsync(id, key)).Ensure();
        ((bool)first.Json["repeated"]!).ShouldBeFalse();
        var again = (await Prefecture.ReleaseAsync(id, key)).Ensure();
        ((bool)again.Json["repeated"]!).ShouldBeTrue();
        ((long)again.Json["commit"]!).ShouldBe((long)first.Json["commit"]!);
        await RefusedAsync(() => Prefecture.ReleaseAsync(id), HttpStatusCode.Conflict, "state");

        var other = await Prefecture.ApprovedAsync(Bulletin.For(Bulletin.Region(Prefecture.Township, "township")));
        await RefusedAsync(() => Prefecture.ReleaseAsync(other, key), HttpStatusCode.UnprocessableEntity, "Idempotency-Key");
        (await Prefecture.CancelAsync(id)).Ensure();
    }

    [Fact]
    public async Task What_is_not_there_is_not_found()
    {
        await RefusedAsync(() => Prefecture.ReleaseAsync("00000000000000000000000000000000"), HttpStatusCode.NotFound, "id");
        await RefusedAsync(() => Prefecture.Operator.GetAsync("/api/warnings/nonsense"), HttpStatusCode.NotFound, "id");
        await RefusedAsync(() => Prefecture.Operator.GetAsync("/api/nothing-here"), HttpStatusCode.NotFound, null);
    }

    private async Task RefusedAsync(Func<Task<ApiAnswer>> ask, HttpStatusCode status, string? field)
    {
        var before = await StateAsync();
        var answer = await ask();
        answer.Status.ShouldBe(status, answer.Text);
        answer.MediaType.ShouldBe("application/problem+json");
        ((string?)answer.Json["detail"] ?? (string?)answer.Json["title"]).ShouldNotBeNullOrEmpty();
        if (field is not null) answer.ProblemFields.ShouldContain(f => f.StartsWith(field, StringComparison.Ordinal), answer.Text);
        (await StateAsync()).ShouldBe(before);
    }

    /// <summary>All that a refused request could have changed: every warning with its revisions, and every order.</summary>
    private async Task<string> StateAsync()
    {
        var list = (await Prefecture.Operator.GetAsync("/api/warnings?limit=500")).Ensure();
        var state = new StringBuilder(list.Text);
        foreach (var id in list.Json["items"]!.AsArray().Select(w => (string)w!["id"]!).Distinct())
        {
            state.Append((await Prefecture.Operator.GetAsync($"/api/warnings/{id}")).Ensure().Text);
            state.Append((await Prefecture.Operator.GetAsync($"/api/warnings/{id}/orders?limit=500")).Text);
        }

        return state.ToString();
    }

    private static void SetTimes(JsonObject body, int? fromSeconds, int untilSeconds)
    {
        var now = TimeProvider.System.GetUtcNow();
        body.Remove("validMinutes");
        if (fromSeconds is { } from) body["notBefore"] = now.AddSeconds(from).ToString("O");
        body["expires"] = now.AddSeconds(untilSeconds).ToString("O");
    }
}
