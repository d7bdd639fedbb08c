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
internal sealed class Tone
{
    // -3.1 dBFS for the sum: a tone is much denser than speech, and the amplifier's limiter stays out of it.
    private const float AttentionPeak = 0.7f;

    // Shorter edges click in a horn loudspeaker.
    private static readonly TimeSpan AttentionEdge = TimeSpan.FromMilliseconds(5);

    // A pilot that begins faster is heard as a thump.
    private static readonly TimeSpan PilotEdge = TimeSpan.FromMilliseconds(250);

    private readonly int[] _hertz;
    private readonly float _peak;
    private readonly int _edgeSamples;

    public Tone(ToneKind kind, TimeSpan length) : this(kind == ToneKind.TwoTone ? [853, 960] : [1050], AttentionPeak, AttentionEdge, length)
    {
    }

    private Tone(int[] hertz, float peak, TimeSpan edge, TimeSpan length) =>
        (_hertz, _peak, _edgeSamples, Samples) = (hertz, peak, (int)Pcm.SamplesIn(edge), Pcm.SamplesIn(length));

    public long Samples { get; }

    /// <summary>What measures the loudspeakers and is not heard.</summary>
    public static Tone Pilot(TimeSpan length) => new([Line.Pilot.Hertz], Line.Pilot.Peak, PilotEdge, length);

    public float At(long sample)
    {
        var value = 0f;
        foreach (var hertz in _hertz) value += Wave(hertz, sample);
        value *= _peak / _hertz.Length;
        var fromEdge = Math.Min(sample, Samples - 1 - sample);
        return fromEdge < _edgeSamples ? value * fromEdge / _edgeSamples : value;
    }

    private static float Wave(int hertz, long sample) =>
        (float)Math.Sin(2 * Math.PI * (sample * hertz % Pcm.SamplesPerSecond) / Pcm.SamplesPerSecond);
}
