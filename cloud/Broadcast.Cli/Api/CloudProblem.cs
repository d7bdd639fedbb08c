using System.Net;
using System.Text.Json;

namespace Broadcast.Cli.Api;

/// <summary>One thing that the cloud found wrong: where, and what it expected.</summary>
internal sealed record FieldProblem(string Field, string Code, string Message, string? MessageZh);

/// <summary>A refusal as problem+json says it (RFC 9457), or the bare status where something else answered.</summary>
internal sealed record CloudProblem(int Status, string Title, string Detail, IReadOnlyList<FieldProblem> Errors)
{
    /// <summary>A refusal longer than this is not read to its end; no honest one is.</summary>
    private const int ErrorsMax = 200;

    public static CloudProblem Read(HttpStatusCode status, string body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement;
            if (root.ValueKind == JsonValueKind.Object) return new CloudProblem((int)status, Text(root, "title"), Text(root, "detail"), ReadErrors(root));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // A proxy or another program answered, or text that is half a character; the status is all that can be told.
            return Bare(status);
        }

        return Bare(status);
    }

    /// <summary>Every problem on its own line, in the reader's language; at least one line.</summary>
    public IEnumerable<string> Lines(Texts texts)
    {
        yield return texts.RefusedBy(Status, Title);
        foreach (var error in Errors)
            yield return $"  {(error.Field.Length > 0 ? error.Field + ": " : "")}{(texts.Chinese ? error.MessageZh ?? error.Message : error.Message)}";
        if (Errors.Count == 0 && Detail.Length > 0) yield return $"  {Detail}";
    }

    private static CloudProblem Bare(HttpStatusCode status) => new((int)status, status.ToString(), "", []);

    private static List<FieldProblem> ReadErrors(JsonElement root)
    {
        if (!root.TryGetProperty("errors", out var errors)) return [];
        return errors.ValueKind switch
        {
            JsonValueKind.Array => [.. errors.EnumerateArray().Take(ErrorsMax).Where(e => e.ValueKind == JsonValueKind.Object).Select(ReadError)],
            // The form in which ASP.NET Core itself reports a body that it cannot bind: field → messages.
            JsonValueKind.Object => [.. errors.EnumerateObject().Take(ErrorsMax).Select(p => new FieldProblem(p.Name, "", p.Value.ToString(), null))],
            _ => [],
        };
    }

    private static FieldProblem ReadError(JsonElement e) =>
        new(Text(e, "field"), Text(e, "code"), Text(e, "message"), Text(e, "messageZh") is { Length: > 0 } zh ? zh : null);

    private static string Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? Clean(value.GetString()!) : "";

    /// <summary>Control characters could steer the reader's terminal.</summary>
    private static string Clean(string text) => string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));
}

/// <summary>The cloud understood and said no.</summary>
internal sealed class CloudRefusedException(CloudProblem problem) : Exception(problem.Title)
{
    public CloudProblem Problem { get; } = problem;
}

/// <summary>Nobody answered, or not in time.</summary>
internal sealed class CloudUnreachableException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>What was asked cannot be done as asked; the lines say why and what would.</summary>
internal sealed class UsageException(params IReadOnlyList<string> lines) : Exception(string.Join("; ", lines))
{
    public IReadOnlyList<string> Lines { get; } = lines;
}
