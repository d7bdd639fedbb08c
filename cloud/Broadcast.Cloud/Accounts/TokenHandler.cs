using System.Security.Claims;
using System.Text.Encodings.Web;
using Broadcast.Cloud.Http;
using Broadcast.Ledger;
using Broadcast.Rules;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Broadcast.Cloud.Accounts;

/// <summary>Reads the bearer token of a request and puts the person it names where endpoints find them (<see cref="People.Caller"/>).</summary>
public sealed class TokenHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logs, UrlEncoder encoder, Tokens tokens, LedgerStore ledger)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logs, encoder)
{
    public const string Scheme_ = "Bearer";
    internal static readonly object PersonItem = new();

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers.Authorization.ToString();
        if (!header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)) return AuthenticateResult.NoResult();
        if (tokens.Read(header["Bearer ".Length..].Trim()) is not { } read) return AuthenticateResult.Fail("token");
        var found = await ledger.PersonAsync(read.Person, Context.RequestAborted);
        if (found is null || Tokens.Mark(found.PasswordVerifier) != read.Mark) return AuthenticateResult.Fail("revoked");
        Context.Items[PersonItem] = found.Person;
        if (found.OneTime) Context.Items[OneTimePassword.Item] = true;
        var identity = new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, found.Person.Id.Value)], Scheme_);
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Scheme_));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = "Bearer";
        return Problems.WriteAsync(Context, StatusCodes.Status401Unauthorized, "Sign in first",
            new Problem("Authorization", "sign-in-needed", "A valid bearer token is needed: POST /api/sign-in gives one.", "请先登录（POST /api/sign-in）。"));
    }
}

/// <summary>The person behind a request.</summary>
public static class People
{
    /// <summary>Who signed in; only behind <c>RequireAuthorization</c>.</summary>
    public static Person Caller(this HttpContext context) =>
        context.Items[TokenHandler.PersonItem] as Person ?? throw new InvalidOperationException("The endpoint lacks RequireAuthorization.");
}
