namespace Broadcast.Edge.Audio;

/// <summary>Adds what sounds at once (a new warning over the fading one it interrupts) and never clips.</summary>
internal sealed class Mixer
{
    /// <summary>Up to here samples pass unchanged; above it they bend softly towards <see cref="Ceiling"/> and never reach it.</summary>
    private const float Knee = 0.8f;

    /// <summary>-0.3 dBFS: room for the converter's own overshoot between samples.</summary>
    private const float Ceiling = 0.966f;

    private readonly float[] _sum = new float[Pcm.BlockSamples];

    public void Mix(IReadOnlyList<Playback> playbacks, Span<short> block)
    {
        var sum = _sum.AsSpan(0, block.Length);
        sum.Clear();
        foreach (var playback in playbacks) playback.MixInto(sum);
        for (var i = 0; i < block.Length; i++) block[i] = (short)MathF.Round(Limit(sum[i]) * short.MaxValue);
    }

    internal static float Limit(float value)
    {
        var size = MathF.Abs(value);
        if (size <= Knee) return value;
        const float Room = Ceiling - Knee;
        return MathF.CopySign(Knee + (Room * MathF.Tanh((size - Knee) / Room)), value);
    }
}
