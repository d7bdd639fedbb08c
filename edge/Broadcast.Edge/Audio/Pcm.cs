namespace Broadcast.Edge.Audio;

/// <summary>The one sample format of the gateway: mono, 16 bit, at the rate espeak-ng speaks in, so that speech is never resampled.</summary>
internal static class Pcm
{
    public const int SamplesPerSecond = 22_050;

    public const int BytesPerSample = 2;

    /// <summary>One block of the sound loop: 20 ms. Short against the 200 ms in which a cancel must silence, long against a timer's jitter.</summary>
    public const int BlockSamples = SamplesPerSecond / 50;

    public static readonly TimeSpan Block = TimeSpan.FromSeconds((double)BlockSamples / SamplesPerSecond);

    public static long SamplesIn(TimeSpan time) => (long)(time.TotalSeconds * SamplesPerSecond);

    public static TimeSpan Time(long samples) => TimeSpan.FromSeconds((double)samples / SamplesPerSecond);
}
