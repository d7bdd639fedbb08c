using Broadcast.Rules;
using Microsoft.AspNetCore.Mvc;

namespace Broadcast.Cloud.Http;

/// <summary>What went wrong, per field, in both languages.</summary>
public sealed record ProblemError(string Field, string Code, string Message, string MessageZh);

/// <summary>Answers of kind problem+json (RFC 9457), one shape for every door.</summary>
public static class Problems
{
    /// <summary>An answer names at most so many: who mends these asks again.</summary>
    public const int Max = 100;

    public static IResult Result(int status, string title, params IReadOnlyList<Problem> problems) => Results.Problem(Make(status, title, problems));

    public static Task WriteAsync(HttpContext context, int status, string title, params IReadOnlyList<Problem> problems)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(Make(status, title, problems), (System.Text.Json.JsonSerializerOptions?)null, "application/problem+json", context.RequestAborted);
    }

    private static ProblemDetails Make(int status, string title, IReadOnlyList<Problem> all) => Details(status, title, all.Count > Max ? [.. all.Take(Max)] : all);

    private static ProblemDetails Details(int status, string title, IReadOnlyList<Problem> problems) => new()
    {
        Status = status,
        Title = title,
        Type = problems.Count > 0 ? $"urn:broadcast:problem:{problems[0].Code}" : null,
        Detail = string.Join(" ", problems.Select(p => $"{p.Field}: {p.English}")),
        Extensions = { ["errors"] = problems.Select(p => new ProblemError(p.Field, p.Code, p.English, p.Chinese)).ToArray() },
    };
}

/// <summary>Enumerations as the API writes them: camelCase words.</summary>
public static class Wording
{
    public static string Camel<T>(T value) where T : struct, Enum
    {
        var text = value.ToString();
        return string.Concat(char.ToLowerInvariant(text[0]).ToString(), text.AsSpan(1));
    }

    /// <summary>Reads a word; false for numbers, combinations and anything unknown.</summary>
    public static bool TryRead<T>(string? text, out T value) where T : struct, Enum
    {
        value = default;
        return text is { Length: > 0 } && char.IsAsciiLetter(text[0]) && !text.Contains(',', StringComparison.Ordinal)
            && Enum.TryParse(text, ignoreCase: true, out value) && Enum.IsDefined(value);
    }
}
