using System.Net;
using Broadcast.Cloud.Http;
using Broadcast.Ledger;
using Broadcast.Rules;

namespace Broadcast.Cloud.Accounts;

public sealed record NewPasswordBody(string? Password, string? NewPassword);

/// <summary>People replace their own password. It ends every token given before, and asks for the old one: a tab left open must not be enough.</summary>
public static class NewPassword
{
    /// <summary>The length that counts; composition rules make people write passwords down (NIST SP 800-63B asks for 8 at least and no such rules).</summary>
    public const int CharsMin = 10;

    public const int CharsMax = 128;

    public static async Task<IResult> SetAsync(NewPasswordBody body, HttpContext http, LedgerStore ledger, Tokens tokens, SignInBrake brake, CancellationToken ct)
    {
        var caller = http.Caller();
        if (Check(body, caller) is { } problem) return Problems.Result(422, "Not changed", problem);
        var from = http.Connection.RemoteIpAddress ?? IPAddress.None;
        using var turn = await brake.TurnAsync(ct);
        if (turn is null || !brake.MayTry(caller.Id, from)) return Problems.Result(429, "Too many wrong passwords", AccountEndpoints.SlowDown);
        if (await ledger.PersonAsync(caller.Id, ct) is not { } found || body.Password is not { Length: > 0 and <= CharsMax } || !Passwords.Verify(body.Password, found.PasswordVerifier))
        {
            // Whoever found a tab open tries here, not at the sign-in.
            if (brake.Tried(caller.Id, from, right: false)) await ledger.AuditAsync(Actor.Of(caller.Id), "new-password-refused", caller.Id.Value, $"from {from}", ct);
            return Problems.Result(403, "Not changed", new Problem("password", "wrong-password", "The present password is wrong.", "当前密码错误。"));
        }

        var verifier = Passwords.MakeVerifier(body.NewPassword!);
        if (!await ledger.ReplacePasswordAsync(caller.Id, found.PasswordVerifier, verifier, ct))
            return Problems.Result(409, "Not changed", new Problem("password", "changed-meanwhile", "The password was changed meanwhile; sign in again.", "密码已被更改，请重新登录。"));
        brake.Tried(caller.Id, from, right: true);
        var (token, expires) = tokens.Issue(caller.Id, verifier);
        return Results.Ok(new SignInView(token, expires, PersonView.Of(found.Person), NewPasswordNeeded: false));
    }

    private static Problem? Check(NewPasswordBody body, Person caller) => body.NewPassword switch
    {
        null or { Length: < CharsMin or > CharsMax } => new("newPassword", "bad-length", $"A password has {CharsMin}–{CharsMax} characters.", $"密码须为 {CharsMin}–{CharsMax} 个字符。"),
        var same when same == body.Password => new("newPassword", "same-password", "The new password is the present one.", "新密码与当前密码相同。"),
        var named when named.Contains(caller.Id.Value, StringComparison.OrdinalIgnoreCase) => new("newPassword", "holds-name", "The password holds the name that it goes with.", "密码不得包含用户名。"),
        _ => null,
    };
}
