namespace Broadcast.Edge.Audio;

/// <summary>Which tone goes before the speech.</summary>
internal enum ToneKind
{
    /// <summary>853 Hz and 960 Hz together: the two-tone attention signal of public warning, heard through wind and engines.</summary>
    TwoTone = 0,
    /// <summary>1050 Hz alone: the weather radio tone.</summary>
    Single = 1,
}

/// <summary>Computes the samples of a tone; holds nothing but its length, so that three minutes of it cost no memory.</summary>
internal sealed class Tone(ToneKind kind, TimeSpan length)
{
    // -3.1 dBFS for the sum: a tone is much denser than speech, and the amplifier's limiter stays out of it.
    private const float Peak = 0.7f;

    // Shorter edges click in a horn loudspeaker.
    private static readonly int EdgeSamples = (int)Pcm.SamplesIn(TimeSpan.FromMilliseconds(5));

    public long Samples { get; } = Pcm.SamplesIn(length);

    public float At(long sample)
    {
        var value = kind == ToneKind.TwoTone
            ? (Wave(853, sample) + Wave(960, sample)) * (Peak / 2)
            : Wave(1050, sample) * Peak;
        var fromEdge = Math.Min(sample, Samples - 1 - sample);
        return fromEdge < EdgeSamples ? value * fromEdge / EdgeSamples : value;
    }

    private static float Wave(int hertz, long sample) =>
        (float)Math.Sin(2 * Math.PI * (sample * hertz % Pcm.SamplesPerSecond) / Pcm.SamplesPerSecond);
}
