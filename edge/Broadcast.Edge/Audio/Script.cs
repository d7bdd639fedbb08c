namespace Broadcast.Edge.Audio;

/// <summary>
/// What one playback says: its text, or a recording with what has to be said around it (R7). Asked anew for each repetition, so that a
/// recording that comes late is heard from the next one on, and one that never comes costs nobody the warning.
/// </summary>
/// <param name="text">Begins to make the speech of the whole text; called when it is needed, once.</param>
internal sealed class Script(Func<Speech> text)
{
    private Speech? _text;

    /// <summary>The recording that wins over the text; null for none.</summary>
    public Speech? Recording { get; init; }

    /// <summary>Said before the recording: that this is an exercise or a test.</summary>
    public Speech? Before { get; init; }

    /// <summary>Said after it.</summary>
    public Speech? After { get; init; }

    /// <summary>How long silence may wait for a recording that is on its way before the text is said instead.</summary>
    public TimeSpan Patience { get; init; }

    /// <summary>Begins to make the text beside the fetching of a recording, so that it is there when it is needed.</summary>
    public void PrepareText() => _text ??= text();

    /// <summary>What the next repetition says, part by part; null while it pays to wait.</summary>
    /// <param name="waited">Silence so far.</param>
    public IReadOnlyList<Speech>? Next(TimeSpan waited)
    {
        switch (Recording?.Look().State)
        {
            case SpeechState.Complete: return [.. new[] { Before, Recording, After }.OfType<Speech>()];
            case SpeechState.Growing when waited < Patience: return null;
            default:
                PrepareText();
                return [_text!];
        }
    }
}
