namespace Broadcast.Rules;

/// <summary>
/// Something wrong with what came in: which field, what is wrong, what was expected, for a person to read.
/// <paramref name="Code"/> is stable and for programs; the texts are for people, in both languages.
/// </summary>
public sealed record Problem(string Field, string Code, string English, string Chinese);
