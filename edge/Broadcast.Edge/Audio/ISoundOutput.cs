namespace Broadcast.Edge.Audio;

/// <summary>
/// Where samples go. Opened for a stretch of sound and closed after it; only the sound loop calls it. The loop keeps the pace,
/// so an output never holds much more than <see cref="Lead"/> of sound that a cancel could no longer stop.
/// </summary>
internal interface ISoundOutput
{
    /// <summary>How far ahead of the clock samples are handed over, so that the device never runs dry.</summary>
    TimeSpan Lead { get; }

    /// <exception cref="IOException">There is no output now; the message says why.</exception>
    void Open();

    /// <exception cref="IOException">It broke.</exception>
    void Write(ReadOnlySpan<short> block);

    void Close();
}
