namespace Broadcast.Edge.Audio;

/// <summary>Turns text into samples. A process of its own in the product, prepared samples in tests of the playback.</summary>
internal interface ISpeaker
{
    /// <summary>Begins at once and returns at once; the speech grows, and completes or fails. Cancelling ends the work.</summary>
    Speech Begin(string text, string language, CancellationToken stop);
}
