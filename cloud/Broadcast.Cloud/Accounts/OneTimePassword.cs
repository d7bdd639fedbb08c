using Broadcast.Cloud.Http;
using Broadcast.Rules;

namespace Broadcast.Cloud.Accounts;

/// <summary>
/// A password that an administrator gave is known to two people. Who signed in with it may do one thing: replace it. Until then nothing is
/// theirs alone, so nothing they did could be held to them (R8).
/// </summary>
public static class OneTimePassword
{
    internal static readonly object Item = new();

    private sealed class Allowed;

    /// <summary>Lets in also who still has a one-time password.</summary>
    public static TBuilder AllowOneTime<TBuilder>(this TBuilder builder) where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new Allowed());

    public static Task GuardAsync(HttpContext http, RequestDelegate next) =>
        http.Items.ContainsKey(Item) && http.GetEndpoint() is { } endpoint && endpoint.Metadata.GetMetadata<Allowed>() is null
            ? Problems.WriteAsync(http, StatusCodes.Status403Forbidden, "Set your own password first",
                new Problem("password", "new-password-needed", "This password was given to you to be replaced: POST /api/password, or `./broadcast password`, sets your own.", "初始密码须先修改：POST /api/password 或 ./broadcast password。"))
            : next(http);
}
