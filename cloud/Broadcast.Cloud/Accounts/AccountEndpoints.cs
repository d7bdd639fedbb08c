using System.Collections.Concurrent;
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

public sealed record SignInView(string Token, DateTimeOffset Expires, PersonView Person);

/// <summary>Sign-in, with a brake on guessing.</summary>
public static class AccountEndpoints
{
    public static void MapAccounts(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/sign-in", SignInAsync).WithName("signIn").WithTags("accounts").Produces<SignInView>()
            .ProducesProblem(401).ProducesProblem(429);
        routes.MapGet("/api/me", (HttpContext context) => PersonView.Of(context.Caller())).RequireAuthorization().WithName("me").WithTags("accounts");
    }

    private static async Task<IResult> SignInAsync(SignInBody body, LedgerStore ledger, Tokens tokens, SignInBrake brake, CancellationToken ct)
    {
        if (!PersonId.TryParse(body.Name, out var id) || body.Password is not { Length: > 0 and <= 128 })
            return Problems.Result(401, "Not signed in", Wrong);
        if (!brake.MayTry(id)) return Problems.Result(429, "Too many wrong passwords", new Problem("name", "slow-down", "Too many wrong passwords for this name; wait a minute.", "密码错误次数过多，请一分钟后再试。"));
        var found = await ledger.PersonAsync(id, ct);
        // A name that does not exist costs the same work, so that the answer's time tells nobody which names exist.
        var right = Passwords.Verify(body.Password, found?.PasswordVerifier ?? Decoy) && found is not null;
        brake.Tried(id, right);
        await ledger.AuditAsync(Actor.Of(id), right ? "sign-in" : "sign-in-refused", id.Value, "", ct);
        if (!right) return Problems.Result(401, "Not signed in", Wrong);
        var (token, expires) = tokens.Issue(id, found!.PasswordVerifier);
        return Results.Ok(new SignInView(token, expires, PersonView.Of(found.Person)));
    }

    private static readonly byte[] Decoy = Passwords.MakeVerifier(Passwords.Generate());

    private static readonly Problem Wrong = new("password", "wrong-credentials", "Name or password is wrong.", "用户名或密码错误。");
}

/// <summary>Slows guessing: five wrong passwords for a name, then a minute's wait. Bounded, so that invented names fill no memory.</summary>
public sealed class SignInBrake(TimeProvider clock)
{
    private const int WrongMax = 5;
    private const int NamesMax = 10_000;
    private static readonly TimeSpan Wait = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<PersonId, (int Wrong, DateTimeOffset Since)> _tries = new();

    public bool MayTry(PersonId name) =>
        !_tries.TryGetValue(name, out var t) || t.Wrong < WrongMax || clock.GetUtcNow() - t.Since > Wait;

    public void Tried(PersonId name, bool right)
    {
        if (right)
        {
            _tries.TryRemove(name, out _);
            return;
        }

        var now = clock.GetUtcNow();
        if (_tries.Count >= NamesMax) DropOld(now);
        _tries.AddOrUpdate(name, (1, now), (_, t) => now - t.Since > Wait ? (1, now) : (t.Wrong + 1, now));
    }

    private void DropOld(DateTimeOffset now)
    {
        foreach (var (name, t) in _tries)
        {
            if (now - t.Since > Wait) _tries.TryRemove(name, out _);
        }

        if (_tries.Count >= NamesMax) _tries.Clear();
    }
}
