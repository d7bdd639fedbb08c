using System.Net;
using Broadcast.Cloud.Http;
using Broadcast.Ledger;
using Broadcast.Rules;

namespace Broadcast.Cloud.Accounts;

public sealed record SignInBody(string? Name, string? Password);

public sealed record RegionView(string Code, string Level);

public sealed record PersonView(string Id, string Name, IReadOnlyList<string> Duties, RegionView Region)
{
    public static PersonView Of(Person person) => new(
        person.Id.Value, person.Name, [.. Enum.GetValues<Rules.Duties>().Where(d => d != Rules.Duties.None && person.Duties.HasFlag(d)).Select(Wording.Camel)],
        new RegionView(person.Region.Code, Wording.Camel(person.Region.Level)));
}

/// <param name="NewPasswordNeeded">The password was given once, to be replaced: until then this token opens only <c>POST /api/password</c> and <c>GET /api/me</c>.</param>
public sealed record SignInView(string Token, DateTimeOffset Expires, PersonView Person, bool NewPasswordNeeded);

/// <summary>Sign-in, with a brake on guessing.</summary>
public static class AccountEndpoints
{
    public static void MapAccounts(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/sign-in", SignInAsync).WithName("signIn").WithTags("accounts").Produces<SignInView>()
            .ProducesProblem(401).ProducesProblem(429);
        routes.MapGet("/api/me", (HttpContext context) => PersonView.Of(context.Caller())).RequireAuthorization().AllowOneTime().WithName("me").WithTags("accounts");
        routes.MapPost("/api/password", NewPassword.SetAsync).RequireAuthorization().AllowOneTime().WithName("setPassword").WithTags("accounts").Produces<SignInView>()
            .ProducesProblem(403).ProducesProblem(409).ProducesProblem(422).ProducesProblem(429);
    }

    private static async Task<IResult> SignInAsync(
        SignInBody body, HttpContext http, LedgerStore ledger, Tokens tokens, SignInBrake brake, CancellationToken ct)
    {
        if (!PersonId.TryParse(body.Name, out var id) || body.Password is not { Length: > 0 and <= 128 })
            return Problems.Result(401, "Not signed in", Wrong);
        var from = http.Connection.RemoteIpAddress ?? IPAddress.None;
        using var turn = await brake.TurnAsync(ct);
        if (turn is null || !brake.MayTry(id, from)) return Problems.Result(429, "Too many wrong passwords", SlowDown);
        var found = await ledger.PersonAsync(id, ct);
        // A name that does not exist costs the same work, so that the answer's time tells nobody which names exist.
        var right = Passwords.Verify(body.Password, found?.PasswordVerifier ?? Decoy) && found is not null;
        var noted = brake.Tried(id, from, right);
        // Guesses at names that nobody has are no acts of anybody, and the trail is not for strangers to fill.
        if (right || (found is not null && noted)) await ledger.AuditAsync(Actor.Of(id), right ? "sign-in" : "sign-in-refused", id.Value, right ? "" : $"from {from}", ct);
        if (!right) return Problems.Result(401, "Not signed in", Wrong);
        var (token, expires) = tokens.Issue(id, found!.PasswordVerifier);
        return Results.Ok(new SignInView(token, expires, PersonView.Of(found.Person), found.OneTime));
    }

    internal static readonly Problem SlowDown = new("name", "slow-down", "Too many wrong passwords; wait a minute.", "密码错误次数过多，请一分钟后再试。");

    private static readonly byte[] Decoy = Passwords.MakeVerifier(Passwords.Generate());

    private static readonly Problem Wrong = new("password", "wrong-credentials", "Name or password is wrong.", "用户名或密码错误。");
}
